import TernTensor
import TernTestSupport
import Testing

@Suite struct InterpolationTests {
  /// What filters that are even follow where they are not truncated.
  private func line(_ t: Double) -> Double { 3 * t - 2 }

  @Test func antialiasedMeansOfALineStayOnIt() {
    let x = Tensor((0..<40).map { line(Double($0)) }, shape: [1, 1, 40])
    for mode: InterpolationMode in [.linear, .cubic, .lanczos] {
      let y = interpolate(x, size: [10], mode: mode, antialiases: true)
      // The center of output i is input 4i + 1.5; windows at the ends are truncated.
      for i in 3..<7 {
        let value = y[0, 0, i].item
        #expect(abs(value - line(4 * Double(i) + 1.5)) < 1e-12, "\(mode) \(i): \(value)")
      }
      let ones = interpolate(Tensor<Double>(ones: [1, 1, 40]), size: [10], mode: mode, antialiases: true)
      #expect(ones.scalars.allSatisfy { abs($0 - 1) < 1e-14 }, "\(mode): \(ones.scalars)")
    }
  }

  @Test func cubicWeightsAtAQuarter() {
    // Keys' cubic with a = −3/4 at distances 1.25, 0.25, 0.75, 1.75, in exact fractions of 256.
    let x = Tensor<Double>([0, 0, 1, 0, 0, 0, 0, 0], shape: [1, 1, 8])
    let y = interpolate(x, scale: 2, mode: .cubic)
    // Output j lies at (j − ½)/2.
    let expected: [Double] = [0, -9, -27, 67, 225, 225, 67, -27, -9, 0].map { $0 / 256 }
    let found = Array(y.scalars[0..<10])
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-15 }, "\(found)")
  }

  @Test func areaIsAdaptivePooling() {
    let x = numbers([2, 3, 5, 7], Double.self)
    for laid in everyLayout(x) {
      #expect(
        interpolate(laid.tensor, size: [3, 4], mode: .area) == adaptiveAvgPool2D(laid.tensor, height: 3, width: 4),
        "\(laid.label)")
      #expect(
        interpolate(laid.tensor, scale: 0.6, mode: .area) == adaptiveAvgPool2D(laid.tensor, height: 3, width: 4),
        "\(laid.label)")
    }
  }

  @Test func pixelsOfManyChannels() {
    for channels in [1, 15, 16, 17, 33, 64] {
      let x = numbers([2, channels, 5, 6], Double.self)
      let last = x.permuted(0, 2, 3, 1).contiguous.permuted(0, 3, 1, 2)
      for mode: InterpolationMode in [.nearest, .linear, .cubic] {
        let expected = interpolate(x, size: [10, 13], mode: mode)
        let found = interpolate(last, size: [10, 13], mode: mode)
        #expect(relativeDifference(found, expected) < 1e-14, "\(mode), \(channels) channels")
        let floats = interpolate(last.cast(to: Float.self), size: [10, 13], mode: mode).cast(to: Double.self)
        #expect(relativeDifference(floats, expected) < 1e-5, "\(mode), \(channels) channels of Float")
      }
    }
  }

  @Test func everyLayoutGivesTheSame() {
    let x = numbers([2, 3, 9, 37], Double.self)
    for (mode, antialiases) in [
      (InterpolationMode.nearest, false), (.linear, false), (.cubic, false), (.area, false), (.linear, true),
      (.lanczos, true),
    ] {
      for size in [[5, 70], [20, 11], [9, 37], [1, 1], [3, 16]] {
        let expected = interpolate(x, size: size, mode: mode, antialiases: antialiases)
        for laid in everyLayout(x) {
          let y = interpolate(laid.tensor, size: size, mode: mode, antialiases: antialiases)
          let difference = relativeDifference(y, expected)
          #expect(difference < 1e-14, "\(mode) \(size) \(laid.label): \(difference)")
        }
        let floats = interpolate(x.cast(to: Float.self), size: size, mode: mode, antialiases: antialiases)
        let difference = relativeDifference(floats.cast(to: Double.self), expected)
        #expect(difference < 1e-5, "\(mode) \(size) Float: \(difference)")
      }
    }
  }

  @Test func volumesAreResampledAlongEachAxis() {
    let x = numbers([2, 3, 4, 5, 3], Double.self)
    for mode: InterpolationMode in [.nearest, .linear, .cubic, .area] {
      let expected = (0..<3).reduce(x) { y, axis in
        // One axis at a time, as the last of sequences.
        let moved = y.movingAxis(axis + 2, to: 4)
        let rows = moved.reshaped(-1, 1, moved.shape[4])
        let size = [6, 3, 7][axis]
        return interpolate(rows, size: [size], mode: mode)
          .reshaped(Array(moved.shape.dropLast()) + [size]).movingAxis(4, to: axis + 2)
      }
      for laid in everyLayout(x) {
        let y = interpolate(laid.tensor, size: [6, 3, 7], mode: mode)
        #expect(y.shape == [2, 3, 6, 3, 7])
        #expect(relativeDifference(y, expected) < 1e-13, "\(mode) \(laid.label)")
      }
    }
  }

  @Test func gradientsOfTheNewModes() {
    for x in [numbers([1, 2, 5, 6], Double.self), numbers([1, 2, 3, 2, 4], Double.self)] {
      let size = Array([3, 7, 5].prefix(x.rank - 2))
      for (mode, antialiases) in [(InterpolationMode.cubic, false), (.area, false), (.linear, false), (.cubic, true)] {
        let check = checkGradients(at: [x]) { interpolate($0[0], size: size, mode: mode, antialiases: antialiases) }
        #expect(check.passes(), "\(mode) \(antialiases): \(check)")
      }
    }
  }

  @Test func anInfinityCountsOnlyWhereItHasWeight() {
    let x = Tensor<Double>([1, .infinity, 3, 4], shape: [1, 1, 4])
    for laid in everyLayout(x) {
      let y = interpolate(laid.tensor, size: [7], mode: .linear, alignsCorners: true)
      #expect(y.scalars == [1, .infinity, .infinity, .infinity, 3, 3.5, 4], "\(laid.label): \(y.scalars)")
    }
  }

  @Test func theGradientOfAnImageHasItsLayout() {
    let x = numbers([2, 3, 4, 5], Float.self).permuted([0, 3, 1, 2]).asVariable()
    let loss = adaptiveAvgPool2D(x, outputSize: 1).sum()
    let gradient = gradients(of: loss, at: [x])[0]
    #expect(gradient.layout.hasLayout(of: Layout(x.shape, order: [0, 2, 3, 1])), "\(gradient.layout)")
  }

  @Test func messages() async {
    let aligned = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = interpolate(Tensor<Float>(zeros: [1, 1, 4, 4]), size: [2, 2], mode: .area, alignsCorners: true)
    }
    expectLine(
      "interpolate: corners are aligned in linear and cubic interpolation only, not in area",
      in: aligned?.standardErrorContent)
    let nearest = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = interpolate(Tensor<Float>(zeros: [1, 1, 4, 4]), size: [2, 2], antialiases: true)
    }
    expectLine(
      "interpolate: linear, cubic and Lanczos interpolation antialias, not nearest", in: nearest?.standardErrorContent)
    let lanczos = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = interpolate(Tensor<Float>(zeros: [1, 1, 4, 4]), size: [2, 2], mode: .lanczos)
    }
    expectLine(
      "interpolate: Lanczos interpolation always antialiases: antialiases: true", in: lanczos?.standardErrorContent)
  }
}
