import TernTensor
import TernTestSupport
import Testing

/// Pooling of volumes, max unpooling and fractional max pooling.
@Suite struct VolumePoolingTests {
  /// Whole numbers without ties, in an order that looks random.
  private func distinct(_ shape: [Int]) -> Tensor<Double> {
    let count = shape.reduce(1, *)
    return Tensor((0..<count).map { Double($0 * 7919 % 104_729) }, shape: shape)
  }

  @Test("volumes of one slice pool as images do")
  func oneSlice() {
    let x = numbers([2, 3, 1, 5, 6], seed: 1, Double.self)
    let image = x.squeezed(2)
    #expect(
      maxPool3D(x, kernelSize: [1, 3, 2], stride: [1, 2, 2], padding: [0, 1, 0]).scalars
        == maxPool2D(image, kernelSize: [3, 2], stride: 2, padding: [1, 0]).scalars)
    #expect(
      avgPool3D(x, kernelSize: [1, 3, 2], stride: 1).scalars == avgPool2D(image, kernelSize: [3, 2], stride: 1).scalars)
    #expect(
      lpPool3D(x, p: 2, kernelSize: [1, 2, 2]).scalars == lpPool2D(image, p: 2, kernelSize: 2).scalars)
    #expect(
      adaptiveAvgPool3D(x, depth: 1, height: 3, width: nil).scalars
        == adaptiveAvgPool2D(image, height: 3, width: nil).scalars)
  }

  @Test("channels-last, sliced and row-major volumes give the same values, positions and gradients")
  func layouts() {
    let x = distinct([2, 3, 4, 5, 4])
    let last = x.permuted(0, 2, 3, 4, 1).contiguous.permuted(0, 4, 1, 2, 3)
    let wide = x.padded([(0, 0), (1, 0), (0, 2), (1, 1), (2, 0)])[[
      .all, .slice(1, 4), .slice(0, 4), .slice(1, 6), .slice(2, 6),
    ]]
    #expect(wide.scalars == x.scalars)
    func all(_ x: Tensor<Double>) -> [[Double]] {
      let x = x.asVariable()
      let found = maxPool3DWithIndices(x, kernelSize: [2, 3, 2], stride: [1, 2, 2], padding: 1)
      let weights = numbers(found.values.shape, seed: 3, Double.self)
      let mean = avgPool3D(x, kernelSize: 3, stride: 2, padding: 1, countsPadding: false)
      let parts = adaptiveMaxPool3D(x, outputSize: [3, 2, 3])
      let loss = (found.values * weights).sum() + (mean * mean).sum() + parts.sum()
      return [
        found.values.scalars, found.indices.scalars.map(Double.init), mean.scalars, parts.scalars,
        gradients(of: loss, at: [x])[0].scalars,
      ]
    }
    // Sums are rounded in the order in which the elements lie.
    let expected = all(x)
    for found in [all(last), all(wide)] {
      for place in [0, 1, 3] { #expect(found[place] == expected[place]) }
      for place in [2, 4] {
        #expect(relativeDifference(Tensor<Double>(found[place]), Tensor(expected[place])) < 1e-14)
      }
    }
  }

  @Test("the gradient goes to the first of equals, of which slices come first")
  func ties() {
    let x = Tensor<Float>(zeros: [1, 1, 2, 2, 2]).asVariable()
    let y = maxPool3D(x, kernelSize: 2)
    #expect(gradients(of: y, at: [x])[0].scalars == [1, 0, 0, 0, 0, 0, 0, 0])
    let mixed: [Float] = [0, 1, 2, 0, 2, 0, 0, 2]
    #expect(maxPool3DWithIndices(Tensor(mixed, shape: [1, 1, 2, 2, 2]), kernelSize: 2).indices.scalars == [2])
  }

  @Test func gradientsOfBothOrders() {
    let x = distinct([1, 2, 3, 4, 3]) * 1e-3
    let samples: Tensor<Double> = Tensor([0.1, 0.7, 0.4, 0.9, 0.2, 0.6], shape: [1, 2, 3])
    let places: Tensor<Int> = Tensor([0, 3, 9, 5, 2, 7, 1, 11], shape: [1, 2, 4])
    let forms: [(String, (Tensor<Double>) -> Tensor<Double>)] = [
      ("max", { maxPool3D($0, kernelSize: 2, stride: 1, padding: 1) }),
      ("average", { avgPool3D($0, kernelSize: 2, stride: 1, padding: 1, ceilMode: true) }),
      ("norm", { lpPool3D($0 + 0.5, p: 3, kernelSize: 2) }),
      ("adaptive average", { adaptiveAvgPool3D($0, outputSize: [2, 3, 2]) }),
      ("adaptive maximum", { adaptiveMaxPool3D($0, outputSize: [2, 3, 2]) }),
      ("fractional", { fractionalMaxPool3D($0, kernelSize: [2, 1, 2], outputSize: 2, samples: samples) }),
    ]
    for (name, function) in forms {
      let check = checkGradients(at: [x]) { points in
        let y = function(points[0])
        return y * y
      }
      #expect(check.passes(), "\(name): \(check)")
    }
    let unpooling = checkGradients(at: [numbers([1, 2, 4], seed: 5)]) { points in
      let y = maxUnpool1D(points[0], indices: places, kernelSize: 3)
      return y * y * y
    }
    #expect(unpooling.passes(), "\(unpooling)")
  }

  @Test("norms whose powers leave the range")
  func normsBeyondTheRange() {
    let x = Tensor<Double>(ones: [1, 1, 2, 2, 2]) * 1e200
    #expect(abs(lpPool3D(x, p: 2, kernelSize: 2).item / 1e200 - 8.0.squareRoot()) < 1e-14)
    let tiny = Tensor<Float>(ones: [1, 1, 2, 2, 2]) * 1e-30
    #expect(abs(lpPool3D(tiny, p: 2, kernelSize: 2).item / 1e-30 - Float(8).squareRoot()) < 1e-5)
    #expect(lpPool3D(numbers([1, 1, 2, 2, 2], Float.self), p: .infinity, kernelSize: 2).item > 0)
    #expect(lpPool3D(Tensor<Float>(zeros: [1, 1, 2, 2, 2]), p: 2, kernelSize: 2).item == 0)
  }

  @Test("unpooling puts maxima back where they were")
  func unpooling() {
    let x = distinct([2, 2, 5, 6])
    let (values, indices) = maxPool2DWithIndices(x, kernelSize: 2)
    let back = maxUnpool2D(values, indices: indices, kernelSize: 2, outputSize: [5, 6])
    #expect(back.shape == x.shape)
    for (a, b) in zip(back.scalars, x.scalars) { #expect(a == 0 || a == b) }
    #expect(maxPool2D(back, kernelSize: 2).scalars == values.scalars)
    let volume = maxPool3DWithIndices(x.expandedAxis(at: 2), kernelSize: [1, 2, 2])
    #expect(volume.indices.scalars == indices.scalars)
    #expect(
      maxUnpool3D(volume.values, indices: volume.indices, kernelSize: [1, 2, 2], outputSize: [1, 5, 6]).scalars
        == back.scalars)
    // The last of two values at one position stays, and each has the gradient there.
    let pair = Tensor<Double>([3, 4], shape: [1, 1, 2]).asVariable()
    let twice = maxUnpool1D(pair, indices: Tensor([1, 1], shape: [1, 1, 2]), kernelSize: 2)
    #expect(twice.scalars == [0, 4, 0, 0])
    let weights: Tensor<Double> = Tensor([5, 6, 7, 8], shape: [1, 1, 4])
    #expect(gradients(of: (twice * weights).sum(), at: [pair])[0].scalars == [6, 6])
  }

  @Test("fractional windows are drawn, fit, and are the same for the same seed")
  func fractions() {
    let x = numbers([2, 3, 11, 13], seed: 6, Float.self)
    func pooled(_ seed: UInt64) -> (values: Tensor<Float>, indices: Tensor<Int>) {
      fractionalMaxPool2DWithIndices(
        x, kernelSize: [2, 3], outputSize: [7, 5], generator: RandomGenerator(seed: seed))
    }
    let (values, indices) = pooled(4)
    #expect(values.shape == [2, 3, 7, 5] && pooled(4).values.scalars == values.scalars)
    #expect(pooled(5).indices.scalars != indices.scalars)
    let flat = x.reshaped([6, 143])
    let places = indices.reshaped([6, 35])
    for plane in 0..<6 {
      for i in 0..<35 {
        let value = flat[[.index(plane), .index(places[[.index(plane), .index(i)]].item)]].item
        #expect(value == values.reshaped([6, 35])[[.index(plane), .index(i)]].item)
      }
    }
    #expect(fractionalMaxPool2DWithIndices(x, kernelSize: 2, outputRatio: [0.5]).values.shape == [2, 3, 5, 6])
    let volume = x.reshaped([2, 3, 11, 13, 1]).broadcast(to: [2, 3, 11, 13, 4])
    #expect(fractionalMaxPool3D(volume, kernelSize: 2, outputSize: [4, 6, 2]).shape == [2, 3, 4, 6, 2])
  }

  @Test func messages() async {
    let rank = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = maxPool3D(Tensor<Float>(zeros: [3, 4, 4]), kernelSize: 2)
    }
    expectLine(
      "maxPool3D: input [3, 4, 4] is neither [batch, channels, depth, height, width] nor [channels, depth, height, width]",
      in: rank?.standardErrorContent)
    let padding = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = avgPool3D(Tensor<Float>(zeros: [1, 1, 4, 4, 4]), kernelSize: [2, 3, 2], padding: [1, 2, 1])
    }
    expectLine(
      "avgPool3D: padding 1×2×1 is not between 0 and half of the kernel 2×3×2", in: padding?.standardErrorContent)
    let place = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = maxUnpool1D(Tensor<Float>(ones: [1, 1, 2]), indices: Tensor([0, 4], shape: [1, 1, 2]), kernelSize: 2)
    }
    expectLine("maxUnpool1D: index 4 for images of 4", in: place?.standardErrorContent)
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = maxUnpool2D(
        Tensor<Float>(ones: [1, 1, 2, 2]), indices: Tensor(zeros: [1, 1, 2, 2]), kernelSize: 2, outputSize: [4, 6])
    }
    expectLine(
      "maxUnpool2D: an output of 4×6 for input [1, 1, 2, 2]: by less than the stride 2×2 from 4×4",
      in: size?.standardErrorContent)
    let windows = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = fractionalMaxPool2D(Tensor<Float>(ones: [1, 1, 4, 4]), kernelSize: 3, outputSize: [2, 3])
    }
    expectLine(
      "fractionalMaxPool2D: an output of 2×3 of windows 3×3 from input [1, 1, 4, 4]: "
        + "output and kernel, less one, are more than there is", in: windows?.standardErrorContent)
  }
}
