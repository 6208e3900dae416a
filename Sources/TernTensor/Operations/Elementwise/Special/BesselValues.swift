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

  /// Clenshaw's sums of a Chebyshev series at half of n numbers t, the first coefficient by half, eight at a time: the steps
  /// of one sum wait for each other. `out` may be `t`.
  static func chebyshev(
    _ n: Int, _ out: UnsafeMutablePointer<Double>, _ t: UnsafePointer<Double>, _ coefficients: [Double]
  ) {
    coefficients.withUnsafeBufferPointer { c in
      for first in stride(from: 0, to: n, by: 8) {
        let count = Swift.min(8, n &- first)
        var place = SIMD8<Double>.zero
        for lane in 0..<count { place[lane] = t[first &+ lane] }
        var (value, next, last) = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
        for i in stride(from: c.count - 1, through: 0, by: -1) {
          (last, next) = (next, value)
          value = place * next - last + c[i]
        }
        value = 0.5 * (value - last)
        for lane in 0..<count { out[first &+ lane] = value[lane] }
      }
    }
  }
}
