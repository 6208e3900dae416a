import TernBackend

// Sums and means that pass over NaN.

extension Tensor where Scalar: FloatingScalar {
  /// The sum over the given axes, or over all, of the elements that are not NaN; 0 where there are none.
  ///
  /// Gradient: dL/dy, repeated; 0 for NaN.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func nanSum(
    along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let reduced = ReducedAxes(axes, of: shape, "nanSum")
    if OperationObservers.isListening { return select(isNaN(), 0, self).sum(along: axes, keepingAxes: keepingAxes) }
    let sums = totals(reduced, keepingAxes: keepingAxes, withoutNaN: true)
    if Scalar.self == Double.self, !sums.isAllFinite {
      // A sum whose parts leave the range.
      return select(isNaN(), 0, self).sum(along: axes, keepingAxes: keepingAxes)
    }
    return sums.recorded("nanSum", from: self, saving: .first) { d in
      d.send(0) { select(d.input(0).isNaN(), 0, d.gradient.spread(over: reduced)) }
    }
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
