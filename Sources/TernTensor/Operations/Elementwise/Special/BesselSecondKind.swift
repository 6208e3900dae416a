import Foundation

// Bessel functions beside the modified ones of the first kind, of single numbers.

extension BesselValues {
  /// Jₙ(x).
  static func besselJ(_ n: Int, _ x: Double) -> Double {
    if n > 1 { return jn(Int32(n), x) }
    if let value = (n == 0 ? BesselZeros.j0 : .j1).value(at: abs(x)) { return n == 1 && x < 0 ? -value : value }
    return n == 0 ? j0(x) : j1(x)
  }

  /// Yₙ(x): −∞ at 0, NaN below.
  static func besselY(_ n: Int, _ x: Double) -> Double {
    if x.isNaN || x <= 0 { return x == 0 ? -.infinity : .nan }
    if n > 1 { return yn(Int32(n), x) }
    return (n == 0 ? BesselZeros.y0 : .y1).value(at: x) ?? (n == 0 ? y0(x) : y1(x))
  }

  /// Kₙ(x), or eˣ·Kₙ(x): ∞ at 0, NaN below. Upward from n = 1, which is stable.
  static func besselK(_ n: Int, _ x: Double, scaled: Bool) -> Double {
    if x.isNaN || x <= 0 { return x == 0 ? .infinity : .nan }
    if n < 2 {
      let value = x < 1 ? seriesK(n, x) : chebyshev(4 / x - 2, n == 0 ? tailK0 : tailK1) / x.squareRoot()
      return scaled == (x >= 1) ? value : value * exp(scaled ? x : -x)
    }
    var (before, value) = (besselK(0, x, scaled: scaled), besselK(1, x, scaled: scaled))
    for k in 1..<n { (before, value) = (value, before + Double(2 * k) / x * value) }
    return value
  }

  /// For x < 1: K₀ = −(ln ½x + γ)·I₀ + Σ Hₖ·(¼x²)ᵏ/k!², K₁ = 1/x + (ln ½x + γ)·I₁ − ¼x·Σ (Hₖ + Hₖ₊₁)·(¼x²)ᵏ/(k!·(k+1)!).
  private static func seriesK(_ n: Int, _ x: Double) -> Double {
    let square = 0.25 * x * x
    var (term, sum, harmonic, k) = (1.0, n == 0 ? 0 : 1.0, 0.0, 1.0)
    while term > 1e-18 {
      term *= square / (k * (k + Double(n)))
      harmonic += 1 / k
      sum += term * (n == 0 ? harmonic : 2 * harmonic + 1 / (k + 1))
      k += 1
    }
    let logarithm = log(0.5 * x) + 0.5772156649015329
    let product = logarithm * besselI(n, x, scaled: false)
    return n == 0 ? sum - product : 1 / x + (product - 0.25 * x * sum)
  }

  /// jₙ(x), the spherical Bessel function of the first kind.
  static func sphericalBesselJ(_ n: Int, _ x: Double) -> Double {
    let size = abs(x)
    let sign: Double = x < 0 && n & 1 == 1 ? -1 : 1
    if size == .infinity { return 0 }
    if size <= Double(n + 1) {
      let square = 0.5 * size * size
      var term = 1.0
      for k in stride(from: 1, through: n, by: 1) { term *= size / Double(2 * k + 1) }
      var (sum, k) = (0.0, 1)
      while abs(term) > 1e-18 * abs(sum) {
        sum += term
        term *= -square / Double(k * (2 * (n + k) + 1))
        k += 1
      }
      return sign * sum
    }
    var (before, value) = (cos(size) / size, sin(size) / size)
    for k in 0..<n { (before, value) = (value, Double(2 * k + 1) / size * value - before) }
    return sign * value
  }

  // √x·eˣ·K₀(x) and √x·eˣ·K₁(x) for x ≥ 1 in Chebyshev polynomials of 2/x − 1.
  private static let tailK0 = [
    2.388866152433477, -0.053855323307629495, 0.004362000068251702, -0.0005521270349863234, 8.959565555755952e-05,
    -1.7138726856421186e-05, 3.695146089045472e-06, -8.737284518980525e-07, 2.225046272255236e-07,
    -6.025216756376064e-08, 1.7186668629418083e-08, -5.1272057810909205e-09, 1.5907351467912106e-09,
    -5.10958325791419e-10, 1.6929517419961088e-10, -5.7683063818637606e-11, 2.0159542597761383e-11,
    -7.210940065346495e-12, 2.6349075982806445e-12, -9.819576891759296e-13, 3.72695818784577e-13,
    -1.4388149744180521e-13, 5.6436532735816866e-14, -2.2469288334596896e-14, 9.072046991627365e-15,
    -3.711589997838162e-15, 1.537582290719742e-15, -6.445464362724762e-16, 2.7324144482527955e-16,
    -1.1707837700385628e-16, 5.067869397943657e-17, -2.215087912714289e-17, 9.77208135793031e-18,
  ]
  private static let tailK1 = [
    2.906551335187683, 0.19051350202061165, -0.008406706460495654, 0.0008815363164514389, -0.000129995769583983,
    2.3441638979785087e-05, -4.853489413610226e-06, 1.1139969511197356e-06, -2.772707643805077e-07,
    7.37247184977708e-08, -2.0717892129028323e-08, 6.103966549420336e-09, -1.873778917957349e-09, 5.963886884453419e-10,
    -1.96028004074301e-10, 6.632273899864202e-11, -2.3034250700407756e-11, 8.193082518369976e-12,
    -2.9786645069974164e-12, 1.1049772078983365e-12, -4.1763277431648047e-13, 1.6061141914625803e-13,
    -6.277632672531289e-14, 2.4911830875182032e-14, -1.002779686252293e-14, 4.091059996919741e-15,
    -1.690331071434488e-15, 7.068360792264328e-16, -2.9895680121763374e-16, 1.2781913900252084e-16,
    -5.521491188037584e-17, 2.4087033253210474e-17, -1.0606842599776099e-17,
  ]
}
