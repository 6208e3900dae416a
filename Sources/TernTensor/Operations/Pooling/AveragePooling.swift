import TernBackend

extension PoolingWindows {
  /// Sums over the windows, divided by how many elements each has, with those of the padding or without.
  fileprivate func averages(countsPadding: Bool) -> ResamplingWeights {
    let counted = countsPadding ? self : inside
    return ResamplingWeights(
      sumsOver: self, divisors: zip(counted.starts, counted.ends).map { Double(Swift.max($1 - $0, 1)) })
  }

  /// Sums over the windows, divided by one number.
  fileprivate func sums(dividedBy divisor: Int) -> ResamplingWeights {
    ResamplingWeights(sumsOver: self, divisors: [Double](repeating: Double(divisor), count: count))
  }
}

extension PoolingArguments {
  func averages<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, countsPadding: Bool = true, divisor: Int? = nil
  ) -> Tensor<Scalar> {
    x.asImages(operation, axes: kernel.count) { images in
      let windows = windows(x.shape)
      if let divisor {
        check(divisor != 0, operation, "a divisor of zero")
        return resampled(
          "average pooling", images, rows: windows[0].sums(dividedBy: divisor), columns: windows[1].sums(dividedBy: 1))
      }
      return resampled(
        "average pooling", images, rows: windows[0].averages(countsPadding: countsPadding),
        columns: windows[1].averages(countsPadding: countsPadding))
    }
  }

  fileprivate func norms<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ p: Scalar) -> Tensor<Scalar> {
    check(p != 0, operation, "a norm of order 0")
    let means = averages(x.pow(p))
    // Written like this, the gradient is 0 where a sum is 0.
    return (means.sign() * means.abs().relu() * Scalar(kernel.reduce(1, *))).pow(1 / p)
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
///   - p: any number but 0; powers are of x itself, so that an odd p can make a sum negative and the result NaN.
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
