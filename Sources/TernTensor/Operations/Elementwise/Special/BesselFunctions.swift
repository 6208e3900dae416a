import TernBackend

// Modified Bessel functions of the first kind. Largest errors over 2,000 numbers of all sizes and signs, in units in the last
// place of Double (of Float: 0.51): I₀ 3.3, I₁ 3.5, I₂ 3.1, scaled 3.4.

extension Tensor where Scalar: FloatingScalar {
  /// I₀(x), the modified Bessel function of the first kind of order 0. Derivative: I₁(x).
  public func besselI0() -> Tensor { besselI(0, isScaled: false) }

  /// I₁(x), the modified Bessel function of the first kind of order 1. Derivative: ½(I₀(x) + I₂(x)).
  public func besselI1() -> Tensor { besselI(1, isScaled: false) }

  /// e^(−|x|)·I₀(x), which does not overflow. Derivative: e^(−|x|)·I₁(x) − sign x·y.
  public func scaledBesselI0() -> Tensor { besselI(0, isScaled: true) }

  /// e^(−|x|)·I₁(x), which does not overflow. Derivative: ½e^(−|x|)·(I₀(x) + I₂(x)) − sign x·y.
  public func scaledBesselI1() -> Tensor { besselI(1, isScaled: true) }

  private func besselI(_ n: Int, isScaled: Bool) -> Tensor {
    let saving: Saving = isScaled ? [.first, .output] : .first
    return besselIValues(n, isScaled).recorded("besselI", from: self, saving: saving) { d in
      let x = d.input(0)
      let above = x.besselI(n + 1, isScaled: isScaled)
      let slope = n == 0 ? above : (x.besselI(n - 1, isScaled: isScaled) + above) * 0.5
      d.send(0) { zeroProduct(d.gradient, isScaled ? slope - x.sign() * d.output : slope) }
    }
  }

  private func besselIValues(_ n: Int, _ isScaled: Bool) -> Tensor {
    switch (n, isScaled) {
    case (0, false): mapSpecial(.besselI0)
    case (1, false): mapSpecial(.besselI1)
    case (0, true): mapSpecial(.scaledBesselI0)
    case (1, true): mapSpecial(.scaledBesselI1)
    case (2, false): mapSpecial(.besselI2)
    case (2, true): mapSpecial(.scaledBesselI2)
    default: upwardBesselI(n, isScaled)
    }
  }

  /// Iₙ(x) for n ≥ 3, in Double: up to 30 the series, beyond upward from the orders 1 and 2, which is stable there.
  private func upwardBesselI(_ n: Int, _ isScaled: Bool) -> Tensor {
    let x = detached().cast(to: Double.self)
    var (before, above) = (x.besselIValues(1, isScaled), x.besselIValues(2, isScaled))
    for k in 2..<n {
      // Where the lower order leaves the range, so does the higher one.
      let next = before - zeroQuotient(above * Double(2 * k), x)
      (before, above) = (above, select(before.isInfinite(), before, next))
    }
    let near = x.mapValues { Swift.abs($0) > 30 ? 0 : BesselValues.besselI(n, $0, scaled: isScaled) }
    return select(x.abs() .> 30, above, near).cast(to: Scalar.self)
  }
}
