import TernBackend

extension ConvolutionGeometry {
  /// The gradient of the weights: parts of the images are summed in chunks, and these pairwise.
  func directWeightGradient(_ x: OperandPointer, _ gradient: OperandPointer) -> Tensor<Float> {
    let form = DirectWeightGradient(self, directGrid, images: directImages, x, gradient)
    let work = Double(batch * outHeight * outWidth) * Double(form.products)
    let most = Swift.min(form.tiling.count, Swift.max(1, Int(work / 0x1p18)))
    let tasks = form.isSplit ? form.blocks : 1
    let chunks = PartialSums<Float>.chunks(
      Swift.min(most, Swift.max(1, 16 / tasks)), grain: 1, size: form.size)
    let sums = PartialSums<Float>(chunks: chunks, size: form.size)
    Workers.run(chunks: chunks * tasks) { task in
      let (chunk, block) = task.quotientAndRemainder(dividingBy: tasks)
      let parts = PartialSums<Float>.range(chunk, of: chunks, form.tiling.count)
      withScratch(form.scratchCount, of: Float.self) {
        form.add(parts, blocks: form.isSplit ? block..<block + 1 : 0..<form.blocks, to: sums.pointer(chunk), $0)
      }
    }
    let total = sums.total(shape: [form.size])
    if form.swaps { return total.view(form.layout).copied().reshaped(weightShape) }
    let result = Tensor<Float>(uninitialized: weightShape)
    let (out, from, lanes) = (result.mutablePointer, total.pointer, DirectKernels.lanes)
    let parts = (form.outputs + lanes - 1) / lanes
    Workers.run(count: form.blocks * parts, grain: Swift.max(1, StridedLoop.grain / (lanes * form.values))) {
      for part in $0 {
        let (block, index) = part.quotientAndRemainder(dividingBy: parts)
        form.copy(index * lanes..<Swift.min(form.outputs, (index + 1) * lanes), block: block, of: from, to: out)
      }
    }
    withExtendedLifetime(total) {}
    return result
  }

  /// The gradient of the weights for each image by itself, [batch, outputs, channels / groups, kernel height, kernel width].
  func directWeightGradientsOfImages(_ x: OperandPointer, _ gradient: OperandPointer) -> Tensor<Float> {
    let form = DirectWeightGradient(self, forwardGrid, images: batch, x, gradient)
    let parts = form.tiling.count / batch
    let result = Tensor<Float>(uninitialized: [batch] + weightShape)
    let (out, count) = (result.mutablePointer, result.count / batch)
    Workers.run(chunks: batch) { image in
      withScratch(form.size + form.scratchCount, of: Float.self) { sums in
        form.add(image * parts..<(image + 1) * parts, blocks: 0..<form.blocks, to: sums, sums + form.size)
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
  private let x: OperandPointer, gradient: OperandPointer
  /// Whether lines of the sums are outputs'.
  let swaps: Bool
  /// Parts of the outputs, each with its own sums: groups, and parts of these where sums would leave the second-level cache.
  let blocks: Int
  /// Outputs of a block.
  let outputs: Int
  /// Whether groups are parted: then blocks are summed in parallel.
  var isSplit: Bool { splits > 1 }
  /// Blocks of a group.
  private let splits: Int
  let tiling: DirectTiling
  /// Products for one pixel of the result.
  let products: Int
  /// Of the sums: [blocks, outputs, channels, kernel height, kernel width], each block's last line padded to whole vectors.
  let layout: Layout
  /// Values of the sums of all blocks.
  let size: Int
  /// Weights of an output.
  let values: Int
  /// Values of scratch that ``add(_:blocks:to:_:)`` needs.
  let scratchCount: Int

  init(
    _ geometry: ConvolutionGeometry, _ form: DirectGrid, images: Int, _ x: OperandPointer, _ gradient: OperandPointer
  ) {
    var grid = form
    // In bfloat16 with the channels that fill up pixels, whose gradients are dropped.
    let (inputs, whole) = (x.pixel(geometry.channels / geometry.groups), geometry.outputs / geometry.groups)
    let (kernelHeight, kernelWidth) = (geometry.kernelHeight, geometry.kernelWidth)
    values = geometry.channels / geometry.groups * kernelHeight * kernelWidth
    let outputs = DirectWeightGradient.part(of: whole, weights: values)
    let pixel = gradient.pixel(geometry.outputs)
    (grid.pixel, grid.channels) = (x.pixel(geometry.channels), inputs)
    (grid.outImage, grid.outRow, grid.outColumn) = (grid.rows * grid.columns * pixel, grid.columns * pixel, pixel)
    grid.outputs = outputs
    (self.grid, self.x, self.gradient, self.outputs) = (grid, x, gradient, outputs)
    (blocks, splits) = (geometry.outputs / outputs, whole / outputs)
    products = kernelHeight * kernelWidth * geometry.channels * whole
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
    size = blocks * kernelHeight * u
    layout = Layout(
      [blocks, outputs, geometry.channels / geometry.groups, kernelHeight, kernelWidth],
      strides: [kernelHeight * u, o, c, u, v])
    scratchCount =
      x.inBFloat16
      ? DirectKernels.weightsScratch(grid, rows: tiling.rows, columns: tiling.columns)
      : tiling.pixelValues + tiling.resultValues + 2 * DirectKernels.lanes
  }

  /// How many of a group's outputs make a block: all, or as many whole panels as have their sums in the second-level cache.
  private static func part(of outputs: Int, weights: Int) -> Int {
    let room = 163_840
    if outputs * weights <= room { return outputs }
    let panels = Swift.max(1, room / weights / DirectKernels.panel)
    for count in stride(from: panels, to: 0, by: -1) where outputs % (count * DirectKernels.panel) == 0 {
      return count * DirectKernels.panel
    }
    return outputs
  }

  /// Sums over some parts, of some blocks.
  func add(
    _ parts: Range<Int>, blocks: Range<Int>, to sums: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    for index in parts {
      for block in blocks {
        DirectKernels.weights(
          grid, tiling[index], swaps: swaps, copies: tiling.pixels(after: index) < DirectKernels.lanes,
          adds: index > parts.lowerBound, sums + block * layout.strides[0],
          x.advanced(by: block / splits * grid.channels), gradient.advanced(by: block * outputs), scratch)
      }
    }
  }

  /// Copies the sums of some outputs of a block, which are not swapped, to the order of the weights.
  func copy(
    _ range: Range<Int>, block: Int, of sums: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>
  ) {
    DirectKernels.unpack(
      taps: grid.kernelHeight * grid.kernelWidth, channels: layout.shape[2], outputs: range.count,
      tapStep: layout.strides[4], line: layout.strides[2], out + (block * outputs + range.lowerBound) * values,
      sums + block * layout.strides[0] + range.lowerBound)
  }

  /// Copies the sums of all to the order of the weights.
  func copy(_ sums: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>) {
    if !swaps {
      for block in 0..<blocks { copy(0..<outputs, block: block, of: sums, to: out) }
      return
    }
    let (shape, strides) = (layout.shape, layout.strides)
    let taps = shape[3] * shape[4]
    for block in 0..<blocks {
      for u in 0..<shape[3] {
        for v in 0..<shape[4] {
          Float.copy2D(
            shape[1], shape[2], out + block * shape[1] * shape[2] * taps + u * shape[4] + v, shape[2] * taps, taps,
            sums + block * strides[0] + u * strides[3] + v * strides[4], strides[1], strides[2])
        }
      }
    }
  }
}
