import TernTensor
import TernTestSupport
import Testing

/// Order statistics, histograms and draws where ranges are narrow, wide or long.
@Suite struct OrderEndTests {
  @Test func aBinOfOneLargeValueIsNotEmpty() {
    let x = Tensor<Float>([1e8, 1e8])
    #expect(x.binCounts(bins: 3).scalars.reduce(0, +) == 2)
    #expect(x.histogram(bins: 3).values.scalars.reduce(0, +) == 2)
    let most = Tensor<Float>([.greatestFiniteMagnitude])
    #expect(most.binCounts(bins: 2).scalars.reduce(0, +) == 1)
  }

  @Test func binsOfARangeBeyondTheScalarTypeAreEven() {
    let x = Tensor<Float>([-1e38, -0.6e38, 0, 0.6e38, 1e38])
    #expect(x.binCounts(bins: 100, min: -1e38, max: 1e38).scalars[0] == 1)
    #expect(x.binCounts(bins: 4, min: -1e38, max: 1e38).scalars == [2, 0, 1, 2])
    let wide = Tensor<Float>([-3e38, 0.1e38, 3e38])
    #expect(wide.binCounts(bins: 2, min: -3e38, max: 3e38).scalars == [1, 2])
  }

  @Test func quantilesOfRowsWithNaNAreNaN() {
    let x = Tensor<Float>([[3, 1, 2, 4], [1, .nan, 2, 3]])
    for q in [0, 0.5, 1] {
      let found = x.quantile(q, along: 1).scalars
      #expect(found[0].isFinite)
      #expect(found[1].isNaN)
    }
    let present = x.nanQuantile(1, along: 1).scalars
    #expect(present == [4, 3])
  }

  @Test func placesWithoutAxesCheckTheAxis() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(5).median(along: 7)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("median: axis 7 outside -1..<1"))
    #expect(Tensor<Float>(5).kthValue(1, along: 0).values.item == 5)
    #expect(Tensor<Float>(5).mode(along: -1).values.item == 5)
  }
}
