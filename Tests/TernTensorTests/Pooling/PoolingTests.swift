import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// A pooling and what it is given, for comparison with loops that follow the definition.
struct PoolingCase: CustomStringConvertible, Sendable {
  var x: [Int]
  var kernel: Pair
  var stride: Pair?
  var padding: Pair = 0
  var dilation: Pair = 1
  var ceilMode = false

  var description: String {
    "\(x), kernel \(kernel.vertical)×\(kernel.horizontal), stride \(stride.map { "\($0)" } ?? "none"), padding "
      + "\(padding.vertical)×\(padding.horizontal), dilation \(dilation.vertical)×\(dilation.horizontal), ceil \(ceilMode)"
  }

  static let all: [PoolingCase] = [
    PoolingCase(x: [2, 3, 4, 6], kernel: 2),
    PoolingCase(x: [2, 3, 5, 7], kernel: 2),
    PoolingCase(x: [2, 3, 5, 7], kernel: 2, ceilMode: true),
    PoolingCase(x: [1, 2, 6, 5], kernel: 3, stride: 1, padding: 1),
    PoolingCase(x: [1, 2, 7, 8], kernel: [3, 2], stride: [2, 3], padding: [1, 0], ceilMode: true),
    PoolingCase(x: [2, 19, 6, 6], kernel: 3, stride: 2, padding: 1),
    PoolingCase(x: [1, 16, 9, 9], kernel: 2, stride: 3, padding: 1, dilation: [2, 3], ceilMode: true),
    PoolingCase(x: [1, 2, 8, 8], kernel: [2, 3], stride: 1, padding: [0, 1], dilation: 2),
    PoolingCase(x: [3, 1, 1, 1], kernel: 1),
    PoolingCase(x: [2, 40, 3, 3], kernel: 3),
    PoolingCase(x: [3, 20, 17, 15], kernel: 3, stride: 2, padding: 1, ceilMode: true),
  ]

  /// The number of windows along an axis: those that fit, and with `ceilMode` one more that begins inside.
  private func count(_ extent: Int, _ kernel: Int, _ stride: Int, _ padding: Int, _ dilation: Int) -> Int {
    let last = extent + 2 * padding - dilation * (kernel - 1) - 1
    var count = 0
    while count * stride <= last { count += 1 }
    if ceilMode, count * stride < extent + padding, count * stride - stride < last { count += 1 }
    return count
  }

  var outputShape: [Int] {
    let stride = stride ?? kernel
    return [
      x[0], x[1], count(x[2], kernel.vertical, stride.vertical, padding.vertical, dilation.vertical),
      count(x[3], kernel.horizontal, stride.horizontal, padding.horizontal, dilation.horizontal),
    ]
  }

  /// For every output the positions in x of its window's pixels.
  var windows: [[Int]] {
    let (stride, y) = (stride ?? kernel, outputShape)
    var windows: [[Int]] = []
    for plane in 0..<x[0] * x[1] {
      for i in 0..<y[2] {
        for j in 0..<y[3] {
          var window: [Int] = []
          for u in 0..<kernel.vertical {
            for v in 0..<kernel.horizontal {
              let h = i * stride.vertical - padding.vertical + u * dilation.vertical
              let w = j * stride.horizontal - padding.horizontal + v * dilation.horizontal
              if h >= 0, h < x[2], w >= 0, w < x[3] { window.append((plane * x[2] + h) * x[3] + w) }
            }
          }
          windows.append(window)
        }
      }
    }
    return windows
  }
}

@Suite struct PoolingTests {
  @Test(arguments: PoolingCase.all)
  func maximaFollowTheDefinition(_ test: PoolingCase) {
    // Few different values: the first of equals must win.
    let x = (numbers(test.x, Double.self) * 3).floor()
    let values = x.scalars
    let plane = test.x[2] * test.x[3]
    let picked = test.windows.map { window in window.first { k in window.allSatisfy { values[$0] <= values[k] } }! }
    let gradient = numbers(test.outputShape, seed: 2, Double.self)
    var derivative = [Double](repeating: 0, count: x.count)
    for (k, g) in zip(picked, gradient.scalars) { derivative[k] += g }
    for laid in everyLayout(x) {
      let variable = laid.tensor.asVariable()
      let found = maxPool2DWithIndices(
        variable, kernelSize: test.kernel, stride: test.stride, padding: test.padding, dilation: test.dilation,
        ceilMode: test.ceilMode)
      #expect(found.values.shape == test.outputShape, "\(laid.label)")
      #expect(found.values.scalars == picked.map { values[$0] }, "\(laid.label)")
      #expect(found.indices.scalars == picked.map { $0 % plane }, "\(laid.label)")
      for g in everyLayout(gradient) {
        let back = gradients(of: found.values, at: [variable], gradient: g.tensor, retainGraph: true)[0]
        #expect(relativeDifference(back, Tensor(derivative, shape: test.x)) < 1e-15, "\(laid.label), \(g.label)")
      }
    }
  }

  @Test(arguments: PoolingCase.all.filter { $0.dilation == 1 }, [true, false])
  func meansFollowTheDefinition(_ test: PoolingCase, countsPadding: Bool) {
    let x = numbers(test.x, Double.self)
    let values = x.scalars
    let size = Double(test.kernel.vertical * test.kernel.horizontal)
    let expected = test.windows.map { window -> Double in
      let sum = window.reduce(0) { $0 + values[$1] }
      return sum / (countsPadding ? size : Double(window.count))
    }
    for laid in everyLayout(x) {
      let y = avgPool2D(
        laid.tensor, kernelSize: test.kernel, stride: test.stride, padding: test.padding, ceilMode: test.ceilMode,
        countsPadding: countsPadding)
      #expect(y.shape == test.outputShape, "\(laid.label)")
      // Windows that reach beyond the padding count less: see the case worked out by hand.
      if countsPadding && test.ceilMode { continue }
      #expect(relativeDifference(y, Tensor(expected, shape: test.outputShape)) < 1e-14, "\(laid.label)")
    }
  }

  @Test func aWindowCutShortCountsItsPaddingButNothingBeyond() {
    let x = Tensor<Double>([1, 2, 4, 8, 16], shape: [1, 1, 5])
    #expect(avgPool1D(x, kernelSize: 3, stride: 3, padding: 1, ceilMode: true).scalars == [1, 28.0 / 3])
    #expect(avgPool1D(x, kernelSize: 4, stride: 3, padding: 1, ceilMode: true).scalars == [7.0 / 4, 28.0 / 4])
    let truncated = avgPool1D(x, kernelSize: 2, stride: 3, ceilMode: true)
    #expect(truncated.scalars == [1.5, 12])
    #expect(avgPool1D(x, kernelSize: 4, stride: 3, ceilMode: true).scalars == [15.0 / 4, 12])
    #expect(avgPool2D(x, kernelSize: [1, 2], divisor: 4).scalars == [0.75, 3])
  }

  @Test(arguments: PoolingCase.all.filter { $0.x.reduce(1, *) < 200 })
  func gradientsOfBothOrders(_ test: PoolingCase) {
    // All different, so that no step of the differences moves a maximum.
    let count = test.x.reduce(1, *)
    let apart = Tensor((0..<count).map { Double(($0 * 37) % 211) / 20 }, shape: test.x)
    let maximum = checkGradients(at: [apart]) { points in
      let y = maxPool2D(
        points[0], kernelSize: test.kernel, stride: test.stride, padding: test.padding, dilation: test.dilation,
        ceilMode: test.ceilMode)
      return y * y
    }
    #expect(maximum.passes(), "\(maximum)")
    if test.dilation != 1 { return }
    let mean = checkGradients(at: [apart]) { points in
      let y = avgPool2D(
        points[0], kernelSize: test.kernel, stride: test.stride, padding: test.padding, ceilMode: test.ceilMode,
        countsPadding: false)
      return y * y
    }
    #expect(mean.passes(), "\(mean)")
    let norm = checkGradients(at: [apart + 1]) { points in
      lpPool2D(points[0], p: 3, kernelSize: test.kernel, stride: test.stride, ceilMode: test.ceilMode)
    }
    #expect(norm.passes(), "\(norm)")
  }

  @Test func nanWinsAndPaddingNever() {
    let x = Tensor<Float>([-1, -2, .nan, -4, -.infinity, -.infinity], shape: [1, 1, 6])
    let found = maxPool1DWithIndices(x, kernelSize: 2)
    #expect(found.values.scalars[0] == -1 && found.values.scalars[1].isNaN && found.values.scalars[2] == -.infinity)
    #expect(found.indices.scalars == [0, 2, 4])
    #expect(maxPool1D(x, kernelSize: 3, stride: 1, padding: 1).scalars[0] == -1)
    let both = maxPool1DWithIndices(Tensor<Double>([.nan, 1, .nan, 5], shape: [1, 1, 4]), kernelSize: 4)
    #expect(both.values.item.isNaN && both.indices.item == 2)
  }

  @Test func aWindowWithoutAPixelIsMinusInfinityAndHasNoGradient() {
    let x = Tensor<Double>([3, 4], shape: [1, 1, 2]).asVariable()
    let found = maxPool1DWithIndices(x, kernelSize: 2, padding: 2, dilation: 4)
    #expect(found.values.scalars == [-.infinity])
    #expect(found.indices.scalars == [-1])
    #expect(gradients(of: found.values, at: [x])[0].scalars == [0, 0])
  }

  @Test func formsWithoutABatchAndEmptyBatches() {
    let image = numbers([3, 4, 6], Double.self)
    #expect(maxPool2D(image, kernelSize: 2) == maxPool2D(image.expandedAxis(at: 0), kernelSize: 2)[0])
    #expect(avgPool2D(image, kernelSize: 2).shape == [3, 2, 3])
    #expect(maxPool1D(image, kernelSize: 3).shape == [3, 4, 2])
    #expect(avgPool1D(image[0], kernelSize: 4).shape == [4, 1])
    #expect(maxPool1DWithIndices(image[0], kernelSize: 4).indices.shape == [4, 1])
    let empty = Tensor<Double>(zeros: [0, 3, 4, 4]).asVariable()
    for y in [maxPool2D(empty, kernelSize: 2), avgPool2D(empty, kernelSize: 2)] {
      #expect(y.shape == [0, 3, 2, 2])
      #expect(gradients(of: y.sum(), at: [empty])[0].shape == [0, 3, 4, 4])
    }
  }

  @Test func oneAndManyThreadsGiveTheSameBits() {
    let threads = Workers.count
    defer { Workers.count = threads }
    let values = numbers([4, 32, 40, 40], Float.self)
    for laid in everyLayout(values) {
      let x = laid.tensor.asVariable()
      let runs = [1, 2, 3].map { count in
        Workers.count = count
        let results = [
          maxPool2D(x, kernelSize: 3, stride: 2, padding: 1), avgPool2D(x, kernelSize: 3, stride: 2),
          adaptiveAvgPool2D(x, outputSize: 1), interpolate(x, size: [50, 31], mode: .linear),
        ]
        return results + results.map { gradients(of: $0, at: [x], gradient: $0.detached() * 2)[0] }
      }
      #expect(runs[0] == runs[1], "\(laid.label)")
      #expect(runs[0] == runs[2], "\(laid.label)")
    }
  }

  @Test("every level of the CPU agrees")
  func levels() async {
    await #expect(processExitsWith: .success) {
      let x = numbers([2, 35, 9, 8], Float.self)
      let weight = numbers([35, 1, 3, 3], seed: 2, Float.self)
      func everything() -> [Tensor<Float>] {
        [everyLayout(x)[0].tensor, everyLayout(x)[2].tensor].flatMap { values -> [Tensor<Float>] in
          let variable = values.asVariable()
          let results = [
            maxPool2D(variable, kernelSize: 3, stride: 2, padding: 1), avgPool2D(variable, kernelSize: 3, stride: 2),
            conv2D(variable, weight, padding: 1, groups: 35), conv2D(variable, numbers([4, 35, 3, 3]), padding: 1),
          ]
          return results + results.map { gradients(of: $0, at: [variable], gradient: $0.detached() * 2)[0] }
        }
      }
      CPULevel.select(.supported)
      let best = everything()
      for level in CPULevel.allCases {
        CPULevel.select(level)
        for (a, b) in zip(everything(), best) { #expect(relativeDifference(a, b) < 1e-6, "\(level)") }
      }
    }
  }
}
