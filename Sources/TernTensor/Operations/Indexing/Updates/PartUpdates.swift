import TernBackend

// Parts of a tensor replaced in a copy: slices, one index of an axis, diagonals. The gradient of a part goes to the values,
// the remainder to the tensor.

extension Tensor {
  /// A copy in which a slice of an axis is replaced by values that broadcast to it.
  ///
  /// - Parameters:
  ///   - start: the first index, negative ones count from the end; bounds outside are clamped to the axis.
  ///   - end: the index behind the last; the end of the axis where left out.
  ///   - step: from index to index.
  public func replacingSlice(
    axis: Int, from start: Int? = nil, to end: Int? = nil, step: Int = 1, with values: Tensor,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "replacingSlice")
    check(step > 0, "replacingSlice", "a step of \(step)")
    return replacing([AxisIndex](repeating: .all, count: axis) + [.slice(start, end, step: step)], with: values)
  }

  /// A copy in which one index of an axis is replaced by values that broadcast to what
  /// ``selected(axis:index:file:line:)`` gives.
  public func replacingSelected(
    axis: Int, index: Int, with values: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "replacingSelected")
    return replacing([AxisIndex](repeating: .all, count: axis) + [.index(index)], with: values)
  }

  private func replacing(_ part: [AxisIndex], with values: Tensor) -> Tensor {
    var result = self
    result[part] = values
    return result
  }

  /// A copy in which the diagonal of two axes is replaced by values that broadcast to what
  /// ``diagonal(offset:axes:_:file:line:)`` gives.
  public func replacingDiagonal(
    offset: Int = 0, axes first: Int = 0, _ second: Int = 1, with values: Tensor, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let region = diagonalRegion(offset, first, second)
    var result = self
    result.write(values, "replacingDiagonal", shape: region(layout).layout.shape, region)
    return result
  }
}
