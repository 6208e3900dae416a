import TernBackend
import TernTensor

/// Stochastic depth: while training, the whole of a sample is zero with the given probability, and divided by the fraction
/// that stays otherwise; in evaluation the input itself.
///
/// y = x·m / (1 − p) with m ~ Bernoulli(1 − p) for each sample [C, …] of [N, C, …]. In front of the sum of a residual block it
/// leaves blocks out. Source: Huang et al. 2016, "Deep networks with stochastic depth".
///
/// ```swift
/// let drop = StochasticDepth(0.2)
/// let y = drop(Tensor(randomNormal: [8, 16, 4, 4]))  // about 1.6 of the 8 samples are 0
/// ```
public final class StochasticDepth<Scalar: FloatingScalar>: DropoutLayer<Scalar> {
  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    if !isTraining || probability == 0 { return input.unchanged("stochasticDepth") }
    check(input.rank >= 1, "StochasticDepth", "input has rank 0, samples are wanted")
    let ones = Tensor<Scalar>(ones: [input.shape[0]] + Array(repeating: 1, count: input.rank - 1))
    return input * dropout(ones, probability: probability, generator: generator)
  }
}
