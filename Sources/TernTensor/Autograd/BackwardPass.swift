import HeapModule
import Synchronization
import TernBackend

/// One run through a graph, from results to variables, in reverse order of creation.
package final class BackwardPass {
  /// Whether the gradients are recorded themselves, for gradients of gradients.
  package let createGraph: Bool
  let retainGraph: Bool
  /// The youngest node that waits, and the others: a chain never touches the heap.
  @exclusivity(unchecked) private var youngest: Node?
  @exclusivity(unchecked) private var heap = Heap<Entry>()
  /// The gradients of contended nodes, whose slots a concurrent pass owns; the others are in their nodes' slots.
  @exclusivity(unchecked) private var contended: [ObjectIdentifier: TensorBody] = [:]
  var identity: UInt { UInt(bitPattern: Unmanaged.passUnretained(self).toOpaque()) }
  /// Where gradients are wanted; `nil` accumulates into the graph's variables.
  private let targets: Set<ObjectIdentifier>?
  /// The nodes that lead to a target.
  @exclusivity(unchecked) private var needed: Set<ObjectIdentifier>
  private(set) var found: [ObjectIdentifier: TensorBody] = [:]

  private struct Entry: Comparable {
    let node: Node
    static func < (a: Entry, b: Entry) -> Bool { a.node.sequence < b.node.sequence }
    static func == (a: Entry, b: Entry) -> Bool { a.node === b.node }
  }

  private init(retainGraph: Bool, createGraph: Bool, targets: [Node]?, roots: [Node]) {
    self.createGraph = createGraph
    self.retainGraph = retainGraph
    self.targets = targets.map { Set($0.map(ObjectIdentifier.init)) }
    needed = []
    guard let targets, let oldest = targets.map(\.sequence).min() else { return }
    let goal = Set(targets.map(ObjectIdentifier.init))
    needed = BackwardPass.nodes(below: roots) { node, id in
      node.sequence < oldest ? goal.contains(id) : nil
    } isNeeded: {
      goal.contains($0)
    }
  }

  /// Makes nodes that were made since `start`, during this pass, a part of the graph it runs through.
  func extend(to roots: [Node], madeSince start: UInt64) {
    guard let targets else { return }
    let more = BackwardPass.nodes(below: roots) { [needed] node, id in
      node.sequence < start ? needed.contains(id) : nil
    } isNeeded: {
      targets.contains($0)
    }
    needed.formUnion(more)
  }

  /// Runs from `roots` with their gradients; with `targets` returns theirs, without accumulates into the variables.
  static func run(
    from roots: [(node: Node, gradient: TensorBody)], targets: [Node]?, retainGraph: Bool, createGraph: Bool
  ) -> [ObjectIdentifier: TensorBody] {
    Recording.$isOn.withValue(createGraph) {
      let pass = BackwardPass(
        retainGraph: retainGraph, createGraph: createGraph, targets: targets, roots: roots.map(\.node))
      let watch = targets == nil ? CompletionWatch.claim() : nil
      let uses = watch?.uses(below: roots.map(\.node)) ?? []
      for root in roots { pass.deliver(root.gradient, to: root.node) }
      OperationObservers.section("backward") { pass.run(watch, uses) }
      return pass.found
    }
  }

  /// - Parameter uses: the watched variables, the first that is complete last.
  private func run(_ watch: CompletionWatch?, _ uses: [CompletionWatch.Use]) {
    var uses = uses
    func complete(_ use: CompletionWatch.Use) {
      if let gradient = take(from: use.variable) { use.variable.accumulate(gradient) }
      watch?.complete(use)
      uses.removeLast()
    }
    while let node = next() {
      while let use = uses.last, node.sequence < use.oldest { complete(use) }
      guard let gradient = take(from: node) else { continue }
      if let targets {
        let id = ObjectIdentifier(node)
        if targets.contains(id) { found[id] = gradient }
        if node.isLeaf || !leadsOn(node) { continue }
      } else if node.isLeaf {
        (node as! VariableNode).accumulate(gradient)
        continue
      }
      node.begin()
      if node.precision == FloatPrecision.current {
        propagate(node, gradient)
      } else {
        withPrecision(node.precision) { propagate(node, gradient) }
      }
      node.end(freeing: !retainGraph)
    }
    while let use = uses.last { complete(use) }
  }

  private func propagate(_ node: Node, _ gradient: consuming TensorBody) {
    if OperationObservers.isWatched {
      OperationObservers.propagate(node, gradient, self)
    } else {
      node.propagate(gradient, self)
    }
  }

  // MARK: The nodes that wait

  private func insert(_ node: Node) {
    guard let other = youngest else {
      youngest = node
      return
    }
    if other.sequence < node.sequence {
      youngest = node
      heap.insert(Entry(node: other))
    } else {
      heap.insert(Entry(node: node))
    }
  }

  private func next() -> Node? {
    guard let node = youngest else { return nil }
    youngest = heap.isEmpty ? nil : heap.popMax()?.node
    return node
  }

  private func take(from node: Node) -> TensorBody? {
    node.isOwned(by: identity) ? node.releaseSlot() : contended.removeValue(forKey: ObjectIdentifier(node))
  }

  private func leadsOn(_ node: Node) -> Bool {
    wants(node.first) || wants(node.second) || node.rest?.contains(where: wants) == true
  }

  /// Whether anybody waits for the gradient of an input.
  package func wants(_ node: Node?) -> Bool {
    guard let node else { return false }
    return targets == nil || needed.contains(ObjectIdentifier(node))
  }

  /// Adds a gradient to what the node has already received in this pass.
  package func send(_ gradient: TensorBody, to node: Node?) {
    guard let node, wants(node) else { return }
    if OperationObservers.isInspected { OperationObservers.sent(gradient, to: node) }
    deliver(gradient, to: node)
  }

  private func deliver(_ gradient: TensorBody, to node: Node) {
    if update(node, { sumGradients(&$0, gradient) }) { return }
    start(node, gradient)
  }

  /// Changes the gradient that the node has received in this pass; false where it has none.
  private func update(_ node: Node, _ change: (inout TensorBody) -> Void) -> Bool {
    if node.isOwned(by: identity) {
      node.updateSlot(change)
      return true
    }
    if contended.isEmpty { return false }
    guard let index = contended.index(forKey: ObjectIdentifier(node)) else { return false }
    change(&contended.values[index])
    return true
  }

  /// Gives a node its first gradient in this pass.
  private func start(_ node: Node, _ gradient: TensorBody) {
    if !node.claim(gradient, for: identity) { contended[ObjectIdentifier(node)] = gradient }
    insert(node)
  }

  /// Adds a gradient into a region of the node's, which is 0 elsewhere where it has none yet: N regions cost N.
  package func send<Scalar: FloatingScalar>(
    _ gradient: Tensor<Scalar>, to node: Node?, shape: [Int], region: (Layout) -> (layout: Layout, offset: Int)
  ) {
    guard let node, wants(node) else { return }
    if OperationObservers.isInspected { OperationObservers.sent(gradient.body, to: node, isRegion: true) }
    let added = update(node) { body in
      var whole = Tensor<Scalar>(body: body)
      body = emptyBody
      whole.addInPlace(gradient, region: region)
      body = whole.body
    }
    if added { return }
    // A region names every element once: one that has as many as the whole leaves none out.
    let row = Layout(shape)
    let (part, offset) = region(row)
    let whole = part.count == row.count ? Tensor<Scalar>(uninitialized: row) : Tensor(zeros: shape)
    copyElements(from: gradient.body, to: whole.view(part, offset: offset).body, Scalar.self)
    start(node, whole.body)
  }

  /// The nodes below `roots`, themselves included, that lead to one that is needed.
  ///
  /// - Parameters:
  ///   - known: whether a node leads to one, where that is known without looking below it.
  ///   - isNeeded: whether a node is one itself.
  private static func nodes(
    below roots: [Node], known: (Node, ObjectIdentifier) -> Bool?, isNeeded: (ObjectIdentifier) -> Bool
  ) -> Set<ObjectIdentifier> {
    var state: [ObjectIdentifier: Bool] = [:]
    for root in roots {
      var stack = [(node: root, next: 0)]
      func leave() {
        let id = ObjectIdentifier(stack.removeLast().node)
        if state[id] == true, let parent = stack.last { state[ObjectIdentifier(parent.node)] = true }
      }
      while let (node, next) = stack.last {
        let id = ObjectIdentifier(node)
        if next == 0 {
          if state[id] == nil { state[id] = known(node, id) }
          if state[id] != nil {
            leave()
            continue
          }
          state[id] = isNeeded(id)
        }
        if next < node.inputCount {
          stack[stack.count - 1].next += 1
          if let input = node.input(next) { stack.append((input, 0)) }
        } else {
          leave()
        }
      }
    }
    return Set(state.filter(\.value).keys)
  }
}

/// Stands for a gradient while it is changed, so that it has one owner.
private let emptyBody = Tensor<Float>(zeros: [0]).body

/// Adds two gradients of one node, in place where the first's memory is the pass's alone.
package func sumGradients(_ sum: inout TensorBody, _ other: TensorBody) {
  switch sum.dtype {
  case .float32: addGradient(&sum, other, Float.self)
  case .float64: addGradient(&sum, other, Double.self)
  default: fail("backward", "gradients of \(sum.dtype) cannot be added")
  }
}

private func addGradient<Scalar: FloatingScalar>(_ sum: inout TensorBody, _ other: TensorBody, _: Scalar.Type) {
  if !Recording.isOn, sum.node == nil, sum.isUnique(), sum.layout.isDense {
    var tensor = Tensor<Scalar>(body: sum)
    tensor.writeSum(Tensor(body: other))
    return
  }
  sum = (Tensor<Scalar>(body: sum) + Tensor<Scalar>(body: other)).body
}
