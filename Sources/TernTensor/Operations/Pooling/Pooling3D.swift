import TernBackend

// Pooling of volumes, with kernels and to given extents.

/// The maximum of every window of volumes; NaN where a window has one. See
/// ``maxPool2D(_:kernelSize:stride:padding:dilation:ceilMode:file:line:)``.
///
/// - Parameters:
///   - x: [batch, channels, depth, height, width], or one volume without a batch.
///   - stride: the kernel's extents when `nil`.
public func maxPool3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
  padding: some TripleConvertible = 0, dilation: some TripleConvertible = 1, ceilMode: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments(
    "maxPool3D", kernelSize.triple.array, stride?.triple.array, padding: padding.triple.array,
    dilation: dilation.triple.array, ceilMode: ceilMode
  ).volumeMaxima(x).values
}

/// The maximum of every window of volumes and its position (slice · height + row) · width + column in the volume, see
/// ``maxPool3D(_:kernelSize:stride:padding:dilation:ceilMode:file:line:)``.
public func maxPool3DWithIndices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
  padding: some TripleConvertible = 0, dilation: some TripleConvertible = 1, ceilMode: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (values, indices) = PoolingArguments(
    "maxPool3D", kernelSize.triple.array, stride?.triple.array, padding: padding.triple.array,
    dilation: dilation.triple.array, ceilMode: ceilMode
  ).volumeMaxima(x)
  return (values, indices.cast(to: Int.self).reshaped(values.shape))
}

/// The mean of every window of volumes, see
/// ``avgPool2D(_:kernelSize:stride:padding:ceilMode:countsPadding:divisor:file:line:)``.
///
/// - Parameters:
///   - x: [batch, channels, depth, height, width], or one volume without a batch.
///   - stride: the kernel's extents when `nil`.
///   - countsPadding: whether the padding's zeros count as elements of a window.
///   - divisor: divides every sum, instead of the number of elements.
public func avgPool3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some TripleConvertible, stride: (some TripleConvertible)? = nil as Triple?,
  padding: some TripleConvertible = 0, ceilMode: Bool = false, countsPadding: Bool = true, divisor: Int? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments(
    "avgPool3D", kernelSize.triple.array, stride?.triple.array, padding: padding.triple.array, ceilMode: ceilMode
  ).volumeAverages(x, countsPadding: countsPadding, divisor: divisor)
}

/// The p-norm of every window of volumes, (Σ xᵖ)^(1/p), see ``lpPool2D(_:p:kernelSize:stride:ceilMode:file:line:)``.
///
/// - Parameters:
///   - x: [batch, channels, depth, height, width], or one volume without a batch.
///   - p: any number but 0.
///   - stride: the kernel's extents when `nil`.
public func lpPool3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, p: Scalar, kernelSize: some TripleConvertible,
  stride: (some TripleConvertible)? = nil as Triple?, ceilMode: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments("lpPool3D", kernelSize.triple.array, stride?.triple.array, ceilMode: ceilMode)
    .volumeNorms(x, p)
}

/// The means of `depth` × `height` × `width` parts of volumes: slice i covers ⌊i·D/depth⌋ up to ⌈(i+1)·D/depth⌉, rows and
/// columns likewise.
///
/// - Parameters:
///   - x: [batch, channels, D, H, W], or one volume without a batch.
///   - depth: the result's depth; `nil` keeps that of x. Likewise `height` and `width`.
public func adaptiveAvgPool3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, depth: Int?, height: Int?, width: Int?, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return x.asImages("adaptiveAvgPool3D", axes: 3) { volumes in
    let windows = adaptiveWindows("adaptiveAvgPool3D", x.shape, [depth, height, width])
    return resampledVolumes("adaptive average pooling", volumes, windows.map(\.adaptiveMeans))
  }
}

/// The means of parts of volumes, see ``adaptiveAvgPool3D(_:depth:height:width:file:line:)``.
public func adaptiveAvgPool3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, outputSize: some TripleConvertible, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let size = outputSize.triple
  return adaptiveAvgPool3D(x, depth: size.depth, height: size.vertical, width: size.horizontal)
}

/// The maxima of `depth` × `height` × `width` parts of volumes and their positions (slice · H + row) · W + column, split as
/// in ``adaptiveAvgPool3D(_:depth:height:width:file:line:)``.
public func adaptiveMaxPool3DWithIndices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, depth: Int?, height: Int?, width: Int?, file: StaticString = #fileID, line: UInt = #line
) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  var positions: Tensor<Int32>?
  let values = x.asImages("adaptiveMaxPool3D", axes: 3) { volumes in
    let windows = adaptiveWindows("adaptiveMaxPool3D", x.shape, [depth, height, width])
    let found = maxima(ofVolumes: volumes, windows, "adaptiveMaxPool3D")
    positions = found.positions
    return found.values
  }
  return (values, positions!.cast(to: Int.self).reshaped(values.shape))
}

/// The maxima of parts of volumes, split as in ``adaptiveAvgPool3D(_:depth:height:width:file:line:)``.
public func adaptiveMaxPool3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, depth: Int?, height: Int?, width: Int?, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return x.asImages("adaptiveMaxPool3D", axes: 3) { volumes in
    let windows = adaptiveWindows("adaptiveMaxPool3D", x.shape, [depth, height, width])
    return maxima(ofVolumes: volumes, windows, "adaptiveMaxPool3D").values
  }
}

/// The maxima of parts of volumes, see ``adaptiveMaxPool3D(_:depth:height:width:file:line:)``.
public func adaptiveMaxPool3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, outputSize: some TripleConvertible, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let size = outputSize.triple
  return adaptiveMaxPool3D(x, depth: size.depth, height: size.vertical, width: size.horizontal)
}

// MARK: Sequences

/// The means of `outputSize` parts of sequences [batch, channels, length], see
/// ``adaptiveAvgPool2D(_:height:width:file:line:)``.
public func adaptiveAvgPool1D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, outputSize: Int, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  if x.rank == 3, outputSize >= 1, x.shape[2] > 0, x.shape[2] % outputSize == 0,
    let means = x.partMeans(of: x.shape[2] / outputSize)
  {
    return means
  }
  return x.asImages("adaptiveAvgPool1D", axes: 1) { images in
    let windows = adaptiveWindows("adaptiveAvgPool1D", x.shape, [outputSize])[0]
    if let (length, step) = windows.regular, step == length, length >= 16, length * windows.count == windows.extent,
      images.layout.isContiguous, !images.isEmpty, !OperationObservers.isListening
    {
      // Parts that fill the sequences are rows of another shape.
      let shape = images.shape
      return images.reshaped([shape[0], shape[1], 1, windows.count, length]).mean(along: 4)
    }
    return resampled("adaptive average pooling", images, rows: .single, columns: windows.adaptiveMeans)
  }
}

/// The maxima of `outputSize` parts of sequences and their positions, split as in
/// ``adaptiveAvgPool1D(_:outputSize:file:line:)``.
public func adaptiveMaxPool1DWithIndices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, outputSize: Int, file: StaticString = #fileID, line: UInt = #line
) -> (values: Tensor<Scalar>, indices: Tensor<Int>) {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  var positions: Tensor<Int32>?
  let values = x.asImages("adaptiveMaxPool1D", axes: 1) { images in
    let windows = adaptiveWindows("adaptiveMaxPool1D", x.shape, [outputSize])
    let found = windowMaxima(images, [PoolingWindows(adaptive: 1, to: 1)] + windows)
    positions = found.positions
    return found.values
  }
  return (values, positions!.cast(to: Int.self).reshaped(values.shape))
}

/// The maxima of `outputSize` parts of sequences, split as in ``adaptiveAvgPool1D(_:outputSize:file:line:)``.
public func adaptiveMaxPool1D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, outputSize: Int, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return x.asImages("adaptiveMaxPool1D", axes: 1) { images in
    let windows = adaptiveWindows("adaptiveMaxPool1D", x.shape, [outputSize])
    return adaptiveMaxima(images, [PoolingWindows(adaptive: 1, to: 1)] + windows)
  }
}
