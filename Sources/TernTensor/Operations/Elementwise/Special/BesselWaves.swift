import TernBackend

// Bessel functions of the first and second kind, modified ones of the second kind, the spherical one and Airy's. Errors in
// units in the last place of Double: K 4, others 5 up to their tenth zeros, near the zeros beyond in those of the wave's height.

extension Tensor where Scalar: FloatingScalar {
  /// J₀(x), the Bessel function of the first kind of order 0. Derivative: −J₁(x).
  public func besselJ0() -> Tensor { besselJ(0) }

  /// J₁(x), the Bessel function of the first kind of order 1. Derivative: ½(J₀(x) − J₂(x)).
  public func besselJ1() -> Tensor { besselJ(1) }

  /// Y₀(x), the Bessel function of the second kind of order 0: −∞ at 0, NaN below. Derivative: −Y₁(x).
  public func besselY0() -> Tensor { besselY(0) }

  /// Y₁(x), the Bessel function of the second kind of order 1: −∞ at 0, NaN below. Derivative: ½(Y₀(x) − Y₂(x)).
  public func besselY1() -> Tensor { besselY(1) }

  /// K₀(x), the modified Bessel function of the second kind of order 0: ∞ at 0, NaN below. Derivative: −K₁(x).
  public func besselK0() -> Tensor { besselK(0, isScaled: false) }

  /// K₁(x), the modified Bessel function of the second kind of order 1: ∞ at 0, NaN below. Derivative: −½(K₀(x) + K₂(x)).
  public func besselK1() -> Tensor { besselK(1, isScaled: false) }

  /// eˣ·K₀(x), which does not underflow. Derivative: y − eˣ·K₁(x).
  public func scaledBesselK0() -> Tensor { besselK(0, isScaled: true) }

  /// eˣ·K₁(x), which does not underflow. Derivative: y − ½eˣ·(K₀(x) + K₂(x)).
  public func scaledBesselK1() -> Tensor { besselK(1, isScaled: true) }

  /// j₀(x) = sin x/x, the spherical Bessel function of order 0: 1 at 0. Derivative: −j₁(x).
  public func sphericalBesselJ0() -> Tensor { sphericalBesselJ(0) }

  /// Ai(x), Airy's function, the solution of y″ = x·y that decays. Derivative: Ai′(x).
  public func airyAi() -> Tensor { airyAi(isDerivative: false) }

  private func besselJ(_ n: Int) -> Tensor {
    special("besselJ", { BesselValues.besselJ(n, $0) }) { d in
      let x = d.input(0)
      return zeroProduct(d.gradient, n == 0 ? -x.besselJ(1) : (x.besselJ(n - 1) - x.besselJ(n + 1)) * 0.5)
    }
  }

  private func besselY(_ n: Int) -> Tensor {
    special("besselY", { BesselValues.besselY(n, $0) }) { d in
      let x = d.input(0)
      if n == 0 { return zeroProduct(d.gradient, -x.besselY(1)) }
      // Next to 0 the higher order wins.
      let above = x.besselY(n + 1)
      let below = select(above .== -Scalar.infinity, 0, x.besselY(n - 1))
      return zeroProduct(d.gradient, (below - above) * 0.5)
    }
  }

  private func besselK(_ n: Int, isScaled: Bool) -> Tensor {
    let saving: Saving = isScaled ? [.first, .output] : .first
    return besselKValues(n, isScaled).recorded("besselK", from: self, saving: saving) { d in
      let x = d.input(0)
      let above = x.besselK(n + 1, isScaled: isScaled)
      let slope = n == 0 ? -above : (x.besselK(n - 1, isScaled: isScaled) + above) * -0.5
      d.send(0) {
        if !isScaled { return zeroProduct(d.gradient, slope) }
        // Next to 0 the higher order wins.
        let isEnd = (d.output .== Scalar.infinity) .|| (above .== Scalar.infinity)
        return zeroProduct(d.gradient, select(isEnd, 0, d.output) + slope)
      }
    }
  }

  private func besselKValues(_ n: Int, _ isScaled: Bool) -> Tensor {
    switch (n, isScaled) {
    case (0, false): return mapSpecial(.besselK0)
    case (1, false): return mapSpecial(.besselK1)
    case (0, true): return mapSpecial(.scaledBesselK0)
    case (1, true): return mapSpecial(.scaledBesselK1)
    default:
      // In Double, upward from the orders 0 and 1, which is stable.
      let x = detached().cast(to: Double.self).abs()
      var (before, above) = (x.besselKValues(0, isScaled), x.besselKValues(1, isScaled))
      for k in 1..<n { (before, above) = (above, before + above * Double(2 * k) / x) }
      return above.cast(to: Scalar.self)
    }
  }

  private func sphericalBesselJ(_ n: Int) -> Tensor {
    let values = n == 0 ? mapSpecial(.sphericalBesselJ0) : mapValues { BesselValues.sphericalBesselJ(n, $0) }
    return values.recorded("sphericalBesselJ", from: self, saving: .first) { d in
      let x = d.input(0)
      let above = x.sphericalBesselJ(n + 1) * Scalar(n + 1)
      let slope = n == 0 ? -above : (x.sphericalBesselJ(n - 1) * Scalar(n) - above) / Scalar(2 * n + 1)
      d.send(0) { zeroProduct(d.gradient, slope) }
    }
  }

  private func airyAi(isDerivative: Bool) -> Tensor {
    let values = mapBlocks(AiryValues.block) { AiryValues.airyAi($0, $1, $2, isDerivative: isDerivative) }
    return values.recorded("airyAi", from: self, saving: .first) { d in
      d.send(0) {
        let x = d.input(0)
        let slope = x.airyAi(isDerivative: !isDerivative)
        return zeroProduct(d.gradient, isDerivative ? zeroProduct(x, slope) : slope)
      }
    }
  }
}
