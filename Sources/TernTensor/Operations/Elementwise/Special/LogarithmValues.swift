import Foundation

/// Terms of entropies and odds, of single numbers.
enum LogarithmValues {
  /// x·ln y; 0 where x is 0 and y a number.
  static func xlogy(_ x: Double, _ y: Double) -> Double { y.isNaN ? .nan : x == 0 ? 0 : x * log(y) }

  /// x·ln(1 + y); 0 where x is 0 and y a number.
  static func xlog1py(_ x: Double, _ y: Double) -> Double { y.isNaN ? .nan : x == 0 ? 0 : x * log1p(y) }

  /// −x·ln x; 0 at 0, −∞ below.
  static func entropy(_ x: Double) -> Double { x > 0 ? -x * log(x) : x == 0 ? 0 : x.isNaN ? x : -.infinity }

  /// ln(x/(1−x)); NaN outside [0, 1].
  static func logit(_ x: Double) -> Double {
    if x < 0.25 { return log(x) - log1p(-x) }
    // 2x − 1 is exact up to 1.
    return x <= 0.75 ? log1p((2 * x - 1) / (1 - x)) : log(x / (1 - x))
  }

  /// log₂(2ᵃ + 2ᵇ)
  static func logAddExp2(_ a: Double, _ b: Double) -> Double {
    if a == b { return a.isInfinite ? a : a + 1 }
    let distance = abs(a - b)
    return Swift.max(a, b) + (distance.isNaN ? .nan : log1p(exp2(-distance)) * 1.44269504088896340736)
  }
}
