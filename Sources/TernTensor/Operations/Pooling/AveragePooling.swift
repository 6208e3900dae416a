import TernBackend

/// What the maps of an average pooling depend on.
private struct AverageKey: Hashable {
  let extents: [Int], kernel: [Int], stride: [Int], padding: [Int], dilation: [Int]
  let ceilMode: Bool, countsPadding: Bool
  let divisor: Int?
}

/// The maps of average poolings used last.
private let knownAverages = RecentValues<AverageKey, [ResamplingWeights]>(limit: 64)

extension PoolingWindows {
  /// Sums over the windows, divided by how many elements each has, with those of the padding or without.
  func averages(countsPadding: Bool) -> ResamplingWeights {
    let counted = countsPadding ? self : inside
    return ResamplingWeights(
      sumsOver: self, divisors: zip(counted.starts, counted.ends).map { Double(Swift.max($1 - $0, 1)) })
  }

  /// Sums over the windows, divided by one number.
  func sums(dividedBy divisor: Int) -> ResamplingWeights {
    ResamplingWeights(sumsOver: self, divisors: [Double](repeating: Double(divisor), count: count))
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The means of parts of sequences [batch, channels, length] that fill them, recorded, where the channels lie innermost
  /// and the parts are rows; else `nil`.
  func partMeans(of length: Int) -> Tensor? {
    guard layout.isTransposed, !isEmpty, shape[1] >= 8, !OperationObservers.isListening else { return nil }
    let (n, channels, count) = (shape[0], shape[1], shape[2] / length)
    return transposed(1, 2).reshaped([n, count, length, channels]).mean(along: 2).transposed(1, 2)
  }
}

extension PoolingArguments {
  func averages<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, countsPadding: Bool = true, divisor: Int? = nil
  ) -> Tensor<Scalar> {
    if kernel.count == 1, stride == kernel, padding == [0], dilation == [1], !ceilMode, divisor == nil, x.rank == 3,
      kernel[0] >= 1, x.shape[2] > 0, x.shape[2] % kernel[0] == 0, let means = x.partMeans(of: kernel[0])
    {
      return means
    }
    return x.asImages(operation, axes: kernel.count) { images in
      let maps = averageMaps(x.shape, countsPadding: countsPadding, divisor: divisor)
      return resampled("average pooling", images, rows: maps[0], columns: maps[1])
    }
  }

  /// The maps along rows and columns, those of small images from the last call with these arguments.
  private func averageMaps(_ shape: [Int], countsPadding: Bool, divisor: Int?) -> [ResamplingWeights] {
    func maps() -> [ResamplingWeights] {
      let windows = windows(shape)
      guard let divisor else { return windows.map { $0.averages(countsPadding: countsPadding) } }
      check(divisor != 0, operation, "a divisor of zero")
      return [windows[0].sums(dividedBy: divisor), windows[1].sums(dividedBy: 1)]
    }
    let extents = Array(shape.suffix(kernel.count))
    if extents.contains(where: { $0 > 1024 }) { return maps() }
    let key = AverageKey(
      extents: extents, kernel: kernel, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode,
      countsPadding: countsPadding, divisor: divisor)
    return knownAverages.value(for: key, maps)
  }

  func norms<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ p: Scalar) -> Tensor<Scalar> {
    check(p != 0, operation, "a norm of order 0")
    if p.isInfinite {
      return x.asImages(operation, axes: kernel.count) { images in
        let windows = windows(x.shape)
        return p > 0 ? windowMaxima(images.abs(), windows).values : -windowMaxima(-images.abs(), windows).values
      }
    }
    let means = averages(x.pow(p))
    // Written like this, the gradient is 0 where a sum is 0.
    let norms = (means.sign() * means.abs().relu() * Scalar(kernel.reduce(1, *))).pow(1 / p)
    if means.isEmpty { return norms }
    let sizes = withoutGradients { means.detached().abs() }
    let range = Scalar.leastNormalMagnitude / Scalar.ulpOfOne...Scalar.greatestFiniteMagnitude
    if range.contains(sizes.min().item) && range.contains(sizes.max().item) { return norms }
    // Powers of x itself are those of |x| where p is even, or nothing is negative.
    let isEven = p.truncatingRemainder(dividingBy: 2) == 0
    if !isEven && !withoutGradients({ (x.detached() .>= 0).all().item }) { return norms }
    return x.asImages(operation, axes: kernel.count) { images in
      let windows = windows(x.shape)
      let isLost = withoutGradients { () -> Tensor<Bool> in
        // A window of zeros only has lost nothing.
        let greatest = windowMaxima(images.detached().abs(), windows).values
        let sizes = sizes.reshaped(greatest.shape)
        return ((sizes .< range.lowerBound) .|| (sizes .> range.upperBound)) .&& (greatest .> 0)
      }
      let whole = norms.reshaped(isLost.shape)
      return isLost.any().item ? select(isLost, gatheredNorms(images, windows, p), whole) : whole
    }
  }

  /// The norms of a finite order of windows whose elements are gathered first, so that powers may leave the range; of [batch,
  /// channels, height, width].
  private func gatheredNorms<Scalar: FloatingScalar>(
    _ images: Tensor<Scalar>, _ windows: [PoolingWindows], _ p: Scalar
  ) -> Tensor<Scalar> {
    let added: [Int] = kernel.count == 1 ? [1] : []
    let (kernel, stride): ([Int], [Int]) = (added + kernel, added + stride)
    let counts: [Int] = [windows[0].count, windows[1].count]
    let missing: [Int] = [0, 1].map { (axis: Int) -> Int in
      let reach: Int = (counts[axis] - 1) * stride[axis] + kernel[axis]
      return Swift.max(0, reach - images.shape[2 + axis])
    }
    // What lies beyond the images adds nothing: 0 to powers above 0, infinities to those below.
    let border: Scalar = p > 0 ? 0 : .infinity
    let padded =
      missing == [0, 0] ? images : images.padded([(0, missing[0]), (0, missing[1])], .constant(border))
    let columns = padded.unfolded(PatchGeometry(kernel: (kernel[0], kernel[1]), stride: (stride[0], stride[1])))
    let outer = Array(images.shape.prefix(2))
    let norms = columns.reshaped(outer + [kernel[0] * kernel[1], counts[0] * counts[1]])
      .norm(Double(p), along: 2).reshaped(outer + counts)
    if missing == [0, 0] { return norms }
    // A truncated window counts as if it were whole.
    func parts(_ axis: Int) -> Tensor<Scalar> {
      let lengths: [Int] = zip(windows[axis].starts, windows[axis].ends).map { Swift.max(1, $1 - $0) }
      return Tensor(lengths.map { (length: Int) -> Scalar in Scalar(kernel[axis]) / Scalar(length) })
    }
    let grid = parts(0).expandedAxis(at: 1) * parts(1)
    return norms * grid.pow(1 / p)
  }
}

/// The mean of every window of images.
///
/// The windows lie as in ``maxPool2D(_:kernelSize:stride:padding:dilation:ceilMode:file:line:)``. Stops where the kernel is larger
/// than the padded image, and for a padding above half of the kernel.
///
/// - Parameters:
///   - x: [batch, channels, height, width], or one image without a batch.
///   - stride: the kernel's extents when `nil`.
///   - countsPadding: whether the padding's zeros count as elements of a window.
///   - divisor: divides every sum, instead of the number of elements.
public func avgPool2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
  padding: some PairConvertible = 0, ceilMode: Bool = false,
  countsPadding: Bool = true, divisor: Int? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments(
    "avgPool2D", kernelSize.pair.array, stride?.pair.array, padding: padding.pair.array, ceilMode: ceilMode
  )
  .averages(x, countsPadding: countsPadding, divisor: divisor)
}

/// The mean of every window of sequences [batch, channels, length], see
/// ``avgPool2D(_:kernelSize:stride:padding:ceilMode:countsPadding:divisor:file:line:)``.
public func avgPool1D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, kernelSize: Int, stride: Int? = nil, padding: Int = 0, ceilMode: Bool = false,
  countsPadding: Bool = true,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments("avgPool1D", [kernelSize], stride.map { [$0] }, padding: [padding], ceilMode: ceilMode)
    .averages(x, countsPadding: countsPadding)
}

/// The p-norm of every window of images, (Σ xᵖ)^(1/p); a window truncated by `ceilMode` counts as if it were whole.
///
/// - Parameters:
///   - x: [batch, channels, height, width], or one image without a batch.
///   - p: any number but 0; powers are of x itself, so that an odd p can make a sum negative and the result NaN. ∞ is the
///     greatest |x|, −∞ the least.
///   - stride: the kernel's extents when `nil`.
public func lpPool2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, p: Scalar, kernelSize: some PairConvertible, stride: (some PairConvertible)? = nil as Pair?,
  ceilMode: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments("lpPool2D", kernelSize.pair.array, stride?.pair.array, ceilMode: ceilMode).norms(x, p)
}

/// The p-norm of every window of sequences [batch, channels, length], see
/// ``lpPool2D(_:p:kernelSize:stride:ceilMode:file:line:)``.
public func lpPool1D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, p: Scalar, kernelSize: Int, stride: Int? = nil, ceilMode: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return PoolingArguments("lpPool1D", [kernelSize], stride.map { [$0] }, ceilMode: ceilMode).norms(x, p)
}
