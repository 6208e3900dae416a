import TernBackend

/// Maxima of windows of images and their positions in the planes: max pooling of any windows, and its derivative.
struct ArgmaxPositions: Sendable {
  /// The position in its plane of every picked value, −1 for none; shape and layout of the result.
  let positions: Tensor<Int32>
  let height: Int, width: Int
  let isChannelsLast: Bool

  init(positions: Tensor<Int32>, height: Int, width: Int, isChannelsLast: Bool) {
    (self.positions, self.height, self.width, self.isChannelsLast) = (positions, height, width, isChannelsLast)
  }

  /// What was picked from windows that do not overlap.
  init(_ positions: Tensor<Int32>, _ grid: MaxPoolGrid, _ isChannelsLast: Bool) {
    self.init(positions: positions, height: grid.height, width: grid.width, isChannelsLast: isChannelsLast)
  }

  /// The maxima of windows and where they are; not recorded.
  static func maxima<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ windows: [PoolingWindows]
  ) -> (values: Tensor<Scalar>, argmax: ArgmaxPositions) {
    check(
      Sizes.saturated(x.shape[2], times: x.shape[3]) <= Int(Int32.max), "maxPool2D",
      "images \(x.shape) have more pixels than 2³¹ − 1, which positions count")
    let planes = ImagePlanes(x)
    let (rows, columns) = (windows[0].inside, windows[1].inside)
    let values = planes.images(rows.count, columns.count, of: Scalar.self)
    let positions = planes.images(rows.count, columns.count, of: Int32.self)
    if !x.isEmpty && rows.isWhole && columns.isWhole {
      let found = withExtendedLifetime(planes) {
        globalMaxima(
          planes: planes.planes, pixels: x.shape[2] * x.shape[3], inner: planes.inner, values, positions,
          planes.tensor.pointer)
      }
      if found {
        return (
          values,
          ArgmaxPositions(
            positions: positions, height: x.shape[2], width: x.shape[3], isChannelsLast: planes.isChannelsLast)
        )
      }
    }
    let bounds = [rows.starts, rows.ends, columns.starts, columns.ends].map { Tensor<Int>($0) }
    let grid = WindowGrid(
      height: planes.height, width: planes.width, inner: planes.inner, outHeight: rows.count,
      outWidth: columns.count, dilationDown: rows.dilation, dilationAcross: columns.dilation,
      rowStart: bounds[0].pointer, rowEnd: bounds[1].pointer, columnStart: bounds[2].pointer,
      columnEnd: bounds[3].pointer)
    let (out, index) = (values.mutablePointer, positions.mutablePointer)
    let work = Swift.max(1, columns.count * planes.inner * rows.reach * columns.reach)
    withExtendedLifetime((planes, bounds)) {
      Workers.run(
        count: values.isEmpty ? 0 : planes.planes * rows.count, grain: Swift.max(1, 2 * StridedLoop.grain / work)
      ) { range in
        Scalar.windowMaximum(grid, range.lowerBound, range.count, out, index, planes.tensor.pointer)
      }
    }
    return (
      values,
      ArgmaxPositions(
        positions: positions, height: x.shape[2], width: x.shape[3], isChannelsLast: planes.isChannelsLast)
    )
  }

  /// Values added to the planes they were picked from, recorded.
  func scatter<Scalar: FloatingScalar>(_ values: Tensor<Scalar>) -> Tensor<Scalar> {
    let source = ImagePlanes(values, channelsLast: isChannelsLast)
    let result = source.images(height, width, of: Scalar.self)
    let (out, pixels, windows) = (result.mutablePointer, height * width, source.height * source.width)
    run(source, pixels) { first, count in
      Scalar.planeScatter(
        count, pixels, windows, source.inner, out + first * pixels * source.inner,
        positions.pointer + first * windows * source.inner, source.tensor.pointer + first * windows * source.inner)
    }
    return result.moved("pooling", from: values) { gather($0) }
  }

  /// The values at the picked positions, recorded.
  func gather<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let source = ImagePlanes(x, channelsLast: isChannelsLast)
    let (rows, columns) = (positions.shape[2], positions.shape[3])
    let result = source.images(rows, columns, of: Scalar.self)
    let (out, pixels, windows) = (result.mutablePointer, height * width, rows * columns)
    run(source, windows) { first, count in
      Scalar.planeGather(
        count, pixels, windows, source.inner, out + first * windows * source.inner,
        positions.pointer + first * windows * source.inner, source.tensor.pointer + first * pixels * source.inner)
    }
    return result.moved("pooling", from: x) { scatter($0) }
  }

  private func run<Scalar>(_ source: ImagePlanes<Scalar>, _ pixels: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    let grain = Swift.max(1, StridedLoop.grain / Swift.max(1, pixels * source.inner))
    Workers.run(count: source.planes, grain: grain) { body($0.lowerBound, $0.count) }
  }
}

/// The maxima of windows of row-major images where nothing is recorded, which needs no positions; else `nil`.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func windowValues<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ windows: [PoolingWindows]
) -> Tensor<Scalar>? {
  if (x.node != nil && Recording.isOn) || OperationObservers.isListening || x.isEmpty { return nil }
  if !x.layout.isContiguous || windows.allSatisfy(\.isWhole) { return nil }
  let planes = ImagePlanes(x)
  let (rows, columns) = (windows[0].inside, windows[1].inside)
  let values = planes.images(rows.count, columns.count, of: Scalar.self)
  let bounds = [rows.starts, rows.ends, columns.starts, columns.ends].map { Tensor<Int>($0) }
  let grid = WindowGrid(
    height: planes.height, width: planes.width, inner: 1, outHeight: rows.count, outWidth: columns.count,
    dilationDown: rows.dilation, dilationAcross: columns.dilation, rowStart: bounds[0].pointer,
    rowEnd: bounds[1].pointer, columnStart: bounds[2].pointer, columnEnd: bounds[3].pointer)
  let (out, source) = (values.mutablePointer, planes.tensor.pointer)
  let work = Swift.max(1, columns.count * rows.reach * columns.reach)
  withExtendedLifetime((planes, bounds)) {
    Workers.run(
      count: values.isEmpty ? 0 : planes.planes * rows.count, grain: Swift.max(1, 2 * StridedLoop.grain / work)
    ) { Scalar.windowValues(grid, $0.lowerBound, $0.count, out, source) }
  }
  return values
}

/// The maxima of windows, recorded, and their positions in the plane.
func windowMaxima<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ windows: [PoolingWindows]
) -> (values: Tensor<Scalar>, positions: Tensor<Int32>) {
  let (values, argmax) = ArgmaxPositions.maxima(x, windows)
  noteWindows(windows)
  return (values.moved("pooling", from: x) { argmax.scatter($0) }, argmax.positions)
}

/// The maxima of windows, recorded; positions are found only where they are needed.
func maximaAlone<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ windows: [PoolingWindows]) -> Tensor<Scalar> {
  windowValues(x, windows) ?? windowMaxima(x, windows).values
}

extension PoolingArguments {
  fileprivate func maxima<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    x.asImages(operation, axes: kernel.count) { images in
      let windows = self.windows(x.shape)
      if Scalar.self == Float.self {
        let floats = Tensor<Float>(body: images.body)
        let planes = ImagePlanes(floats)
        if let grid = ArgmaxOffsets.grid(planes, windows) {
          noteWindows(windows)
          return Tensor<Scalar>(body: ArgmaxOffsets.maxima(floats, planes, grid).body)
        }
      }
      return maximaAlone(images, windows)
    }
  }

  fileprivate func maximaWithIndices<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>
  ) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
    var positions: Tensor<Int32>?
    let values = x.asImages(operation, axes: kernel.count) { images in
      let found = windowMaxima(images, windows(x.shape))
      positions = found.positions
      return found.values
    }
    return (values, positions!.cast(to: Int.self).reshaped(values.shape))
  }
}

/// The maximum of every window of images; NaN where a window has one.
///
/// An output's extent is ⌊(extent + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1; `ceilMode` rounds up instead, for
/// windows that begin inside. Padding never wins. The gradient goes to the first maximum of a window. Stops where the
/// kernel is larger than the padded image, and for a padding above half of the kernel.
///
/// - Parameters:
///   - x: [batch, channels, height, width], or one image without a batch.
///   - stride: the kernel's extents when `nil`.
public func maxPool2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
  padding: some PairConvertible = 0, dilation: some PairConvertible = 1,
  ceilMode: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments(
    "maxPool2D", kernelSize.pair.array, stride?.pair.array, padding: padding.pair.array, dilation: dilation.pair.array,
    ceilMode: ceilMode
  ).maxima(x)
}

/// The maximum of every window and its position row · width + column in the image, see
/// ``maxPool2D(_:kernelSize:stride:padding:dilation:ceilMode:file:line:)``.
public func maxPool2DWithIndices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
  padding: some PairConvertible = 0, dilation: some PairConvertible = 1,
  ceilMode: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments(
    "maxPool2D", kernelSize.pair.array, stride?.pair.array, padding: padding.pair.array, dilation: dilation.pair.array,
    ceilMode: ceilMode
  ).maximaWithIndices(x)
}

/// The maximum of every window of sequences [batch, channels, length], see
/// ``maxPool2D(_:kernelSize:stride:padding:dilation:ceilMode:file:line:)``.
public func maxPool1D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1,
  ceilMode: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments(
    "maxPool1D", [kernelSize], stride.map { [$0] }, padding: [padding], dilation: [dilation], ceilMode: ceilMode
  ).maxima(x)
}

/// The maximum of every window of sequences and its position, see
/// ``maxPool1D(_:kernelSize:stride:padding:dilation:ceilMode:file:line:)``.
public func maxPool1DWithIndices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: Int, stride: Int? = nil, padding: Int = 0, dilation: Int = 1,
  ceilMode: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments(
    "maxPool1D", [kernelSize], stride.map { [$0] }, padding: [padding], dilation: [dilation], ceilMode: ceilMode
  ).maximaWithIndices(x)
}

/// Notes the windows whose maxima are taken: for each axis where they begin and end, and their dilations.
func noteWindows(_ windows: [PoolingWindows]) {
  OperationArguments.note(
    "pooling",
    Dictionary(
      uniqueKeysWithValues: windows.enumerated().flatMap { axis, windows in
        [
          ("starts of axis \(axis)", .integers(windows.starts)), ("ends of axis \(axis)", .integers(windows.ends)),
          ("dilation of axis \(axis)", .integers([windows.dilation])),
        ]
      }))
}
