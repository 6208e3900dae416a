import TernTensor
import Testing

/// Integers wrap and never stop the program; quotients are Swift's, remainders Swift's or Python's.
@Suite struct IntegerTests {
  private func quotients<Scalar: IntegerScalar>(_: Scalar.Type) {
    var values: [Scalar] = [.min, .min &+ 1, 0, 1, 2, 3, 7, .max &- 1, .max]
    if Scalar.isSigned { values += [0 &- 1, 0 &- 2, 0 &- 7] }
    let n = values.count
    let a = Tensor<Scalar>(values).reshaped([n, 1]), b = Tensor<Scalar>(values)
    var (quotient, remainders, floor, modulo): ([Scalar], [Scalar], [Scalar], [Scalar]) = ([], [], [], [])
    for x in values {
      for y in values {
        let q: Scalar = y == 0 ? 0 : x.dividedReportingOverflow(by: y).partialValue
        let r: Scalar = y == 0 ? 0 : x.remainderReportingOverflow(dividingBy: y).partialValue
        quotient.append(q)
        remainders.append(r)
        let down = r != 0 && (r < 0) != (y < 0)
        floor.append(down ? q &- 1 : q)
        modulo.append(down ? r &+ y : r)
      }
    }
    #expect((a / b).scalars == quotient)
    #expect((a % b).scalars == remainders)
    #expect(a.divided(by: b, rounding: .towardZero).scalars == quotient)
    #expect(a.divided(by: b, rounding: .down).scalars == floor)
    #expect(fmod(a, b).scalars == remainders)
    #expect(remainder(a, b).scalars == modulo)
    for (i, y) in values.enumerated() {
      let column = (0..<n).map { $0 * n + i }
      #expect((b / y).scalars == column.map { quotient[$0] })
      #expect((b % y).scalars == column.map { remainders[$0] })
      #expect((y / b).scalars == Array(quotient[i * n..<(i + 1) * n]))
      #expect((y % b).scalars == Array(remainders[i * n..<(i + 1) * n]))
      #expect((b - y).scalars == values.map { $0 &- y })
      #expect((y - b).scalars == values.map { y &- $0 })
      #expect((b + y).scalars == values.map { $0 &+ y })
      #expect((b * y).scalars == values.map { $0 &* y })
      #expect(b.adding(b, scaledBy: y).scalars == values.map { $0 &+ y &* $0 })
      #expect(b.subtracting(b, scaledBy: y).scalars == values.map { $0 &- y &* $0 })
      #expect(remainder(b, y).scalars == column.map { modulo[$0] })
      var changed = b
      changed /= y
      #expect(changed.scalars == column.map { quotient[$0] })
      changed = b
      changed %= y
      #expect(changed.scalars == column.map { remainders[$0] })
      changed = b
      changed -= y
      #expect(changed.scalars == values.map { $0 &- y })
    }
    #expect((-b).scalars == values.map { 0 &- $0 })
    #expect(b.abs().scalars == values.map { $0 < 0 ? 0 &- $0 : $0 })
  }

  @Test func quotientsRemaindersAndDifferencesOfInt() { quotients(Int.self) }
  @Test func quotientsRemaindersAndDifferencesOfInt32() { quotients(Int32.self) }
  @Test func quotientsRemaindersAndDifferencesOfBytes() { quotients(UInt8.self) }

  @Test func bytesLessANumberWrap() {
    #expect((Tensor<UInt8>([1, 5]) - 3).scalars == [254, 2])
    #expect((Tensor<Int>([1, 5]) - Int.min).scalars == [Int.min + 1, Int.min + 5])
  }

  @Test func powersOfIntegers() {
    #expect(Tensor<Int>([1, -1, 2, -2, 0]).pow(-3).scalars == [1, -1, 0, 0, 0])
    #expect(Tensor<Int32>([1, -1, 2, 0]).pow(-2).scalars == [1, 1, 0, 0])
    #expect(Tensor<Int>([2, 1, -1]).pow(Tensor([-1, -5, .min])).scalars == [0, 1, 1])
    #expect(Tensor<Int>([2, 3, 0]).pow(63).scalars.first == .min)
    #expect(Tensor<UInt8>([2, 3]).pow(Tensor([8, 6])).scalars == [0, 217])
  }

  @Test func lessZeroKeepsTheSignOfZero() {
    #expect((Tensor<Float>([-0.0]) - 0).item.sign == .minus)
    #expect((Tensor<Double>([0]) - 0).item.sign == .plus)
  }

  @Test func conversionsFromOutOfRange() {
    let values: [Double] = [.infinity, -.infinity, .nan, 1e300, -1e300, 300, -300, 3e9, -3e9, 9.3e18, -0.5, 254.9]
    let x = Tensor<Double>(values)
    #expect(
      x.cast(to: Int.self).scalars
        == [.max, .min, 0, .max, .min, 300, -300, 3_000_000_000, -3_000_000_000, .max, 0, 254])
    #expect(
      x.cast(to: Int32.self).scalars == [.max, .min, 0, .max, .min, 300, -300, .max, .min, .max, 0, 254])
    #expect(x.cast(to: UInt8.self).scalars == [255, 0, 0, 255, 0, 255, 0, 255, 0, 255, 0, 254])
    #expect(x.cast(to: Float.self).cast(to: Int32.self).scalars == x.cast(to: Int32.self).scalars)
    #expect(values.map { UInt8(number: $0) } == x.cast(to: UInt8.self).scalars)
    #expect(values.map { Int32(number: $0) } == x.cast(to: Int32.self).scalars)
    #expect(values.map { Int(number: $0) } == x.cast(to: Int.self).scalars)
  }

  @Test func notANumberHasNoSign() {
    let x = Tensor<Float>([0]) / Tensor<Float>([0])
    #expect("\(x.item)" == "nan" && "\(x)" == "[nan]")
    let element: Float = x[0]
    #expect("\(element)" == "nan")
    let single = Tensor<Double>(.infinity) - Tensor<Double>(.infinity)
    #expect("\(single.item)" == "nan" && "\(single)" == "nan")
    let matrix = single.reshaped(1, 1)
    let corner: Double = matrix[0, 0]
    #expect("\(corner)" == "nan")
  }
}
