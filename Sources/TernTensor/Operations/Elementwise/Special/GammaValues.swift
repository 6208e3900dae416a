import Foundation
import TernBackend

/// The logarithm of the gamma function, its derivatives, and the zeta function, of single numbers.
enum GammaValues {
  /// ln |Γ(x)|; ∞ at 0 and the negative whole numbers.
  static func lgamma(_ x: Double) -> Double {
    var sign: Int32 = 0
    return lgamma_r(x, &sign)
  }

  // MARK: - Digamma

  /// Γ'(x)/Γ(x); ∓∞ at ±0, NaN at the negative whole numbers and −∞.
  static func digamma(_ x: Double) -> Double {
    if x > 0 { return positiveDigamma(x) }
    if x == 0 { return x.sign == .minus ? .infinity : -.infinity }
    if x.isNaN || x == x.rounded(.down) { return .nan }
    // ψ(x) = ψ(1−x) − π·cot πx, and near its zeros in twice the precision.
    let fraction = x - x.rounded()
    let wave = WaveValues.sinePi(fraction)
    let cotangent = Double.pi * wave.cosine / wave.sine
    let reflected = positiveDigamma(1 - x)
    let value = reflected - cotangent
    if abs(value) > 0.7 * Swift.max(abs(cotangent), reflected) { return value }
    let (sine, cosine) = (DoubleDouble.pi * fraction).sineAndCosine
    return (digamma(DoubleDouble(sum: 1, -x)) - DoubleDouble.pi * cosine / sine).high
  }

  /// ψ(x) of a positive number. Within 1 and 2 a rational function around the zero at 1.4616….
  private static func positiveDigamma(_ start: Double) -> Double {
    var (x, sum) = (start, 0.0)
    if x >= 10 {
      let inverse = 1 / (x * x)
      let series = polynomial(inverse, digammaSeries) * inverse
      return log(x) - 0.5 / x - series
    }
    while x > 2 {
      x -= 1
      sum += 1 / x
    }
    if x < 1 {
      sum -= 1 / x
      x += 1
    }
    let offset = ((x - 1569415565.0 / 1073741824) - 381566830.0 / 1073741824 / 1073741824) - 0.9016312093258695919e-19
    let ratio = polynomial(x - 1, digammaNumerator) / polynomial(x - 1, digammaDenominator)
    return sum + (offset * 0.99558162689208984 + offset * ratio)
  }

  /// ψ of a number of at least 1, in twice the precision.
  private static func digamma(_ start: DoubleDouble) -> DoubleDouble {
    var (x, sum) = (start, DoubleDouble(0))
    while x.high < 20 {
      sum = sum - DoubleDouble(1) / x
      x = x + 1
    }
    let inverse = DoubleDouble(1) / (x * x)
    var series = DoubleDouble(0)
    for (numerator, denominator) in bernoulliRatios.reversed() {
      series = series * inverse + DoubleDouble(numerator) / DoubleDouble(denominator)
    }
    return sum + x.log - DoubleDouble(0.5) / x - series * inverse
  }

  /// B₂ₖ/2k as fractions, k from 1 on.
  private static let bernoulliRatios: [(Double, Double)] = [
    (1, 12), (-1, 120), (1, 252), (-1, 240), (1, 132), (-691, 32760), (1, 12), (-3617, 8160), (43867, 14364),
    (-174_611, 6600), (854_513, 3036), (-236_364_091, 65520), (8_553_103, 156), (-23_749_461_029, 24360),
  ]

  private static let digammaSeries: [Double] = [
    1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132, -691.0 / 32760, 1.0 / 12, -3617.0 / 8160,
  ]
  private static let digammaNumerator = [
    0.25479851061131551, -0.32555031186804491, -0.65031853770896507, -0.28919126444774784, -0.045251321448739056,
    -0.0020713321167745952,
  ]
  private static let digammaDenominator = [
    1, 2.0767117023730469, 1.4606242909763515, 0.43593529692665969, 0.054151797245674225, 0.0021284987017821144,
    -0.55789841213675513e-6,
  ]

  /// c₀ + c₁x + c₂x² + …
  static func polynomial(_ x: Double, _ coefficients: [Double]) -> Double {
    coefficients.withUnsafeBufferPointer { c in
      var value = c[c.count - 1]
      for i in stride(from: c.count - 2, through: 0, by: -1) { value = c[i].addingProduct(value, x) }
      return value
    }
  }

  // MARK: - Zeta and polygamma

  /// Σ (q + k)⁻ˢ over k ≥ 0; ∞ for an s of 1 and for a q that is 0 or a negative whole number, NaN for smaller s and for a
  /// negative q where s is not whole.
  static func zeta(_ s: Double, _ q: Double) -> Double {
    if s.isNaN || q.isNaN || s < 1 { return .nan }
    if s == 1 { return .infinity }
    if q > 0 { return positiveZeta(s, q) }
    if q == q.rounded(.down) { return q == -.infinity ? .nan : .infinity }
    if s != s.rounded(.down) { return .nan }
    return negativeZeta(s, q)
  }

  /// By the Euler-Maclaurin formula, from a = q + n on.
  private static func positiveZeta(_ s: Double, _ q: Double) -> Double {
    if q == .infinity { return 0 }
    if s == .infinity { return q < 1 ? .infinity : q == 1 ? 1 : 0 }
    let n = zetaTerms(s, q)
    return positiveZeta(s, q, n) { minusPower(q, Double($0), s) }
  }

  /// How many terms are added up one by one: up to where the series converges, or terms are nothing beside the first.
  private static func zetaTerms(_ s: Double, _ q: Double) -> Int {
    let most = q * expm1(42 / s) + 1
    return Int(Swift.max(0, Swift.min(most, 9 + s - q).rounded(.up)))
  }

  /// The zeta function of n pairs: the powers of all pairs by one call of the kernel.
  static func zeta(
    _ n: Int, _ s: UnsafePointer<Double>, _ q: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>
  ) {
    var (bases, exponents, places, counts) = ([Double](), [Double](), [Int](), [Int](repeating: -1, count: n))
    for i in 0..<n where s[i] > 1 && s[i] < .infinity && q[i] > 0 && q[i] < .infinity && s[i] != 2 && s[i] != 3 {
      counts[i] = zetaTerms(s[i], q[i])
    }
    for i in 0..<n {
      places.append(bases.count)
      if counts[i] < 0 { continue }
      for k in 0...counts[i] {
        bases.append(q[i] + Double(k))
        exponents.append(-s[i])
      }
    }
    let powers = [Double](unsafeUninitializedCapacity: bases.count) { buffer, count in
      count = bases.count
      if count > 0 { Double.binary(.pow, count, buffer.baseAddress!, 1, bases, 1, exponents, 1, 1) }
    }
    powers.withUnsafeBufferPointer { powers in
      for i in 0..<n {
        let first = places[i]
        out[i] =
          counts[i] < 0
          ? zeta(s[i], q[i])
          : positiveZeta(s[i], q[i], counts[i]) {
            refined(powers[first + $0], q[i], Double($0), s[i])
          }
      }
    }
  }

  /// With the terms `power(k)`, (q + k)⁻ˢ for k up to n.
  @inline(__always)
  private static func positiveZeta(_ s: Double, _ q: Double, _ n: Int, _ powerOf: (Int) -> Double) -> Double {
    let a = q + Double(n)
    let power = powerOf(n)
    let square = 1 / (a * a)
    var factor = s * power / a
    var tail = 0.0
    var last = Double.infinity
    for k in 0..<bernoulliFactorials.count {
      let term = factor * bernoulliFactorials[k]
      if abs(term) >= last { break }
      last = abs(term)
      tail += term
      factor *= (s + Double(2 * k + 1)) * (s + Double(2 * k + 2)) * square
    }
    var sum = tail + 0.5 * power + a * power / (s - 1)
    // From the small terms to the great ones.
    var low = 0.0
    for k in stride(from: n - 1, through: 0, by: -1) {
      let next = DoubleDouble(sum: sum, powerOf(k))
      sum = next.high
      low += next.low
    }
    return sum.isFinite ? sum + low : sum
  }

  /// (q + k)^−s.
  private static func minusPower(_ q: Double, _ k: Double, _ s: Double) -> Double {
    let x = q + k
    return refined(s == 2 ? 1 / (x * x) : s == 3 ? 1 / (x * x * x) : pow(x, -s), q, k, s)
  }

  /// A power (q + k)^−s of the rounded sum with what the sum loses, which the power has s times.
  @inline(__always)
  private static func refined(_ power: Double, _ q: Double, _ k: Double, _ s: Double) -> Double {
    let a = DoubleDouble(sum: q, k)
    return a.low == 0 || !power.isFinite ? power : power - power * (s * (a.low / a.high))
  }

  /// B₂ₖ/(2k)!, k from 1 on.
  private static let bernoulliFactorials: [Double] = [
    1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1_209_600, 1.0 / 47_900_160, -691.0 / 1_307_674_368_000,
    1.0 / 74_724_249_600, -3617.0 / 10_670_622_842_880_000, 43867.0 / 5_109_094_217_170_944_000,
    -174_611.0 / 802_857_662_698_291_200_000,
  ]

  /// For a whole s: with q between −m and −m+1 the terms below zero are (−1)ˢ·(ζ(s, −m+1−q…)), mirrored.
  private static func negativeZeta(_ s: Double, _ q: Double) -> Double {
    let floor = q.rounded(.down)
    let isOdd = s.truncatingRemainder(dividingBy: 2) != 0
    let (above, below) = (q - floor, (floor + 1) - q)
    let (upper, lower, beyond) = (positiveZeta(s, above), positiveZeta(s, below), positiveZeta(s, 1 - q))
    let value = isOdd ? upper - lower + beyond : upper + (lower - beyond)
    if s > 300 || abs(value) > 0.5 * Swift.max(upper, lower) { return value }
    let order = Int(s)
    let first = zeta(order, DoubleDouble(sum: q, -floor))
    let second = zeta(order, DoubleDouble(sum: floor + 1, -q)) - zeta(order, DoubleDouble(sum: 1, -q))
    return (isOdd ? first - second : first + second).high
  }

  /// ζ(s, q) of a positive q, in twice the precision.
  private static func zeta(_ s: Int, _ q: DoubleDouble) -> DoubleDouble {
    var (a, sum) = (q, DoubleDouble(0))
    while a.high < 20 + 1.2 * Double(s) {
      sum = sum + DoubleDouble(1) / a.power(s)
      a = a + 1
    }
    let power = DoubleDouble(1) / a.power(s)
    let square = DoubleDouble(1) / (a * a)
    var factor = power * Double(s) / a
    // B₂ₖ/(2k)! is B₂ₖ/2k by (2k−1)!.
    for (index, (numerator, denominator)) in bernoulliRatios.enumerated() {
      sum = sum + factor * (DoubleDouble(numerator) / DoubleDouble(denominator))
      let k = Double(2 * index + 1)
      factor = factor * square * ((Double(s) + k) * (Double(s) + k + 1)) / DoubleDouble((k + 1) * (k + 2))
    }
    return sum + power * 0.5 + a * power / DoubleDouble(Double(s - 1))
  }

  /// The n-th derivative of ψ: (−1)ⁿ⁺¹·n!·ζ(n+1, x).
  static func polygamma(_ n: Int, _ x: Double) -> Double {
    if n == 0 { return digamma(x) }
    let s = Double(n) + 1
    let sign: Double = n & 1 == 1 ? 1 : -1
    let value = zeta(s, x)
    if n <= 20 || value == 0 && x == .infinity || !value.isFinite && x <= 0 || x.isNaN {
      return sign * factorial(n) * value
    }
    // Neither n! nor ζ need be in the range: n!/xⁿ⁺¹ as a product in twice the precision, by what ζ·xⁿ⁺¹ is.
    let base = x > 0 ? x : Swift.min(x - x.rounded(.down), x.rounded(.up) - x)
    if n > 20_000 { return sign * exp(lgamma(s) - s * log(base)) }
    var (product, exponent) = (DoubleDouble(1) / DoubleDouble(base), 0)
    for k in 1...n {
      product = product * Double(k) / DoubleDouble(base)
      let e = Int(product.high.exponent)
      if Swift.abs(e) > 200 {
        let scale = Double(sign: .plus, exponent: -e, significand: 1)
        product = DoubleDouble(product.high * scale, product.low * scale)
        exponent += e
      }
    }
    let ratio = x > 0 ? relativeZeta(s, x) : value * pow(base, s)
    return sign * scalbn(product.high * ratio, Swift.max(-4000, Swift.min(4000, exponent)))
  }

  /// ζ(s, q)·qˢ of a positive q and a large s.
  private static func relativeZeta(_ s: Double, _ q: Double) -> Double {
    var (sum, k) = (0.0, 1.0)
    let n = (9 + s - q).rounded(.up)
    while k < n {
      let term = exp(-s * log1p(k / q))
      sum += term
      if term < 1e-17 { return 1 + sum }
      k += 1
    }
    let a = q + k
    let power = exp(-s * log1p(k / q))
    var (factor, tail) = (s * power / a, 0.0)
    for j in 0..<bernoulliFactorials.count {
      tail += factor * bernoulliFactorials[j]
      factor *= (s + Double(2 * j + 1)) * (s + Double(2 * j + 2)) / (a * a)
    }
    return 1 + (sum + (tail + 0.5 * power + a * power / (s - 1)))
  }

  static func factorial(_ n: Int) -> Double {
    var product = 1.0
    for k in stride(from: 2, through: n, by: 1) { product *= Double(k) }
    return product
  }
}
