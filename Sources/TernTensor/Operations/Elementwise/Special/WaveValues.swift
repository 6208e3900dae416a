import Foundation

/// Sines of multiples of π, of single numbers.
enum WaveValues {
  /// sin πx and cos πx, exact at multiples of ½.
  static func sinePi(_ x: Double) -> (sine: Double, cosine: Double) {
    if !x.isFinite { return (.nan, .nan) }
    let nearest = x.rounded(.toNearestOrEven)
    let r = x - nearest
    let isOdd = nearest.truncatingRemainder(dividingBy: 2) != 0
    let high = Double.pi * r
    let low = (-high).addingProduct(Double.pi, r) + 1.224646799147353207e-16 * r
    let (s, c) = (sin(high), cos(high))
    let (sine, cosine) = (s + low * c, abs(r) == 0.5 ? 0 : c - low * s)
    return isOdd ? (-sine, -cosine) : (sine, cosine)
  }

  /// The n-th derivative of sin πx/(πx); 1 and its derivatives at 0, 0 at ±∞.
  static func sinc(_ n: Int, _ x: Double) -> Double {
    if x.isInfinite { return 0 }
    let scale = pow(Double.pi, Double(n))
    let t = Double.pi * x
    if abs(t) < Double(n) + 1 || n == 0 && abs(x) < 1e-5 {
      if n == 0 { return x == 0 ? 1 : sinePi(x).sine / t }
      // Σ (−1)ᵏ·t²ᵏ⁻ⁿ/((2k+1)·(2k−n)!)
      var k = (n + 1) / 2
      var power = 2 * k == n ? 1 : t
      var sum = 0.0
      for _ in 0..<60 {
        let term = power / Double(2 * k + 1)
        sum += k & 1 == 0 ? term : -term
        if abs(term) < 1e-18 * abs(sum) { break }
        power *= t * t / (Double(2 * k - n + 1) * Double(2 * k - n + 2))
        k += 1
      }
      return scale * sum
    }
    let (sine, cosine) = sinePi(x)
    let waves = [sine, cosine, -sine, -cosine]
    var value = sine / t
    for k in stride(from: 1, through: n, by: 1) { value = (waves[k & 3] - Double(k) * value) / t }
    return scale * value
  }
}
