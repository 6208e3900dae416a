import TernBackend
import TernTensor

/// (x − y)², its mean by default. The shapes must be equal.
@specialized(where Scalar == Float)
public func meanSquaredError<Scalar: FloatingScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireEqualShapes("meanSquaredError", prediction, target)
  if reduction != .none { return squaredError(prediction, target, isMean: reduction == .mean) }
  let difference = prediction - target
  return reduction(zeroProduct(difference, difference))
}

/// |x − y|, its mean by default. The shapes must be equal.
public func meanAbsoluteError<Scalar: FloatingScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireEqualShapes("meanAbsoluteError", prediction, target)
  let terms = PointwiseTerms<Scalar>(
    name: "meanAbsoluteError", kernel: .absoluteError, isOfDifference: true, losses: { ($0 - $1).abs() },
    derivatives: { ($0 - $1).sign() })
  return terms(prediction, target, reduction)
}

/// Huber's loss: ½(x − y)² where |x − y| ≤ δ, δ·(|x − y| − ½δ) beyond; its mean by default. Gradient: x − y within ±δ.
///
/// Stops unless δ is above zero and the shapes are equal. Source: Huber 1964, "Robust estimation of a location parameter".
public func huber<Scalar: FloatingScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, delta: Scalar = 1, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireEqualShapes("huber", prediction, target)
  check(delta > 0, "huber", "a delta of \(delta)")
  return hubers("huber", delta, scale: 1)(prediction, target, reduction)
}

/// c·(d − ½c)/s with d = x − y and c = d within ±δ. The gradient c/s stays finite where d is not.
private func hubers<Scalar: FloatingScalar>(
  _ name: StaticString, _ delta: Scalar, scale: Scalar
) -> PointwiseTerms<Scalar> {
  @Sendable func near(_ difference: Tensor<Scalar>) -> Tensor<Scalar> { difference.clamped(min: -delta, max: delta) }
  return PointwiseTerms(
    name: name, kernel: .huber, parameters: (delta, scale), isOfDifference: true,
    losses: { x, y in
      let difference = x - y
      let near = near(difference)
      return zeroProduct(scale == 1 ? near : near / scale, difference - near * 0.5)
    },
    derivatives: { x, y in near(x - y) / scale })
}

/// Smooth L1: Huber's loss divided by β; for β = 0 the absolute error.
public func smoothL1<Scalar: FloatingScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, beta: Scalar = 1, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(beta >= 0, "smoothL1", "a beta of \(beta)")
  if beta == 0 { return meanAbsoluteError(prediction, target, reduction: reduction) }
  requireEqualShapes("smoothL1", prediction, target)
  return hubers("smoothL1", beta, scale: beta)(prediction, target, reduction)
}

/// Binary cross entropy of logits: −w·(p·y·log σ(z) + (1 − y)·log(1 − σ(z))), without leaving the range of the numbers.
///
/// - Parameters:
///   - logits: z, any shape.
///   - target: y, 0 to 1, of the same shape.
///   - weight: w, broadcasts to the losses; 1 when `nil`.
///   - positiveWeight: p, of the positive answers, broadcasts likewise; 1 when `nil`.
///   - reduction: what becomes of the losses.
@specialized(where Scalar == Float)
public func binaryCrossEntropy<Scalar: FloatingScalar>(
  logits: Tensor<Scalar>, _ target: Tensor<Scalar>, weight: Tensor<Scalar>? = nil,
  positiveWeight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireEqualShapes("binaryCrossEntropy", logits, target)
  if reduction != .none && weight == nil && positiveWeight == nil && !target.requiresGradient {
    return logisticLoss(logits, target, isMean: reduction == .mean)
  }
  let (z, y) = (logits.counted(by: weight), target.counted(by: weight))
  let answered = positiveWeight.map { zeroProduct(y, $0) } ?? y
  let losses = -(zeroProduct(answered, z.logSigmoid()) + zeroProduct(1 - y, (-z).logSigmoid()))
  return reduction(weight.map { zeroProduct(losses, $0) } ?? losses)
}

/// The L2 penalty of the papers: λ/(2m)·ΣW² over the weights, to be added to a loss that is a mean over m examples.
///
/// Weights are parameters of rank 2 and more, not biases and not the scales of normalizations. Gradient: λ/m·W.
///
/// - Parameters:
///   - model: whose weights are meant.
///   - lambda: λ, at least 0.
///   - batchSize: m, the number of examples of the loss.
///
/// Stops where all weights are of another scalar type than λ: the penalty would be zero in silence.
public func l2Penalty<Scalar: FloatingScalar>(
  _ model: some Module, lambda: Scalar, batchSize: Int, of _: Scalar.Type = Scalar.self, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(lambda >= 0, "l2Penalty", "a lambda of \(lambda)")
  check(batchSize >= 1, "l2Penalty", "a batch of \(batchSize)")
  let weights = model.namedParameters.filter { $0.parameter.shape.count >= 2 }
  var sum = Tensor<Scalar>(0)
  var isFound = false
  for case let (_, weight as Parameter<Scalar>) in weights {
    let value = weight.value
    sum = sum + (value * value).sum()
    isFound = true
  }
  if let other = weights.first, !isFound {
    fail("l2Penalty", "\(other.name) is of \(other.parameter.dtype), the penalty of \(Scalar.dtype)")
  }
  return sum * (lambda / (2 * Scalar(batchSize)))
}
