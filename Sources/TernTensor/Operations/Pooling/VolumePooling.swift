import TernBackend

// Windows of volumes are boxes, so that their maxima, and sums, are those along the depth of those within each slice. What
// is between both steps is smaller than the input by the slices' windows.

extension ArgmaxPositions {
  /// The maxima of windows of volumes [batch, channels, depth, height, width] and where they are; not recorded.
  ///
  /// The first of equals within a slice, and then the first slice, is the first in row-major order; of several NaN the last
  /// one is. The result has the volumes' shape, the positions are planes of depth · height rows.
  static func maxima<Scalar: FloatingScalar>(
    ofVolumes x: Tensor<Scalar>, _ windows: [PoolingWindows], _ operation: String
  ) -> (values: Tensor<Scalar>, argmax: ArgmaxPositions) {
    let (n, c, depth, pixels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3] * x.shape[4])
    check(
      Sizes.saturated(depth, times: pixels) <= Int(Int32.max), operation,
      "volumes \(x.shape) have more voxels than 2³¹ − 1, which positions count")
    if !x.isEmpty, !windows.allSatisfy(\.isWhole), let found = BoxWindows.of(windows)?.maxima(x) {
      let counts = windows.map(\.count)
      let rows = [n, c, counts[0] * counts[1], counts[2]]
      let body = found.positions.body
      let layout = found.isChannelsLast ? Layout(rows, order: [0, 2, 3, 1]) : Layout(rows)
      return (
        found.values,
        ArgmaxPositions(
          positions: Tensor(body: body.view(layout)), height: depth * x.shape[3], width: x.shape[4],
          isChannelsLast: found.isChannelsLast)
      )
    }
    let isLast = !x.layout.isContiguous && c > 1 && pixels > 1
    let volumes = isLast ? x.channelsLastVolume : x.detached().contiguous
    let images =
      isLast
      ? volumes.slices : Tensor(body: volumes.body.view(Layout([n, c * depth, x.shape[3], x.shape[4]])))
    if !x.isEmpty && windows.allSatisfy(\.isWhole) {
      let shape = [n, c, 1, 1]
      let values = Tensor<Scalar>(uninitialized: isLast ? Layout(shape, order: [0, 2, 3, 1]) : Layout(shape))
      let positions = Tensor<Int32>(uninitialized: values.layout)
      let found = withExtendedLifetime(volumes) {
        globalMaxima(
          planes: isLast ? n : n * c, pixels: depth * pixels, inner: isLast ? c : 1, values, positions, volumes.pointer)
      }
      if found {
        return (
          values.reshaped([n, c, 1, 1, 1]),
          ArgmaxPositions(positions: positions, height: depth * x.shape[3], width: x.shape[4], isChannelsLast: isLast)
        )
      }
    }
    let flat = maxima(images, [windows[1], windows[2]])
    let (rows, columns) = (flat.values.shape[2], flat.values.shape[3])
    let slices = windows[0].inside
    let line = rows * columns * (isLast ? c : 1)
    let shape = [n, c, slices.count, rows, columns]
    let values = Tensor<Scalar>(uninitialized: isLast ? Layout(shape, order: [0, 2, 3, 4, 1]) : Layout(shape))
    let positions = Tensor<Int32>(
      uninitialized: isLast
        ? Layout([n, c, slices.count * rows, columns], order: [0, 2, 3, 1])
        : Layout([n, c, slices.count * rows, columns]))
    let bounds = [slices.starts, slices.ends, [0], [1]].map { Tensor<Int>($0) }
    let grid = WindowGrid(
      height: depth, width: 1, inner: line, outHeight: slices.count, outWidth: 1, dilationDown: slices.dilation,
      dilationAcross: 1, rowStart: bounds[0].pointer, rowEnd: bounds[1].pointer, columnStart: bounds[2].pointer,
      columnEnd: bounds[3].pointer)
    let (out, index, first) = (values.mutablePointer, positions.mutablePointer, flat.argmax.positions.pointer)
    let count = values.isEmpty ? 0 : values.count / line
    withExtendedLifetime((flat, bounds)) {
      Workers.run(count: count, grain: Swift.max(1, StridedLoop.grain / (line * slices.reach + 1))) { range in
        Scalar.windowMaximum(grid, range.lowerBound, range.count, out, index, flat.values.pointer)
        for row in range {
          let (at, plane) = (row * line, row / slices.count * depth * line)
          for i in 0..<line where index[at + i] >= 0 {
            let slice = Int(index[at + i])
            let position = first[plane + slice * line + i]
            index[at + i] = position < 0 ? -1 : Int32(truncatingIfNeeded: slice * pixels) + position
          }
        }
      }
    }
    return (
      values,
      ArgmaxPositions(positions: positions, height: depth * x.shape[3], width: x.shape[4], isChannelsLast: isLast)
    )
  }
}

/// The maxima of windows of volumes, recorded, and their positions (slice · height + row) · width + column.
func maxima<Scalar: FloatingScalar>(
  ofVolumes x: Tensor<Scalar>, _ windows: [PoolingWindows], _ operation: String
) -> (values: Tensor<Scalar>, positions: Tensor<Int32>) {
  let (values, argmax) = ArgmaxPositions.maxima(ofVolumes: x, windows, operation)
  let shape = x.shape
  noteWindows(windows)
  let recorded = values.moved("pooling", from: x) { gradient in
    argmax.scatter(gradient.reshaped(argmax.positions.shape)).reshaped(shape)
  }
  return (recorded, argmax.positions)
}

/// Volumes [batch, channels, depth, height, width] mapped along each of the last three axes, recorded.
func resampledVolumes<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, _ maps: [ResamplingWeights]
) -> Tensor<Scalar> {
  if !x.isEmpty && maps.allSatisfy(\.isMean) && !OperationObservers.isListening { return globalMeans(name, x) }
  let (n, c, depth) = (x.shape[0], x.shape[1], x.shape[2])
  let (rows, columns, slices) = (maps[1].outputs, maps[2].outputs, maps[0].outputs)
  /// Along the depth of [planes, depth, line].
  func along(_ planes: Tensor<Scalar>, _ outer: Int, _ line: Int) -> Tensor<Scalar> {
    let images = planes.reshaped([outer, depth, line, 1]).permuted(0, 2, 1, 3)
    return resampled(name, images, rows: maps[0], columns: .single).permuted(0, 2, 1, 3)
  }
  if x.layout.isContiguous {
    let flat = resampled(name, x.reshaped([n, c * depth, x.shape[3], x.shape[4]]), rows: maps[1], columns: maps[2])
    return along(flat, n * c, rows * columns).reshaped([n, c, slices, rows, columns])
  }
  let images = x.permuted(0, 2, 1, 3, 4).reshaped([n * depth, c, x.shape[3], x.shape[4]])
  let flat = resampled(name, images, rows: maps[1], columns: maps[2]).permuted(0, 2, 3, 1)
  return along(flat, n, rows * columns * c).reshaped([n, slices, rows, columns, c]).permuted(0, 4, 1, 2, 3)
}

extension PoolingArguments {
  func volumeMaxima<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>
  ) -> (values: Tensor<Scalar>, indices: Tensor<Int32>) {
    var positions: Tensor<Int32>?
    let values = x.asImages(operation, axes: 3) { volumes in
      let found = maxima(ofVolumes: volumes, windows(x.shape), operation)
      positions = found.positions
      return found.values
    }
    return (values, positions!)
  }

  func volumeAverages<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, countsPadding: Bool, divisor: Int?
  ) -> Tensor<Scalar> {
    x.asImages(operation, axes: 3) { volumes in
      volumeAverages(volumes, windows(x.shape), countsPadding: countsPadding, divisor: divisor)
    }
  }

  private func volumeAverages<Scalar: FloatingScalar>(
    _ volumes: Tensor<Scalar>, _ windows: [PoolingWindows], countsPadding: Bool, divisor: Int?
  ) -> Tensor<Scalar> {
    if let divisor { check(divisor != 0, operation, "a divisor of zero") }
    if volumes.layout.isTransposed && !OperationObservers.isListening {
      // The order of the axes does not matter: slices as they are in memory.
      return volumeAverages(
        volumes.transposed(-1, -2), [windows[0], windows[2], windows[1]], countsPadding: countsPadding, divisor: divisor
      ).transposed(-1, -2)
    }
    if let means = boxAverages(volumes, windows, countsPadding: countsPadding, divisor: divisor) { return means }
    if let divisor {
      let maps = windows.enumerated().map { $1.sums(dividedBy: $0 == 0 ? divisor : 1) }
      return resampledVolumes("average pooling", volumes, maps)
    }
    return resampledVolumes("average pooling", volumes, windows.map { $0.averages(countsPadding: countsPadding) })
  }

  /// The means of small windows that all divide by one number.
  private func boxAverages<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ windows: [PoolingWindows], countsPadding: Bool, divisor: Int?
  ) -> Tensor<Scalar>? {
    if x.isEmpty || OperationObservers.isListening || windows.allSatisfy(\.isWhole) { return nil }
    // Volumes of one slice are added up as images are.
    if windows[0].extent == 1 { return nil }
    let counted = countsPadding ? windows : windows.map(\.inside)
    let lengths = counted.map { zip($0.starts, $0.ends).map { Swift.max($1 - $0, 1) } }
    guard divisor != nil || lengths.allSatisfy({ lengths in lengths.allSatisfy { $0 == lengths[0] } }) else {
      return nil
    }
    let count = divisor ?? lengths.reduce(1) { $0 * $1[0] }
    return BoxWindows.of(windows)?.sums("average pooling", x, divisor: Scalar(count))
  }

  func volumeNorms<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ p: Scalar) -> Tensor<Scalar> {
    check(p != 0, operation, "a norm of order 0")
    if p.isInfinite { return p > 0 ? volumeMaxima(x.abs()).values : -volumeMaxima(-x.abs()).values }
    let means = volumeAverages(x.pow(p), countsPadding: true, divisor: nil)
    // Written like this, the gradient is 0 where a sum is 0.
    let norms = (means.sign() * means.abs().relu() * Scalar(kernel.reduce(1, *))).pow(1 / p)
    if means.isEmpty { return norms }
    let sizes = withoutGradients { means.detached().abs() }
    let range = Scalar.leastNormalMagnitude / Scalar.ulpOfOne...Scalar.greatestFiniteMagnitude
    if range.contains(sizes.min().item) && range.contains(sizes.max().item) { return norms }
    let isEven = p.truncatingRemainder(dividingBy: 2) == 0
    if !isEven && !withoutGradients({ (x.detached() .>= 0).all().item }) { return norms }
    // Powers that leave the range: norms along the depth of the norms within slices, which do not.
    let isLost = withoutGradients { () -> Tensor<Bool> in
      let greatest = volumeMaxima(x.detached().abs()).values
      return ((sizes .< range.lowerBound) .|| (sizes .> range.upperBound)) .&& (greatest .> 0)
    }
    return isLost.any().item ? select(isLost, separateNorms(x, p), norms) : norms
  }

  /// The norms along the depth of the norms within slices.
  private func separateNorms<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ p: Scalar) -> Tensor<Scalar> {
    x.asImages(operation, axes: 3) { volumes in
      let shape = volumes.shape
      let images = volumes.permuted(0, 2, 1, 3, 4).reshaped([shape[0] * shape[2], shape[1], shape[3], shape[4]])
      let flat = PoolingArguments(operation, Array(kernel[1...]), Array(stride[1...]), ceilMode: ceilMode)
        .norms(images, p)
      let (rows, columns) = (flat.shape[2], flat.shape[3])
      let lines = flat.reshaped([shape[0], shape[2], shape[1] * rows * columns]).permuted(0, 2, 1)
      let norms = PoolingArguments(operation, [kernel[0]], [stride[0]], ceilMode: ceilMode).norms(lines, p)
      return norms.reshaped([shape[0], shape[1], rows, columns, norms.shape[2]]).permuted(0, 1, 4, 2, 3)
    }
  }
}
