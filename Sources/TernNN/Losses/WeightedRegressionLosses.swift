import TernBackend
import TernTensor

// Losses of numbers with a weight for every element.

/// w·(x − y)², its mean Σ w·(x − y)² / Σ w by default.
///
/// - Parameters:
///   - prediction: x.
///   - target: y, of the same shape.
///   - weight: w, of the same shape; where it is 0 the element does not matter.
///   - reduction: what becomes of the losses.
///
/// Stops where the shapes differ.
public func meanSquaredError<Scalar: FloatingScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, weight: Tensor<Scalar>, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let losses = weighted(prediction, target, weight, "meanSquaredError") {
    meanSquaredError($0, $1, reduction: .none)
  }
  return reduction == .mean ? losses.sum() / weight.sum() : reduction(losses)
}

/// w·|x − y|, its mean Σ w·|x − y| / Σ w by default.
///
/// - Parameters:
///   - prediction: x.
///   - target: y, of the same shape.
///   - weight: w, of the same shape; where it is 0 the element does not matter.
///   - reduction: what becomes of the losses.
///
/// Stops where the shapes differ.
public func meanAbsoluteError<Scalar: FloatingScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, weight: Tensor<Scalar>, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let losses = weighted(prediction, target, weight, "meanAbsoluteError") {
    meanAbsoluteError($0, $1, reduction: .none)
  }
  return reduction == .mean ? losses.sum() / weight.sum() : reduction(losses)
}

/// Huber's loss times w; its mean is over the number of elements, not over Σ w, as PyTorch's.
///
/// - Parameters:
///   - prediction: x.
///   - target: y, of the same shape.
///   - weight: w, of the same shape; where it is 0 the element does not matter.
///   - delta: δ, the difference from which the loss is linear, above 0.
///   - reduction: what becomes of the losses.
///
/// Stops unless δ is above zero and the shapes are equal.
public func huber<Scalar: FloatingScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, weight: Tensor<Scalar>, delta: Scalar = 1,
  reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return reduction(
    weighted(prediction, target, weight, "huber") { huber($0, $1, delta: delta, reduction: .none) })
}

/// The losses times their weights.
private func weighted<Scalar: FloatingScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ operation: String,
  _ losses: (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>
) -> Tensor<Scalar> {
  requireEqualShapes(operation, prediction, target)
  check(
    weight.shape == prediction.shape, operation, "weight \(weight.shape) for prediction \(prediction.shape)")
  return zeroProduct(losses(prediction.counted(by: weight), target.counted(by: weight)), weight)
}
