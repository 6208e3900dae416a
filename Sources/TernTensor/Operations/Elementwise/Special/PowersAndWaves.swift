import TernBackend

// Largest errors over 2,000 numbers, in units in the last place of Double (of Float: 0.51, exp2 1.0):
// exp2 0.7, cbrt 0.7, sinc 3.1, its derivative 4.1 to within 10⁻⁶ of its zeros, next to the first 16 zeros too.

extension Tensor where Scalar: FloatingScalar {
  /// 2ˣ. Derivative: 2ˣ·ln 2.
  public func exp2() -> Tensor {
    special("exp2", .exp2, saving: .output) {
      zeroProduct($0.gradient, $0.output) * 0.693147180559945309417
    }
  }

  /// ∛x, the cube root with the sign of x. Derivative: 1/(3y²), infinite at 0.
  public func cbrt() -> Tensor {
    special("cbrt", .cbrt, saving: .output) { zeroQuotient($0.gradient, $0.output.square() * 3) }
  }

  /// sin(πx)/(πx); 1 at 0, exactly 0 at the other whole numbers, 0 at ±∞. Derivative: (cos(πx) − y)/x, 0 at 0.
  public func sinc() -> Tensor { sinc(derivative: 0) }

  /// The n-th derivative of sinc.
  private func sinc(derivative n: Int) -> Tensor {
    let values =
      switch n {
      case 0: mapSpecial(.sinc)
      case 1: mapSpecial(.sincDerivative)
      default: mapValues { WaveValues.sinc(n, $0) }
      }
    return values.recorded("sinc", from: self, saving: .first) { d in
      d.send(0) { zeroProduct(d.gradient, d.input(0).sinc(derivative: n + 1)) }
    }
  }
}
