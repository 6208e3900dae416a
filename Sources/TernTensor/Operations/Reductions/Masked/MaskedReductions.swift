import TernBackend

// Reductions of the elements where a mask holds, which broadcasts to the tensor: what lies elsewhere, NaN too, counts for
// nothing and has no gradient. Where a mask holds nowhere the result is that of no elements.

extension Tensor where Scalar: FloatingScalar {
  /// The sum over the given axes, or over all, of the elements where the mask holds; 0 of none.
  public func sum(
    along axes: [Int]? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(0, outside: mask, "sum").sum(along: axes, keepingAxes: keepingAxes)
  }

  /// The product over the given axes, or over all, of the elements where the mask holds; 1 of none.
  public func product(
    along axes: [Int]? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(1, outside: mask, "product").product(along: axes, keepingAxes: keepingAxes)
  }

  /// The mean over the given axes, or over all, of the elements where the mask holds; NaN of none.
  public func mean(
    along axes: [Int]? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(0, outside: mask, "mean").sum(along: axes, keepingAxes: keepingAxes)
      / counts(mask, axes, keepingAxes)
  }

  /// The lower medians along an axis of the elements where the mask holds; NaN of none.
  public func median(
    along axis: Int = -1, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(.nan, outside: mask, "median").nanMedian(along: axis, keepingAxes: keepingAxes).values
  }

  /// The variance Σ(x − mean)² / (n − correction) over the given axes, or over all, of the n elements where the mask holds.
  public func variance(
    along axes: [Int]? = nil, correction: Double = 1, keepingAxes: Bool = false, mask: Tensor<Bool>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let center = filled(0, outside: mask, "variance").sum(along: axes, keepingAxes: true) / counts(mask, axes, true)
    let deviations = (self - center).filled(0, outside: mask, "variance").square()
    let degrees = maximum(counts(mask, axes, keepingAxes) - Scalar(correction), 0)
    return deviations.sum(along: axes, keepingAxes: keepingAxes) / degrees
  }

  /// The standard deviation over the given axes, or over all, of the elements where the mask holds: the root of
  /// ``variance(along:correction:keepingAxes:mask:file:line:)``.
  public func standardDeviation(
    along axes: [Int]? = nil, correction: Double = 1, keepingAxes: Bool = false, mask: Tensor<Bool>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return variance(along: axes, correction: correction, keepingAxes: keepingAxes, mask: mask).sqrt()
  }

  /// The p-norm over the given axes, or over all, of the elements where the mask holds; 0 of none, ∞ for p = −∞.
  public func norm(
    _ p: Double = 2, along axes: [Int]? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(p == -.infinity ? .infinity : 0, outside: mask, "norm")
      .norm(p, along: axes, keepingAxes: keepingAxes)
  }

  /// x / max(‖x‖ₚ, ε) along an axis, of the elements where the mask holds; 0 elsewhere.
  public func normalized(
    order p: Double = 2, along axis: Int = -1, epsilon: Scalar = 1e-12, mask: Tensor<Bool>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let length = norm(p, along: [axis], keepingAxes: true, mask: mask)
    return filled(0, outside: mask, "normalized") / maximum(length, epsilon)
  }

  /// ln Σeˣ over the given axes, or over all, of the elements where the mask holds; −∞ of none.
  public func logSumExp(
    along axes: [Int]? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(-.infinity, outside: mask, "logSumExp").logSumExp(along: axes, keepingAxes: keepingAxes)
  }

  /// eˣ / Σeˣ along an axis over the elements where the mask holds; 0 elsewhere, NaN where it holds nowhere.
  public func softmax(
    along axis: Int = -1, mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(-.infinity, outside: mask, "softmax").softmax(along: axis)
  }

  /// x − ln Σeˣ along an axis over the elements where the mask holds; −∞ elsewhere, NaN where it holds nowhere.
  public func logSoftmax(
    along axis: Int = -1, mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(-.infinity, outside: mask, "logSoftmax").logSoftmax(along: axis)
  }

  /// e⁻ˣ / Σe⁻ˣ along an axis over the elements where the mask holds; 0 elsewhere, NaN where it holds nowhere.
  public func softmin(
    along axis: Int = -1, mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(.infinity, outside: mask, "softmin").softmin(along: axis)
  }

  /// The running sum along an axis of the elements where the mask holds.
  public func cumulativeSum(
    along axis: Int, mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(0, outside: mask, "cumulativeSum").cumulativeSum(along: axis)
  }

  /// The running product along an axis of the elements where the mask holds.
  public func cumulativeProduct(
    along axis: Int, mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(1, outside: mask, "cumulativeProduct").cumulativeProduct(along: axis)
  }

  /// How many elements the mask leaves.
  private func counts(_ mask: Tensor<Bool>, _ axes: [Int]?, _ keepingAxes: Bool) -> Tensor {
    mask.broadcast(to: shape).sum(along: axes, keepingAxes: keepingAxes).cast(to: Scalar.self)
  }
}

extension Tensor where Scalar: NumericScalar {
  /// A value where the mask does not hold.
  func filled(_ value: Scalar, outside mask: Tensor<Bool>, _ name: String) -> Tensor {
    check(
      broadcastShape(shape, mask.shape, name) == shape, name, "mask \(mask.shape) does not broadcast to \(shape)")
    return select(mask, self, value)
  }
}
