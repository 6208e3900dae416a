import Synchronization
import TernBackend
import TernTensor

/// The calls of layers in one forward pass, with formulas for the gradients of their parameters.
final class SampleTape: @unchecked Sendable {
  @TaskLocal private static var running: SampleTape?
  private static let count = Atomic<Int>(0)

  /// The tape that runs on this task; nothing but a relaxed load while none runs anywhere.
  static var current: SampleTape? { count.load(ordering: .relaxed) > 0 ? running : nil }

  /// From the output's gradient and the number of samples, what each parameter gets of each sample; `nil` for one that has to be
  /// worked out otherwise.
  typealias Formula = (_ gradient: TensorBody, _ samples: Int) -> [(parameter: ObjectIdentifier, part: SamplePart?)]

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
        parameter.map { (ObjectIdentifier($0), part) }
      }
    }
  }
}

/// What a call contributes to the gradients of a parameter of each sample.
struct SamplePart {
  /// [N, parameter's shape…].
  let gradients: () -> TensorBody
  /// The sums of their squares for each sample, [N], where there is a way that does not take their memory.
  let squaredNorms: (() -> TensorBody)?

  init<Scalar: FloatingScalar>(
    _ gradients: @escaping () -> Tensor<Scalar>, squaredNorms: (() -> Tensor<Scalar>)? = nil
  ) {
    self.gradients = { gradients().body }
    self.squaredNorms = squaredNorms.map { squares in { squares().body } }
  }

  /// Those of a parameter that consists of several, one after the other along its first axis.
  init<Scalar: FloatingScalar>(_ parts: [SamplePart], of _: Scalar.Type) {
    let squares = parts.compactMap(\.squaredNorms)
    self.init(
      { concatenate(parts.map { Tensor<Scalar>(body: $0.gradients()) }, along: 1) },
      squaredNorms: squares.count == parts.count
        ? { squares.dropFirst().reduce(Tensor(body: squares[0]())) { $0 + Tensor<Scalar>(body: $1()) } } : nil)
  }
}

/// A layer that knows the gradients of its parameters for each sample.
protocol SampleDifferentiable<Scalar>: Module {
  associatedtype Scalar: FloatingScalar

  /// For an input [N, …] and the gradient of the output [N, …], those of the parameters, [N, shape…].
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: SamplePart)]
}
