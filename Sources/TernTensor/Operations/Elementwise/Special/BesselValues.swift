import Foundation

/// Bessel functions of orders and numbers that have no kernel, of single numbers.
enum BesselValues {
  /// Iₙ(x) for n ≥ 2 and |x| ≤ 30, or e^(−|x|)·Iₙ(x): Σ (x/2)²ᵏ⁺ⁿ/(k!·(k+n)!).
  static func besselI(_ n: Int, _ x: Double, scaled: Bool) -> Double {
    if x.isNaN { return x }
    let size = abs(x)
    let square = 0.25 * size * size
    var term = x < 0 && n & 1 == 1 ? -1.0 : 1
    for k in stride(from: 1, through: n, by: 1) { term *= 0.5 * size / Double(k) }
    var (sum, k) = (0.0, 1.0)
    while abs(term) > 1e-18 * abs(sum) {
      sum += term
      term *= square / (k * (k + Double(n)))
      k += 1
    }
    return scaled ? sum * exp(-size) : sum
  }

  /// Clenshaw's sum of a Chebyshev series at t/2, the first coefficient by half.
  static func chebyshev(_ t: Double, _ coefficients: [Double]) -> Double {
    coefficients.withUnsafeBufferPointer { c in
      var (value, next, last) = (0.0, 0.0, 0.0)
      for i in stride(from: c.count - 1, through: 0, by: -1) {
        (last, next) = (next, value)
        value = t * next - last + c[i]
      }
      return 0.5 * (value - last)
    }
  }
}
