import TernBackend

/// What a dense map, a convolution or a batch normalization does to its result in the same pass over the memory.
public enum FusedActivation: Sendable {
  /// Nothing.
  case identity
  /// max(y, 0); NaN stays.
  case relu
}

extension Derivation where Scalar: NumericScalar {
  /// The gradient of what was activated: that of an operation that kept its output as its activation left it.
  @specialized(where Scalar == Float)
  func gradient(before activation: FusedActivation) -> Tensor<Scalar> {
    switch activation {
    case .identity: gradient
    case .relu where createGraph: select(output .<= 0, 0, gradient)
    case .relu: .map("relu", .reluGrad, gradient, output)
    }
  }
}
