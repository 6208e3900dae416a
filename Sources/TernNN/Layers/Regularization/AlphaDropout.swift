import TernBackend
import TernTensor

/// Dropout for self-normalizing networks: while training, elements are set with the given probability to what the SELU
/// takes −∞ to, and all are scaled and shifted so that mean and variance stay; in evaluation the input itself.
///
/// Source: Klambauer et al. 2017, "Self-normalizing neural networks".
public final class AlphaDropout<Scalar: FloatingScalar>: DropoutLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    isTraining ? alphaDropout(input, probability: probability, generator: generator) : input.unchanged("alphaDropout")
  }
}

/// y = a·(x·m + α·(1 − m)) + b with m ~ Bernoulli(1 − p), α = −1.7581 the limit of the SELU, and a, b such that mean 0
/// and variance 1 stay: a = 1/√((1 − p)(1 + pα²)), b = −aαp. With p = 1 all are zero.
///
/// Gradient: a·m times dL/dy. Stops for a probability outside 0 … 1. `axes` and `generator` as for
/// ``channelDropout(_:probability:sharing:generator:file:line:)``.
public func alphaDropout<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, probability p: Double, sharing axes: Int = 0, generator: RandomGenerator? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(p >= 0 && p <= 1, "alphaDropout", "a probability of \(p)")
  if p == 0 { return x.unchanged("alphaDropout") }
  if p == 1 { return zeroProduct(x, Tensor(zeros: x.shape)) }
  let alpha = -1.7580993408473768
  let scale = 1 / ((1 - p) * (1 + p * alpha * alpha)).squareRoot()
  let kept = keptElements(x, p, sharing: axes, generator, "alphaDropout")
  let rest = (1 - kept) * Scalar(scale * alpha) + Scalar(-scale * alpha * p)
  return zeroProduct(x, kept * Scalar(scale)) + rest
}
