import TernTensor
import TernTestSupport
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

  @Test func rangesWithoutANumberOfElementsStop() async {
    let noNumber = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(rangeFrom: .nan, to: 1)
    }
    let noNumberText = text(noNumber?.standardErrorContent)
    #expect(noNumberText.contains("range: from nan to 1.0 by 1.0 has no finite number of elements"))
    let endless = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Double>(rangeFrom: 0, to: .infinity)
    }
    let endlessText = text(endless?.standardErrorContent)
    #expect(endlessText.contains("range: from 0.0 to inf by 1.0 has no finite number of elements"))
    let from = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Double>(rangeFrom: -.infinity, to: .infinity, by: .infinity)
    }
    let thirdText = text(from?.standardErrorContent)
    #expect(thirdText.contains("range: from -inf to inf by inf has no finite number of elements"))
    let whole = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Int>(rangeFrom: .min, to: .max)
    }
    let integerText = text(whole?.standardErrorContent)
    #expect(integerText.contains("has 18446744073709551615 elements, too many"))
  }
}
