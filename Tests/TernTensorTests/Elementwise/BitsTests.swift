import TernTensor
import TernTestSupport
import Testing

/// Bits and divisors of integers of all sizes beside Swift's own; parts of floating-point numbers beside Swift's.
@Suite struct BitsTests {
  private func values<Scalar: IntegerScalar>(_: Scalar.Type) -> [Scalar] {
    var values: [Scalar] = [.min, .min &+ 1, 0, 1, 2, 3, 6, 7, 8, 12, 31, 32, 63, 64, .max &- 1, .max]
    if Scalar.isSigned { values += [0 &- 1, 0 &- 2, 0 &- 12] }
    return values
  }

  private func bits<Scalar: IntegerScalar>(_: Scalar.Type) {
    let values = values(Scalar.self)
    let a = Tensor<Scalar>(values).reshaped([values.count, 1]), b = Tensor<Scalar>(values)
    func all(_ f: (Scalar, Scalar) -> Scalar) -> [Scalar] { values.flatMap { x in values.map { f(x, $0) } } }
    let outside: (Scalar) -> Bool = { $0 < 0 || $0 >= Scalar.bitWidth }
    let up: (Scalar, Scalar) -> Scalar = { outside($1) ? 0 : $0 << $1 }
    let down: (Scalar, Scalar) -> Scalar = { outside($1) ? ($0 < 0 ? 0 &- 1 : 0) : $0 >> $1 }
    #expect((a & b).scalars == all { $0 & $1 })
    #expect((a | b).scalars == all { $0 | $1 })
    #expect((a ^ b).scalars == all { $0 ^ $1 })
    #expect((a << b).scalars == all(up))
    #expect((a >> b).scalars == all(down))
    #expect((~b).scalars == values.map { ~$0 })
    for y in values {
      #expect((b & y).scalars == values.map { $0 & y })
      #expect((y & b).scalars == values.map { $0 & y })
      #expect((b | y).scalars == values.map { $0 | y })
      #expect((y | b).scalars == values.map { $0 | y })
      #expect((b ^ y).scalars == values.map { $0 ^ y })
      #expect((y ^ b).scalars == values.map { $0 ^ y })
      #expect((b << y).scalars == values.map { up($0, y) })
      #expect((y << b).scalars == values.map { up(y, $0) })
      #expect((b >> y).scalars == values.map { down($0, y) })
      #expect((y >> b).scalars == values.map { down(y, $0) })
      var changed = b
      changed ^= y
      changed |= b
      changed &= y
      changed >>= 1
      changed <<= b
      #expect(changed.scalars == values.map { up(down((($0 ^ y) | $0) & y, 1), $0) })
    }
  }

  @Test func bitsOfInt() { bits(Int.self) }
  @Test func bitsOfInt32() { bits(Int32.self) }
  @Test func bitsOfBytes() { bits(UInt8.self) }

  private func divisors<Scalar: IntegerScalar>(_: Scalar.Type) {
    let values = values(Scalar.self)
    let a = Tensor<Scalar>(values).reshaped([values.count, 1]), b = Tensor<Scalar>(values)
    let (common, multiples) = (gcd(a, b).scalars, lcm(a, b).scalars)
    for (i, x) in values.enumerated() {
      for (j, y) in values.enumerated() {
        // Euclid's algorithm.
        var (p, q) = (x.magnitude, y.magnitude)
        while q != 0 { (p, q) = (q, p % q) }
        let wanted = Scalar(truncatingIfNeeded: p)
        #expect(common[i * values.count + j] == wanted, "gcd of \(x) and \(y)")
        let product = p == 0 ? 0 : Scalar(truncatingIfNeeded: x.magnitude / p &* y.magnitude)
        #expect(multiples[i * values.count + j] == (product < 0 ? 0 &- product : product), "lcm of \(x) and \(y)")
      }
    }
  }

  @Test func divisorsOfInt() { divisors(Int.self) }
  @Test func divisorsOfInt32() { divisors(Int32.self) }
  @Test func divisorsOfBytes() { divisors(UInt8.self) }

  private func parts<Scalar: FloatingScalar>(_: Scalar.Type) {
    let tiny = Scalar.leastNonzeroMagnitude
    let values: [Scalar] = [
      0, -0.0, 1, -1, 0.3, -5, tiny, -tiny, .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity,
    ]
    let x = Tensor(values)
    let (mantissa, exponent) = x.frexp()
    for (value, (m, n)) in zip(values, zip(mantissa.scalars, exponent.scalars)) {
      let isWhole = value.isFinite && value != 0
      #expect(isWhole ? Swift.abs(m) >= 0.5 && Swift.abs(m) < 1 : m == value && n == 0)
      #expect(m.sign == value.sign)
    }
    #expect(ldexp(mantissa, exponent).scalars == values)
    #expect(ldexp(x, Int.max).scalars == values.map { $0 == 0 ? $0 : $0 < 0 ? -.infinity : .infinity })
    #expect(ldexp(x, Int.min).scalars == values.map { $0.isInfinite ? $0 : 0 })
    #expect(x.signBit().scalars == values.map { $0.sign == .minus })
    #expect(Tensor<Scalar>([.nan, -.nan]).signBit().scalars == [false, true])
    #expect(copySign(x, -2).scalars == values.map { -Swift.abs($0) })
    #expect(nextAfter(x, Tensor(.infinity)).scalars == values.map { $0 == .infinity ? $0 : $0.nextUp })
    #expect(nextAfter(x, Tensor(-.infinity)).scalars == values.map { $0 == -.infinity ? $0 : $0.nextDown })
    #expect(
      nextAfter(Tensor<Scalar>([0, 1, .nan]), Tensor([-0.0, 1, 1])).scalars.map(\.isNaN) == [false, false, true])
  }

  @Test func partsOfDouble() { parts(Double.self) }
  @Test func partsOfFloat() { parts(Float.self) }

  @Test func numbersBesideNaN() {
    let (a, b) = (Tensor<Float>([.nan, 1, .nan, 2]).asVariable(), Tensor<Float>([1, .nan, .nan, 2]).asVariable())
    let greater = fmax(a, b)
    #expect(greater.scalars[2].isNaN)
    #expect(Array(greater.scalars[..<2]) == [1, 1])
    #expect(Array(fmin(a, b).scalars[..<2]) == [1, 1])
    let slopes = gradients(of: greater.sum(), at: [a, b])
    #expect(slopes[0].scalars == [0, 1, 1, 1])
    #expect(slopes[1].scalars == [1, 0, 0, 0])
  }

  @Test func closeness() {
    let a = Tensor<Double>([1, 1, .infinity, .infinity, .nan, 0])
    let b = Tensor<Double>([1.000009, 1.0001, .infinity, 1, .nan, 1e-9])
    #expect(a.isClose(to: b).scalars == [true, false, true, false, false, true])
    #expect(a.isClose(to: b, equalNaN: true).scalars[4])
    #expect(!a.allClose(to: b))
    #expect(Tensor<Int>([Int.max, 3]).isClose(to: Tensor([Int.max, 4]), atol: 1).scalars == [true, true])
    #expect(Tensor<Float>(zeros: [0]).allClose(to: Tensor(zeros: [0])))
  }

  @Test func aNegativeTolerance() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>([1]).isClose(to: Tensor([1]), rtol: -1)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("isClose: rtol -1.0 and atol 1e-08, expected at least 0"))
  }

  @Test func shapesThatDoNotBroadcast() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Int>([1, 2]) & Tensor<Int>([1, 2, 3])
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("&: shapes do not broadcast: [2] and [3] (2 ≠ 3)"))
  }
}
