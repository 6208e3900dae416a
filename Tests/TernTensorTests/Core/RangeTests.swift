import TernTensor
import Testing

/// Ranges are counted exactly and never contain their end.
@Suite struct RangeTests {
  @Test func integersBeyondTheReachOfADouble() {
    /// The values of a range.
    func values(_ start: Int, _ end: Int, _ step: Int = 1) -> [Int] {
      Tensor<Int>(rangeFrom: start, to: end, by: step).scalars
    }
    let start = (1 << 53) + 1
    let next = Array(start..<start + 100)
    #expect(values(start, start + 100) == next)
    let large = 1 << 60
    let three = [large, large + 1, large + 2]
    #expect(values(large, large + 3) == three)
    let top = Int.max
    let bottom = Int.min
    let last = [top - 4, top - 1]
    #expect(values(top - 4, top, 3) == last)
    let first = [bottom + 4, bottom + 2]
    #expect(values(bottom + 4, bottom, -2) == first)
    let up = [bottom, -1, top - 1]
    #expect(values(bottom, top, top) == up)
    let down = [top, -1]
    #expect(values(top, bottom, bottom) == down)
    #expect(values(3, 3) == [])
    #expect(values(3, 1) == [])
  }

  @Test func narrowIntegers() {
    let quarter: Int32 = 1 << 30
    let bounds = [Int32.min, -quarter, 0, quarter]
    #expect(Tensor<Int32>(rangeFrom: Int32.min, to: Int32.max, by: quarter).scalars == bounds)
    let top = Int32.max
    let last = [top - 3, top - 2, top - 1]
    #expect(Tensor<Int32>(top - 3..<top).scalars == last)
    let bytes: [UInt8] = [250, 252, 254]
    #expect(Tensor<UInt8>(rangeFrom: 250, to: 255, by: 2).scalars == bytes)
    #expect(Tensor<UInt8>(rangeFrom: 3, to: 0).scalars == [])
  }

  @Test func floatingPointRangesStopBeforeTheirEnd() {
    #expect(Tensor<Float>(rangeFrom: 0.1, to: 1.1, by: 1).scalars == [0.1])
    #expect(Tensor<Float>(rangeFrom: 0, to: 1, by: 0.25).scalars == [0, 0.25, 0.5, 0.75])
    #expect(Tensor<Double>(rangeFrom: 1, to: 0, by: -0.5).scalars == [1, 0.5])
    for step in [0.1, 0.2, 0.3, 0.7, 1e-3, 1 / 3.0, -0.1] {
      for count in 1...40 {
        let (start, end) = (0.1, 0.1 + Double(count) * step)
        let values = Tensor<Float>(rangeFrom: Float(start), to: Float(end), by: Float(step)).scalars
        #expect(
          values.allSatisfy { step > 0 ? $0 < Float(end) : $0 > Float(end) }, "\(start) to \(end) by \(step): \(values)"
        )
        #expect((count - 1...count + 1).contains(values.count), "\(start) to \(end) by \(step): \(values.count)")
      }
    }
  }

  @Test func roundingToMoreDigitsThanThereAre() {
    let values: [Double] = [3.14159, -2.5e300, 1e-300, .infinity, -.infinity, 0]
    for decimals in [309, 400, 1_000_000_000, Int.max] {
      #expect(Tensor(values).round(decimals: decimals).scalars == values, "\(decimals)")
    }
    for decimals in [-400, -1_000_000_000, Int.min] {
      #expect(Tensor(values).round(decimals: decimals).scalars == [0, 0, 0, .infinity, -.infinity, 0], "\(decimals)")
    }
    #expect(Tensor<Float>([3e38, 1.25, .infinity]).round(decimals: 1).scalars == [3e38, 1.2, .infinity])
    #expect(Tensor<Double>([.nan]).round(decimals: 309).item.isNaN)
    #expect(Tensor<Double>([127, 150, 250]).round(decimals: -2).scalars == [100, 200, 200])
  }

  @Test func conditionOfAZeroMatrix() throws {
    let zero = Tensor<Double>(zeros: [3, 3])
    for norm in [MatrixNorm.two, .frobenius, .one, .infinity] {
      let condition = try zero.conditionNumber(norm).item
      #expect(condition == .infinity, "\(norm)")
    }
    let wide = try Tensor<Double>(zeros: [2, 3]).conditionNumber().item
    #expect(wide == .infinity)
    let inverse = try zero.conditionNumber(.minusTwo).item
    #expect(inverse == 0)
  }
}
