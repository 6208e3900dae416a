import Foundation

/// The regularized incomplete beta function, of single numbers.
enum IncompleteBetaValues {
  /// I_x(a, b) = ∫₀ˣ tᵃ⁻¹(1−t)ᵇ⁻¹ dt/B(a, b); NaN for a negative a or b, an x outside 0 … 1, and where a and b are both 0 or
  /// both ∞.
  static func lower(_ a: Double, _ b: Double, _ x: Double) -> Double {
    if !(a >= 0 && b >= 0 && x >= 0 && x <= 1) || a == 0 && b == 0 || a == .infinity && b == .infinity { return .nan }
    if x == 0 || x == 1 { return x }
    if a == 0 || b == .infinity { return 1 }
    if b == 0 || a == .infinity { return 0 }
    let other = DoubleDouble(sum: 1, -x)
    if b <= 1 && x > 0.7 && a * other.high <= 2 { return complement(a, b, other) }
    // From the side of the smaller part.
    return x * (a + b + 2) <= a + 1
      ? part(a, b, DoubleDouble(x), other) : (-DoubleDouble(part(b, a, other, DoubleDouble(x))) + 1).high
  }

  /// I_x(a, b) where x is not far above the mean.
  private static func part(_ a: Double, _ b: Double, _ x: DoubleDouble, _ y: DoubleDouble) -> Double {
    if x.high <= 0.7 && b * x.high <= 0.7 { return series(a, b, x) }
    return fraction(a, b, x, y)
  }

  /// 1 − I_y(b, a) of a small b without the cancellation: 1 − (1 + bS)·yᵇ/(b·B), S = Σ (1−a)…(n−a)·yⁿ/(n!·(b+n)).
  private static func complement(_ a: Double, _ b: Double, _ y: DoubleDouble) -> Double {
    let tail = sum(b, a, y.high) * b
    let gamma = logarithmOverBeta(b, a, log(y) * b)
    let power = expm1(gamma.high) + gamma.low * exp(gamma.high)
    return (-tail - DoubleDouble(power) * (tail + 1)).high
  }

  /// Σ (1−b)…(n−b)·xⁿ/(n!·(a+n)) from n = 1 on.
  private static func sum(_ a: Double, _ b: Double, _ x: Double) -> DoubleDouble {
    var (power, sum, low, n) = (1.0, 0.0, 0.0, 1.0)
    while n < 10_000 {
      power *= (n - b) / n * x
      let term = power / (a + n)
      let total = DoubleDouble(sum: sum, term)
      sum = total.high
      low += total.low
      if abs(term) <= 1e-18 * abs(sum) || power == 0 { break }
      n += 1
    }
    return DoubleDouble(sum: sum, low)
  }

  /// I_x(a, b) as xᵃ/(a·B)·(1 + a·Σ (1−b)…(n−b)·xⁿ/(n!·(a+n))).
  private static func series(_ a: Double, _ b: Double, _ x: DoubleDouble) -> Double {
    let factor = prefactor(a, b, log(x) * a)
    return (factor * (sum(a, b, x.high) * a + 1)).high
  }

  /// By the continued fraction of Didonato and Morris (Algorithm 708, 1992), whose terms are positive up to m = b; by the one of
  /// DLMF 8.17.22 for b ≤ 1.
  private static func fraction(_ a: Double, _ b: Double, _ x: DoubleDouble, _ y: DoubleDouble) -> Double {
    let factor = prefactor(a, b, log(x) * a + log(y) * b).high
    if b <= 1 { return factor / simpleFraction(a, b, x.high) }
    // The factor is over a·B; the fraction is of 1/B.
    let slope = (y * a - x * b + 1).high
    let (x, y) = (x.high, y.high)
    func numerator(_ m: Double) -> Double {
      let d = a + 2 * m - 1
      return (a + m - 1) / d * ((a + b + m - 1) / d) * (m * (b - m) * x * x)
    }
    func denominator(_ m: Double) -> Double {
      // For a = 1 the first would be 0/0.
      let middle = m == 0 ? 0 : m * (b - m) * x / (a + 2 * m - 1)
      return m + middle + (a + m) * (slope + m * (1 + y)) / (a + 2 * m + 1)
    }
    let first = denominator(0)
    var (value, c, d, m) = (first, first, 0.0, 1.0)
    while m < 100_000 {
      let (p, q) = (numerator(m), denominator(m))
      d = 1 / q.addingProduct(p, d)
      c = q + p / c
      let change = c * d
      value *= change
      if abs(change - 1) < 2e-16 { break }
      m += 1
    }
    return factor * a / value
  }

  private static func simpleFraction(_ a: Double, _ b: Double, _ x: Double) -> Double {
    var (value, c, d, m) = (1.0, 1.0, 0.0, 0.0)
    while m < 100_000 {
      let k = a + 2 * m
      let odd = -(a + m) / k * ((a + b + m) / (k + 1)) * x
      d = 1 / (1 + odd * d)
      c = 1 + odd / c
      value *= c * d
      m += 1
      let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
      d = 1 / (1 + even * d)
      c = 1 + even / c
      value *= c * d
      if abs(c * d - 1) < 2e-16 { break }
    }
    return value
  }

  /// e^power/(a·B(a, b))
  private static func prefactor(_ a: Double, _ b: Double, _ power: DoubleDouble) -> DoubleDouble {
    // 1/(a·B(a, b)) = Γ(a + b + 1)/(Γ(a + 1)·Γ(b + 1))·b/(a + b)
    let (exponent, ratio) = factors(a, b, power)
    let value = exp(exponent.high)
    return value == 0 ? DoubleDouble(0) : DoubleDouble(sum: value, value * exponent.low) * ratio
  }

  /// power − ln(a·B(a, b)) near 0.
  private static func logarithmOverBeta(_ a: Double, _ b: Double, _ power: DoubleDouble) -> DoubleDouble {
    let (exponent, ratio) = factors(a, b, power)
    return exponent + log(ratio)
  }

  /// e^power/(a·B(a, b)) as an exponent and a factor.
  private static func factors(
    _ a: Double, _ b: Double, _ power: DoubleDouble
  ) -> (exponent: DoubleDouble, ratio: DoubleDouble) {
    let first = IncompleteGammaValues.factorial(DoubleDouble(a))
    let second = IncompleteGammaValues.factorial(DoubleDouble(b))
    let whole = IncompleteGammaValues.factorial(DoubleDouble(sum: a, b))
    let ratio = first.divisor * second.divisor / whole.divisor * DoubleDouble(b) / DoubleDouble(sum: a, b)
    return (power + whole.logarithm - first.logarithm - second.logarithm, ratio)
  }

  private static func log(_ x: DoubleDouble) -> DoubleDouble {
    IncompleteGammaValues.quickLog(x.high) + x.low / x.high
  }
}
