import TernTensor
import TernTestSupport
import Testing

@Suite struct ResamplingTests {
  @Test func adaptivePoolingCutsImagesIntoParts() {
    let x = numbers([2, 3, 5, 7], Double.self)
    for laid in everyLayout(x) {
      let mean = adaptiveAvgPool2D(laid.tensor, height: 3, width: nil)
      let (top, tops) = adaptiveMaxPool2DWithIndices(laid.tensor, height: 3, width: 2)
      #expect(mean.shape == [2, 3, 3, 7] && top.shape == [2, 3, 3, 2])
      // Rows 0–1, 1–3, 3–4; columns 0–3 and 3–6.
      let rows: [Range<Int>] = [0..<2, 1..<4, 3..<5]
      let columns: [Range<Int>] = [0..<4, 3..<7]
      for (i, r) in rows.enumerated() {
        let part = x.narrowed(axis: 2, start: r.lowerBound, length: r.count)
        let expected = part.sum(along: 2) / Double(r.count)
        #expect(relativeDifference(mean.selected(axis: 2, index: i), expected) < 1e-14, "\(laid.label)")
        for (j, c) in columns.enumerated() {
          let window = part.narrowed(axis: 3, start: c.lowerBound, length: c.count).reshaped(2, 3, -1)
          for n in 0..<2 {
            for channel in 0..<3 {
              let values = window[n, channel].scalars
              let k = values.indices.max { values[$0] < values[$1] }!
              #expect(top[n, channel, i, j].item == values[k])
              let place = (r.lowerBound + k / c.count) * 7 + c.lowerBound + k % c.count
              #expect(tops[n, channel, i, j].item == place)
            }
          }
        }
      }
    }
    #expect(adaptiveAvgPool2D(x, outputSize: 1).squeezed() == avgPool2D(x, kernelSize: [5, 7]).squeezed())
    #expect(adaptiveMaxPool2D(x, outputSize: [5, 7]) == x)
    #expect(adaptiveAvgPool2D(x, outputSize: 0).shape == [2, 3, 0, 0])
    #expect(adaptiveMaxPool2D(x, outputSize: [0, 2]).shape == [2, 3, 0, 2])
    #expect(adaptiveAvgPool2D(x[0], outputSize: 2).shape == [3, 2, 2])
  }

  @Test func aLargeMeanOfLargeNumbersIsAccurate() {
    let x = Tensor<Float>(full: [1, 2, 300, 500], 1000.1)
    for laid in everyLayout(x) {
      let mean = adaptiveAvgPool2D(laid.tensor, outputSize: 1)
      #expect(mean.scalars.allSatisfy { abs($0 - 1000.1) < 1e-3 }, "\(laid.label): \(mean.scalars)")
    }
    let long = Tensor<Float>(full: [1, 3, 200_000], 0.1)
    for laid in everyLayout(long) {
      let mean = avgPool1D(laid.tensor, kernelSize: 200_000)
      #expect(mean.scalars.allSatisfy { abs($0 - 0.1) < 2e-7 }, "\(laid.label): \(mean.scalars)")
    }
  }

  @Test func linearInterpolationReproducesAPlane() {
    // f(h, w) = 2h − 3w + 1 on a 4 × 5 grid; with aligned corners the samples lie on the same plane.
    func plane(_ h: Double, _ w: Double) -> Double { 2 * h - 3 * w + 1 }
    let x = Tensor((0..<20).map { plane(Double($0 / 5), Double($0 % 5)) }, shape: [1, 1, 4, 5])
    let y = interpolate(x, size: [7, 9], mode: .linear, alignsCorners: true)
    let expected = (0..<63).map { plane(Double($0 / 9) * 3 / 6, Double($0 % 9) * 4 / 8) }
    #expect(relativeDifference(y, Tensor(expected, shape: [1, 1, 7, 9])) < 1e-14)
    // Without, the middle samples do, and the outermost stay at the edge.
    let z = interpolate(x, scale: 2, mode: .linear)
    #expect(z.shape == [1, 1, 8, 10])
    #expect(z[0, 0, 0, 0].item == x[0, 0, 0, 0].item)
    #expect(abs(z[0, 0, 3, 4].item - plane(1.25, 1.75)) < 1e-14)
  }

  @Test func nearestPixels() {
    let x = Tensor<Double>([0, 1, 2, 3, 4], shape: [1, 1, 5])
    #expect(interpolate(x, size: [3]).scalars == [0, 1, 3])
    #expect(interpolate(x, size: [3], mode: .nearestExact).scalars == [0, 2, 4])
    #expect(interpolate(x, scale: 2).scalars == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    // ⌊2.3·5⌋ = 11 samples at i / 2.3, not at i·5/11.
    #expect(interpolate(x, scale: 2.3).scalars == [0, 0, 0, 1, 1, 2, 2, 3, 3, 3, 4])
    // 9 · (49 / 63) is 7, a whole number that Double misses from below.
    #expect(interpolate(Tensor((0..<49).map(Double.init), shape: [1, 1, 49]), size: [63]).scalars[9] == 7)
  }

  @Test func pixelsAndChannelsChangePlaces() {
    let x = Tensor<Int>(0..<16).reshaped(1, 4, 2, 2)
    let y = pixelShuffle(x, upscaleFactor: 2)
    #expect(y.shape == [1, 1, 4, 4])
    #expect(y.scalars == [0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15])
    #expect(pixelUnshuffle(y, downscaleFactor: 2) == x)
    #expect(pixelShuffle(Tensor<Float>(zeros: [9, 2, 3]), upscaleFactor: 3).shape == [1, 6, 9])
  }
}
