import TernBackend

// The input's gradient for images of few channels. By itself the gradient of such an image would leave most of a vector
// empty; the taps of a kernel's row lie beside each other in the image, so that together they fill it.

extension ConvolutionGeometry {
  /// The input's gradient, plus a bias, row by row.
  func scatterInputGradient(
    _ gradient: UnsafePointer<Float>, _ weight: Tensor<Float>, bias: UnsafePointer<Float>?,
    to out: UnsafeMutablePointer<Float>
  ) {
    let grid = forwardGrid
    let run = kernelWidth * channels
    let padded = (run + DirectKernels.lanes - 1) / DirectKernels.lanes * DirectKernels.lanes
    // [kernel height, outputs, kernel width, channels]
    let taps = weight.permuted(2, 0, 3, 1).contiguous
    let line = DirectKernels.scatterLine(grid)
    let work = outWidth * outputs * padded * kernelHeight / stride.vertical
    withScratch(kernelHeight * outputs * padded, of: Float.self) { packed in
      for row in 0..<kernelHeight * outputs {
        let (to, from) = (packed + row * padded, taps.pointer + row * run)
        to.update(from: from, count: run)
        (to + run).update(repeating: 0, count: padded - run)
      }
      Workers.run(count: batch * height, grain: Swift.max(1, 0x40000 / Swift.max(1, work))) { range in
        withScratch(line, of: Float.self) { line in
          var row = range.lowerBound
          while row < range.upperBound {
            let (image, first) = row.quotientAndRemainder(dividingBy: height)
            let count = Swift.min(height - first, range.upperBound - row)
            DirectKernels.scatter(grid, image: image, first, count, to: out, gradient, packed, bias: bias, line)
            row += count
          }
        }
      }
    }
    withExtendedLifetime(taps) {}
  }
}
