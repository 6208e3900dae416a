import Foundation

/// The error function's relatives and the normal distribution, of single numbers.
enum NormalValues {
  static let inverseSqrtPi = 0.56418958354775628695

  /// e^(sign·x²/scale): the square in twice the precision, since its error is that of the result by x².
  static func expOfSquare(_ x: Double, by factor: Double) -> Double {
    let square = x * x
    if !square.isFinite { return exp(square * factor) }
    let value = exp(square * factor)
    return value + value * ((-square).addingProduct(x, x) * factor)
  }

  /// e^(x²)·erfc(x)
  static func scaledErfc(_ x: Double) -> Double {
    if x < 12 { return x < -27 ? .infinity : expOfSquare(x, by: 1) * erfc(x) }
    // 1/(x√π)·(1 − 1/(2x²) + 1·3/(2x²)² − …)
    let t = x > 1e150 ? 0 : 0.5 / (x * x)
    var series = 0.0
    for k in stride(from: 10, through: 1, by: -1) { series = -(1 + series) * (Double(2 * k - 1) * t) }
    return inverseSqrtPi / x * (1 + series)
  }

  /// e^(x²)·iⁿerfc(x), with the n-th repeated integral of erfc; its derivative is −2(n+1) times the next.
  ///
  /// Gautschi: Recursive Computation of the Repeated Integrals of the Error Function, 1961.
  static func scaledErfc(_ n: Int, _ x: Double) -> Double {
    var (before, value) = (2 * inverseSqrtPi, scaledErfc(x))
    if n == 0 || x == -.infinity { return value }
    if x < 0.5 {
      for k in 1...n { (before, value) = (value, (before - 2 * x * value) / Double(2 * k)) }
      return value
    }
    if x == .infinity { return 0 }
    // The ratios of neighbors from far above, where they are nearly equal.
    var ratio = 0.0
    for k in stride(from: n + 40 + Int(200 / (x * x)), to: n, by: -1) {
      ratio = 1 / (2 * x + Double(2 * k + 2) * ratio)
    }
    for k in stride(from: n, to: 0, by: -1) {
      ratio = 1 / (2 * x + Double(2 * k + 2) * ratio)
      before = k == n ? ratio : before * ratio
    }
    return before * value
  }

  /// Φ(x), the distribution function: ½·erfc(−x/√2), with the argument in twice the precision.
  static func distribution(_ x: Double) -> Double {
    let z = -x * 0.70710678118654752440
    let value = 0.5 * erfc(z)
    if !(z > 0 && z < 30) { return value }
    let tail = (-z).addingProduct(-x, 0.70710678118654757274) + x * 4.833646656726456726e-17
    // erfc'(z)/erfc(z) is about −(z + √(z² + 4/π)).
    return value - value * (tail * (z + (z * z + 1.2732395447351628).squareRoot()))
  }
}
