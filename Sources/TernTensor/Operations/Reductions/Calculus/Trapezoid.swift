import TernBackend

// Integrals of sampled functions by the trapezoidal rule.

extension Tensor where Scalar: FloatingScalar {
  /// The integral ∫ y dx along an axis by the trapezoidal rule, of samples at equal distances: Σ (yᵢ + yᵢ₊₁)/2 · dx.
  ///
  /// 0 of less than two samples.
  public func trapezoid(
    spacing: Scalar = 1, along axis: Int = -1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "trapezoid")
    let count = shape[axis]
    if count < 2 { return narrowed(axis: axis, start: 0, length: 0).sum(along: axis) }
    let ends: Tensor = selected(axis: axis, index: 0) + selected(axis: axis, index: count - 1)
    let between = narrowed(axis: axis, start: 1, length: count - 2).sum(along: axis)
    return (between + ends * 0.5) * spacing
  }

  /// The integral ∫ y dx along an axis by the trapezoidal rule: Σ (yᵢ + yᵢ₊₁)/2 · (xᵢ₊₁ − xᵢ).
  ///
  /// - Parameter x: where the samples are: a vector along the axis, or what broadcasts with the tensor.
  public func trapezoid(
    at x: Tensor, along axis: Int = -1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "trapezoid")
    if shape[axis] == 0 { return sum(along: axis) }
    return (pairSums(axis) * steps(x, axis, "trapezoid")).sum(along: axis - rank) * 0.5
  }

  /// The integral from the first sample to each of the others by the trapezoidal rule, samples at equal distances.
  ///
  /// The axis loses one element.
  public func cumulativeTrapezoid(
    spacing: Scalar = 1, along axis: Int = -1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "cumulativeTrapezoid")
    return pairSums(axis).cumulativeSum(along: axis) * (spacing / 2)
  }

  /// The integral from the first sample to each of the others by the trapezoidal rule; the axis loses one element.
  ///
  /// - Parameter x: where the samples are: a vector along the axis, or what broadcasts with the tensor.
  public func cumulativeTrapezoid(
    at x: Tensor, along axis: Int = -1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "cumulativeTrapezoid")
    return (pairSums(axis) * steps(x, axis, "cumulativeTrapezoid")).cumulativeSum(along: axis - rank) * 0.5
  }

  /// yᵢ + yᵢ₊₁ along an axis.
  private func pairSums(_ axis: Int) -> Tensor {
    let length = Swift.max(shape[axis] - 1, 0)
    if shape[axis] == 0 { return self }
    return narrowed(axis: axis, start: 0, length: length) + narrowed(axis: axis, start: 1, length: length)
  }

  /// The distances of neighboring samples at x, of this tensor's rank or more.
  private func steps(_ x: Tensor, _ axis: Int, _ name: String) -> Tensor {
    var extents = [Int](repeating: 1, count: rank)
    if x.rank == 1 {
      extents[axis] = x.count
    } else {
      let missing = Swift.max(rank - x.rank, 0)
      extents = extents.prefix(missing) + x.shape
    }
    let place = axis - rank + extents.count
    check(
      extents[place] == shape[axis], name,
      "samples at \(x.shape) for \(shape) along axis \(axis) (\(extents[place]) ≠ \(shape[axis]))")
    if shape[axis] == 0 { return x.reshaped(extents) }
    return x.reshaped(extents).differences(along: place)
  }
}
