import Foundation

/// How a number of a gamma or beta distribution moves with the parameter when the probability below it stays:
/// dx/dα = −(∂F/∂α)/p, F the distribution function and p the density.
///
/// Source: Figurnov, Mohamed and Mnih 2018, "Implicit reparameterization gradients"; F and ∂F/∂α by its series or its
/// continued fraction, whose derivative is carried along.
enum ImplicitDerivative {
  /// dx/dα of x > 0 of the gamma distribution of shape α > 0 and rate 1.
  static func gamma(_ a: Double, _ x: Double) -> Double {
    if !(x > 0) || !a.isFinite { return x == 0 ? 0 : a.isFinite ? .nan : 1 }
    if !x.isFinite { return x }
    if a > 1000 { return largeGamma(a, x) }
    return x < a + 1 ? gammaSeries(a, x) : gammaFraction(a, x)
  }

  /// −x·Σ rₙ·(ln x − ψ(a + n + 1)), rₙ = xⁿ·Γ(a)/Γ(a + n + 1).
  private static func gammaSeries(_ a: Double, _ x: Double) -> Double {
    var (ratio, difference) = (1 / a, log(x) - digamma(a + 1))
    var (sum, n) = (0.0, 0.0)
    while n < 10_000 {
      let term = ratio * difference
      sum += term
      n += 1
      let next = 1 / (a + n)
      ratio *= x * next
      difference -= next
      if ratio < 1e-17 * sum.magnitude { break }
    }
    return -x * sum
  }

  /// x·(h·(ln x − ψ(a)) + ∂h/∂a), h the continued fraction of Γ(a, x)·eˣ·x^(−a).
  private static func gammaFraction(_ a: Double, _ x: Double) -> Double {
    var b = Dual(x + 1 - a, -1)
    var d = 1 / b
    var (c, h) = (Dual(1e300), d)
    for i in 1..<10_000 {
      let n = Double(i)
      let factor = Dual(-n * (n - a), n)
      b.value += 2
      d = 1 / (factor * d + b)
      c = b + factor / c
      let change = c * d
      h = h * change
      if (change.value - 1).magnitude < 1e-16 && change.derivative.magnitude < 1e-16 { break }
    }
    return x * (h.value * (log(x) - digamma(a)) + h.derivative)
  }

  /// From Cornish and Fisher's expansion x = a + z·√a + (z² − 1)/3 + …, whose z stays.
  private static func largeGamma(_ a: Double, _ x: Double) -> Double {
    let e = 1 / a.squareRoot()
    // Wilson and Hilferty's z, then Newton's steps.
    var z = (cbrt(x / a) - 1 + 1 / (9 * a)) * 3 / e
    var terms = expansion(z)
    for _ in 0..<3 {
      let (value, slope) = (polynomial(terms.values, e), polynomial(terms.slopes, e))
      z -= (value - x / a) / slope
      terms = expansion(z)
    }
    // d/da of a·Σ qₖ·a^(−k/2).
    let weighted = terms.values.enumerated().map { (1 - Double($0.offset) / 2) * $0.element }
    return polynomial(weighted, e)
  }

  /// x/a = Σ qₖ(z)·a^(−k/2), and the derivatives by z.
  private static func expansion(_ z: Double) -> (values: [Double], slopes: [Double]) {
    let t = z * z
    let q4 = -(t * (3 * t + 7) - 16) / 810
    let q5 = z * (t * (9 * t + 256) - 433) / 38_880
    let q6 = (t * (t * (12 * t - 243) - 923) + 1472) / 204_120
    let q7 = -z * (t * (t * (3753 * t + 4353) - 289_517) - 289_717) / 146_966_400
    let s3 = (3 * t - 7) / 36
    let s4 = -z * (12 * t + 14) / 810
    let s5 = (t * (45 * t + 768) - 433) / 38_880
    let s6 = z * (t * (72 * t - 972) - 1846) / 204_120
    return ([1, z, (t - 1) / 3, z * (t - 7) / 36, q4, q5, q6, q7], [0, 1, 2 * z / 3, s3, s4, s5, s6])
  }

  private static func polynomial(_ coefficients: [Double], _ x: Double) -> Double {
    coefficients.reversed().reduce(0) { $0 * x + $1 }
  }

  /// dx/da of x of the beta distribution of a and b, 0 < x < 1; `y` is 1 − x.
  static func beta(_ a: Double, _ b: Double, _ x: Double, _ y: Double) -> Double {
    if !(x > 0) || !(y > 0) { return x.isNaN || y.isNaN ? .nan : 0 }
    let slope = log(x) - digamma(a) + digamma(a + b)
    if x < (a + 1) / (a + b + 2) {
      let h = betaFraction(Dual(a, 1), Dual(b), x)
      return -x * y / a * (h.value * (slope - 1 / a) + h.derivative)
    }
    let h = betaFraction(Dual(b), Dual(a, 1), y)
    return x * y / b * (h.value * slope + h.derivative)
  }

  /// The continued fraction of the incomplete beta function, I = xᵖ·(1 − x)^q/(p·B(p, q)) times this.
  private static func betaFraction(_ p: Dual, _ q: Dual, _ x: Double) -> Dual {
    let (sum, above, below) = (p + q, p + Dual(1), p - Dual(1))
    var c = Dual(1)
    var d = 1 / (Dual(1) - sum * Dual(x) / above)
    var h = d
    for i in 1..<10_000 {
      let m = Dual(Double(i))
      let twice = Dual(Double(2 * i))
      let even = m * (q - m) * Dual(x) / ((below + twice) * (p + twice))
      d = 1 / (Dual(1) + even * d)
      c = Dual(1) + even / c
      h = h * d * c
      let odd = Dual(-1) * (p + m) * (sum + m) * Dual(x) / ((p + twice) * (above + twice))
      d = 1 / (Dual(1) + odd * d)
      c = Dual(1) + odd / c
      let change = d * c
      h = h * change
      if (change.value - 1).magnitude < 1e-15 && change.derivative.magnitude < 1e-15 { break }
    }
    return h
  }

  /// ψ(x) for x > 0: the recurrence up to 10, then the asymptotic series.
  private static func digamma(_ x: Double) -> Double {
    var (x, sum) = (x, 0.0)
    while x < 10 {
      sum -= 1 / x
      x += 1
    }
    let z = 1 / (x * x)
    var series = 1.0 / 12
    series = series * z - 691.0 / 32_760
    series = series * z + 1.0 / 132
    series = series * z - 1.0 / 240
    series = series * z + 1.0 / 252
    series = series * z - 1.0 / 120
    series = series * z + 1.0 / 12
    return sum + log(x) - 0.5 / x - series * z
  }
}

/// A number and its derivative.
private struct Dual {
  var value: Double
  var derivative: Double

  @inline(__always) init(_ value: Double, _ derivative: Double = 0) {
    (self.value, self.derivative) = (value, derivative)
  }

  @inline(__always) static func + (a: Dual, b: Dual) -> Dual { Dual(a.value + b.value, a.derivative + b.derivative) }
  @inline(__always) static func - (a: Dual, b: Dual) -> Dual { Dual(a.value - b.value, a.derivative - b.derivative) }
  @inline(__always) static func * (a: Dual, b: Dual) -> Dual {
    Dual(a.value * b.value, a.value * b.derivative + a.derivative * b.value)
  }
  @inline(__always) static func / (a: Dual, b: Dual) -> Dual {
    let inverse = 1 / b.value
    let quotient = a.value * inverse
    return Dual(quotient, (a.derivative - quotient * b.derivative) * inverse)
  }
  @inline(__always) static func / (a: Double, b: Dual) -> Dual {
    let quotient = a / b.value
    return Dual(quotient, -quotient / b.value * b.derivative)
  }
}
