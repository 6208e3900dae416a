import TernBackend

// Extremes where a mask holds: elsewhere stands what no element exceeds, ±∞ or the end of an integer's range.

extension Tensor where Scalar: NumericScalar {
  /// The greatest elements over the given axes, or over all, where the mask holds; of none −∞, or the least number of an integer type.
  public func amax(
    along axes: [Int]? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(Scalar(number: -.infinity), outside: mask, "amax").amax(along: axes, keepingAxes: keepingAxes)
  }

  /// The least elements over the given axes, or over all, where the mask holds; of none ∞, or the greatest number of an integer type.
  public func amin(
    along axes: [Int]? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return filled(Scalar(number: .infinity), outside: mask, "amin").amin(along: axes, keepingAxes: keepingAxes)
  }

  /// The position along an axis of the greatest element where the mask holds, of all in row-major order where no axis is
  /// named; the first of equals.
  public func argmax(
    along axis: Int? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let x = detached().filled(Scalar(number: -.infinity), outside: mask, "argmax")
    return axis.map { x.argmax(along: $0, keepingAxes: keepingAxes) } ?? x.argmax()
  }

  /// The position along an axis of the least element where the mask holds, of all in row-major order where no axis is
  /// named; the first of equals.
  public func argmin(
    along axis: Int? = nil, keepingAxes: Bool = false, mask: Tensor<Bool>, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let x = detached().filled(Scalar(number: .infinity), outside: mask, "argmin")
    return axis.map { x.argmin(along: $0, keepingAxes: keepingAxes) } ?? x.argmin()
  }
}
