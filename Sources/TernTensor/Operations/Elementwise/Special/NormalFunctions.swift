import TernBackend

// The error function's relatives and the normal distribution. Largest errors over 2,000 numbers of all sizes, in units in
// the last place of Double (of Float: 0.53, erfInverse 1.3): erfInverse 3.6, scaledErfc 2.3 and its derivative 3.2, ndtr 3.0, ndtri 3.2, logNdtr 3.1.

extension Tensor where Scalar: FloatingScalar {
  /// The inverse of ``erf()``; ±∞ at ±1, NaN beyond. Derivative: √π/2·e^(y²).
  public func erfInverse() -> Tensor {
    special("erfInverse", .erfInverse, saving: .output) { d in
      zeroProduct(d.gradient, d.output.square().exp()) * 0.88622692545275801365
    }
  }

  /// e^(x²)·erfc(x), which neither overflows nor vanishes for a great x; ∞ below −26.6. Derivative: 2x·y − 2/√π.
  public func scaledErfc() -> Tensor { scaledErfc(integrals: 0) }

  /// e^(x²)·iⁿerfc(x) with the n-th repeated integral of erfc. Derivative: −2(n+1) times the next one, which does not
  /// cancel.
  private func scaledErfc(integrals n: Int) -> Tensor {
    let values =
      switch n {
      case 0: mapSpecial(.scaledErfc)
      case 1: mapSpecial(.scaledErfcIntegral)
      default: mapValues { NormalValues.scaledErfc(n, $0) }
      }
    return values.recorded("scaledErfc", from: self, saving: .first) { d in
      d.send(0) { zeroProduct(d.gradient, d.input(0).scaledErfc(integrals: n + 1)) * Scalar(-2 * (n + 1)) }
    }
  }

  /// Φ(x), the distribution function of the normal distribution. Derivative: φ(x) = e^(−x²/2)/√(2π).
  public func ndtr() -> Tensor {
    special("ndtr", .ndtr) { d in
      zeroProduct(d.gradient, (d.input(0).square() * -0.5).exp()) * 0.39894228040143267794
    }
  }

  /// The inverse of ``ndtr()``: the quantiles of the normal distribution; ∓∞ at 0 and 1, NaN outside.
  ///
  /// Derivative: √(2π)·e^(y²/2).
  public func ndtri() -> Tensor {
    special("ndtri", .ndtri, saving: .output) { d in
      zeroProduct(d.gradient, (d.output.square() * 0.5).exp()) * 2.50662827463100050242
    }
  }

  /// ln Φ(x), accurate in both tails. Derivative: φ(x)/Φ(x).
  public func logNdtr() -> Tensor {
    special("logNdtr", .logNdtr) { d in
      if !d.createGraph { return zeroProduct(d.gradient, d.input(0).mapSpecial(.inverseMills)) }
      return zeroQuotient(d.gradient * 0.79788456080286535588, (d.input(0) * -0.70710678118654752440).scaledErfc())
    }
  }
}
