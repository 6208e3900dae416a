import TernBackend
import TernTensor

/// Cross entropy of logits against class indices: −log softmax(z)[label], as `torch.nn.functional.cross_entropy`.
///
/// With weights w, `.mean` is Σ w[yᵢ]·lossᵢ / Σ w[yᵢ]. With smoothing s every target is (1 − s) at its class and s/C
/// at all. Gradient: (softmax(z) − target)·w/Σw.
///
/// - Parameters:
///   - logits: z, [N, C], [N, C, d₁, ..] or [C].
///   - labels: [N], [N, d₁, ..] or a single value; classes 0 ..< C, or `ignoring`.
///   - weight: w, [C]; 1 when `nil`.
///   - ignoring: positions with this label count for nothing.
///   - labelSmoothing: s, 0 to 1.
///   - reduction: what becomes of the losses; `.none` leaves the shape of the labels.
///
/// Stops where shapes do not fit and for a label outside, naming it and its position.
public func crossEntropy<Scalar: FloatingScalar>(
  _ logits: Tensor<Scalar>, _ labels: Tensor<Int>, weight: Tensor<Scalar>? = nil, ignoring: Int = -100,
  labelSmoothing: Scalar = 0, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  negativeLogLikelihood(
    logits.logSoftmax(along: classAxis(logits, "crossEntropy")), labels, weight: weight, ignoring: ignoring,
    labelSmoothing: labelSmoothing, reduction: reduction, "crossEntropy")
}

/// Negative log likelihood of log probabilities against class indices: −w[label]·x[label].
///
/// Shapes, weights and reductions as in cross entropy on class indices, which is this of log softmax.
public func negativeLogLikelihood<Scalar: FloatingScalar>(
  _ logProbabilities: Tensor<Scalar>, _ labels: Tensor<Int>, weight: Tensor<Scalar>? = nil, ignoring: Int = -100,
  reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  negativeLogLikelihood(
    logProbabilities, labels, weight: weight, ignoring: ignoring, labelSmoothing: 0, reduction: reduction,
    "negativeLogLikelihood")
}

private func negativeLogLikelihood<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ labels: Tensor<Int>, weight: Tensor<Scalar>?, ignoring: Int, labelSmoothing: Scalar,
  reduction: LossReduction, _ operation: String
) -> Tensor<Scalar> {
  let axis = classAxis(x, operation)
  let classes = x.shape[axis]
  var expected = x.shape
  expected.remove(at: axis)
  check(
    labels.shape == expected, operation, "labels \(labels.shape) for logits \(x.shape): \(expected) is wanted")
  check(labelSmoothing >= 0 && labelSmoothing <= 1, operation, "a label smoothing of \(labelSmoothing)")
  if let weight { check(weight.shape == [classes], operation, "weight \(weight.shape) for \(classes) classes") }
  // Positions of each label's class in row-major order; those to ignore point at class 0 and weigh nothing.
  let inner = x.shape[(axis + 1)...].reduce(1, *)
  let given = labels.scalars
  var positions = given
  var kept = [Scalar](repeating: 1, count: given.count)
  for (i, label) in given.enumerated() {
    var index = label
    if label == ignoring {
      index = 0
      kept[i] = 0
    } else {
      check(label >= 0 && label < classes, operation, "label \(label) at position \(i) outside 0..<\(classes)")
    }
    positions[i] = (i / inner * classes + index) * inner + i % inner
  }
  var shares = Tensor(kept)
  if let weight {
    let classOf = given.map { $0 == ignoring ? 0 : $0 }
    shares = shares * weight.detached().picked(Tensor(classOf))
  }
  let isKept = Tensor(kept)
  // Zero times an infinite loss would be NaN: what is ignored is taken out, not multiplied.
  func losses(_ values: Tensor<Scalar>, _ shares: Tensor<Scalar>) -> Tensor<Scalar> {
    select(isKept .> 0, -(values * shares), Tensor(0))
  }
  var loss = losses(x.picked(Tensor(positions)), shares)
  if labelSmoothing > 0 {
    let moved = x.movingAxis(axis, to: -1)
    let weighted = weight.map { moved * $0.detached() } ?? moved
    let all = losses(weighted.sum(along: -1).flattened(), isKept)
    loss = loss * (1 - labelSmoothing) + all * (labelSmoothing / Scalar(classes))
  }
  switch reduction {
  case .mean: return loss.sum() / shares.sum()
  case .sum: return loss.sum()
  case .none: return loss.reshaped(labels.shape)
  }
}

/// Cross entropy of logits against probabilities: −Σ_c w[c]·p[c]·log softmax(z)[c] for every position.
///
/// - Parameters:
///   - logits: z, [N, C], [N, C, d₁, ..] or [C].
///   - probabilities: p, of the shape of the logits.
///   - weight: w, [C]; 1 when `nil`.
///   - labelSmoothing: s, 0 to 1: p becomes (1 − s)·p + s/C.
///   - reduction: `.mean` divides by the number of positions.
public func crossEntropy<Scalar: FloatingScalar>(
  _ logits: Tensor<Scalar>, _ probabilities: Tensor<Scalar>, weight: Tensor<Scalar>? = nil,
  labelSmoothing: Scalar = 0, reduction: LossReduction = .mean
) -> Tensor<Scalar> {
  let axis = classAxis(logits, "crossEntropy")
  check(
    logits.shape == probabilities.shape, "crossEntropy",
    "probabilities \(probabilities.shape) for logits \(logits.shape)")
  check(labelSmoothing >= 0 && labelSmoothing <= 1, "crossEntropy", "a label smoothing of \(labelSmoothing)")
  let classes = logits.shape[axis]
  let target =
    labelSmoothing > 0 ? probabilities * (1 - labelSmoothing) + labelSmoothing / Scalar(classes) : probabilities
  var terms = logits.logSoftmax(along: axis) * target
  if let weight {
    check(weight.shape == [classes], "crossEntropy", "weight \(weight.shape) for \(classes) classes")
    let shape = logits.shape.indices.map { $0 == axis ? classes : 1 }
    terms = terms * weight.reshaped(shape)
  }
  return reduction(-terms.sum(along: axis))
}

/// The axis of the classes: 1, or 0 where there is no batch.
private func classAxis<Scalar: FloatingScalar>(_ logits: Tensor<Scalar>, _ operation: String) -> Int {
  check(logits.rank >= 1, operation, "logits of rank 0")
  return logits.rank == 1 ? 0 : 1
}
