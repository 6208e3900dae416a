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

  /// ln Φ(x)
  static func logDistribution(_ x: Double) -> Double {
    if x < -1 { return log(0.5 * scaledErfc(x * -0.70710678118654752440)) - 0.5 * (x * x) }
    return x < 0 ? log(distribution(x)) : log1p(-distribution(-x))
  }

  /// φ(x)/Φ(x), the derivative of ln Φ.
  static func inverseMills(_ x: Double) -> Double {
    if x == -.infinity { return .infinity }
    if x > 0 { return 0.39894228040143267794 * expOfSquare(x, by: -0.5) / distribution(x) }
    return 0.79788456080286535588 / scaledErfc(x * -0.70710678118654752440)
  }

  /// The x with erf(x) = y; ±∞ at ±1, NaN beyond.
  static func erfInverse(_ y: Double) -> Double {
    let distance = abs(y)
    if !(distance < 1) { return distance == 1 ? (y < 0 ? -.infinity : .infinity) : .nan }
    if distance <= 0.85 {
      let first = 0.70710678118654752440 * central(0.5 * y)
      if distance < 1e-8 { return first }
      // One step of Halley's method leaves the errors of erf.
      let error = (erf(first) - y) / (2 * inverseSqrtPi * exp(-first * first))
      return first - error / (1 + first * error)
    }
    let tail = 1 - distance
    let first = 0.70710678118654752440 * outer(0.5 * tail)
    let error = (erfc(first) - tail) / (-2 * inverseSqrtPi * exp(-first * first))
    let value = first - error / (1 + first * error)
    return y < 0 ? -value : value
  }

  /// The x with Φ(x) = p; ∓∞ at 0 and 1, NaN outside.
  static func quantile(_ p: Double) -> Double {
    if !(p > 0 && p < 1) { return p == 0 ? -.infinity : p == 1 ? .infinity : .nan }
    let q = p - 0.5
    let isCentral = abs(q) <= 0.425
    let tail = q < 0 ? p : 1 - p
    let first = isCentral ? central(q) : q < 0 ? -outer(tail) : outer(tail)
    if abs(q) < 1e-8 { return first }
    // One step of Halley's method on the side of the smaller tail; the density there is φ.
    let side = -abs(first)
    let density = 0.39894228040143267794 * expOfSquare(side, by: -0.5)
    if density < 1e-300 { return first }
    let error = (distribution(side) - tail) / density
    let value = side - error / (1 + 0.5 * side * error)
    return q < 0 ? value : -value
  }

  // Wichura: Algorithm AS 241: The Percentage Points of the Normal Distribution, 1988.

  /// The quantile of ½ + q for |q| ≤ 0.425.
  private static func central(_ q: Double) -> Double {
    let r = 0.180625 - q * q
    return q * GammaValues.polynomial(r, centralNumerator) / GammaValues.polynomial(r, centralDenominator)
  }

  /// The negative of the quantile of a tail below 0.075.
  private static func outer(_ tail: Double) -> Double {
    let r = (-log(tail)).squareRoot()
    if r <= 5 {
      return GammaValues.polynomial(r - 1.6, middleNumerator) / GammaValues.polynomial(r - 1.6, middleDenominator)
    }
    return GammaValues.polynomial(r - 5, farNumerator) / GammaValues.polynomial(r - 5, farDenominator)
  }

  private static let centralNumerator = [
    3.3871328727963666080, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
    4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
  ]
  private static let centralDenominator = [
    1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3, 2.1213794301586595867e+4,
    3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
  ]
  private static let middleNumerator = [
    1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
    1.27045825245236838258, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
  ]
  private static let middleDenominator = [
    1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
    1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
  ]
  private static let farNumerator = [
    6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ]
  private static let farDenominator = [
    1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
    1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
  ]
}
