import TernBackend

// Two reductions that are wanted together.

extension Tensor where Scalar: NumericScalar {
  /// The least and the greatest elements along an axis, or of all. A gradient is shared by all that equal one.
  ///
  /// Stops where there are no elements.
  /// - Parameter keepingAxes: leaves the axis with extent one.
  public func extrema(
    along axis: Int? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> (min: Tensor, max: Tensor) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axes = axis.map { [$0] }
    return (amin(along: axes, keepingAxes: keepingAxes), amax(along: axes, keepingAxes: keepingAxes))
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The variance and the mean over the given axes, or over all; see
  /// ``variance(along:correction:keepingAxes:file:line:)-([Int]?,_,_,_,_)`` and ``mean(along:keepingAxes:file:line:)-([Int]?,_,_,_)``.
  public func varianceAndMean(
    along axes: [Int]? = nil, correction: Double = 1, keepingAxes: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> (variance: Tensor, mean: Tensor) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return (
      variance(along: axes, correction: correction, keepingAxes: keepingAxes),
      mean(along: axes, keepingAxes: keepingAxes)
    )
  }

  /// The standard deviation and the mean over the given axes, or over all; see
  /// ``standardDeviation(along:correction:keepingAxes:file:line:)-([Int]?,_,_,_,_)`` and ``mean(along:keepingAxes:file:line:)-([Int]?,_,_,_)``.
  public func standardDeviationAndMean(
    along axes: [Int]? = nil, correction: Double = 1, keepingAxes: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> (deviation: Tensor, mean: Tensor) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return (
      standardDeviation(along: axes, correction: correction, keepingAxes: keepingAxes),
      mean(along: axes, keepingAxes: keepingAxes)
    )
  }
}
