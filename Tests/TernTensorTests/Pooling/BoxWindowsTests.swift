import TernTensor
import Testing

/// Small windows of volumes beside loops over their elements, in both memory layouts.
@Suite struct BoxWindowsTests {
  private struct Case: CustomStringConvertible {
    let kernel: [Int], stride: [Int], padding: Int, dilation: Int
    var description: String { "kernel \(kernel), stride \(stride), padding \(padding), dilation \(dilation)" }

    /// The positions of window `output` along an axis.
    func window(_ output: Int, _ axis: Int, _ extent: Int) -> [Int] {
      (0..<kernel[axis]).map { output * stride[axis] - padding + $0 * dilation }.filter { $0 >= 0 && $0 < extent }
    }

    func count(_ axis: Int, _ extent: Int) -> Int {
      (extent + 2 * padding - dilation * (kernel[axis] - 1) - 1) / stride[axis] + 1
    }
  }

  private let cases = [
    Case(kernel: [2, 2, 2], stride: [2, 2, 2], padding: 0, dilation: 1),
    Case(kernel: [3, 2, 1], stride: [1, 2, 3], padding: 0, dilation: 1),
    Case(kernel: [3, 3, 3], stride: [2, 2, 2], padding: 1, dilation: 1),
    Case(kernel: [3, 3, 3], stride: [1, 1, 1], padding: 1, dilation: 1),
    Case(kernel: [2, 2, 2], stride: [2, 1, 2], padding: 1, dilation: 2),
    Case(kernel: [1, 2, 3], stride: [1, 2, 3], padding: 0, dilation: 1),
    Case(kernel: [2, 2, 2], stride: [3, 3, 3], padding: 0, dilation: 1),
  ]

  /// Values with ties, and here and there NaN and −∞.
  private func volumes<Scalar: FloatingScalar>(_ shape: [Int], ends: Bool) -> Tensor<Scalar> {
    let values = (0..<shape.reduce(1, *)).map { index -> Scalar in
      let draw = index &* 7919 % 61
      if ends && draw < 3 { return draw == 0 ? .nan : draw == 1 ? -.infinity : -0.0 }
      return Scalar(draw % 7)
    }
    return Tensor(values, shape: shape)
  }

  private func layouts<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> [(String, Tensor<Scalar>)] {
    [
      ("row-major", x), ("channels-last", x.permuted(0, 2, 3, 4, 1).contiguous.permuted(0, 4, 1, 2, 3)),
      ("transposed", x.transposed(3, 4).contiguous.transposed(3, 4)),
    ]
  }

  private func check<Scalar: FloatingScalar>(_: Scalar.Type) {
    for shape in [[2, 5, 3, 4, 5], [3, 19, 5, 5, 9], [1, 40, 4, 6, 20], [2, 1, 9, 9, 9]] {
      for c in cases where zip(c.kernel, shape[2...]).allSatisfy({ $1 + 2 * c.padding > c.dilation * ($0 - 1) }) {
        let counts = (0..<3).map { c.count($0, shape[2 + $0]) }
        let (pixels, outputs) = (shape[2...].reduce(1, *), counts.reduce(1, *))
        let (values, planes): (Tensor<Scalar>, Int) = (volumes(shape, ends: true), shape[0] * shape[1])
        let numbers: Tensor<Scalar> = volumes(shape, ends: false)
        let (given, finite) = (values.scalars, numbers.scalars)
        var (maxima, places, means) = ([Scalar](), [Int](), [Scalar]())
        var (moved, shared) = ([Scalar](repeating: 0, count: given.count), [Scalar](repeating: 0, count: given.count))
        let size = Scalar(c.kernel.reduce(1, *))
        for output in 0..<planes * outputs {
          let (plane, o) = (output / outputs, output % outputs)
          let indices = [o / (counts[1] * counts[2]), o / counts[2] % counts[1], o % counts[2]]
          var (best, place, sum) = (-Scalar.infinity, -1, Scalar(0))
          for d in c.window(indices[0], 0, shape[2]) {
            for h in c.window(indices[1], 1, shape[3]) {
              for w in c.window(indices[2], 2, shape[4]) {
                let at = (d * shape[3] + h) * shape[4] + w
                let v = given[plane * pixels + at]
                if place < 0 { place = at }
                if v > best || v.isNaN { (best, place) = (v, at) }
                sum += finite[plane * pixels + at]
                shared[plane * pixels + at] += Scalar(output % 8) / size
              }
            }
          }
          maxima.append(best)
          places.append(place)
          means.append(sum / size)
          moved[plane * pixels + place] += Scalar(output % 8)
        }
        let weights = Tensor((0..<planes * outputs).map { Scalar($0 % 8) }, shape: Array(shape[..<2]) + counts)
        let (kernel, stride) = (c.kernel, c.stride)
        for (layout, x) in layouts(values) {
          let x = x.asVariable()
          let found = maxPool3DWithIndices(
            x, kernelSize: kernel, stride: stride, padding: c.padding, dilation: c.dilation)
          #expect(found.values.scalars.map { "\($0)" } == maxima.map { "\($0)" }, "\(c), \(shape), \(layout)")
          #expect(found.indices.scalars == places, "\(c), \(shape), \(layout)")
          let gradient = gradients(of: found.values, at: [x], gradient: weights)[0]
          #expect(gradient.scalars == moved, "\(c), \(shape), \(layout)")
        }
        if c.dilation > 1 { continue }
        let tolerance = Scalar(8) * Scalar.ulpOfOne
        for (layout, x) in layouts(numbers) {
          let x = x.asVariable()
          let y = avgPool3D(x, kernelSize: kernel, stride: stride, padding: c.padding)
          #expect(zip(y.scalars, means).allSatisfy { abs($0 - $1) <= tolerance * 8 }, "\(c), \(shape), \(layout)")
          let gradient = gradients(of: y, at: [x], gradient: weights)[0]
          #expect(
            zip(gradient.scalars, shared).allSatisfy { abs($0 - $1) <= tolerance * 32 }, "\(c), \(shape), \(layout)")
        }
      }
    }
  }

  @Test("maxima, positions, means and gradients are those of loops over the windows")
  func loops() {
    check(Float.self)
    check(Double.self)
  }

  @Test("sequences pool alike with and without a graph")
  func recordedOrNot() {
    for length in [4, 9, 33, 128] {
      for (kernel, stride, padding, dilation) in [(2, 2, 0, 1), (3, 2, 1, 1), (2, 1, 0, 3), (3, 4, 1, 1)] {
        let x: Tensor<Double> = volumes([2, 3, length], ends: true)
        let plain = maxPool1D(x, kernelSize: kernel, stride: stride, padding: padding, dilation: dilation)
        let recorded = maxPool1D(
          x.asVariable(), kernelSize: kernel, stride: stride, padding: padding, dilation: dilation)
        #expect(plain.scalars.map { "\($0)" } == recorded.scalars.map { "\($0)" }, "\(length), kernel \(kernel)")
      }
    }
  }

  @Test("parts that fill sequences have their means, and share the gradient")
  func partsOfSequences() {
    let x: Tensor<Float> = volumes([2, 3, 96], ends: false)
    let variable = x.asVariable()
    let y = adaptiveAvgPool1D(variable, outputSize: 3)
    let expected = (0..<18).map { part in
      x.scalars[part * 32..<(part + 1) * 32].reduce(0, +) / 32
    }
    #expect(y.shape == [2, 3, 3] && zip(y.scalars, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    let gradient = gradients(of: y, at: [variable], gradient: Tensor((0..<18).map(Float.init), shape: [2, 3, 3]))[0]
    #expect(gradient.shape == [2, 3, 96] && gradient.scalars == (0..<576).map { Float($0 / 32) / 32 })
  }
}
