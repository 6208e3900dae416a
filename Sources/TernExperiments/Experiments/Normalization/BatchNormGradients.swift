import Tern

/// The three ways to the gradients of y = γ·x̂ + β, x̂ = (x − μ)/√(σ² + ε) over a batch [m, features].
package struct BatchNormGradients {
  package let input: Tensor<Double>
  package let scale: Tensor<Double>

  package init(input: Tensor<Double>, scale: Tensor<Double>) {
    self.input = input
    self.scale = scale
  }

  static let epsilon = 1e-5

  /// dL/dx beside dL/dγ and dL/dβ.
  package struct Result {
    package var input: Tensor<Double>
    package var scale: Tensor<Double>
    package var shift: Tensor<Double>

    /// The largest difference in any of the three.
    package func difference(_ other: Result) -> Double {
      [(input, other.input), (scale, other.scale), (shift, other.shift)].map { a, b in
        zip(a.scalars, b.scalars).map { abs($0 - $1) }.max() ?? 0
      }.max() ?? 0
    }
  }

  private struct Statistics {
    var centered: Tensor<Double>
    var variance: Tensor<Double>
    var reciprocal: Tensor<Double>
    var normalized: Tensor<Double>
  }

  private var statistics: Statistics {
    let centered = input - input.mean(along: [0], keepingAxes: true)
    let variance = (centered * centered).mean(along: [0], keepingAxes: true)
    let reciprocal = (variance + BatchNormGradients.epsilon).rsqrt()
    return Statistics(
      centered: centered, variance: variance, reciprocal: reciprocal, normalized: centered * reciprocal)
  }

  /// Step by step as the paper has it: through x̂, then σ², then μ.
  package func staged(_ gradient: Tensor<Double>) -> Result {
    withoutGradients {
      let count = Double(input.shape[0])
      let s = statistics
      let normalized = gradient * scale
      let cube = s.reciprocal * s.reciprocal * s.reciprocal
      let variance = (normalized * s.centered).sum(along: [0], keepingAxes: true) * cube * -0.5
      let mean =
        (normalized * s.reciprocal * -1).sum(along: [0], keepingAxes: true)
        + variance * (s.centered * -2).mean(along: [0], keepingAxes: true)
      return Result(
        input: normalized * s.reciprocal + variance * s.centered * (2 / count) + mean / count,
        scale: (gradient * s.normalized).sum(along: [0]), shift: gradient.sum(along: [0]))
    }
  }

  /// In one formula: γ/√(σ² + ε)·(dy − mean(dy) − x̂·mean(dy·x̂)).
  package func closed(_ gradient: Tensor<Double>) -> Result {
    withoutGradients {
      let count = Double(input.shape[0])
      let s = statistics
      let shift = gradient.sum(along: [0], keepingAxes: true)
      let derivative = (gradient * s.normalized).sum(along: [0], keepingAxes: true)
      return Result(
        input: scale * s.reciprocal * (gradient - shift / count - s.normalized * derivative / count),
        scale: derivative.reshaped([-1]), shift: shift.reshaped([-1]))
    }
  }

  /// By the graph of the library's own layer.
  package func graph(_ gradient: Tensor<Double>) -> Result {
    let (x, gamma) = (input.asVariable(), scale.asVariable())
    let beta = Tensor<Double>(zeros: scale.shape).asVariable()
    let output = batchNorm(x, scale: gamma, shift: beta, epsilon: BatchNormGradients.epsilon).output
    let found = gradients(of: output, at: [x, gamma, beta], gradient: gradient)
    return Result(input: found[0], scale: found[1], shift: found[2])
  }

  /// What comes out when μ and σ² are taken for constants: γ/√(σ² + ε)·dy.
  package func constant(_ gradient: Tensor<Double>) -> Tensor<Double> {
    withoutGradients { gradient * scale * statistics.reciprocal }
  }
}
