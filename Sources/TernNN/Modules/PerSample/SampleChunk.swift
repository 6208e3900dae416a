import TernBackend
import TernTensor

/// Samples that ran together, and what is known of the gradients of each one's loss.
struct SampleChunk<Scalar: FloatingScalar> {
  typealias Entry = (name: String, parameter: Parameter<Scalar>)
  typealias Losses = (Range<Int>) throws -> Tensor<Scalar>

  let range: Range<Int>
  /// The losses as they were recorded.
  let recorded: Tensor<Scalar>
  /// Whether random numbers were drawn.
  let isRandom: Bool
  /// By name, what calls contribute to the gradients of a parameter that is used by calls with formulas alone.
  private var parts: [String: [SamplePart]] = [:]

  /// The losses, [samples].
  var losses: Tensor<Scalar> { recorded.detached() }

  /// - Parameter retainGraph: keeps the graph of the losses for another backward pass.
  init(
    _ operation: String, _ range: Range<Int>, _ tree: ModuleTree, _ parameters: [Entry], _ function: Losses,
    retainGraph: Bool = false
  ) rethrows {
    self.range = range
    let tape = SampleTape()
    let before = Random.generator.state
    recorded = try tape.run(tree) { try withGradients { try function(range) } }
    isRandom = Random.generator.state != before
    check(
      recorded.shape == [range.count], operation,
      "losses of shape \(recorded.shape) for \(range.count) samples ([\(range.count)])")
    guard recorded.requiresGradient else { return }
    let calls = tape.calls.filter { $0.output.node != nil && $0.output.dtype == Scalar.dtype }
    let found = TernTensor.gradients(
      of: recorded, at: calls.map { Tensor<Scalar>(body: $0.output) },
      gradient: Tensor(full: recorded.shape, 1), retainGraph: retainGraph)
    var terms: [ObjectIdentifier: [SamplePart]] = [:]
    var users: [ObjectIdentifier: [SampleTape.Call]] = [:]
    var unknown = Set<ObjectIdentifier>()
    for (call, gradient) in zip(calls, found) {
      for (parameter, part) in call.formula(gradient.detached().body, range.count) {
        users[parameter, default: []].append(call)
        if let part { terms[parameter, default: []].append(part) } else { unknown.insert(parameter) }
      }
    }
    unknown.formUnion(parametersUsedOutside(recorded.body.node, users, parameters))
    for (name, parameter) in parameters where !unknown.contains(ObjectIdentifier(parameter)) {
      parts[name] = terms[ObjectIdentifier(parameter)]
    }
  }

  /// The gradients of a parameter for each sample, [samples, parameter's shape…]; `nil` where no formula gives them.
  func gradients(_ entry: Entry) -> Tensor<Scalar>? {
    let shape = [range.count] + entry.parameter.shape
    guard recorded.requiresGradient else { return Tensor(zeros: shape) }
    guard let parts = parts[entry.name] else { return nil }
    var sum: Tensor<Scalar>?
    for part in parts {
      let term = Tensor<Scalar>(body: part.gradients())
      sum = sum.map { $0 + term } ?? term
    }
    return sum?.shape == shape ? sum : nil
  }

  /// The squares of the norms of a parameter's gradients for each sample, [samples]; `nil` where no formula gives them.
  func squaredNorms(_ entry: Entry) -> Tensor<Scalar>? {
    guard recorded.requiresGradient else { return Tensor(zeros: [range.count]) }
    if let parts = parts[entry.name], parts.count == 1, let squares = parts[0].squaredNorms {
      return Tensor(body: squares())
    }
    return gradients(entry)?.squaredNormsOfSamples
  }

  /// Which of some parameters' gradients for one sample disagree with those of the sample by itself, as they do where a layer has
  /// something else than the samples along its first axis.
  ///
  /// - Parameter found: of a parameter, by its position, what was found for the sample and what it should be.
  func disagreeing(
    _ entries: [Entry], _ function: Losses,
    _ found: (_ position: Int, _ sample: Int, _ gradient: Tensor<Scalar>) -> (
      own: Tensor<Scalar>, expected: Tensor<Scalar>
    )
  ) rethrows -> Set<String> {
    // What is drawn at random is another thing for a sample by itself.
    if range.count == 1 || entries.isEmpty || isRandom { return [] }
    let place = range.count / 2
    var names = Set<String>()
    let alone = try gradientsAlone(ofSample: range.lowerBound + place, entries, function)
    for (position, gradient) in alone.enumerated() {
      let (own, expected) = found(position, place, gradient)
      if own.isEmpty { continue }
      let (worst, scale) = extent(own, expected)
      // A wrong axis gives other gradients altogether; a maximum or a kink may fall otherwise in a batch.
      if !(worst <= (Scalar.self == Float.self ? 0.02 : 1e-6) * scale) { names.insert(entries[position].name) }
    }
    return names
  }
}

/// The gradients of one sample at some parameters.
private func gradientsAlone<Scalar: FloatingScalar>(
  ofSample index: Int, _ parameters: [SampleChunk<Scalar>.Entry], _ function: SampleChunk<Scalar>.Losses
) rethrows -> [Tensor<Scalar>] {
  let loss = try withGradients { try function(index..<index + 1) }
  guard loss.requiresGradient else { return parameters.map { Tensor(zeros: $0.parameter.shape) } }
  let variables = withGradients { parameters.map(\.parameter.value) }
  return TernTensor.gradients(of: withGradients { loss.sum() }, at: variables).map { $0.detached() }
}

/// Calls `body` with the gradients of one sample after the other at some parameters.
func forEachSample<Scalar: FloatingScalar>(
  _ samples: Range<Int>, _ parameters: [SampleChunk<Scalar>.Entry], _ function: SampleChunk<Scalar>.Losses,
  _ body: ([Tensor<Scalar>]) -> Void
) rethrows {
  for index in samples { body(try gradientsAlone(ofSample: index, parameters, function)) }
}

extension Tensor where Scalar: FloatingScalar {
  /// The sums of squares along all axes but the first.
  var squaredNormsOfSamples: Tensor { rank == 1 ? square() : norm(along: Array(1..<rank)).square() }
}

/// The greatest difference of two tensors of one shape and their greatest magnitude; NaN where one is.
private func extent<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> (Double, Double) {
  guard Scalar.self == Float.self else {
    let difference = (a - b).abs().max().item.number
    return (difference, Swift.max(a.abs().max().item.number, b.abs().max().item.number))
  }
  // Magnitudes are in the order of their bits, whose greatest the compiler finds by vectors.
  let (count, grain) = (a.count, 1 << 15)
  return Tensor<Float>(body: a.contiguous.body).withUnsafeScalars { a in
    Tensor<Float>(body: b.contiguous.body).withUnsafeScalars { b in
      let greatest = [SIMD2<UInt32>](unsafeUninitializedCapacity: (count + grain - 1) / grain) { greatest, chunks in
        chunks = (count + grain - 1) / grain
        let greatest = greatest.baseAddress!
        Workers.run(chunks: chunks) { chunk in
          var (difference, magnitude): (UInt32, UInt32) = (0, 0)
          for i in chunk * grain..<Swift.min(count, (chunk + 1) * grain) {
            difference = Swift.max(difference, (a[i] - b[i]).magnitude.bitPattern)
            magnitude = Swift.max(magnitude, Swift.max(a[i].magnitude.bitPattern, b[i].magnitude.bitPattern))
          }
          (greatest + chunk).initialize(to: SIMD2(difference, magnitude))
        }
      }.reduce(SIMD2(0, 0)) { pointwiseMax($0, $1) }
      return (Double(Float(bitPattern: greatest.x)), Double(Float(bitPattern: greatest.y)))
    }
  }
}

/// The parameters that operations take which no call with a formula for them made.
private func parametersUsedOutside<Scalar: FloatingScalar>(
  _ root: Node?, _ users: [ObjectIdentifier: [SampleTape.Call]],
  _ parameters: [(name: String, parameter: Parameter<Scalar>)]
) -> Set<ObjectIdentifier> {
  var owners: [ObjectIdentifier: ObjectIdentifier] = [:]
  for (_, parameter) in parameters {
    if let node = withGradients({ parameter.value.body.node }) {
      owners[ObjectIdentifier(node)] = ObjectIdentifier(parameter)
    }
  }
  var inside: [ObjectIdentifier: Set<ObjectIdentifier>] = [:]
  for (parameter, calls) in users {
    for call in calls {
      visit(call.output.node, until: call.inputs) { node, _ in
        inside[parameter, default: []].insert(ObjectIdentifier(node))
      }
    }
  }
  var strangers = Set<ObjectIdentifier>()
  visit(root, until: []) { node, input in
    guard let parameter = owners[ObjectIdentifier(input)] else { return }
    if inside[parameter]?.contains(ObjectIdentifier(node)) != true { strangers.insert(parameter) }
  }
  return strangers
}

/// Calls `body` with every node that `root` was computed from, and each of its inputs, down to the nodes in `ends`.
private func visit(_ root: Node?, until ends: [Node], _ body: (_ node: Node, _ input: Node) -> Void) {
  guard let root else { return }
  var seen = Set(ends.map(ObjectIdentifier.init))
  var waiting = [root]
  while let node = waiting.popLast() {
    guard seen.insert(ObjectIdentifier(node)).inserted else { continue }
    for index in 0..<2 + (node.rest?.count ?? 0) {
      guard let input = node.input(index) else { continue }
      body(node, input)
      if !input.isLeaf { waiting.append(input) }
    }
  }
}
