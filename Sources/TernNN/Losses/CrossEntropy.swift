import TernBackend
import TernTensor

/// Cross entropy of logits against class indices: −log softmax(z)[label], as `torch.nn.functional.cross_entropy`.
///
/// With weights w, `.mean` is Σ w[yᵢ]·lossᵢ / Σ w[yᵢ]. With smoothing s every target is (1 − s) at its class and s/C
/// at all. Gradient: (softmax(z)·Σ target − target) of every position, the targets multiplied by w, over Σ w[yᵢ].
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
@specialized(where Scalar == Float)
public func crossEntropy<Scalar: FloatingScalar>(
  _ logits: Tensor<Scalar>, _ labels: Tensor<Int>, weight: Tensor<Scalar>? = nil, ignoring: Int = -100,
  labelSmoothing: Scalar = 0, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let axis = classAxis(logits, "crossEntropy")
  if logits.rank == 2 && labels.shape == [logits.shape[0]] && weight == nil && labelSmoothing == 0 {
    return labelLoss(logits, labels, ignoring: ignoring, reduction)
  }
  let targets = ClassTargets(
    labels, of: logits.shape, axis: axis, weight: weight, ignoring: ignoring, smoothing: labelSmoothing, "crossEntropy")
  let logProbabilities = logits.detached().contiguous.logSoftmax(along: axis).contiguous
  return targets.loss(logProbabilities, reduction)
    .recorded("crossEntropy", from: logits, saving: .first) { d in
      d.send(0) {
        let upstream = targets.perPosition(d.gradient, reduction)
        if d.createGraph { return targets.recordedDerivatives(d.input(0), upstream) }
        let factors = targets.alongClasses(upstream * targets.totals)
        var derivatives = zeroProduct(logProbabilities.exp(), factors).contiguous
        targets.subtract(upstream, from: &derivatives)
        return derivatives
      }
    }
}

/// Negative log likelihood of log probabilities against class indices: −w[label]·x[label].
///
/// Shapes, weights and reductions as in cross entropy on class indices, which is this of log softmax. What is ignored or of
/// weight 0 does not matter, infinities and NaN included.
public func negativeLogLikelihood<Scalar: FloatingScalar>(
  _ logProbabilities: Tensor<Scalar>, _ labels: Tensor<Int>, weight: Tensor<Scalar>? = nil, ignoring: Int = -100,
  reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let axis = classAxis(logProbabilities, "negativeLogLikelihood")
  let targets = ClassTargets(
    labels, of: logProbabilities.shape, axis: axis, weight: weight, ignoring: ignoring, smoothing: 0,
    "negativeLogLikelihood")
  return targets.loss(logProbabilities.detached().contiguous, reduction)
    .recorded("negativeLogLikelihood", from: logProbabilities) { d in
      d.send(0) {
        let upstream = targets.perPosition(d.gradient, reduction)
        if d.createGraph { return -(targets.dense * targets.alongClasses(upstream)) }
        var derivatives = Tensor<Scalar>(zeros: targets.shape)
        targets.subtract(upstream, from: &derivatives)
        return derivatives
      }
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
///
/// Classes whose p or w is 0 add 0, an infinite logarithm beside it or not.
public func crossEntropy<Scalar: FloatingScalar>(
  _ logits: Tensor<Scalar>, _ probabilities: Tensor<Scalar>, weight: Tensor<Scalar>? = nil,
  labelSmoothing: Scalar = 0, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let axis = classAxis(logits, "crossEntropy")
  check(
    logits.shape == probabilities.shape, "crossEntropy",
    "probabilities \(probabilities.shape) for logits \(logits.shape)")
  check(labelSmoothing >= 0 && labelSmoothing <= 1, "crossEntropy", "a label smoothing of \(labelSmoothing)")
  let classes = logits.shape[axis]
  let target =
    labelSmoothing > 0 ? probabilities * (1 - labelSmoothing) + labelSmoothing / Scalar(classes) : probabilities
  var terms = zeroProduct(logits.logSoftmax(along: axis), target)
  if let weight {
    check(weight.shape == [classes], "crossEntropy", "weight \(weight.shape) for \(classes) classes")
    let shape = logits.shape.indices.map { $0 == axis ? classes : 1 }
    terms = zeroProduct(terms, weight.reshaped(shape))
  }
  return reduction(-terms.sum(along: axis))
}

/// The axis of the classes: 1, or 0 where there is no batch.
private func classAxis<Scalar: FloatingScalar>(_ logits: Tensor<Scalar>, _ operation: String) -> Int {
  check(logits.rank >= 1, operation, "logits of rank 0")
  return logits.rank == 1 ? 0 : 1
}
