import TernBackend
import TernNN
import TernTensor

/// All that steps change in a model and its optimizer, to be put back after them.
///
/// Values are copied, not shared: a parameter that is shared would be copied by the first update, and that copy counted.
struct ModelSnapshot<Model: Module> {
  private let model: Model
  private let optimizer: any Optimizer
  private let state: [StateEntry]
  private let optimizerState: OptimizerState
  private let gradients: [() -> Void]
  private let generators: [(generator: RandomGenerator, state: RandomGenerator.State)]

  /// Copies all values, and takes the gradients away.
  init(_ model: Model, _ optimizer: any Optimizer) {
    (self.model, self.optimizer) = (model, optimizer)
    state = model.state.map { StateEntry(name: $0.name, body: copied($0.body)) }
    let moments = optimizer.state
    optimizerState = OptimizerState(
      tensors: moments.tensors.map { StateEntry(name: $0.name, body: copied($0.body)) }, scalars: moments.scalars)
    func take(_ parameter: some AnyParameter) -> () -> Void {
      let typed = parameter.typed
      let gradient = typed.gradient
      typed.gradient = nil
      return { typed.gradient = gradient }
    }
    gradients = model.parameters.map { take($0) }
    generators = model.randomGenerators.map { ($0, $0.state) }
  }

  /// Puts everything back.
  func restore() {
    // It is their own state, which fits.
    _ = try? model.load(state)
    try? optimizer.load(optimizerState)
    for gradient in gradients { gradient() }
    for (generator, state) in generators { generator.state = state }
  }
}

/// The same values in memory of their own.
private func copied(_ body: TensorBody) -> TensorBody {
  func copied<Scalar: TensorScalar>(_: Scalar.Type) -> TensorBody {
    withoutGradients { Tensor<Scalar>(body: body).copied().body }
  }
  return switch body.dtype {
  case .float32: copied(Float.self)
  case .float64: copied(Double.self)
  case .int32: copied(Int32.self)
  case .int64: copied(Int.self)
  case .uint8: copied(UInt8.self)
  case .bool: copied(Bool.self)
  case .bfloat16: copied(BFloat16.self)
  }
}
