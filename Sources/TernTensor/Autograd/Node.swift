import Synchronization
import TernBackend

/// One recorded operation: the nodes of its inputs, what its derivative needs, and nothing else.
///
/// Subclasses store what they saved as ``Saved`` values, which carry no node: the only references from node to node are
/// the inputs kept here, so that a graph of any length is torn down by a loop (see `deinit`).
package class Node: @unchecked Sendable {
  /// The order of creation: inputs come before what was computed from them.
  package let sequence: UInt64
  // Only the node's owner changes these (at the end, and `slot` in its pass): no access needs to be watched.
  @exclusivity(unchecked) package private(set) final var first: Node?
  @exclusivity(unchecked) package private(set) final var second: Node?
  /// The inputs from the third on.
  @exclusivity(unchecked) package private(set) final var rest: [Node?]?
  private let state = Atomic<UInt8>(0)
  /// The precision of products when the node was made: that of its derivative's.
  final let precision = FloatPrecision.current
  /// The pass that owns ``slot``; 0 for none.
  private let owner = Atomic<UInt>(0)
  /// The gradient received so far in the pass that owns the slot, which alone accesses it.
  @exclusivity(unchecked) private final var slot: TensorBody?

  private static let counter = Atomic<UInt64>(0)

  init(_ first: Node?, _ second: Node? = nil, rest: [Node?]? = nil) {
    sequence = Node.counter.wrappingAdd(1, ordering: .relaxed).oldValue
    self.first = first
    self.second = second
    self.rest = rest
  }

  /// What the next node's ``sequence`` is at least.
  static var nextSequence: UInt64 { counter.load(ordering: .relaxed) }

  /// The nodes that `roots` were computed from and that were there before `start`, and variables, each once.
  static func outer(of roots: [Node], before start: UInt64) -> [Node] {
    var (found, seen, waiting): ([Node], Set<ObjectIdentifier>, [Node]) = ([], [], roots.reversed())
    while let node = waiting.popLast() {
      guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
      if node.isLeaf || node.sequence < start {
        found.append(node)
        continue
      }
      for index in (0..<node.inputCount).reversed() { if let input = node.input(index) { waiting.append(input) } }
    }
    return found
  }

  /// How many inputs there are at most.
  final var inputCount: Int { 2 + (rest?.count ?? 0) }

  /// The node of input `index`; `nil` where the input is a constant.
  package func input(_ index: Int) -> Node? {
    switch index {
    case 0: first
    case 1: second
    default: rest?[index - 2]
    }
  }

  /// The operation's name, for messages.
  package final var name: String { "\(title)" }
  package var title: StaticString { "operation" }

  /// Given the gradient of the result, sends the inputs' gradients to their nodes.
  package func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    fail(name, "has no derivative")
  }

  /// Drops what was saved for the derivative.
  package func releaseSaved() {}

  /// Whether the node accumulates into something that outlives the graph, so that it is never freed.
  package var isLeaf: Bool { false }

  // MARK: Ownership by a backward pass

  private static let freed: UInt8 = 1
  private static let busy: UInt8 = 2

  /// Makes the node the caller's until ``end(freeing:)``; stops when an earlier backward freed it.
  package final func begin() {
    while true {
      let (taken, old) = state.weakCompareExchange(
        expected: 0, desired: Node.busy, successOrdering: .acquiring, failureOrdering: .relaxed)
      if taken { return }
      check(
        old & Node.freed == 0, "backward",
        "the graph of \(name) was freed by an earlier backward; pass retainGraph: true to that one to run it again")
    }
  }

  package final func end(freeing: Bool) {
    if freeing { releaseSaved() }
    state.store(freeing ? Node.freed : 0, ordering: .releasing)
  }

  // MARK: The gradient slot

  /// Claims this node's gradient slot for `pass`; returns false if a concurrent pass owns it.
  final func claim(_ gradient: consuming TensorBody, for pass: UInt) -> Bool {
    let (taken, _) = owner.compareExchange(
      expected: 0, desired: pass, successOrdering: .acquiring, failureOrdering: .relaxed)
    if taken { slot = gradient }
    return taken
  }

  /// Whether the pass owns the slot.
  final func isOwned(by pass: UInt) -> Bool { owner.load(ordering: .relaxed) == pass }

  /// Changes the gradient in the slot, for its owner.
  final func updateSlot(_ change: (inout TensorBody) -> Void) {
    guard var gradient = slot.take() else { return }
    change(&gradient)
    slot = gradient
  }

  /// Takes the gradient out of the slot and releases it, for its owner.
  final func releaseSlot() -> TensorBody? {
    let gradient = slot.take()
    owner.store(0, ordering: .releasing)
    return gradient
  }

  // MARK: Teardown

  /// Takes the inputs away, so that dropping them does not recurse; the first is returned, the others go to `others`.
  private func takeInputs(_ others: inout [Node]) -> Node? {
    if let node = second.take() { others.append(node) }
    if let rest = rest.take() { others += rest.compactMap { $0 } }
    return first.take()
  }

  deinit {
    var others: [Node] = []
    var next = takeInputs(&others) ?? others.popLast()
    while next != nil {
      // A node that is still referenced keeps its inputs.
      let successor = isKnownUniquelyReferenced(&next) ? next.unsafelyUnwrapped.takeInputs(&others) : nil
      next = successor ?? others.popLast()
    }
  }
}

/// A tensor kept for a derivative: its values without its node, which the graph holds apart.
package struct Saved<Scalar: TensorScalar> {
  private let memory: TensorMemory?

  package init(_ tensor: Tensor<Scalar>) { memory = tensor.body.memory }

  /// - Parameter asOperand: whether the derivative reads it only as a product's operand, so that in reduced precision its
  ///   rounded values do, in half the memory; a variable's own memory is there anyway.
  init(_ tensor: Tensor<Scalar>, asOperand: Bool) {
    let keepsAll = !asOperand || FloatPrecision.current == .float32 || tensor.node?.isLeaf == true
    memory = keepsAll ? tensor.body.memory : tensor.savedOperand
  }

  /// What was rounded already.
  init(operand: Tensor<BFloat16>) { memory = operand.body.memory }

  package init() { memory = nil }

  /// The element type of what was kept.
  var dtype: DType? { memory?.dtype }
  /// Whether nothing was kept.
  package var isEmpty: Bool { memory == nil }

  /// What was kept, where it was rounded to bfloat16.
  var operand: Tensor<BFloat16>? {
    guard let memory, memory.dtype == .bfloat16 else { return nil }
    return Tensor(body: TensorBody(memory))
  }

  /// The tensor, as a part of the graph again when the pass records one.
  package func tensor(_ node: Node?, _ pass: BackwardPass) -> Tensor<Scalar> {
    guard let memory else { fail("backward", "a value that the derivative needs was not saved") }
    if memory.dtype != Scalar.dtype {
      let values = Tensor<BFloat16>(body: TensorBody(memory)).widened
      return Tensor(body: values.body.with(node: pass.createGraph ? node : nil))
    }
    return Tensor(body: TensorBody(memory, node: pass.createGraph ? node : nil))
  }
}

/// Whether operations record, on this task.
package enum Recording {
  @TaskLocal package static var isOn = true
}

/// Calls `body` with nothing recorded: results inside are constants.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  try Recording.$isOn.withValue(false, operation: body)
}

/// Calls `body` with operations recorded, inside `withoutGradients` too.
public func withGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  try Recording.$isOn.withValue(true, operation: body)
}
