import TernTensor
import TernTestSupport
import Testing

/// Images of many channels, which are sampled with the channels of a pixel side by side, beside each channel alone.
@Suite struct SampledChannelTests {
  private func numbers(_ shape: [Int], seed: UInt64) -> Tensor<Double> {
    Tensor(randomUniform: shape, in: -1.2..<1.2, generator: RandomGenerator(seed: seed))
  }

  @Test(arguments: [8, 9, 33, 64])
  func channelsAreSampledAsEachAlone(_ channels: Int) {
    for (x, grid) in [
      (numbers([2, channels, 5, 7], seed: 1), numbers([2, 6, 4, 2], seed: 2)),
      (numbers([1, channels, 3, 4, 5], seed: 3), numbers([1, 4, 5, 6, 3], seed: 4)),
    ] {
      for padding in [GridSamplePadding.zeros, .border] {
        let (whole, places) = (x.asVariable(), grid.asVariable())
        let result = gridSample(whole, at: places, padding: padding)
        let cotangent = numbers(result.shape, seed: 5)
        let found = gradients(of: result, at: [whole, places], gradient: cotangent)
        var ofGrid = Tensor<Double>(zeros: grid.shape)
        for c in 0..<channels {
          let part = x.narrowed(axis: 1, start: c, length: 1).clone().asVariable()
          let alone = gridSample(part, at: places, padding: padding)
          let expected = gradients(
            of: alone, at: [part, places], gradient: cotangent.narrowed(axis: 1, start: c, length: 1).clone())
          #expect(relativeDifference(result.narrowed(axis: 1, start: c, length: 1), alone) < 1e-14)
          #expect(relativeDifference(found[0].narrowed(axis: 1, start: c, length: 1), expected[0]) < 1e-13)
          ofGrid = ofGrid + expected[1]
        }
        #expect(relativeDifference(found[1], ofGrid) < 1e-12)
        #expect(result.isContiguous)
        #expect(gridSample(x.asChannelsLast(), at: grid, padding: padding) == result)
      }
    }
  }

  @Test func whatHasNoWeightDoesNotMatter() {
    var x = Tensor<Float>(ones: [1, 16, 3, 3])
    x[0, .all, 0, 0] = Tensor(full: [16], .infinity)
    // The center of the last pixel, and a NaN.
    let grid = Tensor<Float>([2.0 / 3, 2.0 / 3, .nan, 0], shape: [1, 1, 2, 2])
    let y = gridSample(x, at: grid)
    #expect(y[0, .all, 0, 0].scalars.allSatisfy { abs($0 - 1) < 1e-6 })
    #expect(y[0, .all, 0, 1].scalars.allSatisfy { $0.isNaN })
  }
}
