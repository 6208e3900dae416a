import TernBackend

// Convolutions channel by channel, one kernel a channel, by the direct kernels.

extension ConvolutionGeometry {
  private var paddedChannels: Int {
    (channels + DirectKernels.lanes - 1) / DirectKernels.lanes * DirectKernels.lanes
  }

  private var depthwiseGrid: DirectGrid {
    DirectGrid(
      height: height, width: width, pixel: channels, channels: channels, rows: outHeight, columns: outWidth,
      outputs: channels, kernelHeight: kernelHeight, kernelWidth: kernelWidth, rowStride: stride.vertical,
      columnStride: stride.horizontal, rowDilation: dilation.vertical, columnDilation: dilation.horizontal, top: top,
      left: left, outImage: outHeight * outWidth * channels, outRow: outWidth * channels, outColumn: channels)
  }

  /// Copies some taps of the weights [channels, 1, kernel height, kernel width] to [taps][channels, padded].
  private func pack(
    _ weight: UnsafePointer<Float>, _ rows: [Int], _ columns: [Int], to out: UnsafeMutablePointer<Float>
  ) {
    var out = out
    for row in rows {
      for column in columns {
        let tap = weight + row * kernelWidth + column
        for c in 0..<paddedChannels { out[c] = c < channels ? tap[c * kernelHeight * kernelWidth] : 0 }
        out += paddedChannels
      }
    }
  }

  private func pack(bias: UnsafePointer<Float>?, to out: UnsafeMutablePointer<Float>) -> UnsafePointer<Float>? {
    guard let bias else { return nil }
    for c in 0..<paddedChannels { out[c] = c < channels ? bias[c] : 0 }
    return UnsafePointer(out)
  }

  func directDepthwise(
    _ x: UnsafePointer<Float>, _ weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?, rectifies: Bool,
    to out: UnsafeMutablePointer<Float>
  ) {
    let (grid, taps) = (depthwiseGrid, kernelHeight * kernelWidth)
    let parts = DirectParts(grid, images: batch, products: taps * channels, rowsOfTile: 2)
    withScratch((taps + 1) * paddedChannels, of: Float.self) { packed in
      pack(weight, Array(0..<kernelHeight), Array(0..<kernelWidth), to: packed)
      let bias = pack(bias: bias, to: packed + taps * paddedChannels)
      Workers.run(pieces: parts.count) { piece in
        DirectKernels.depthwise(grid, parts[piece], out, x, packed, bias: bias, rectifies: rectifies)
      }
    }
  }

  /// The input's gradient: a part of the gradient serves all classes of pixels in turn.
  func directDepthwiseInputGradient(
    _ rows: [TapClass], _ columns: [TapClass], _ gradient: UnsafePointer<Float>, _ weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, to out: UnsafeMutablePointer<Float>
  ) {
    let taps = kernelHeight * kernelWidth
    func grid(_ row: TapClass, _ column: TapClass) -> DirectGrid {
      DirectGrid(
        height: outHeight, width: outWidth, pixel: channels, channels: channels, rows: row.count,
        columns: column.count, outputs: channels, kernelHeight: row.taps.count, kernelWidth: column.taps.count,
        rowStride: 1, columnStride: 1, rowDilation: row.spacing, columnDilation: column.spacing,
        top: -(row.offsets.first ?? 0), left: -(column.offsets.first ?? 0), outImage: height * width * channels,
        outRow: stride.vertical * width * channels, outColumn: stride.horizontal * channels)
    }
    // The first class has the most rows and columns.
    let parts = DirectParts(grid(rows[0], columns[0]), images: batch, products: taps * channels, rowsOfTile: 2)
    withScratch((taps + 1) * paddedChannels, of: Float.self) { packed in
      let bias = pack(bias: bias, to: packed + taps * paddedChannels)
      var passes: [(grid: DirectGrid, weights: UnsafeMutablePointer<Float>, offset: Int)] = []
      var at = packed
      for row in rows {
        for column in columns {
          pack(weight, row.taps, column.taps, to: at)
          passes.append((grid(row, column), at, (row.remainder * width + column.remainder) * channels))
          at += row.taps.count * column.taps.count * paddedChannels
        }
      }
      Workers.run(pieces: parts.count) { piece in
        for pass in passes {
          var part = parts[piece]
          part.rows = Swift.min(part.rows, pass.grid.rows - part.row)
          part.columns = Swift.min(part.columns, pass.grid.columns - part.column)
          if part.rows <= 0 || part.columns <= 0 { continue }
          DirectKernels.depthwise(
            pass.grid, part, out + pass.offset, gradient, pass.weights, bias: bias, rectifies: false)
        }
      }
    }
  }

  func directDepthwiseWeightGradient(_ x: Tensor<Float>, _ gradient: Tensor<Float>) -> Tensor<Float> {
    let (grid, taps) = (depthwiseGrid, kernelHeight * kernelWidth)
    let parts = DirectParts(grid, images: batch, products: taps * channels, most: 512)
    let size = taps * paddedChannels
    let work = Double(batch * outHeight * outWidth) * Double(taps * channels)
    let pieces = PartialSums<Float>.pieces(
      Swift.min(parts.count, Swift.max(1, Int(work / 0x1p17))), grain: 1, size: size)
    let sums = PartialSums<Float>(pieces: pieces, size: size)
    withExtendedLifetime((x, gradient)) {
      Workers.run(pieces: pieces) { piece in
        let range = PartialSums<Float>.range(piece, of: pieces, parts.count)
        for index in range {
          DirectKernels.depthwiseWeights(
            grid, parts[index], adds: index > range.lowerBound, sums.pointer(piece), x.pointer, gradient.pointer)
        }
      }
    }
    let layout = Layout(weightShape, strides: [1, paddedChannels, kernelWidth * paddedChannels, paddedChannels])
    return sums.total(shape: [size]).view(layout).copied()
  }
}
