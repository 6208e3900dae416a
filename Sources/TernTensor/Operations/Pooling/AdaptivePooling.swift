import TernBackend

/// What the windows of an adaptive pooling depend on along one axis.
private struct AdaptiveKey: Hashable {
  let extent: Int, count: Int
}

/// The windows and the means over them that were used last.
private let knownWindows = RecentValues<AdaptiveKey, PoolingWindows>(limit: 64)
private let knownMeans = RecentValues<AdaptiveKey, ResamplingWeights>(limit: 64)

extension PoolingWindows {
  /// The windows of adaptive pooling, those of small extents from the last call with these arguments.
  fileprivate static func adaptive(_ extent: Int, to count: Int) -> PoolingWindows {
    if extent > 1024 || count > 1024 { return PoolingWindows(adaptive: extent, to: count) }
    return knownWindows.value(for: AdaptiveKey(extent: extent, count: count)) {
      PoolingWindows(adaptive: extent, to: count)
    }
  }

  /// The means over the windows of an adaptive pooling, those of small extents from the last call with these.
  var adaptiveMeans: ResamplingWeights {
    if extent > 1024 || count > 1024 { return ResamplingWeights(meansOver: self) }
    return knownMeans.value(for: AdaptiveKey(extent: extent, count: count)) { ResamplingWeights(meansOver: self) }
  }
}

/// The maxima over windows of adaptive pooling. Of large images the kernel that finds positions, too, is the faster one.
func adaptiveMaxima<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ windows: [PoolingWindows]) -> Tensor<Scalar> {
  x.count <= 16_384 ? maximaAlone(x, windows) : windowMaxima(x, windows).values
}

/// The windows that split the last axes into as many parts as `sizes` says; `nil` keeps an extent.
func adaptiveWindows(_ operation: String, _ shape: [Int], _ sizes: [Int?]) -> [PoolingWindows] {
  let images = Array(shape.suffix(sizes.count))
  let wanted = zip(sizes, images).map { $0 ?? $1 }
  check(!wanted.contains { $0 < 0 }, operation, "an output of \(extents(wanted))")
  check(!images.contains(0), operation, "input \(shape) has no pixels")
  Sizes.check(wanted, operation, "an output of")
  requireImages(shape.dropLast(sizes.count) + wanted, operation)
  return zip(images, wanted).map { PoolingWindows.adaptive($0, to: $1) }
}

/// The means of `height` × `width` parts of images: row i covers ⌊i·H/height⌋ up to ⌈(i+1)·H/height⌉, columns likewise.
///
/// - Parameters:
///   - x: [batch, channels, H, W], or one image without a batch.
///   - height: the result's height; `nil` keeps that of x.
///   - width: the result's width; `nil` keeps that of x.
public func adaptiveAvgPool2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, height: Int?, width: Int?, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return x.asImages("adaptiveAvgPool2D", axes: 2) { images in
    let maps = adaptiveWindows("adaptiveAvgPool2D", x.shape, [height, width]).map(\.adaptiveMeans)
    return resampled("adaptive average pooling", images, rows: maps[0], columns: maps[1])
  }
}

/// The means of parts of images, see ``adaptiveAvgPool2D(_:height:width:file:line:)``.
public func adaptiveAvgPool2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, outputSize: some PairConvertible, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return adaptiveAvgPool2D(x, height: outputSize.pair.vertical, width: outputSize.pair.horizontal)
}

/// The maxima of `height` × `width` parts of images and their positions row · W + column, split as in
/// ``adaptiveAvgPool2D(_:height:width:file:line:)``.
public func adaptiveMaxPool2DWithIndices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, height: Int?, width: Int?, file: StaticString = #fileID, line: UInt = #line
) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  var positions: Tensor<Int32>?
  let values = x.asImages("adaptiveMaxPool2D", axes: 2) { images in
    let found = windowMaxima(images, adaptiveWindows("adaptiveMaxPool2D", x.shape, [height, width]))
    positions = found.positions
    return found.values
  }
  return (values, positions!.cast(to: Int.self).reshaped(values.shape))
}

/// The maxima of `height` × `width` parts of images, split as in ``adaptiveAvgPool2D(_:height:width:file:line:)``.
public func adaptiveMaxPool2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, height: Int?, width: Int?, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return x.asImages("adaptiveMaxPool2D", axes: 2) { images in
    adaptiveMaxima(images, adaptiveWindows("adaptiveMaxPool2D", x.shape, [height, width]))
  }
}

/// The maxima of parts of images, see ``adaptiveMaxPool2D(_:height:width:file:line:)``.
public func adaptiveMaxPool2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, outputSize: some PairConvertible, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return adaptiveMaxPool2D(x, height: outputSize.pair.vertical, width: outputSize.pair.horizontal)
}
