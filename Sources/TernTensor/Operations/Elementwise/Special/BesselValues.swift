import Foundation

/// Modified Bessel functions of the first kind, of single numbers.
enum BesselValues {
  /// Iₙ(x), or e^(−|x|)·Iₙ(x).
  static func besselI(_ n: Int, _ x: Double, scaled: Bool) -> Double {
    let size = abs(x)
    let sign: Double = x < 0 && n & 1 == 1 ? -1 : 1
    if size == .infinity { return scaled ? 0 : sign * .infinity }
    if size <= 8 || n > 1 && size <= 30 {
      let value = sign * series(n, size)
      return scaled ? value * exp(-size) : value
    }
    let value = sign * tail(n, size) / size.squareRoot()
    // In two steps: eˣ leaves the range before Iₙ does.
    let root = scaled ? 1 : exp(0.5 * size)
    return value * root * root
  }

  /// Σ (x/2)²ᵏ⁺ⁿ/(k!·(k+n)!)
  private static func series(_ n: Int, _ x: Double) -> Double {
    let square = 0.25 * x * x
    if n < 2 && x <= 8 {
      let value = GammaValues.polynomial(square, n == 0 ? series0 : series1)
      return n == 0 ? value : 0.5 * x * value
    }
    var term = 1.0
    for k in stride(from: 1, through: n, by: 1) { term *= 0.5 * x / Double(k) }
    var (sum, k) = (0.0, 1.0)
    while term > 1e-18 * sum {
      sum += term
      term *= square / (k * (k + Double(n)))
      k += 1
    }
    return sum
  }

  /// √x·e⁻ˣ·Iₙ(x) for x > 8; upward from n = 1, which is stable while n is below x.
  private static func tail(_ n: Int, _ x: Double) -> Double {
    let t = 32 / x - 2
    if n < 2 { return chebyshev(t, n == 0 ? tail0 : tail1) }
    var (before, value) = (chebyshev(t, tail0), chebyshev(t, tail1))
    for k in 1..<n { (before, value) = (value, before - Double(2 * k) / x * value) }
    return value
  }

  /// Clenshaw's sum of a Chebyshev series at t/2, the first coefficient by half.
  static func chebyshev(_ t: Double, _ coefficients: [Double]) -> Double {
    coefficients.withUnsafeBufferPointer { c in
      var (value, next, last) = (0.0, 0.0, 0.0)
      for i in stride(from: c.count - 1, through: 0, by: -1) {
        (last, next) = (next, value)
        value = t * next - last + c[i]
      }
      return 0.5 * (value - last)
    }
  }

  /// 1/(k!)² and 1/(k!·(k+1)!).
  private static let series0: [Double] = ratios { k in k * k }
  private static let series1: [Double] = ratios { k in k * (k + 1) }

  private static func ratios(_ divisor: (Double) -> Double) -> [Double] {
    var list = [1.0]
    for k in 1...27 { list.append(list[k - 1] / divisor(Double(k))) }
    return list
  }

  // √x·e⁻ˣ·I₀(x) and √x·e⁻ˣ·I₁(x) in Chebyshev polynomials of 16/x − 1.
  private static let tail0 = [
    0.8044904110141088, 0.0033691164782556943, 6.889758346916825e-05, 2.8913705208347567e-06, 2.0489185894690638e-07,
    2.266668990498178e-08, 3.3962320257083865e-09, 4.94060238822497e-10, 1.1889147107846439e-11,
    -3.1499165279632416e-11, -1.3215811840447713e-11, -1.7941785315068062e-12, 7.180124451383666e-13,
    3.8527783827421426e-13, 1.54008621752141e-14, -4.150569347287222e-14, -9.554846698828307e-15,
    3.8116806693526224e-15, 1.7725601330565263e-15, -3.425485619677219e-16, -2.8276239805165836e-16,
    3.461222867697461e-17, 4.46562142029676e-17, -4.830504485944182e-18, -7.233180487874754e-18,
    9.921475412173699e-19,
  ]
  private static let tail1 = [
    0.7785762350182801, -0.009761097491361469, -0.00011058893876262371, -3.882564808877691e-06,
    -2.512236237870209e-07, -2.6314688468895196e-08, -3.835380385964237e-09, -5.589743462196584e-10,
    -1.8974958123505413e-11, 3.2526035830154884e-11, 1.4125807436613782e-11, 2.0356285441470896e-12,
    -7.198551776245908e-13, -4.0835511110921974e-13, -2.1015418427726643e-14, 4.272440016711951e-14,
    1.0420276984128802e-14, -3.8144030724370075e-15, -1.8803547755107825e-15, 3.3082023109209285e-16,
    2.96262899764595e-16, -3.209525921993424e-17, -4.6503053684893586e-17, 4.414348323071708e-18,
    7.517296310842105e-18, -9.314178867326884e-19,
  ]
}
