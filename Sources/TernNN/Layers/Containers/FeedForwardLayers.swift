import TernBackend
import TernTensor

/// Two dense layers with an activation, and perhaps a dropout, between them: in bfloat16 they run as one operation, so that what
/// is between them is never in memory as Float.
struct FeedForwardLayers<Scalar: FloatingScalar> {
  let first: Dense<Scalar>
  private let activation: FeedForwardActivation
  private let dropout: Dropout<Scalar>?
  private let second: Dense<Scalar>

  /// How many layers these are.
  var count: Int { dropout == nil ? 3 : 4 }

  init(
    _ first: Dense<Scalar>, _ activation: FeedForwardActivation, _ dropout: Dropout<Scalar>?, _ second: Dense<Scalar>
  ) {
    (self.first, self.activation, self.dropout, self.second) = (first, activation, dropout, second)
  }

  /// The layers at the start of some; `nil` where they are others.
  init?(_ layers: ArraySlice<any Layer<Scalar>>) {
    guard layers.count >= 3, let first = layers.first as? Dense<Scalar>, first.bias != nil else { return nil }
    var rest = layers.dropFirst()
    let activation: FeedForwardActivation
    switch rest.first {
    case let gelu as GELU<Scalar>: activation = gelu.approximate == .none ? .gelu : .geluTanh
    case is SiLU<Scalar>: activation = .silu
    default: return nil
    }
    rest = rest.dropFirst()
    let dropout = rest.first as? Dropout<Scalar>
    if dropout != nil { rest = rest.dropFirst() }
    guard let second = rest.first as? Dense<Scalar>, second.bias != nil else { return nil }
    self.init(first, activation, dropout, second)
  }

  /// What the layers make of the input, as one operation where they may be one.
  func callAsFunction(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    if let result = run(input) { return result }
    let inner = activation(first(input))
    return second(dropout.map { $0(inner) } ?? inner)
  }

  /// The result; `nil` where the layers are to run by themselves: in Float, where values are dropped, and while somebody
  /// watches.
  func run(_ input: Tensor<Scalar>) -> Tensor<Scalar>? {
    guard FloatPrecision.multipliesBFloat16(Scalar.self), let a = first.bias, let b = second.bias,
      !(dropout.map { $0.isTraining && $0.probability > 0 } ?? false),
      !OperationObservers.isAnyoneListening, !LayerObservers.isListening, SampleTape.current == nil,
      Replay.current == nil
    else { return nil }
    return feedForward(
      input, first: (first.weight.value, a.value), activation: activation, second: (second.weight.value, b.value))
  }
}
