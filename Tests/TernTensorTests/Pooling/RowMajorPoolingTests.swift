import TernTensor
import TernTestSupport
import Testing

/// Row-major images, whose rows are read several columns at once, beside the same images channels-last.
@Suite struct RowMajorPoolingTests {
  private struct Case: CustomStringConvertible {
    let kernel: Pair, stride: Pair, padding: Int, dilation: Int
    var description: String { "kernel \(kernel), stride \(stride), padding \(padding), dilation \(dilation)" }
  }

  /// Values with ties, and here and there NaN and −∞.
  private func images<Scalar: FloatingScalar>(_ shape: [Int], seed: Int) -> Tensor<Scalar> {
    let values = (0..<shape.reduce(1, *)).map { index -> Scalar in
      let draw = (index &* 7919 &+ seed &* 104_729) % 31
      return draw == 0 ? .nan : draw == 1 ? -.infinity : draw == 2 ? -0.0 : Scalar(draw % 5)
    }
    return Tensor(values, shape: shape)
  }

  private func check<Scalar: FloatingScalar>(_: Scalar.Type) {
    let cases = [
      Case(kernel: 2, stride: 2, padding: 0, dilation: 1), Case(kernel: 3, stride: 3, padding: 0, dilation: 1),
      Case(kernel: [1, 2], stride: [1, 2], padding: 0, dilation: 1),
      Case(kernel: [2, 4], stride: [3, 5], padding: 0, dilation: 1),
      Case(kernel: 3, stride: 2, padding: 1, dilation: 1), Case(kernel: 3, stride: 1, padding: 1, dilation: 1),
      Case(kernel: 2, stride: 3, padding: 1, dilation: 2), Case(kernel: 5, stride: 4, padding: 2, dilation: 1),
    ]
    for width in [1, 2, 3, 5, 8, 13, 14, 15, 16, 17, 28, 31, 33, 40, 65] {
      for (number, c) in cases.enumerated() where width + 2 * c.padding > c.dilation * (c.kernel.horizontal - 1) {
        let x: Tensor<Scalar> = images([2, 3, 9, width], seed: number + width)
        let rows = maxPool2DWithIndices(
          x, kernelSize: c.kernel, stride: c.stride, padding: c.padding, dilation: c.dilation)
        let last = x.permuted(0, 2, 3, 1).contiguous.permuted(0, 3, 1, 2)
        let channels = maxPool2DWithIndices(
          last, kernelSize: c.kernel, stride: c.stride, padding: c.padding, dilation: c.dilation)
        #expect(rows.indices.scalars == channels.indices.scalars, "\(c), width \(width)")
        #expect(rows.values.scalars.map { "\($0)" } == channels.values.scalars.map { "\($0)" }, "\(c), width \(width)")
        // Each gradient lands where the index says.
        let variable = x.asVariable()
        let values = maxPool2D(
          variable, kernelSize: c.kernel, stride: c.stride, padding: c.padding, dilation: c.dilation)
        let cotangent = Tensor((1...values.count).map { Scalar($0) }, shape: values.shape)
        let gradient = gradients(of: values, at: [variable], gradient: cotangent)[0]
        var expected = [Scalar](repeating: 0, count: x.count)
        let (each, plane) = (values.count / 6, 9 * width)
        for (at, index) in rows.indices.scalars.enumerated() where index >= 0 {
          expected[at / each * plane + index] += Scalar(at + 1)
        }
        #expect(gradient.scalars == expected, "\(c), width \(width)")
      }
    }
  }

  @Test func `maxima and their gradients are those of channels-last images`() {
    check(Float.self)
    check(Double.self)
  }

  @Test func `the maximum of a whole plane is found wherever it is`() {
    for at in [0, 1, 7, 8, 27, 100, 783] {
      var values = [Float](repeating: 0.5, count: 784)
      values[at] = 2
      values[783] = 2
      let (maximum, indices) = adaptiveMaxPool2DWithIndices(
        Tensor(values, shape: [1, 1, 28, 28]), height: 1, width: 1)
      #expect(maximum.item == 2)
      #expect(indices.item == at)
    }
  }

  @Test func `maxima of parts are the same with and without positions, recorded or not`() {
    var values = scattered(640)
    values[100] = .nan
    let x = Tensor<Double>(values, shape: [2, 5, 64])
    for laid in everyLayout(x) {
      for size in [1, 7, 16, 64, 100] {
        let expected = adaptiveMaxPool1DWithIndices(laid.tensor, outputSize: size).values
        let found = adaptiveMaxPool1D(laid.tensor, outputSize: size)
        let recorded = adaptiveMaxPool1D(laid.tensor.asVariable(), outputSize: size).detached()
        for y in [found, recorded] {
          #expect(isSame(y, expected), "\(laid.label) \(size)")
        }
      }
      let images = laid.tensor.reshaped([2, 5, 8, 8])
      let planes = adaptiveMaxPool2D(images, height: 3, width: 5)
      let expected = adaptiveMaxPool2DWithIndices(images, height: 3, width: 5).values
      #expect(isSame(planes, expected), "\(laid.label)")
    }
  }

  /// Whether shapes and values agree, NaN with NaN.
  private func isSame(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Bool {
    a.shape == b.shape && zip(a.scalars, b.scalars).allSatisfy { x, y in x == y || (x.isNaN && y.isNaN) }
  }
}
