import TernTensor

// Quotients that are smooth at 0, with derivatives of all orders there: a series next to 0, the formula elsewhere.

extension Tensor where Scalar: FloatingScalar {
  /// (eᵗ − 1)/t, 1 at 0.
  func expm1Quotient() -> Tensor {
    // Σ tᵏ/(k + 1)!
    nearZero(within: 0.5, inverseFactors: (1...16).map { Double($0 + 1) }) { $0.expm1() / $0 }
  }

  /// ln(1 + t)/t, 1 at 0.
  func log1pQuotient() -> Tensor {
    // Σ (−t)ᵏ/(k + 1)
    let factors = (1...24).map { -Double($0 + 1) / Double($0) }
    return nearZero(within: 0.2, inverseFactors: factors) { $0.farLog1pQuotient() }
  }

  /// ln(1 + t)/t of t that are not near 0. Derivative: (1/(1 + t) − ln(1 + t)/t)/t; at −1 the first term outweighs the logarithm.
  private func farLog1pQuotient() -> Tensor {
    withoutGradients { detached().log1p() / detached() }
      .recorded("log", from: self, saving: [.first, .output]) { d in
        let t = d.input(0)
        d.send(0) { zeroProduct(d.gradient, ((t + 1).reciprocal() - d.output.inside(t .> -1, else: 0)) / t) }
      }
  }

  /// 1 + t/f₁·(1 + t/f₂·(1 + …)) for |t| up to `bound`, and `formula` elsewhere.
  private func nearZero(within bound: Scalar, inverseFactors: [Double], _ formula: (Tensor) -> Tensor) -> Tensor {
    let isNear = detached().abs() .<= bound
    let t = inside(isNear, else: 0)
    var series = Tensor(1)
    for factor in inverseFactors.reversed() { series = t * series * Scalar(1 / factor) + 1 }
    return select(isNear, series, formula(inside(.!isNear, else: 1)))
  }
}
