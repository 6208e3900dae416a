import Synchronization
import TernBackend
import TernTensor

/// The gradients of each sample's own loss, at all parameters of a model.
public struct PerSampleGradients<Scalar: FloatingScalar>: Sendable {
  /// ∂lossₙ/∂θ by the parameter's name, [N, parameter's shape…]; frozen parameters are left out.
  public internal(set) var gradients: [String: Tensor<Scalar>] = [:]
  /// The losses, [N].
  public internal(set) var losses: Tensor<Scalar>
  /// The parameters whose gradients were worked out sample by sample, as no formula is known for how they are used.
  public internal(set) var oneByOne: [String] = []

  /// The gradients of a parameter; `nil` where it is frozen, or not one of the model's.
  public subscript(_ name: String) -> Tensor<Scalar>? { gradients[name] }
}

/// The gradients of each sample's own loss, as `torch.func.vmap(torch.func.grad(loss))`.
///
/// ```swift
/// let each = perSampleGradients(model, samples: x.shape[0], chunk: 64) { part in
///   crossEntropy(model(x[part]), y[part], reduction: .none)
/// }
/// let norms = each["0.weight"]!.square().sum(along: [1, 2]).sqrt()
/// ```
///
/// One pass runs all samples of a chunk, and the gradients of the parameters come from what went into a layer and the gradient of
/// what came out of it: for ``Dense``, convolutions and transposed ones over sequences and images, ``Embedding``, layer, group
/// and RMS normalization, batch normalization that evaluates, and self-attention. What other layers do with their parameters is worked out sample by sample, and
/// so are parameters for which a formula would not give all of the gradient: those that are used in other places too, and those of
/// layers whose first axis is not that of the samples, which the gradients of one sample by itself tell. ``PerSampleGradients/oneByOne`` names them.
///
/// Samples must not depend on each other. Stops, with the path, where a batch normalization would make them: one that trains, or
/// has no running statistics; and where a layer's forward pass draws random numbers the results are those of the batch.
///
/// - Parameters:
///   - model: whose parameters.
///   - samples: N, how many there are.
///   - chunk: how many run at once; all when `nil`.
///   - losses: of the samples numbered in a range, [range's count], computed by the model.
/// - Complexity: the gradients take N times the memory of the parameters.
public func perSampleGradients<Scalar: FloatingScalar>(
  _ model: some Module, samples: Int, chunk: Int? = nil, losses: (Range<Int>) throws -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> PerSampleGradients<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let operation = "perSampleGradients"
  check(samples >= 1, operation, "\(samples) samples (at least 1)")
  check(chunk.map { $0 >= 1 } ?? true, operation, "a chunk of \(chunk ?? 0) samples (at least 1)")
  let tree = ModuleTree(model)
  if let mixing = tree.modules.first(where: { ($0.module as? any SampleMixing)?.mixesSamples == true }) {
    fail(
      operation,
      "\(mixing.name.isEmpty ? "the model" : mixing.name) is a batch normalization that mixes the samples: call eval() first, "
        + "or use one that does not, such as GroupNorm")
  }
  let parameters = tree.parameters.compactMap { name, parameter in
    (parameter as? Parameter<Scalar>).map { (name: name, parameter: $0) }
  }.filter { !$0.parameter.isFrozen }
  let names = Set(parameters.map(\.name))
  var unknown = Set<String>()
  var parts: [SampleChunk<Scalar>] = []
  for start in stride(from: 0, to: samples, by: chunk ?? samples) {
    let range = start..<min(samples, start + (chunk ?? samples))
    let before = Random.generator.state
    var part = try SampleChunk(range, tree, parameters, losses)
    // What is drawn at random is another thing for a sample by itself.
    if start == 0 && Random.generator.state == before { try part.checkOneSample(parameters, losses) }
    unknown.formUnion(names.subtracting(part.gradients.keys))
    parts.append(part)
  }
  let others = parameters.filter { unknown.contains($0.name) }
  for index in parts.indices { try parts[index].completeOneByOne(others, losses) }
  var result = PerSampleGradients(losses: concatenate(parts.map(\.losses), along: 0))
  for (name, _) in parameters {
    let all = parts.compactMap { $0.gradients[name] }
    result.gradients[name] = all.count == 1 ? all[0] : concatenate(all, along: 0)
  }
  result.oneByOne = others.map(\.name)
  return result
}

/// The gradients of each sample's own loss, of a layer with the samples along the first axis of its input.
///
/// - Parameters:
///   - layer: whose parameters.
///   - inputs: [N, …].
///   - chunk: how many samples run at once; all when `nil`.
///   - losses: of the layer's outputs for the samples numbered in a range, [range's count].
public func perSampleGradients<L: Layer>(
  _ layer: L, _ inputs: Tensor<L.Scalar>, chunk: Int? = nil,
  losses: (_ outputs: Tensor<L.Scalar>, _ samples: Range<Int>) throws -> Tensor<L.Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) rethrows -> PerSampleGradients<L.Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(inputs.rank >= 1, "perSampleGradients", "an input without an axis of samples")
  return try perSampleGradients(layer, samples: inputs.shape[0], chunk: chunk) { try losses(layer(inputs[$0]), $0) }
}

/// A layer that may make the samples of a batch depend on each other.
private protocol SampleMixing {
  var mixesSamples: Bool { get }
}

extension BatchNorm: SampleMixing {
  var mixesSamples: Bool { isTraining || runningMean == nil }
}

/// The gradients of some samples that ran together.
private struct SampleChunk<Scalar: FloatingScalar> {
  let range: Range<Int>
  let losses: Tensor<Scalar>
  var gradients: [String: Tensor<Scalar>] = [:]

  init(
    _ range: Range<Int>, _ tree: ModuleTree, _ parameters: [(name: String, parameter: Parameter<Scalar>)],
    _ function: (Range<Int>) throws -> Tensor<Scalar>
  ) rethrows {
    self.range = range
    let tape = SampleTape()
    let recorded = try tape.run(tree) { try withGradients { try function(range) } }
    losses = recorded.detached()
    check(
      recorded.shape == [range.count], "perSampleGradients",
      "losses of shape \(recorded.shape) for \(range.count) samples ([\(range.count)])")
    guard recorded.requiresGradient else {
      for (name, parameter) in parameters { gradients[name] = Tensor(zeros: [range.count] + parameter.shape) }
      return
    }
    let calls = tape.calls.filter { $0.output.node != nil && $0.output.dtype == Scalar.dtype }
    let total = withGradients { recorded.sum() }
    let found = TernTensor.gradients(of: total, at: calls.map { Tensor<Scalar>(body: $0.output) })
    var sums: [ObjectIdentifier: Tensor<Scalar>] = [:]
    var users: [ObjectIdentifier: [SampleTape.Call]] = [:]
    var isKnown: [ObjectIdentifier: Bool] = [:]
    for (call, gradient) in zip(calls, found) {
      for (parameter, body) in call.formula(gradient.detached().body, range.count) {
        users[parameter, default: []].append(call)
        guard let body else {
          isKnown[parameter] = false
          continue
        }
        let part = Tensor<Scalar>(body: body)
        sums[parameter] = sums[parameter].map { $0 + part } ?? part
      }
    }
    let strangers = parametersUsedOutside(recorded.body.node, users, parameters)
    for (name, parameter) in parameters {
      let id = ObjectIdentifier(parameter)
      if isKnown[id] == false || strangers.contains(id) { continue }
      if let each = sums[id], each.shape == [range.count] + parameter.shape { gradients[name] = each }
    }
  }

  /// Forgets the gradients of parameters that disagree with those of a sample by itself, as they do where a layer has something
  /// else than the samples along its first axis.
  mutating func checkOneSample(
    _ parameters: [(name: String, parameter: Parameter<Scalar>)], _ function: (Range<Int>) throws -> Tensor<Scalar>
  ) rethrows {
    let known = parameters.filter { gradients[$0.name] != nil }
    if range.count == 1 || known.isEmpty { return }
    let place = range.count / 2
    for (entry, expected) in zip(known, try Self.gradients(ofSample: range.lowerBound + place, known, function)) {
      guard let own = gradients[entry.name]?[place], !own.isEmpty else { continue }
      let (worst, scale) = extent(own, expected)
      // A wrong axis gives other gradients altogether; a maximum or a kink may fall otherwise in a batch.
      if !(worst <= (Scalar.self == Float.self ? 0.02 : 1e-6) * scale) { gradients[entry.name] = nil }
    }
  }

  /// The gradients of one sample at some parameters.
  private static func gradients(
    ofSample index: Int, _ parameters: [(name: String, parameter: Parameter<Scalar>)],
    _ function: (Range<Int>) throws -> Tensor<Scalar>
  ) rethrows -> [Tensor<Scalar>] {
    let loss = try withGradients { try function(index..<index + 1) }
    guard loss.requiresGradient else { return parameters.map { Tensor(zeros: $0.parameter.shape) } }
    let variables = withGradients { parameters.map(\.parameter.value) }
    return TernTensor.gradients(of: withGradients { loss.sum() }, at: variables).map { $0.detached() }
  }

  /// Works out the gradients of some parameters sample by sample.
  mutating func completeOneByOne(
    _ parameters: [(name: String, parameter: Parameter<Scalar>)], _ function: (Range<Int>) throws -> Tensor<Scalar>
  ) rethrows {
    if parameters.isEmpty { return }
    var rows = parameters.map { _ in [Tensor<Scalar>]() }
    for index in range {
      let found = try Self.gradients(ofSample: index, parameters, function)
      for (index, gradient) in found.enumerated() { rows[index].append(gradient) }
    }
    for (entry, rows) in zip(parameters, rows) { gradients[entry.name] = stack(rows, along: 0) }
  }
}

/// The greatest difference of two tensors of one shape and their greatest magnitude; NaN where one is.
private func extent<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> (Double, Double) {
  // Magnitudes are in the order of their bits, whose greatest the compiler finds by vectors.
  if Scalar.self == Float.self {
    return Tensor<Float>(body: a.contiguous.body).withUnsafeScalars { a in
      Tensor<Float>(body: b.contiguous.body).withUnsafeScalars { b in
        var (difference, magnitude): (UInt32, UInt32) = (0, 0)
        for i in a.indices {
          difference = Swift.max(difference, (a[i] - b[i]).magnitude.bitPattern)
          magnitude = Swift.max(magnitude, Swift.max(a[i].magnitude.bitPattern, b[i].magnitude.bitPattern))
        }
        return (Double(Float(bitPattern: difference)), Double(Float(bitPattern: magnitude)))
      }
    }
  }
  let difference = (a - b).abs().max().item.number
  return (difference, Swift.max(a.abs().max().item.number, b.abs().max().item.number))
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

/// The calls of layers in one forward pass, with formulas for the gradients of their parameters.
final class SampleTape: @unchecked Sendable {
  @TaskLocal private static var running: SampleTape?
  private static let count = Atomic<Int>(0)

  /// The tape that runs on this task; nothing but a relaxed load while none runs anywhere.
  static var current: SampleTape? { count.load(ordering: .relaxed) > 0 ? running : nil }

  /// From the output's gradient and the number of samples, what each parameter gets of each sample; `nil` for one that has to be
  /// worked out otherwise.
  typealias Formula = (_ gradient: TensorBody, _ samples: Int) -> [(parameter: ObjectIdentifier, part: TensorBody?)]

  /// A call of a layer: what it made, the nodes of what it was given, and its formula.
  struct Call {
    let output: TensorBody
    let inputs: [Node]
    let formula: Formula
  }

  // One task works with these.
  private(set) var calls: [Call] = []

  /// Notes a call that made `output` of `inputs`.
  func note(_ output: TensorBody, from inputs: [TensorBody], _ formula: @escaping Formula) {
    calls.append(Call(output: output, inputs: inputs.compactMap(\.node), formula: formula))
  }

  /// Runs `body` with every layer by itself, and notes those that have a formula.
  func run<Result>(_ tree: ModuleTree, _ body: () throws -> Result) rethrows -> Result {
    // While somebody listens no layers run as one.
    let observation = LayerObservation(
      id: LayerObservers.add(LayerObservers.Observer(modules: [], notice: { _, _, _ in })))
    SampleTape.count.wrappingAdd(1, ordering: .relaxed)
    defer {
      SampleTape.count.wrappingSubtract(1, ordering: .relaxed)
      observation.cancel()
    }
    return try SampleTape.$running.withValue(self, operation: body)
  }

  /// Notes the call of a layer from one tensor to another.
  func note<Scalar: FloatingScalar>(_ layer: any Module, _ input: Tensor<Scalar>, _ output: Tensor<Scalar>) {
    guard let layer = layer as? any SampleDifferentiable<Scalar> else { return }
    let body = input.body
    let input = input.detached()
    note(output.body, from: [body]) { gradient, samples in
      let gradient = Tensor<Scalar>(body: gradient)
      guard input.rank > 1, input.shape[0] == samples, gradient.shape.first == samples else { return [] }
      return layer.sampleGradients(input, gradient).compactMap { parameter, part in
        parameter.map { (ObjectIdentifier($0), part().body) }
      }
    }
  }
}

/// A layer that knows the gradients of its parameters for each sample.
protocol SampleDifferentiable<Scalar>: Module {
  associatedtype Scalar: FloatingScalar

  /// For an input [N, …] and the gradient of the output [N, …], those of the parameters, [N, shape…].
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)]
}
