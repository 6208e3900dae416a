import TernBackend
import TernNN
import TernTensor
import Testing

/// Truncated normal numbers have the distribution of normal ones between the bounds.
@Suite struct TruncatedNormalTests {
  @Test(arguments: [(0.0, 1.0, -2.0, 2.0), (1, 0.5, 1.2, 3), (-3, 2, -4, 10)])
  func distanceOfKolmogorovAndSmirnov(_ mean: Double, _ deviation: Double, _ low: Double, _ high: Double) {
    let n = 20_000
    let values: Tensor<Double> = Initializer.truncatedNormal(mean: mean, deviation: deviation, low: low, high: high)(
      [n], generator: RandomGenerator(seed: 5))
    let sorted = values.sorted(along: 0).values
    #expect(sorted[0].item >= low && sorted[n - 1].item <= high)
    let normal = NormalDistribution<Double>(mean: mean, deviation: deviation)
    let ends = normal.cumulative(Tensor([low, high])).scalars
    let below = normal.cumulative(sorted).scalars.map { ($0 - ends[0]) / (ends[1] - ends[0]) }
    var greatest = 0.0
    for i in 0..<n {
      greatest = Swift.max(greatest, below[i] - Double(i) / Double(n), Double(i + 1) / Double(n) - below[i])
    }
    // √n·D exceeds 1.95 once in a thousand draws.
    #expect(greatest * Double(n).squareRoot() < 1.95)
  }

  @Test func shapesAndBounds() {
    let wide: Tensor<Float> = Initializer.truncatedNormal(deviation: 0.02)([3, 4])
    #expect(wide.shape == [3, 4])
    let empty: Tensor<Float> = Initializer.truncatedNormal()([0, 2])
    #expect(empty.isEmpty)
    let far: Tensor<Double> = Initializer.truncatedNormal(low: 20, high: 21)([100])
    #expect(far.min().item >= 20 && far.max().item <= 21)
  }
}
