import TernBackend

// The reductions of integers where a mask holds; sums and products are Int.

extension Tensor where Scalar: IntegerScalar {
  /// The sum over the given axes, or over all, of the elements where the mask holds; 0 of none. Wraps beyond the range.
  public func sum(
    along axes: [Int]? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(0, outside: mask, "sum").sum(along: axes, keepingAxes: keepingAxes)
  }

  /// The product over the given axes, or over all, of the elements where the mask holds; 1 of none. Wraps beyond the range.
  public func product(
    along axes: [Int]? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(1, outside: mask, "product").product(along: axes, keepingAxes: keepingAxes)
  }

  /// Running sums along an axis, in which elements where the mask does not hold count 0.
  public func cumulativeSum(
    along axis: Int, mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(0, outside: mask, "cumulativeSum").cumulativeSum(along: axis)
  }

  /// Running products along an axis, in which elements where the mask does not hold count 1.
  public func cumulativeProduct(
    along axis: Int, mask: Tensor<Bool>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(1, outside: mask, "cumulativeProduct").cumulativeProduct(along: axis)
  }
}
