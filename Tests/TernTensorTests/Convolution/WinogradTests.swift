import TernBackend
import TernTestSupport
import Testing

@testable import TernTensor

/// A 3×3 convolution for Winograd's algorithm, compared with Double, which never takes it.
struct WinogradCase: CustomStringConvertible, Sendable {
  var batch: Int, height: Int, width: Int, channels: Int, outputs: Int
  /// Top, bottom, left, right.
  var padding = [1, 1, 1, 1]
  var stride = 1

  var description: String {
    "\(batch)×\(channels)×\(height)×\(width) to \(outputs), padding \(padding), stride \(stride)"
  }

  static let all: [WinogradCase] = [
    WinogradCase(batch: 1, height: 1, width: 1, channels: 16, outputs: 16),
    WinogradCase(batch: 7, height: 2, width: 3, channels: 17, outputs: 31),
    WinogradCase(batch: 65, height: 4, width: 5, channels: 16, outputs: 33),
    WinogradCase(batch: 7, height: 27, width: 31, channels: 19, outputs: 35),
    WinogradCase(batch: 1, height: 27, width: 31, channels: 32, outputs: 16, padding: [0, 0, 0, 0]),
    WinogradCase(batch: 3, height: 12, width: 9, channels: 21, outputs: 47, padding: [2, 2, 2, 2]),
    WinogradCase(batch: 2, height: 9, width: 14, channels: 40, outputs: 16, padding: [3, 0, 1, 4]),
    WinogradCase(batch: 7, height: 8, width: 8, channels: 64, outputs: 64),
    WinogradCase(batch: 5, height: 15, width: 13, channels: 130, outputs: 137),
    WinogradCase(batch: 9, height: 14, width: 15, channels: 256, outputs: 65, padding: [0, 1, 2, 0]),
    WinogradCase(batch: 2, height: 7, width: 7, channels: 300, outputs: 257),
    WinogradCase(batch: 1, height: 1, width: 1, channels: 16, outputs: 16, stride: 2),
    WinogradCase(batch: 7, height: 2, width: 3, channels: 17, outputs: 31, stride: 2),
    WinogradCase(batch: 7, height: 27, width: 31, channels: 19, outputs: 35, stride: 2),
    WinogradCase(batch: 65, height: 5, width: 6, channels: 33, outputs: 16, padding: [0, 0, 0, 0], stride: 2),
    WinogradCase(batch: 3, height: 12, width: 9, channels: 21, outputs: 47, padding: [2, 2, 2, 2], stride: 2),
    WinogradCase(batch: 2, height: 9, width: 14, channels: 40, outputs: 16, padding: [5, 0, 1, 4], stride: 2),
    WinogradCase(batch: 7, height: 16, width: 16, channels: 64, outputs: 128, padding: [1, 0, 1, 0], stride: 2),
    WinogradCase(batch: 5, height: 15, width: 13, channels: 130, outputs: 137, stride: 2),
    WinogradCase(batch: 9, height: 16, width: 12, channels: 19, outputs: 37, stride: 2),
    WinogradCase(batch: 3, height: 14, width: 28, channels: 48, outputs: 33, padding: [3, 0, 1, 2], stride: 2),
  ]

  var geometry: ConvolutionGeometry {
    ConvolutionGeometry(
      batch: batch, channels: channels, height: height, width: width, outputs: outputs,
      outHeight: (height + padding[0] + padding[1] - 3) / stride + 1,
      outWidth: (width + padding[2] + padding[3] - 3) / stride + 1, kernelHeight: 3, kernelWidth: 3,
      stride: Pair(stride), dilation: 1, top: padding[0], left: padding[2], groups: 1)
  }
}

/// The root mean square of the difference, relative to that of `b`.
private func rootMeanSquare(_ a: Tensor<Float>, _ b: Tensor<Double>) -> Double {
  guard a.shape == b.shape else { return .infinity }
  let difference = a.cast(to: Double.self) - b
  return ((difference * difference).sum().item / Swift.max((b * b).sum().item, 1e-300)).squareRoot()
}

@Suite struct WinogradTests {
  private struct Passes {
    let y: Tensor<Float>, x: Tensor<Float>, weight: Tensor<Float>
    var all: [Tensor<Float>] { [y, x, weight] }
  }

  private struct Operands {
    let geometry: ConvolutionGeometry
    let x: Tensor<Float>, weight: Tensor<Float>, bias: Tensor<Float>, gradient: Tensor<Float>

    init(_ example: WinogradCase) {
      geometry = example.geometry
      x = numbers(geometry.inputShape, seed: 1)
      weight = numbers(geometry.weightShape, seed: 2)
      bias = numbers([geometry.outputs], seed: 3)
      gradient = numbers(geometry.outputShape, seed: 4)
    }

    /// All passes by Winograd's algorithm, whether or not it is the best way.
    func passes() -> Passes {
      let y = Tensor<Float>(channelsLast: geometry.outputShape)
      let inputs = Tensor<Float>(channelsLast: geometry.inputShape)
      geometry.winograd.convolve(x.channelsLast, weight, bias: bias, to: y)
      geometry.winogradInputGradient.convolve(gradient.channelsLast, weight, bias: nil, to: inputs)
      return Passes(
        y: y, x: inputs, weight: geometry.winograd.kernelGradient(x.channelsLast, gradient.channelsLast, of: Float.self)
      )
    }
  }

  @Test("All passes are those of Double to a millionth", arguments: WinogradCase.all)
  func passes(_ example: WinogradCase) {
    let operands = Operands(example)
    let (geometry, found) = (operands.geometry, operands.passes())
    let (x, weight) = (operands.x.cast(to: Double.self), operands.weight.cast(to: Double.self))
    let (bias, gradient) = (operands.bias.cast(to: Double.self), operands.gradient.cast(to: Double.self))
    let y = rootMeanSquare(found.y, geometry.forward(x, weight, bias: bias))
    let inputs = rootMeanSquare(found.x, geometry.inputGradient(gradient, weight))
    let kernels = rootMeanSquare(found.weight, geometry.weightGradient(x, gradient))
    #expect(y < 1.5e-6 && inputs < 1.5e-6 && kernels < 1.5e-6, "\(y) \(inputs) \(kernels)")
  }

  @Test("Any number of threads gives the same bits", arguments: WinogradCase.all)
  func threads(_ example: WinogradCase) {
    let operands = Operands(example)
    // Work inside parallel work runs on the thread that meets it.
    var one = [Tensor<Float>]()
    withUnsafeMutablePointer(to: &one) { one in
      nonisolated(unsafe) let one = one
      Workers.run(chunks: 2) { chunk in if chunk == 0 { one.pointee = operands.passes().all } }
    }
    #expect(one == operands.passes().all)
  }

  @Test("Every level of the CPU agrees")
  func levels() async {
    await #expect(processExitsWith: .success) {
      let all = WinogradCase.all.filter { $0.channels < 100 }.map(Operands.init)
      CPULevel.select(.supported)
      let best = all.map { $0.passes().all }
      for level in CPULevel.allCases {
        CPULevel.select(level)
        for (operands, best) in zip(all, best) {
          for (a, b) in zip(operands.passes().all, best) { #expect(relativeDifference(a, b) < 4e-6, "\(level)") }
        }
      }
    }
  }

  @Test("conv2D takes it for every layout, forward and backward, unless results are to be exact", arguments: [1, 2])
  func operation(_ stride: Int) {
    let (x, weight) = (numbers([7, 18, 15, 16], seed: 1, Float.self), numbers([20, 18, 3, 3], seed: 2, Float.self))
    let bias = numbers([20], seed: 3, Float.self)
    func passes(_ x: Tensor<Float>, _ weight: Tensor<Float>) -> [Tensor<Float>] {
      let (x, weight, bias) = (x.asVariable(), weight.asVariable(), bias.asVariable())
      let y = conv2D(x, weight, bias: bias, stride: Pair(stride), padding: 1)
      return [y.detached()] + gradients(of: (y * y).sum(), at: [x, weight, bias])
    }
    let fast = passes(x, weight)
    for (laid, laidWeight) in zip(everyLayout(x), everyLayout(weight)) {
      #expect(passes(laid.tensor, laidWeight.tensor) == fast, "\(laid.label)")
    }
    let exact = withConvolutionPrecision(.exact) { passes(x, weight) }
    for (a, b) in zip(fast, exact) {
      #expect(relativeDifference(a, b) < 1e-5)
    }
    #expect(fast[0] != exact[0] && fast[1] != exact[1] && fast[2] != exact[2])
    #expect(ConvolutionPrecision.current == .fast)
  }

  @Test("Images of bfloat16 give the bits of rounded ones", arguments: [64, 65])
  func bfloat16(_ channels: Int) {
    func rounded(_ shape: [Int], seed: Int) -> Tensor<Float> {
      numbers(shape, seed: seed, Float.self).cast(to: BFloat16.self).cast(to: Float.self)
    }
    let (x, weight) = (rounded([3, channels, 12, 13], seed: 1), rounded([66, channels, 3, 3], seed: 2))
    let gradient = rounded([3, 66, 12, 13], seed: 3)
    func passes() -> [Tensor<Float>] {
      let (x, weight) = (x.asVariable(), weight.asVariable())
      let y = conv2D(x, weight, padding: 1)
      return [y.detached()] + gradients(of: y, at: [x, weight], gradient: gradient)
    }
    #expect(withPrecision(.bfloat16) { passes() } == passes())
  }

  @Test("Negative pixels become zero where that is asked")
  func rectified() {
    let operands = Operands(WinogradCase(batch: 3, height: 6, width: 5, channels: 16, outputs: 18))
    let (geometry, y) = (operands.geometry, operands.passes().y)
    let rectified = Tensor<Float>(channelsLast: geometry.outputShape)
    let x = operands.x.channelsLast
    withExtendedLifetime((x, operands)) {
      geometry.winograd.convolve(
        OperandPointer(x.pointer), operands.weight.pointer, bias: operands.bias.pointer, appliesReLU: true,
        to: rectified.mutablePointer)
    }
    #expect(rectified == y.relu())
  }
}
