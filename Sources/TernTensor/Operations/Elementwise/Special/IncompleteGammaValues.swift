import Foundation

/// The regularized incomplete gamma functions P(a, x) and Q(a, x) = 1 − P(a, x), of single numbers.
enum IncompleteGammaValues {
  /// P(a, x); NaN for a negative a or x, and where both are 0.
  static func lower(_ a: Double, _ x: Double) -> Double {
    if let value = ends(a, x) { return value }
    if let (lower, upper) = nearby(a, x) { return lower ?? 1 - upper! }
    return x > 1 && x > a ? 1 - fraction(a, x) : series(a, x).high
  }

  /// Q(a, x); NaN for a negative a or x, and where both are 0.
  static func upper(_ a: Double, _ x: Double) -> Double {
    if let value = ends(a, x) { return 1 - value }
    if let (lower, upper) = nearby(a, x) { return upper ?? 1 - lower! }
    if x > 0.7 ? x >= a : x < 0.5 ? -0.4 / log(x) >= a : 1.1 * x >= a {
      return x > 0.7 ? fraction(a, x) : smallUpper(a, x)
    }
    return (-series(a, x) + 1).high
  }

  /// P(a, x) at the ends of the range.
  private static func ends(_ a: Double, _ x: Double) -> Double? {
    if !(a >= 0 && x >= 0) { return .nan }
    if a == 0 { return x > 0 ? 1 : .nan }
    if x == 0 { return 0 }
    if a == .infinity { return x == .infinity ? .nan : 0 }
    return x == .infinity ? 1 : nil
  }

  // MARK: - Sums and fractions

  /// P(a, x) as xᵃe⁻ˣ/Γ(a+1)·Σ xᵏ/((a+1)…(a+k)), the terms with what their rounding leaves.
  private static func series(_ a: Double, _ x: Double) -> DoubleDouble {
    var (term, low, denominator) = (1.0, 0.0, a)
    var (sum, lowSum) = (1.0, 0.0)
    for _ in 0..<5000 {
      denominator += 1
      let inverse = 1 / denominator
      let ratio = x * inverse
      let lowRatio = x.addingProduct(-ratio, denominator) * inverse
      let next = term * ratio
      low = (-next).addingProduct(term, ratio) + (term * lowRatio + low * ratio)
      term = next
      let total = DoubleDouble(sum: sum, term)
      sum = total.high
      lowSum += total.low + low
      if term < 1e-17 * sum { break }
    }
    return prefactor(a, x) * DoubleDouble(sum: sum, lowSum)
  }

  /// Q(a, x) by Legendre's continued fraction x + (1−a)/(1 + 1/(x + (2−a)/(1 + 2/(x + …)))), from its last terms, so that
  /// nothing cancels: x + (i−a)·v/(v+i) is x − a + i + (a−i)·i/(v+i).
  private static func fraction(_ a: Double, _ x: Double) -> Double {
    var value = x
    for i in stride(from: x < 100 ? 50 + Int(100 / x) : 30, through: 1, by: -1) {
      let i = Double(i)
      value = i < a ? (x - a + i) + (a - i) * i / (value + i) : x + (i - a) * value / (value + i)
    }
    return (prefactor(a, x) * a).high / value
  }

  /// Q(a, x) of a small x and a: 1 − (1+aS)·xᵃ/Γ(a+1) without the cancellation, where S = Σ (−x)ⁿ/(n!·(a+n)).
  private static func smallUpper(_ a: Double, _ x: Double) -> Double {
    let logarithm = quickLog(x) * a - (a < 0.1 ? logGammaNear1(a) : DoubleDouble(GammaValues.lgamma(1 + a)))
    var (factor, rest) = (-x, 0.0)
    for n in 2..<60 {
      factor *= -x / Double(n)
      let term = factor / (a + Double(n))
      rest += term
      if abs(term) < 1e-18 { break }
    }
    let first = DoubleDouble(-x) / DoubleDouble(sum: a, 1)
    let series = DoubleDouble(sum: first.high, first.low + rest) * a
    let power = expm1(logarithm.high) + logarithm.low * exp(logarithm.high)
    return (-series - DoubleDouble(power) * (series + 1)).high
  }

  /// ln Γ(1 + a) of a small a.
  private static func logGammaNear1(_ a: Double) -> DoubleDouble {
    var (sum, power) = (0.0, a * a)
    for k in 2..<18 {
      let term = power * GammaValues.zeta(Double(k), 1) / Double(k)
      sum += k & 1 == 0 ? term : -term
      power *= a
    }
    return DoubleDouble(-0.57721566490153286555, 4.942915152430645e-18) * a + sum
  }

  /// xᵃe⁻ˣ/Γ(a+1): within a rounding of the exponential function.
  private static func prefactor(_ a: Double, _ x: Double) -> DoubleDouble {
    let gamma = factorial(DoubleDouble(a))
    let exponent = quickLog(x) * a - DoubleDouble(x) - gamma.logarithm
    let value = exp(exponent.high)
    return value == 0 ? DoubleDouble(0) : DoubleDouble(sum: value, value * exponent.low) * gamma.divisor
  }

  /// Γ(a+1) as the exponential of a logarithm over a divisor.
  static func factorial(_ a: DoubleDouble) -> (logarithm: DoubleDouble, divisor: DoubleDouble) {
    var (product, b) = (DoubleDouble(1), a)
    while b.high < 16 {
      b = b + 1
      product = product * b
    }
    let stirling = GammaValues.polynomial(1 / (b.high * b.high), stirlingSeries) / b.high
    let logarithm = quickLog(b.high) + b.low / b.high
    return ((b + 0.5) * logarithm - b + DoubleDouble.halfLog2Pi + stirling, product)
  }

  /// B₂ₖ/(2k(2k−1)), k from 1 on.
  private static let stirlingSeries: [Double] = [
    1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360_360, 1.0 / 156, -3617.0 / 122_400,
  ]

  /// ln x within 2⁻⁸⁰: from a table, and by the inverse hyperbolic tangent.
  static func quickLog(_ x: Double) -> DoubleDouble {
    let (exponent, significand) = (Double(x.exponent), x.significand)
    let place = Int((significand - 1) * 128 + 0.5)
    let near = 1 + Double(place) / 128
    let s = DoubleDouble(significand - near) / DoubleDouble(sum: significand, near)
    let square = s.high * s.high
    let tail = s.high * square * (0.66666666666666666667 + square * (0.4 + square * (2.0 / 7 + square * (2.0 / 9))))
    return DoubleDouble.ln2 * exponent + (logarithms[place] + (s * 2 + tail))
  }

  private static let logarithms: [DoubleDouble] = (0...128).map { DoubleDouble(1 + Double($0) / 128).log }

  // MARK: - Large a near x

  /// P or Q, whichever is the smaller, for a great a and x/a near 1; `nil` elsewhere.
  ///
  /// Temme: The Asymptotic Expansion of the Incomplete Gamma Functions, 1979: ½erfc(η√(a/2)) ± e^(−aη²/2)·Σ cₖ(η)a⁻ᵏ/√(2πa)
  /// with η²/2 = μ − ln(1+μ) and μ = x/a − 1.
  private static func nearby(_ a: Double, _ x: Double) -> (lower: Double?, upper: Double?)? {
    if a < 64 || abs(x - a) > 0.3 * a { return nil }
    let mu = DoubleDouble(sum: x, -a) / DoubleDouble(a)
    let exponent: DoubleDouble
    if abs(mu.high) < 0x1p-10 {
      let m = mu.high
      let cubes = m * m * m * (1.0 / 3 - m * (0.25 - m * (0.2 - m * (1.0 / 6 - m * (1.0 / 7 - m * 0.125)))))
      exponent = (mu * mu * 0.5 - DoubleDouble(cubes)) * -a
    } else {
      exponent = (quickLog(x) - quickLog(a) - mu) * a
    }
    let eta = (-2 * exponent.high / a).squareRoot() * (mu.high < 0 ? -1 : 1)
    var sum = 0.0
    for row in expansion.reversed() { sum = sum / a + GammaValues.polynomial(eta, row) }
    // What the rounding of the root leaves goes by the derivative of erfc.
    let wave = exp(exponent.high) * (1 + exponent.low)
    let root = (-exponent.high).squareRoot()
    let remainder = root == 0 ? 0 : 0.5 * (-exponent.high.addingProduct(root, root) - exponent.low) / root
    let other = sum * 0.39894228040143267794 / a.squareRoot()
    let side = (mu.high < 0 ? -other : other) - NormalValues.inverseSqrtPi * remainder
    let value = (0.5 * erfc(root)).addingProduct(wave, side)
    return mu.high < 0 ? (value, nil) : (nil, value)
  }

  /// The Taylor series of cₖ(η).
  private static let expansion: [[Double]] = [
    [
      -0.3333333333333333, 0.08333333333333333, -0.014814814814814815, 0.0011574074074074073, 0.0003527336860670194,
      -0.0001787551440329218, 3.919263178522438e-05, -2.185448510679992e-06, -1.85406221071516e-06,
      8.296711340953087e-07, -1.7665952736826078e-07, 6.707853543401498e-09, 1.0261809784240309e-08,
      -4.382036018453353e-09, 9.14769958223679e-10, -2.5514193994946248e-11, -5.830772132550426e-11,
      2.4361948020667415e-11,
    ],
    [
      -0.001851851851851852, -0.003472222222222222, 0.0026455026455026454, -0.0009902263374485596,
      0.00020576131687242798, -4.018775720164609e-07, -1.8098550334489977e-05, 7.64916091608111e-06,
      -1.6120900894563446e-06, 4.647127802807434e-09, 1.378633446915721e-07, -5.752545603517705e-08,
      1.1951628599778148e-08, -1.7543241719747647e-11, -1.0091543710600413e-09, 4.162792991842583e-10,
      -8.56390702649298e-11, 6.067215101604758e-14,
    ],
    [
      0.004133597883597883, -0.0026813271604938273, 0.0007716049382716049, 2.0093878600823047e-06,
      -0.0001073665322636516, 5.2923448829120125e-05, -1.2760635188618728e-05, 3.423578734096138e-08,
      1.3721957309062934e-06, -6.298992138380055e-07, 1.4280614206064242e-07, -2.0477098421990866e-10,
      -1.409252991086752e-08, 6.228974084922022e-09, -1.3670488396617114e-09, 9.428356159014678e-13,
      1.2872252400089318e-10, -5.5645956134363323e-11,
    ],
    [
      0.0006494341563786008, 0.00022947209362139917, -0.0004691894943952557, 0.00026772063206283885,
      -7.561801671883977e-05, -2.396505113867297e-07, 1.1082654115347302e-05, -5.6749528269915965e-06,
      1.4230900732435883e-06, -2.7861080291528143e-11, -1.6958404091930278e-07, 8.099464905388083e-08,
      -1.9111168485973655e-08, 2.3928620439808118e-12, 2.0620131815488797e-09, -9.460496661855133e-10,
      2.1541049775774907e-10, -1.388823336813903e-14,
    ],
    [
      -0.0008618882909167117, 0.0007840392217200666, -0.0002990724803031902, -1.4638452578843418e-06,
      6.641498215465122e-05, -3.968365047179435e-05, 1.1375726970678419e-05, 2.507497226237533e-10,
      -1.6954149536558305e-06, 8.907507532205309e-07, -2.292934834000805e-07, 2.956794137544049e-11,
      2.8865829742708783e-08, -1.4189739437803219e-08, 3.4463580499464896e-09, -2.3024517174528067e-13,
      -3.9409233028046403e-10, 1.86023389685045e-10,
    ],
    [
      -0.00033679855336635813, -6.972813758365857e-05, 0.0002772753244959392, -0.00019932570516188847,
      6.797780477937208e-05, 1.419062920643967e-07, -1.3594048189768693e-05, 8.018470256334202e-06,
      -2.291481176508095e-06, -3.252473551298454e-10, 3.4652846491085265e-07, -1.8447187191171344e-07,
      4.8240967037894184e-08, -1.7989466721743514e-14, -6.306194500013523e-09, 3.162417628774568e-09,
      -7.840924253697429e-10, 5.192679165254041e-15,
    ],
    [
      0.0005313079364639922, -0.0005921664373536939, 0.0002708782096718045, 7.902353232660328e-07,
      -8.153969367561969e-05, 5.61168275310625e-05, -1.8329116582843375e-05, -3.0796134506033047e-09,
      3.465155368803609e-06, -2.0291327396058603e-06, 5.788792863149004e-07, 2.338630673826657e-13,
      -8.828600746330484e-08, 4.7435958880408125e-08, -1.2545415020710383e-08, 8.649648858010293e-14,
      1.6846058979264062e-09, -8.575492823577594e-10,
    ],
    [
      0.00034436760689237765, 5.171790908260592e-05, -0.00033493161081142234, 0.0002812695154763237,
      -0.00010976582244684731, -1.2741009095484485e-07, 2.7744451511563645e-05, -1.8263488805711332e-05,
      5.7876949497350525e-06, 4.93875893393627e-10, -1.0595367014026043e-06, 6.166714376110408e-07,
      -1.7562973359060463e-07, -1.297447328701544e-12, 2.695423606288966e-08, -1.4578352908731272e-08,
      3.887645959386175e-09, -3.881002251019412e-17,
    ],
    [
      -0.0006526239185953094, 0.0008394987206720873, -0.000438297098541721, -6.969091458420552e-07,
      0.00016644846642067547, -0.00012783517679769218, 4.629953263691304e-05, 4.557909867922708e-09,
      -1.0595271125805195e-05, 6.783342904865167e-06, -2.1075476666258803e-06, -1.7213731432817144e-11,
      3.773587741611098e-07, -2.1867506700122867e-07, 6.220228804018927e-08, 6.597703826733e-16,
      -9.590386497425686e-09, 5.213214492280807e-09,
    ],
  ]
}
