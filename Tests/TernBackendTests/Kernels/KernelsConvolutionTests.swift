import Foundation
import TernBackend
import Testing

/// A convolution channel by channel, its input and its weights.
private struct Depthwise {
  let grid: DepthwiseGrid
  let images = 2
  var outputs: Int { grid.channels * grid.multiplier }
  var x: [Double] { noise(images * grid.height * grid.width * grid.channels, seed: 1) }
  var weights: [Double] { noise(grid.kernelHeight * grid.kernelWidth * outputs, seed: 2) }
  var gradient: [Double] { noise(images * grid.outHeight * grid.outWidth * outputs, seed: 3) }

  init(channels: Int, multiplier: Int, size: Int, kernel: (Int, Int), stride: (Int, Int), dilation: (Int, Int)) {
    let (padTop, padLeft) = (1, 2)
    grid = DepthwiseGrid(
      height: size, width: size + 1, channels: channels, multiplier: multiplier,
      outHeight: (size + 2 * padTop - (kernel.0 - 1) * dilation.0 - 1) / stride.0 + 1,
      outWidth: (size + 1 + 2 * padLeft - (kernel.1 - 1) * dilation.1 - 1) / stride.1 + 1, kernelHeight: kernel.0,
      kernelWidth: kernel.1, strideDown: stride.0, strideAcross: stride.1, padTop: padTop, padLeft: padLeft,
      dilationDown: dilation.0, dilationAcross: dilation.1)
  }

  /// Calls `body` with the places of input, weight and output for each product of the convolution.
  func forEachProduct(_ body: (_ x: Int, _ weight: Int, _ out: Int) -> Void) {
    for image in 0..<images {
      for r in 0..<grid.outHeight {
        for c in 0..<grid.outWidth {
          for u in 0..<grid.kernelHeight {
            for v in 0..<grid.kernelWidth {
              let row = r * grid.strideDown - grid.padTop + u * grid.dilationDown
              let column = c * grid.strideAcross - grid.padLeft + v * grid.dilationAcross
              guard 0..<grid.height ~= row, 0..<grid.width ~= column else { continue }
              for o in 0..<outputs {
                body(
                  ((image * grid.height + row) * grid.width + column) * grid.channels + o / grid.multiplier,
                  (u * grid.kernelWidth + v) * outputs + o,
                  ((image * grid.outHeight + r) * grid.outWidth + c) * outputs + o)
              }
            }
          }
        }
      }
    }
  }
}

/// Whether two arrays agree to rounding.
private func near(_ a: [Double], _ b: [Double], _ tolerance: Double = 1e-12) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance }
}

@Suite("Convolution kernels") struct KernelsConvolutionTests {
  private let cases = [
    Depthwise(channels: 3, multiplier: 1, size: 5, kernel: (3, 3), stride: (1, 1), dilation: (1, 1)),
    Depthwise(channels: 19, multiplier: 1, size: 6, kernel: (2, 3), stride: (2, 1), dilation: (1, 2)),
    Depthwise(channels: 2, multiplier: 3, size: 7, kernel: (3, 1), stride: (1, 3), dilation: (2, 1)),
  ]

  @Test("depthwise convolutions and both derivatives are the sums of their products")
  func depthwise() {
    for one in cases {
      let (x, weights, gradient) = (one.x, one.weights, one.gradient)
      var expected = [Double](repeating: 0, count: gradient.count)
      var expectedInput = [Double](repeating: 0, count: x.count)
      var expectedWeights = [Double](repeating: 0, count: weights.count)
      one.forEachProduct { i, w, o in
        expected[o] += x[i] * weights[w]
        expectedInput[i] += gradient[o] * weights[w]
        expectedWeights[w] += gradient[o] * x[i]
      }
      var out = [Double](repeating: 7, count: gradient.count)
      var input = [Double](repeating: 7, count: x.count)
      var slopes = [Double](repeating: 0, count: weights.count)
      var scratch = [Double](repeating: 0, count: one.outputs)
      let rows = one.images * one.grid.outHeight
      // In two chunks, as two threads would do it.
      out.withUnsafeMutableBufferPointer {
        Double.depthwise(one.grid, 0, rows / 2, $0.baseAddress!, x, weights)
        Double.depthwise(one.grid, rows / 2, rows - rows / 2, $0.baseAddress!, x, weights)
      }
      Double.depthwiseInput(one.grid, 0, one.images * one.grid.height, &input, gradient, weights)
      Double.depthwiseWeight(one.grid, 0, rows, &slopes, x, gradient, &scratch)
      #expect(near(out, expected))
      #expect(near(input, expectedInput))
      #expect(near(slopes, expectedWeights, 1e-11))
    }
  }

  @Test("register tiles sum the same products, with a bias and a ReLU", arguments: [(3, 5), (16, 32), (7, 33)])
  func tiles(channels: Int, outputs: Int) {
    let (height, width) = (6, 7)
    let grid = DirectGrid(
      height: height, width: width, pixel: channels, channels: channels, rows: height, columns: width,
      outputs: outputs, kernelHeight: 3, kernelWidth: 3, rowStride: 1, columnStride: 1, rowDilation: 1,
      columnDilation: 1, top: 1, left: 1, outImage: height * width * outputs, outRow: width * outputs,
      outColumn: outputs)
    let layout = DirectWeightsLayout(
      kernelHeight: 3, kernelWidth: 3, channels: channels, outputs: outputs, row: 3 * channels * outputs,
      column: channels * outputs, channel: outputs, output: 1)
    let x = noise(height * width * channels, seed: 1).map { Float($0) }
    let weights = noise(9 * channels * outputs, seed: 2).map { Float($0) }
    let panels = (outputs + DirectKernels.panel - 1) / DirectKernels.panel
    var packed = [Float](repeating: 9, count: panels * 9 * channels * DirectKernels.panel)
    packed.withUnsafeMutableBufferPointer {
      for panel in 0..<panels {
        DirectKernels.pack(layout, panel, $0.baseAddress! + panel * 9 * channels * DirectKernels.panel, weights)
      }
    }
    let bias = (0..<panels * DirectKernels.panel).map { $0 < outputs ? Float($0) * 0.01 : 0 }
    var scratch = [Float](repeating: 0, count: (height + 2) * (width + 2) * channels + 64)
    for appliesReLU in [false, true] {
      var out = [Float](repeating: 7, count: height * width * outputs)
      let part = DirectPart(image: 0, row: 0, rows: height, column: 0, columns: width)
      x.withUnsafeBufferPointer {
        DirectKernels.convolution(
          grid, part, &out, OperandPointer($0.baseAddress!), packed, bias: bias, appliesReLU: appliesReLU, &scratch)
      }
      for r in 0..<height {
        for c in 0..<width {
          for o in 0..<outputs {
            var sum = Double(bias[o])
            for u in 0..<3 where 0..<height ~= r + u - 1 {
              for v in 0..<3 where 0..<width ~= c + v - 1 {
                for k in 0..<channels {
                  sum +=
                    Double(x[((r + u - 1) * width + c + v - 1) * channels + k])
                    * Double(weights[((u * 3 + v) * channels + k) * outputs + o])
                }
              }
            }
            let value = Double(out[(r * width + c) * outputs + o])
            if abs(value - (appliesReLU ? max(sum, 0) : sum)) > 2e-5 {
              Issue.record("\(channels) to \(outputs) channels at \(r), \(c), \(o): \(value) for \(sum)")
              return
            }
          }
        }
      }
    }
  }

  @Test("a bias is added to every row, and a ReLU keeps nan")
  func channels() {
    var out: [Double] = [1, -3, .nan, 2, -1, 0]
    Double.addChannels(2, 3, &out, [-0.5, 1, 0], appliesReLU: true)
    #expect(out[0] == 0.5 && out[1] == 0 && out[2].isNaN && Array(out[3...]) == [1.5, 0, 0])
  }
}
