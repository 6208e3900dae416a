import TernBackend

/// Maxima of windows that do not overlap, each with its offset in the window as one byte: most max pooling in Float.
struct ArgmaxOffsets: Sendable {
  private let offsets: Tensor<UInt8>
  private let grid: MaxPoolGrid
  private let isChannelsLast: Bool

  /// `nil` where windows overlap, reach outside or have more than 256 pixels.
  static func grid<Scalar: TensorScalar>(_ planes: ImagePlanes<Scalar>, _ windows: [PoolingWindows]) -> MaxPoolGrid? {
    guard let rows = windows[0].regular, let columns = windows[1].regular, rows.length * columns.length <= 256,
      !planes.tensor.isEmpty
    else { return nil }
    return MaxPoolGrid(
      height: planes.height, width: planes.width, inner: planes.inner, outHeight: windows[0].count,
      outWidth: windows[1].count, kernelHeight: rows.length, kernelWidth: columns.length, rowStride: rows.step,
      columnStride: columns.step)
  }

  /// The maxima, recorded.
  static func maxima(_ x: Tensor<Float>, _ planes: ImagePlanes<Float>, _ grid: MaxPoolGrid) -> Tensor<Float> {
    let values = planes.images(grid.outHeight, grid.outWidth, of: Float.self)
    let offsets = planes.images(grid.outHeight, grid.outWidth, of: UInt8.self)
    let (out, index) = (values.mutablePointer, offsets.mutablePointer)
    withExtendedLifetime(planes) {
      Workers.run(count: planes.planes * grid.outHeight, grain: grain(grid)) { range in
        MaxPoolKernels.pool(grid, range.lowerBound, range.count, out, index, planes.tensor.pointer)
      }
    }
    let argmax = ArgmaxOffsets(offsets: offsets, grid: grid, isChannelsLast: planes.isChannelsLast)
    return values.moved("pooling", from: x) { argmax.scatter($0) }
  }

  private static func grain(_ grid: MaxPoolGrid) -> Int {
    Swift.max(1, StridedLoop.grain / Swift.max(1, grid.width * grid.rowStride * grid.inner))
  }

  /// Values in the offsets they were picked from, recorded.
  private func scatter(_ values: Tensor<Float>) -> Tensor<Float> {
    let source = ImagePlanes(values, channelsLast: isChannelsLast)
    let result = source.images(grid.height, grid.width, of: Float.self)
    let out = result.mutablePointer
    withExtendedLifetime(source) {
      Workers.run(count: source.planes * grid.outHeight, grain: ArgmaxOffsets.grain(grid)) { range in
        MaxPoolKernels.unpool(grid, range.lowerBound, range.count, out, offsets.pointer, source.tensor.pointer)
      }
    }
    return result.moved("pooling", from: values) { ArgmaxPositions(self.positions, grid, isChannelsLast).gather($0) }
  }

  /// The positions row · width + column in the planes.
  private var positions: Tensor<Int32> {
    let result = Tensor<Int32>(uninitialized: offsets.layout)
    let (out, from) = (result.mutablePointer, offsets.pointer)
    let (width, inner) = (grid.outWidth, grid.inner)
    for line in 0..<result.count / (width * inner) {
      let top = line % grid.outHeight * grid.rowStride
      for column in 0..<width {
        for c in 0..<inner {
          let at = (line * width + column) * inner + c
          let (u, v) = Int(from[at]).quotientAndRemainder(dividingBy: grid.kernelWidth)
          out[at] = Int32((top + u) * grid.width + column * grid.columnStride + v)
        }
      }
    }
    return result
  }
}
