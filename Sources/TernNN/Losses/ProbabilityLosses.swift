import TernBackend
import TernTensor

// Losses that are negative logarithms of probabilities, or distances of distributions.

/// Binary cross entropy of probabilities: −w·(y·log p + (1 − y)·log(1 − p)), with logarithms of at least −100.
///
/// From logits ``binaryCrossEntropy(logits:_:weight:positiveWeight:reduction:file:line:)`` is more accurate. Gradient at p:
/// w·(p − y)/max(p(1 − p), 10⁻¹²).
///
/// - Parameters:
///   - probabilities: p, 0 to 1, any shape.
///   - target: y, 0 to 1, of the same shape.
///   - weight: w, broadcasts to the losses; 1 when `nil`.
///   - reduction: what becomes of the losses.
///
/// Stops where the shapes differ and for a probability outside 0 to 1.
public func binaryCrossEntropy<Scalar: FloatingScalar>(
  _ probabilities: Tensor<Scalar>, _ target: Tensor<Scalar>, weight: Tensor<Scalar>? = nil,
  reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let operation = "binaryCrossEntropy"
  requireEqualShapes(operation, probabilities, target)
  withoutGradients {
    if !probabilities.isEmpty {
      let (least, most) = (probabilities.min().item, probabilities.max().item)
      check(!(least < 0) && !(most > 1), operation, "probabilities from \(least) to \(most), outside 0...1")
    }
  }
  if weight == nil {
    let terms = PointwiseTerms<Scalar>(
      name: "binaryCrossEntropy", kernel: .crossEntropy, losses: binaryCrossEntropyTerms,
      derivatives: { binaryCrossEntropyDerivative(Tensor(1), $0, $1) })
    return terms(probabilities, target, reduction)
  }
  let losses = binaryCrossEntropyTerms(probabilities.counted(by: weight), target.counted(by: weight))
  return reduction(weight.map { zeroProduct(losses, $0) } ?? losses)
}

@Sendable
private func binaryCrossEntropyTerms<Scalar: FloatingScalar>(
  _ probabilities: Tensor<Scalar>, _ target: Tensor<Scalar>
) -> Tensor<Scalar> {
  let value = withoutGradients {
    let (p, y) = (probabilities.detached(), target.detached())
    return -(y * p.log().clamped(min: -100) + (1 - y) * (-p).log1p().clamped(min: -100))
  }
  return value.recorded(
    "binaryCrossEntropy", from: probabilities, target, saving: [.first, .second]
  ) { d in
    let p = d.input(0)
    d.send(0) { binaryCrossEntropyDerivative(d.gradient, p, d.input(1)) }
    d.send(1) { d.gradient * ((-p).log1p().clamped(min: -100) - p.log().clamped(min: -100)) }
  }
}

/// g·(p − y)/max(p(1 − p), ε), with the ε and the derivative of PyTorch, whose ε in the first is Float's 10⁻¹².
private func binaryCrossEntropyDerivative<Scalar: FloatingScalar>(
  _ gradient: Tensor<Scalar>, _ p: Tensor<Scalar>, _ y: Tensor<Scalar>
) -> Tensor<Scalar> {
  @Sendable func spread(_ p: Tensor<Scalar>) -> Tensor<Scalar> { (p * (1 - p)).clamped(min: Scalar(Float(1e-12))) }
  let value = withoutGradients { gradient.detached() * (p.detached() - y.detached()) / spread(p.detached()) }
  return value.recorded("binaryCrossEntropy", fromAll: [gradient, p, y], saving: [.first, .second, .third]) { d in
    let (g, p, y) = (d.input(0), d.input(1), d.input(2))
    d.send(0) { d.gradient * (p - y) / spread(p) }
    d.send(1) {
      let epsilon = Scalar(1e-12)
      let (low, high) = (p + epsilon, 1 - p + epsilon)
      return d.gradient * g * ((p * p - p * y * 2 + y) / (low * low * high * high))
    }
    d.send(2) { -(d.gradient * g / spread(p)) }
  }
}

/// The Kullback–Leibler divergence y·(log y − x) of log probabilities x from a target y, element by element.
///
/// Its mean over elements by default; for the divergence of distributions in rows take the sum and divide by the rows
/// (PyTorch's `batchmean`). Where y is 0 the term is 0.
///
/// - Parameters:
///   - logProbabilities: x.
///   - target: y, or log y; of the same shape.
///   - targetIsLogarithm: whether the target is log y.
///   - reduction: what becomes of the terms.
public func klDivergence<Scalar: FloatingScalar>(
  _ logProbabilities: Tensor<Scalar>, _ target: Tensor<Scalar>, targetIsLogarithm: Bool = false,
  reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireEqualShapes("klDivergence", logProbabilities, target)
  if targetIsLogarithm {
    let isVoid = withoutGradients { target.detached().exp() .== 0 }
    let (y, x) = (select(isVoid, 0, target), select(isVoid, 0, logProbabilities))
    return reduction(select(isVoid, 0, powerTerms(y, x, 0)))
  }
  let terms = PointwiseTerms<Scalar>(
    name: "klDivergence", kernel: .klDivergence, losses: { divergenceTerms($0, $1) },
    derivatives: { -$1 })
  return terms(logProbabilities, target, reduction)
}

/// y·(ln y − x), 0 where y is 0. Derivatives: −y, and ln y − x + 1, −x where y is 0.
@Sendable
private func divergenceTerms<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
  // Zero times an infinite logarithm would be NaN, in the derivative too.
  @Sendable func logarithm(_ y: Tensor<Scalar>, _ isVoid: Tensor<Bool>) -> Tensor<Scalar> {
    select(isVoid, 1, y).log()
  }
  let value = withoutGradients { () -> Tensor<Scalar> in
    let (x, y) = (x.detached(), y.detached())
    return select(y .< 0, Tensor<Scalar>(.nan), zeroProduct(y, logarithm(y, y .== 0) - x))
  }
  return value.recorded("klDivergence", from: x, y, saving: [.first, .second]) { d in
    let (x, y) = (d.input(0), d.input(1))
    d.send(0) { -zeroProduct(d.gradient, y) }
    d.send(1) {
      let isVoid = y .== 0
      return zeroProduct(d.gradient, logarithm(y, isVoid) + select(isVoid, Tensor<Scalar>(0), Tensor(1)) - x)
    }
  }
}

/// eʸ·(y − x + k). Derivative at y: the same with k + 1, so that terms beyond the range are not added to each other.
private func powerTerms<Scalar: FloatingScalar>(
  _ y: Tensor<Scalar>, _ x: Tensor<Scalar>, _ k: Scalar
) -> Tensor<Scalar> {
  withoutGradients { zeroProduct(y.detached().exp(), y.detached() - x.detached() + k) }
    .recorded("klDivergence", from: y, x, saving: [.first, .second]) { d in
      let (y, x) = (d.input(0), d.input(1))
      d.send(0) { zeroProduct(d.gradient, powerTerms(y, x, k + 1)) }
      d.send(1) { -zeroProduct(d.gradient, y.exp()) }
    }
}

/// The negative log likelihood of counts under a Poisson distribution: eˣ − y·x, or x − y·log(x + ε).
///
/// - Parameters:
///   - prediction: x, the logarithm of the rate, or the rate itself.
///   - target: y, of the same shape.
///   - isLogarithm: whether x is the logarithm of the rate.
///   - full: adds Stirling's approximation of log y!: y·log y − y + ½·log(2πy) where y > 1.
///   - epsilon: ε, keeps the logarithm of a rate of 0 finite.
///   - reduction: what becomes of the losses.
public func poissonNLL<Scalar: FloatingScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, isLogarithm: Bool = true, full: Bool = false,
  epsilon: Scalar = 1e-8, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireEqualShapes("poissonNLL", prediction, target)
  // Beyond this bound eˣ is infinite, and decides alone.
  let bound = Scalar(10_000)
  if isLogarithm && !full {
    let terms = PointwiseTerms<Scalar>(
      name: "poissonNLL", kernel: .poisson, losses: { $0.exp() - zeroProduct($1, $0.clamped(max: bound)) },
      derivatives: { $0.exp() - select($0 .<= bound, $1, 0) })
    return terms(prediction, target, reduction)
  }
  let logRate =
    isLogarithm ? prediction.clamped(max: bound) : (prediction + epsilon).clamped(max: .greatestFiniteMagnitude).log()
  let rate = isLogarithm ? prediction.exp() : prediction
  if !full { return reduction(rate - zeroProduct(target, logRate)) }
  // ln y! takes part in the product, whose terms may be infinite, or beyond the range, though it is not.
  let isLarge = target .> 1
  let (y, few) = (select(isLarge, target, Tensor(1)), select(isLarge, 0, target))
  let logarithm = y.log()
  let many = y * (logarithm - 1 - select(isLarge, logRate, 0)) + logarithm * 0.5 + Scalar(halfLogTwoPi)
  let losses = rate + select(isLarge, many, -zeroProduct(few, logRate))
  return reduction(losses)
}

/// The negative log likelihood under normal distributions: ½(log v + (x − y)²/v), with v = max(variance, ε).
///
/// The gradient reaches a variance below ε as if it were ε.
///
/// - Parameters:
///   - prediction: x, the means.
///   - target: y; the shapes broadcast.
///   - variance: of the prediction's shape, or with axes of extent one, or without the last axis.
///   - full: adds ½·log 2π.
///   - epsilon: ε, above 0.
///   - reduction: what becomes of the losses.
///
/// Stops for a negative variance and where shapes do not fit.
public func gaussianNLL<Scalar: FloatingScalar>(
  _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, variance: Tensor<Scalar>, full: Bool = false,
  epsilon: Scalar = 1e-6, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let operation = "gaussianNLL"
  _ = broadcastShape(prediction.shape, target.shape, operation)
  check(epsilon > 0, operation, "an epsilon of \(epsilon)")
  var v = variance
  if v.shape != prediction.shape {
    if prediction.rank > 0, v.shape == Array(prediction.shape.dropLast()) { v = v.expandedAxis(at: -1) }
    let fits = v.rank == prediction.rank && zip(v.shape, prediction.shape).allSatisfy { $0 == 1 || $0 == $1 }
    check(fits || v.count == 1, operation, "variance \(variance.shape) for prediction \(prediction.shape)")
  }
  let raised = withoutGradients {
    let values = v.detached()
    if !values.isEmpty {
      let least = values.min().item
      check(!(least < 0), operation, "a variance of \(least)")
    }
    return select(values .< epsilon, epsilon - values, 0)
  }
  v = v + raised
  let difference = prediction - target
  var losses = v.log() * 0.5 + zeroProduct(difference * 0.5, difference / v)
  if full { losses = losses + Scalar(halfLogTwoPi) }
  return reduction(losses)
}
