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
/// so are parameters for which a formula would not give all of the gradient: those that are used in other places too, and layers
/// whose first axis is not that of the samples. ``PerSampleGradients/oneByOne`` names them.
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
    let part = try SampleChunk(range, tree, parameters, losses)
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
    let variables = withGradients { parameters.map(\.parameter.value) }
    let outputs = calls.map { Tensor<Scalar>(body: $0.output) }
    // One pass, with a random sign for every sample: what comes back to a layer has the sample's sign, which is taken away
    // again, and what comes back to a parameter tells whether a formula gave all of its gradient, sample by sample.
    let signs = SampleSigns<Scalar>(range.count)
    let total = withGradients { (recorded * signs.values).sum() }
    let found = TernTensor.gradients(of: total, at: outputs + variables)
    var sums: [ObjectIdentifier: Tensor<Scalar>] = [:]
    var isKnown: [ObjectIdentifier: Bool] = [:]
    for (call, gradient) in zip(calls, found) {
      let formula = call.formula(signs.applied(to: gradient.detached(), axis: call.axis).body, range.count)
      for (parameter, body) in formula {
        guard let body else {
          isKnown[parameter] = false
          continue
        }
        let part = Tensor<Scalar>(body: body)
        sums[parameter] = sums[parameter].map { $0 + part } ?? part
      }
    }
    for (index, (name, parameter)) in parameters.enumerated() {
      let id = ObjectIdentifier(parameter)
      guard isKnown[id] != false, let each = sums[id], each.shape == [range.count] + parameter.shape else { continue }
      if agrees(each, signs.values, found[outputs.count + index]) { gradients[name] = each }
    }
  }

  /// Whether the gradients of the samples, with their signs, have the sum of all.
  private func agrees(_ each: Tensor<Scalar>, _ signs: Tensor<Scalar>, _ all: Tensor<Scalar>) -> Bool {
    if all.isEmpty { return true }
    let rows = each.reshaped([range.count, -1])
    let difference = (matmul(signs.reshaped([1, -1]), rows).flattened() - all.flattened()).abs().max().item.number
    let scale = Swift.max(all.abs().max().item.number, rows[0].abs().max().item.number)
    return difference <= (Scalar.self == Float.self ? 1e-3 : 1e-9) * scale
  }

  /// Works out the gradients of some parameters sample by sample.
  mutating func completeOneByOne(
    _ parameters: [(name: String, parameter: Parameter<Scalar>)], _ function: (Range<Int>) throws -> Tensor<Scalar>
  ) rethrows {
    if parameters.isEmpty { return }
    var rows = parameters.map { _ in [Tensor<Scalar>]() }
    for index in range {
      let loss = try withGradients { try function(index..<index + 1) }
      let variables = withGradients { parameters.map(\.parameter.value) }
      let found =
        loss.requiresGradient
        ? TernTensor.gradients(of: withGradients { loss.sum() }, at: variables)
        : variables.map { Tensor(zeros: $0.shape) }
      for (index, gradient) in found.enumerated() { rows[index].append(gradient.detached()) }
    }
    for (entry, rows) in zip(parameters, rows) { gradients[entry.name] = stack(rows, along: 0) }
  }
}

/// A random sign for every sample, always the same.
private struct SampleSigns<Scalar: FloatingScalar> {
  /// ±1, [N].
  let values: Tensor<Scalar>

  init(_ count: Int) {
    var generator = RandomGenerator(seed: 0x5369_676E)
    values = Tensor((0..<count).map { _ in Bool.random(using: &generator) ? 1 : -1 })
  }

  /// A tensor with the samples along an axis, with their signs; others as they are.
  func applied(to x: Tensor<Scalar>, axis: Int) -> Tensor<Scalar> {
    guard x.rank > axis, x.shape[axis] == values.count else { return x }
    return x * values.reshaped(x.shape.indices.map { $0 == axis ? values.count : 1 })
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

  // One task works with these.
  private(set) var calls: [(output: TensorBody, axis: Int, formula: Formula)] = []

  /// Notes a call whose output has the samples along an axis.
  func note(_ output: TensorBody, axis: Int = 0, _ formula: @escaping Formula) {
    calls.append((output, axis, formula))
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
    let input = input.detached()
    note(output.body) { gradient, samples in
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
