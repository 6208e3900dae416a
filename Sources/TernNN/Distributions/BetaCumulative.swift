import TernBackend
import TernTensor

// Distribution functions by the incomplete beta function, which has no derivative at its first two arguments.

extension BetaDistribution: CumulativeDistribution {
  /// The probability of a number up to this one: I_x(α, β). Gradients reach the value, not the parameters.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    betainc(alpha.detached(), beta.detached(), value.clamped(min: 0, max: 1))
  }
}

extension StudentTDistribution: CumulativeDistribution {
  /// The probability of a number up to this one: ½·I(ν/2, ½) at ν/(ν + z²) for z = (x − location)/scale below 0. Gradients
  /// reach the value, the location and the scale, not the degrees.
  @_disfavoredOverload
  public func cumulative(_ value: Tensor<Scalar>) -> Tensor<Scalar> {
    let ν = degrees.detached()
    return customOperation("cumulative", (value - location) / scale) { inputs in
      let half = ν * 0.5
      let square = inputs[0].square() / ν
      // The tail from the argument that keeps its digits.
      let far: Tensor<Scalar> = betainc(half, Tensor(0.5), (square + 1).reciprocal()) * 0.5
      let near: Tensor<Scalar> = (1 - betainc(Tensor(0.5), half, square / (square + 1))) * 0.5
      let tail = select(square .> 1, far, near)
      return select(inputs[0] .> 0, 1 - tail, tail)
    } backward: { gradient, inputs, _ in
      [gradient * StudentTDistribution(degrees: ν).logDensity(at: inputs[0]).exp()]
    }
  }
}
