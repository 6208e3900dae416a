import TernBackend

// Sums and means that pass over NaN.

extension Tensor where Scalar: FloatingScalar {
  /// 0 in place of NaN: in one pass where nothing is recorded.
  private var withoutNaN: Tensor {
    if node != nil || OperationObservers.isListening { return select(isNaN(), 0, self) }
    return replacingNonFinite(nan: 0, positiveInfinity: .infinity, negativeInfinity: -.infinity)
  }

  /// The sum over the given axes, or over all, of the elements that are not NaN; 0 where there are none.
  ///
  /// Gradient: dL/dy, repeated; 0 for NaN.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func nanSum(
    along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    _ = ReducedAxes(axes, of: shape, "nanSum")
    if axes == nil, !keepingAxes, !layout.isContiguous, layout.isDense, node == nil, !OperationObservers.isListening {
      // The order of the axes does not matter: all elements in a row.
      return Tensor(body: body.view(Layout([count]))).nanSum()
    }
    return withoutNaN.sum(along: axes, keepingAxes: keepingAxes)
  }

  /// The sum over one axis or several of the elements that are not NaN.
  public func nanSum(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    nanSum(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }

  /// The mean over the given axes, or over all, of the elements that are not NaN; NaN where there are none.
  ///
  /// Gradient: dL/dy / n, repeated; 0 for NaN.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func nanMean(
    along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    _ = ReducedAxes(axes, of: shape, "nanMean")
    let missing = isNaN()
    let total = select(missing, 0, self).sum(along: axes, keepingAxes: keepingAxes)
    let count = (.!missing).sum(along: axes, keepingAxes: keepingAxes)
    return total / count.cast(to: Scalar.self)
  }

  /// The mean over one axis or several of the elements that are not NaN.
  public func nanMean(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    nanMean(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }
}
