import TernBackend
import TernTensor

/// What becomes of the losses of the elements.
public enum LossReduction: Sendable {
  /// Their mean, a single value; for weighted classes the weighted mean.
  case mean
  /// Their sum, a single value.
  case sum
  /// The losses themselves.
  case none

  func callAsFunction<Scalar: FloatingScalar>(_ losses: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .mean: losses.mean()
    case .sum: losses.sum()
    case .none: losses
    }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// This, with 0 where a weight is 0: what does not count must not matter, in derivatives of any order either. A weight
  /// that is recorded has the loss as its own derivative, and leaves all as it is.
  func counted(by weight: Tensor?) -> Tensor {
    guard let weight, weight.node == nil else { return self }
    let isVoid = weight .== 0
    return isVoid.any().item ? select(isVoid, 0, self) : self
  }
}

/// Stops unless prediction and target have one shape.
func requireEqualShapes<Scalar: FloatingScalar>(
  _ operation: String, _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>
) {
  check(
    prediction.shape == target.shape, operation, "prediction \(prediction.shape) and target \(target.shape) differ")
}
