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
}
