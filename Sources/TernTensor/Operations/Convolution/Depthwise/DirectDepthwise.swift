import TernBackend

// Convolutions channel by channel, one kernel a channel, by the direct kernels.

extension ConvolutionGeometry {
  private var paddedChannels: Int {
    (channels + DirectKernels.lanes - 1) / DirectKernels.lanes * DirectKernels.lanes
  }

  /// The forward pass's grid.
  ///
  /// - Parameter pixel: channels of a pixel of the images in memory.
  private func depthwiseGrid(pixel: Int) -> DirectGrid {
    DirectGrid(
      height: height, width: width, pixel: pixel, channels: channels, rows: outHeight, columns: outWidth,
      outputs: channels, kernelHeight: kernelHeight, kernelWidth: kernelWidth, rowStride: stride.vertical,
      columnStride: stride.horizontal, rowDilation: dilation.vertical, columnDilation: dilation.horizontal, top: top,
      left: left, outImage: outHeight * outWidth * channels, outRow: outWidth * channels, outColumn: channels)
  }

  /// Copies some taps of the weights [channels, 1, kernel height, kernel width] to [taps][channels, padded], rounded to
  /// bfloat16 where `inBFloat16`.
  private func pack(
    _ weight: UnsafePointer<Float>, _ rows: [Int], _ columns: [Int], inBFloat16: Bool,
    to out: UnsafeMutablePointer<Float>
  ) {
    let start = out
    var out = out
    for row in rows {
      for column in columns {
        let tap = weight + row * kernelWidth + column
        for c in 0..<paddedChannels { out[c] = c < channels ? tap[c * kernelHeight * kernelWidth] : 0 }
        out += paddedChannels
      }
    }
    if inBFloat16 { BFloat16Kernels.round(out - start, start, start) }
  }

  private func pack(bias: UnsafePointer<Float>?, to out: UnsafeMutablePointer<Float>) -> UnsafePointer<Float>? {
    guard let bias else { return nil }
    for c in 0..<paddedChannels { out[c] = c < channels ? bias[c] : 0 }
    return UnsafePointer(out)
  }

  func directDepthwise(
    _ x: OperandPointer, _ weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?, appliesReLU: Bool,
    to out: UnsafeMutablePointer<Float>
  ) {
    let (grid, taps) = (depthwiseGrid(pixel: x.pixel(channels)), kernelHeight * kernelWidth)
    let tiling = DirectTiling(grid, images: batch, products: taps * channels, rowsOfTile: 2)
    withScratch((taps + 1) * paddedChannels, of: Float.self) { packed in
      pack(weight, Array(0..<kernelHeight), Array(0..<kernelWidth), inBFloat16: x.inBFloat16, to: packed)
      let bias = pack(bias: bias, to: packed + taps * paddedChannels)
      Workers.run(chunks: tiling.count) { chunk in
        DirectKernels.depthwise(grid, tiling[chunk], out, x, packed, bias: bias, appliesReLU: appliesReLU)
      }
    }
  }

  /// The input's gradient, not recorded.
  func directDepthwiseInputGradient(
    _ gradient: OperandPointer, _ weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    to out: UnsafeMutablePointer<Float>
  ) {
    withDepthwisePhases(gradient, weight, bias: bias) { phases in
      Workers.run(chunks: phases.tiling.count) { phases.run($0, gradient, to: out) }
    }
  }

  /// The gradient of the weights.
  func directDepthwiseWeightGradient(_ x: OperandPointer, _ gradient: OperandPointer) -> Tensor<Float> {
    let taps = DepthwiseSums(self, depthwiseGrid(pixel: x.pixel(channels)), padded: paddedChannels)
    Workers.run(chunks: taps.sums.chunks) { chunk in
      for part in taps.range(chunk) { taps.add(part, in: chunk, x, gradient) }
    }
    return taps.total
  }

  /// Both gradients, each band of the result's being read once while it is in the cache; `nil` where there is too little
  /// to share out in the chunks of the weights' gradient. The bits are those of the two made apart.
  func directDepthwiseGradients(
    _ x: OperandPointer, _ gradient: OperandPointer, _ weight: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>
  ) -> Tensor<Float>? {
    let taps = DepthwiseSums(self, depthwiseGrid(pixel: x.pixel(channels)), padded: paddedChannels)
    if taps.sums.chunks < 8 { return nil }
    withDepthwisePhases(gradient, weight, bias: nil) { phases in
      func begin(_ part: Int) -> Int { phases.tiling.count * part / taps.tiling.count }
      Workers.run(chunks: taps.sums.chunks) { chunk in
        for part in taps.range(chunk) {
          for band in begin(part)..<begin(part + 1) { phases.run(band, gradient, to: out) }
          taps.add(part, in: chunk, x, gradient)
        }
      }
    }
    return taps.total
  }

  private func withDepthwisePhases(
    _ gradient: OperandPointer, _ weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    _ body: (DepthwisePhases) -> Void
  ) {
    let taps = kernelHeight * kernelWidth
    let (rows, columns) = (rowPhases, columnPhases)
    withScratch((taps + 1) * paddedChannels, of: Float.self) { packed in
      let bias = pack(bias: bias, to: packed + taps * paddedChannels)
      var all: [DepthwisePhases.Pass] = []
      var at = packed
      for row in rows {
        for column in columns {
          pack(weight, row.taps, column.taps, inBFloat16: gradient.inBFloat16, to: at)
          let grid = DirectGrid(
            height: outHeight, width: outWidth, pixel: gradient.pixel(channels), channels: channels, rows: row.count,
            columns: column.count, outputs: channels, kernelHeight: row.taps.count, kernelWidth: column.taps.count,
            rowStride: 1, columnStride: 1, rowDilation: row.spacing, columnDilation: column.spacing,
            top: -(row.offsets.first ?? 0), left: -(column.offsets.first ?? 0), outImage: height * width * channels,
            outRow: stride.vertical * width * channels, outColumn: stride.horizontal * channels)
          let offset = (row.remainder * width + column.remainder) * channels
          all.append(DepthwisePhases.Pass(grid: grid, weights: at, offset: offset))
          at += row.taps.count * column.taps.count * paddedChannels
        }
      }
      // The first phase has the most rows and columns.
      let tiling = DirectTiling(all[0].grid, images: batch, products: taps * channels, rowsOfTile: 2)
      body(DepthwisePhases(passes: all, tiling: tiling, bias: bias))
    }
  }
}

/// The input's gradient as convolutions of the result's, one for each phase of pixels: a part of the gradient serves all
/// phases in turn.
private struct DepthwisePhases {
  struct Pass {
    let grid: DirectGrid
    let weights: UnsafeMutablePointer<Float>
    /// Offset of the phase's first pixel.
    let offset: Int
  }
  let passes: [Pass]
  let tiling: DirectTiling
  let bias: UnsafePointer<Float>?

  func run(_ index: Int, _ gradient: OperandPointer, to out: UnsafeMutablePointer<Float>) {
    for pass in passes {
      var part = tiling[index]
      part.rows = Swift.min(part.rows, pass.grid.rows - part.row)
      part.columns = Swift.min(part.columns, pass.grid.columns - part.column)
      if part.rows <= 0 || part.columns <= 0 { continue }
      DirectKernels.depthwise(
        pass.grid, part, out + pass.offset, gradient, pass.weights, bias: bias, appliesReLU: false)
    }
  }
}

/// The sums that the weights' gradient is made of: parts of the images in chunks.
private struct DepthwiseSums {
  let tiling: DirectTiling
  let sums: PartialSums<Float>
  private let grid: DirectGrid
  private let size: Int
  private let layout: Layout

  init(_ geometry: ConvolutionGeometry, _ grid: DirectGrid, padded: Int) {
    let taps = grid.kernelHeight * grid.kernelWidth
    // The gradient's pixels are as wide as the images'.
    var grid = grid
    (grid.outImage, grid.outRow, grid.outColumn) = (
      grid.rows * grid.columns * grid.pixel, grid.columns * grid.pixel, grid.pixel
    )
    self.grid = grid
    tiling = DirectTiling(grid, images: geometry.batch, products: taps * grid.channels, most: 512)
    size = taps * padded
    let work = Double(geometry.batch * grid.rows * grid.columns) * Double(taps * grid.channels)
    let chunks = PartialSums<Float>.chunks(
      Swift.min(tiling.count, Swift.max(1, Int(work / 0x1p17))), grain: 1, size: size)
    sums = PartialSums<Float>(chunks: chunks, size: size)
    layout = Layout(geometry.weightShape, strides: [1, padded, grid.kernelWidth * padded, padded])
  }

  /// The parts of a chunk.
  func range(_ chunk: Int) -> Range<Int> { PartialSums<Float>.range(chunk, of: sums.chunks, tiling.count) }

  func add(_ part: Int, in chunk: Int, _ x: OperandPointer, _ gradient: OperandPointer) {
    DirectKernels.depthwiseWeights(
      grid, tiling[part], adds: part > range(chunk).lowerBound, sums.pointer(chunk), x, gradient)
  }

  var total: Tensor<Float> { sums.total(shape: [size]).view(layout).copied() }
}
