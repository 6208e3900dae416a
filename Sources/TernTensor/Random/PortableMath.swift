/// Functions for random numbers, of sums, products and roots alone: the system's own differ in the last bit from CPU to
/// CPU, and with them, here and there, a number that is accepted or refused.
///
/// Errors are about one unit in the last place. Sources: the coefficients of FreeBSD's msun (`e_log.c`, `e_exp.c`,
/// `k_sin.c`, `k_cos.c`).
enum PortableMath {
  /// ln x for a normal x > 0.
  @inline(__always) static func log(_ x: Double) -> Double {
    let exponent = Int64(bitPattern: x.bitPattern &- 0x3FE6_A09E_667F_3BCD) >> 52
    let mantissa = Double(bitPattern: x.bitPattern &- UInt64(bitPattern: exponent << 52))
    let f = mantissa - 1
    let s = f / (2 + f)
    let z = s * s
    var r = 1.479819860511658591e-01
    r = r * z + 1.531383769920937332e-01
    r = r * z + 1.818357216161805012e-01
    r = r * z + 2.222219843214978396e-01
    r = r * z + 2.857142874366239149e-01
    r = r * z + 3.999999999940941908e-01
    r = r * z + 6.666666666666735130e-01
    r *= z
    let (k, half) = (Double(exponent), 0.5 * f * f)
    let small = s * (half + r) + k * 1.90821492927058770002e-10
    return k * 6.93147180369123816490e-01 - ((half - small) - f)
  }

  /// ln(1 + x) for x > −1.
  @inline(__always) static func log1p(_ x: Double) -> Double {
    let u = 1 + x
    return u == 1 ? x : u.isFinite ? log(u) * (x / (u - 1)) : u
  }

  /// eˣ; 0 below −745, ∞ above 709.8.
  @inline(__always) static func exp(_ x: Double) -> Double {
    if x < -746 { return 0 }
    if x > 709.79 { return .infinity }
    let k = (x * 1.44269504088896338700).rounded(.toNearestOrEven)
    let (high, low) = (x - k * 6.93147180369123816490e-01, k * 1.90821492927058770002e-10)
    let r = high - low
    let t = r * r
    var c = 4.13813679705723846039e-08
    c = c * t - 1.65339022054652515390e-06
    c = c * t + 6.61375632143793436117e-05
    c = c * t - 2.77777777770155933842e-03
    c = c * t + 1.66666666666666019037e-01
    c = r - c * t
    let y = 1 - ((low - (r * c) / (2 - c)) - high)
    // In two steps: the first alone may leave the range of normal numbers.
    let (whole, half) = (Int(k), Int(k) / 2)
    return y * power2(half) * power2(whole - half)
  }

  /// 2ᵏ for −1022 ≤ k ≤ 1023.
  @inline(__always) private static func power2(_ k: Int) -> Double { Double(bitPattern: UInt64(k + 1023) << 52) }

  /// (cos, sin) of a whole turn times word/2⁶⁴.
  @inline(__always) static func circle(_ word: UInt64) -> (cosine: Double, sine: Double) {
    let quarter = (word &+ 0x2000_0000_0000_0000) >> 62
    let t = Double(Int64(bitPattern: word &- (quarter << 62))) * 3.40612158008655459e-19
    let z = t * t
    var p = 1.58969099521155010221e-10
    p = p * z - 2.50507602534068634195e-08
    p = p * z + 2.75573137070700676789e-06
    p = p * z - 1.98412698298579493134e-04
    p = p * z + 8.33333333332248946124e-03
    p = p * z - 1.66666666666666324348e-01
    let sine = p * z * t + t
    var q = -1.13596475577881948265e-11
    q = q * z + 2.08757232129817482790e-09
    q = q * z - 2.75573143513906633035e-07
    q = q * z + 2.48015872894767294178e-05
    q = q * z - 1.38888888888741095749e-03
    q = q * z + 4.16666666666666019037e-02
    let cosine = q * z * z - 0.5 * z + 1
    let (a, b) = quarter & 1 == 1 ? (sine, cosine) : (cosine, sine)
    return (((quarter + 1) & 2) != 0 ? -a : a, (quarter & 2) != 0 ? -b : b)
  }

  /// ln k! for a whole k ≥ 0.
  static func logFactorial(_ k: Double) -> Double {
    if k < 16 { return smallLogFactorials[Int(k)] }
    let x = k + 1
    let z = 1 / (x * x)
    var series = -5.952380952380952381e-04
    series = series * z + 7.936507936507936508e-04
    series = series * z - 2.777777777777777778e-03
    series = series * z + 8.333333333333333333e-02
    return (x - 0.5) * log(x) - x + 0.918938533204672741780 + series / x
  }

  private static let smallLogFactorials: [Double] = {
    var factorial = 1.0
    return (0..<16).map { k in
      factorial *= Double(max(k, 1))
      return log(factorial)
    }
  }()
}
