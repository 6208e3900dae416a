import Foundation

/// A number as the sum of two Doubles, about 32 digits: for values that cancel.
///
/// Dekker: A Floating-Point Technique for Extending the Available Precision, 1971.
struct DoubleDouble {
  var high: Double
  var low: Double

  init(_ high: Double, _ low: Double = 0) {
    self.high = high
    self.low = low
  }

  /// a + b, exactly.
  init(sum a: Double, _ b: Double) {
    let s = a + b
    let t = s - a
    self.init(s, (a - (s - t)) + (b - t))
  }

  /// a · b, exactly.
  init(product a: Double, _ b: Double) {
    let p = a * b
    self.init(p, (-p).addingProduct(a, b))
  }

  /// a + b for |a| ≥ |b|, exactly.
  private init(renormalized a: Double, _ b: Double) {
    let s = a + b
    self.init(s, b - (s - a))
  }

  static let pi = DoubleDouble(3.141592653589793116, 1.224646799147353207e-16)
  static let ln2 = DoubleDouble(0.69314718055994528623, 2.319046813846299558e-17)
  /// ½·ln 2π
  static let halfLog2Pi = DoubleDouble(0.91893853320467278056, -3.878294158067241685e-17)

  static prefix func - (a: DoubleDouble) -> DoubleDouble { DoubleDouble(-a.high, -a.low) }

  static func + (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let s = DoubleDouble(sum: a.high, b.high)
    let t = DoubleDouble(sum: a.low, b.low)
    let u = DoubleDouble(renormalized: s.high, s.low + t.high)
    return DoubleDouble(renormalized: u.high, u.low + t.low)
  }

  static func + (a: DoubleDouble, b: Double) -> DoubleDouble {
    let s = DoubleDouble(sum: a.high, b)
    return DoubleDouble(renormalized: s.high, s.low + a.low)
  }

  static func - (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble { a + -b }

  static func * (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let p = DoubleDouble(product: a.high, b.high)
    return DoubleDouble(renormalized: p.high, p.low + (a.high * b.low + a.low * b.high))
  }

  static func * (a: DoubleDouble, b: Double) -> DoubleDouble {
    let p = DoubleDouble(product: a.high, b)
    return DoubleDouble(renormalized: p.high, p.low + a.low * b)
  }

  static func / (a: DoubleDouble, b: DoubleDouble) -> DoubleDouble {
    let first = a.high / b.high
    let remainder = a - b * first
    let second = remainder.high / b.high
    let third = (remainder - b * second).high / b.high
    return DoubleDouble(renormalized: first, second) + third
  }

  /// xⁿ for a whole n that is not negative.
  func power(_ n: Int) -> DoubleDouble {
    var (result, base, left) = (DoubleDouble(1), self, n)
    while left > 0 {
      if left & 1 == 1 { result = result * base }
      base = base * base
      left >>= 1
    }
    return result
  }

  /// eˣ
  var exp: DoubleDouble {
    let k = (high / DoubleDouble.ln2.high).rounded()
    let r = self - DoubleDouble.ln2 * k
    var (term, total) = (DoubleDouble(1), DoubleDouble(1))
    for i in 1..<30 {
      term = term * r / DoubleDouble(Double(i))
      total = total + term
      if Swift.abs(term.high) < 1e-33 { break }
    }
    let scale = Double(sign: .plus, exponent: Int(k), significand: 1)
    return DoubleDouble(total.high * scale, total.low * scale)
  }

  /// ln x, of a positive number.
  var log: DoubleDouble {
    let first = Foundation.log(high)
    let remainder = self * DoubleDouble(-first).exp + -1
    return DoubleDouble(first) + (remainder - remainder * remainder * 0.5)
  }

  /// sin x and cos x for |x| ≤ π/2.
  var sineAndCosine: (DoubleDouble, DoubleDouble) {
    var (sine, cosine, term) = (DoubleDouble(0), DoubleDouble(0), DoubleDouble(1))
    for i in 0..<40 {
      let signed = i & 2 == 0 ? term : -term
      if i & 1 == 0 { cosine = cosine + signed } else { sine = sine + signed }
      term = term * self / DoubleDouble(Double(i + 1))
      if Swift.abs(term.high) < 1e-33 { break }
    }
    return (sine, cosine)
  }
}
