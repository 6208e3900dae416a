import TernBackend

extension ConvolutionGeometry {
  /// The gradient of the weights: parts of the images are summed in chunks, and these pairwise.
  func directWeightGradient(_ x: OperandPointer, _ gradient: OperandPointer) -> Tensor<Float> {
    let form = DirectWeightGradient(self, directGrid, images: directImages, x, gradient)
    let work = Double(batch * outHeight * outWidth) * Double(form.products)
    let chunks = PartialSums<Float>.chunks(
      Swift.min(form.tiling.count, Swift.max(1, Int(work / 0x1p18))), grain: 1, size: form.size)
    let sums = PartialSums<Float>(chunks: chunks, size: form.size)
    Workers.run(chunks: chunks) { chunk in
      let range = PartialSums<Float>.range(chunk, of: chunks, form.tiling.count)
      withScratch(form.scratchCount, of: Float.self) { form.add(range, to: sums.pointer(chunk), $0) }
    }
    return sums.total(shape: [form.size]).view(form.layout).copied().reshaped(weightShape)
  }

  /// The gradient of the weights for each image by itself, [batch, outputs, channels / groups, kernel height, kernel width].
  func directWeightGradientsOfImages(_ x: OperandPointer, _ gradient: OperandPointer) -> Tensor<Float> {
    let form = DirectWeightGradient(self, forwardGrid, images: batch, x, gradient)
    let parts = form.tiling.count / batch
    let result = Tensor<Float>(uninitialized: [batch] + weightShape)
    let (out, count) = (result.mutablePointer, result.count / batch)
    Workers.run(chunks: batch) { image in
      withScratch(form.size + form.scratchCount, of: Float.self) { sums in
        form.add(image * parts..<(image + 1) * parts, to: sums, sums + form.size)
        form.copy(sums, to: out + image * count)
      }
    }
    return result
  }
}

/// The gradient of a convolution's weights by the direct kernels: the parts that images are split into, and the layout of the
/// sums over parts.
private struct DirectWeightGradient {
  private let grid: DirectGrid
  private let groups: Int
  private let x: OperandPointer, gradient: OperandPointer
  private let swaps: Bool
  let tiling: DirectTiling
  /// Products for one pixel of the result.
  let products: Int
  /// Of the sums: [groups, outputs, channels, kernel height, kernel width], each group's last line padded to whole vectors.
  let layout: Layout
  /// Values of the sums of all groups.
  let size: Int
  /// Values of scratch that ``add(_:to:_:)`` needs.
  let scratchCount: Int

  init(
    _ geometry: ConvolutionGeometry, _ form: DirectGrid, images: Int, _ x: OperandPointer, _ gradient: OperandPointer
  ) {
    var grid = form
    // In bfloat16 with the channels that fill up pixels, whose gradients are dropped.
    let (inputs, outputs) = (x.pixel(geometry.channels / geometry.groups), geometry.outputs / geometry.groups)
    let pixel = gradient.pixel(geometry.outputs)
    (grid.pixel, grid.channels) = (x.pixel(geometry.channels), inputs)
    (grid.outImage, grid.outRow, grid.outColumn) = (grid.rows * grid.columns * pixel, grid.columns * pixel, pixel)
    (self.grid, self.x, self.gradient, groups) = (grid, x, gradient, geometry.groups)
    let (kernelHeight, kernelWidth) = (geometry.kernelHeight, geometry.kernelWidth)
    products = kernelHeight * kernelWidth * geometry.channels * outputs
    tiling = DirectTiling(grid, images: images, products: products, most: 512)
    swaps = DirectKernels.swaps(grid)
    func padded(_ count: Int) -> Int { (count + DirectKernels.lanes - 1) / DirectKernels.lanes * DirectKernels.lanes }
    // Strides of the sums.
    let line: Int, o: Int, c: Int, v: Int, u: Int
    if !swaps {
      line = padded(outputs)
      (o, c, v, u) = (1, line, inputs * line, kernelWidth * inputs * line)
    } else if grid.hasRuns {
      line = padded(kernelWidth * inputs)
      (o, c, v, u) = (line, 1, inputs, outputs * line)
    } else {
      line = padded(inputs)
      (o, c, v, u) = (line, 1, outputs * line, kernelWidth * outputs * line)
    }
    size = groups * kernelHeight * u
    layout = Layout(
      [groups, outputs, geometry.channels / groups, kernelHeight, kernelWidth], strides: [kernelHeight * u, o, c, u, v])
    scratchCount =
      x.inBFloat16
      ? DirectKernels.weightsScratch(grid, rows: tiling.rows, columns: tiling.columns)
      : tiling.pixelValues + tiling.resultValues + 2 * DirectKernels.lanes
  }

  /// Sums over some parts.
  func add(_ parts: Range<Int>, to sums: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutablePointer<Float>) {
    let outputs = layout.shape[1]
    for index in parts {
      for group in 0..<groups {
        DirectKernels.weights(
          grid, tiling[index], swaps: swaps, copies: tiling.pixels(after: index) < DirectKernels.lanes,
          adds: index > parts.lowerBound, sums + group * layout.strides[0], x.advanced(by: group * grid.channels),
          gradient.advanced(by: group * outputs), scratch)
      }
    }
  }

  /// Copies sums to the order of the weights.
  func copy(_ sums: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>) {
    let (shape, strides) = (layout.shape, layout.strides)
    let taps = shape[3] * shape[4]
    for group in 0..<groups {
      for u in 0..<shape[3] {
        for v in 0..<shape[4] {
          Float.copy2D(
            shape[1], shape[2], out + group * shape[1] * shape[2] * taps + u * shape[4] + v, shape[2] * taps, taps,
            sums + group * strides[0] + u * strides[3] + v * strides[4], strides[1], strides[2])
        }
      }
    }
  }
}
