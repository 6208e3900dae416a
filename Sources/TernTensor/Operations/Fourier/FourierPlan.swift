import Foundation
import Synchronization
import TernBackend

/// How transforms of one length are computed: the stages of a mixed-radix algorithm, or a convolution with a chirp where
/// the length has a large prime factor. Factors are computed in Double.
///
/// Transforms are forward, e^(−2πi·jk/n); the backward one exchanges real and imaginary parts of what goes in and comes out.
final class FourierPlan<Scalar: FloatingScalar>: Sendable {
  /// One stage: `radix` and the length m of the transforms that it leaves.
  struct Stage: Sendable {
    let radix: Int
    let m: Int
    let factors: Tensor<Scalar>
  }

  /// A transform of length n = rows · columns in two passes: along the columns, times e^(−2πi·jk/n), along the rows.
  struct Split: Sendable {
    let rows: FourierPlan
    let columns: FourierPlan
    /// cos and −sin, [rows, columns] each.
    let real: Tensor<Scalar>
    let imaginary: Tensor<Scalar>
  }

  /// A transform as a cyclic convolution of length m (Bluestein, A linear filtering approach to the computation of discrete
  /// Fourier transform, 1970).
  struct Chirp: Sendable {
    let inner: FourierPlan
    /// e^(−πi·k²/n), and its transform's conjugate over m.
    let real: Tensor<Scalar>
    let imaginary: Tensor<Scalar>
    let filterReal: Tensor<Scalar>
    let filterImaginary: Tensor<Scalar>
  }

  let n: Int
  let stages: [Stage]
  let chirp: Chirp?
  /// Long transforms that are alone go in two passes, whose loops have something side by side.
  let split: Split?

  /// The largest prime that is a radix.
  private static var largestRadix: Int { 31 }

  private init(_ n: Int, mayBeSplit: Bool) {
    self.n = n
    guard let radices = Self.radices(n) else {
      (stages, split, chirp) = ([], nil, Self.chirp(n))
      return
    }
    chirp = nil
    var (length, list): (Int, [Stage]) = (n, [])
    for radix in radices {
      let m = length / radix
      list.append(Stage(radix: radix, m: m, factors: Self.factors(radix, m)))
      length = m
    }
    stages = list
    split = mayBeSplit ? Self.split(n) : nil
  }

  /// The plan of a length, made once while it is in use.
  static func of(_ n: Int) -> FourierPlan {
    if let plan = plans.withLock({ $0.found(n, Scalar.self) }) as? FourierPlan { return plan }
    let plan = FourierPlan(n, mayBeSplit: true)
    plans.withLock { $0.keep(plan, n, Scalar.self) }
    return plan
  }

  /// Fours first, then 2, 3, 5 and other small primes; none where a prime is too large.
  private static func radices(_ n: Int) -> [Int]? {
    var (remainder, result): (Int, [Int]) = (n, [])
    var radix = 4
    while remainder > 1 {
      if remainder % radix == 0 {
        result.append(radix)
        remainder /= radix
      } else {
        radix = radix == 4 ? 2 : radix == 2 ? 3 : radix + 2
        if radix > largestRadix { return nil }
      }
    }
    return result
  }

  private static func factors(_ radix: Int, _ m: Int) -> Tensor<Scalar> {
    let isGeneral = radix > 5
    let result = Tensor<Scalar>(uninitialized: [2 * (radix - 1) * m + (isGeneral ? 2 * radix : 0)])
    let w = result.mutablePointer
    for j in 1..<radix {
      let (cosines, sines) = (w + 2 * (j - 1) * m, w + (2 * j - 1) * m)
      Workers.run(count: m, grain: 0x2000) { range in
        for p in range { (cosines[p], sines[p]) = root(j * p, radix * m) }
      }
    }
    if isGeneral {
      let roots = w + 2 * (radix - 1) * m
      for j in 0..<radix { (roots[2 * j], roots[2 * j + 1]) = root(j, radix) }
    }
    return result
  }

  private static func split(_ n: Int) -> Split? {
    if n < 64 { return nil }
    var rows = Int(Double(n).squareRoot())
    while rows >= 8 && n % rows != 0 { rows -= 1 }
    if rows < 8 { return nil }
    let columns = n / rows
    let (real, imaginary) = (Tensor<Scalar>(uninitialized: [n]), Tensor<Scalar>(uninitialized: [n]))
    let (re, im) = (real.mutablePointer, imaginary.mutablePointer)
    Workers.run(count: n, grain: 0x2000) { range in
      for place in range { (re[place], im[place]) = root((place / columns) * (place % columns), n) }
    }
    return Split(
      rows: FourierPlan(rows, mayBeSplit: false), columns: FourierPlan(columns, mayBeSplit: false), real: real,
      imaginary: imaginary)
  }

  private static func chirp(_ n: Int) -> Chirp {
    var m = 1
    while m < 2 * n - 1 { m *= 2 }
    let inner = FourierPlan.of(m)
    let (real, imaginary) = (Tensor<Scalar>(uninitialized: [n]), Tensor<Scalar>(uninitialized: [n]))
    let (re, im) = (real.mutablePointer, imaginary.mutablePointer)
    // The filter and its transform in Double, so that the convolution adds no error of its own.
    let (filterReal, filterImaginary) = (Tensor<Double>(zeros: [m]), Tensor<Double>(zeros: [m]))
    let (fr, fi) = (filterReal.mutablePointer, filterImaginary.mutablePointer)
    for k in 0..<n {
      let (cosine, sine): (Double, Double) = root(k * k % (2 * n), 2 * n)
      (re[k], im[k]) = (Scalar(cosine), Scalar(sine))
      (fr[k], fi[k]) = (cosine / Double(m), -sine / Double(m))
      if k > 0 { (fr[m - k], fi[m - k]) = (fr[k], fi[k]) }
    }
    let (transformedReal, transformedImaginary) = (
      Tensor<Double>(uninitialized: [m]), Tensor<Double>(uninitialized: [m])
    )
    FourierPlan<Double>.of(m).runAlone(
      fr, fi, transformedReal.mutablePointer, transformedImaginary.mutablePointer)
    withExtendedLifetime((filterReal, filterImaginary)) {}
    return Chirp(
      inner: inner, real: real, imaginary: imaginary, filterReal: transformedReal.cast(to: Scalar.self),
      filterImaginary: transformedImaginary.cast(to: Scalar.self))
  }
}

/// e^(−2πi·k/n) as its parts, from the angle in the first eighth of the circle, where sine and cosine are best.
private func root<Scalar: FloatingScalar>(_ k: Int, _ n: Int) -> (Scalar, Scalar) {
  // In eighths: x = 8k mod 8n.
  let x = 8 * (k % n)
  let (eighth, inside) = x.quotientAndRemainder(dividingBy: n)
  func angle(_ part: Int) -> Double { Double(part) / Double(n) * (Double.pi / 4) }
  let (cosine, sine): (Double, Double)
  switch eighth {
  case 0: (cosine, sine) = (cos(angle(inside)), sin(angle(inside)))
  case 1: (cosine, sine) = (sin(angle(n - inside)), cos(angle(n - inside)))
  case 2: (cosine, sine) = (-sin(angle(inside)), cos(angle(inside)))
  case 3: (cosine, sine) = (-cos(angle(n - inside)), sin(angle(n - inside)))
  case 4: (cosine, sine) = (-cos(angle(inside)), -sin(angle(inside)))
  case 5: (cosine, sine) = (-sin(angle(n - inside)), -cos(angle(n - inside)))
  case 6: (cosine, sine) = (sin(angle(inside)), -cos(angle(inside)))
  default: (cosine, sine) = (cos(angle(n - inside)), -sin(angle(n - inside)))
  }
  return (Scalar(cosine), Scalar(-sine))
}

/// cos and −sin of 2πk/n for k = 0 … n/2: what tells a real transform from that of its pairs.
func realFactors<Scalar: FloatingScalar>(_ n: Int) -> (Tensor<Scalar>, Tensor<Scalar>) {
  let kept = plans.withLock { $0.found(-n, Scalar.self) }
  if let factors = kept as? RealFactors<Scalar> { return (factors.real, factors.imaginary) }
  let count = n / 2 + 1
  let (real, imaginary) = (Tensor<Scalar>(uninitialized: [count]), Tensor<Scalar>(uninitialized: [count]))
  let (re, im) = (real.mutablePointer, imaginary.mutablePointer)
  Workers.run(count: count, grain: 0x2000) { range in
    for k in range { (re[k], im[k]) = root(k, n) }
  }
  plans.withLock { $0.keep(RealFactors(real, imaginary), -n, Scalar.self) }
  return (real, imaginary)
}

private final class RealFactors<Scalar: FloatingScalar>: Sendable {
  let real: Tensor<Scalar>
  let imaginary: Tensor<Scalar>
  init(_ real: Tensor<Scalar>, _ imaginary: Tensor<Scalar>) { (self.real, self.imaginary) = (real, imaginary) }
}

/// The plans used last.
private let plans = Mutex(FourierPlans())

private struct FourierPlans {
  private var entries: [(n: Int, isDouble: Bool, plan: any AnyObject & Sendable)] = []

  mutating func found<Scalar>(_ n: Int, _: Scalar.Type) -> (any AnyObject & Sendable)? {
    let isDouble = Scalar.self == Double.self
    guard let place = entries.firstIndex(where: { $0.n == n && $0.isDouble == isDouble }) else { return nil }
    let entry = entries.remove(at: place)
    entries.append(entry)
    return entry.plan
  }

  mutating func keep<Scalar>(_ plan: any AnyObject & Sendable, _ n: Int, _: Scalar.Type) {
    if entries.count >= 32 { entries.removeFirst() }
    entries.append((n, Scalar.self == Double.self, plan))
  }
}
