import TernBackend

// Sums and means. Sums are accurate: blocks of some hundred values, combined pairwise in an order that depends on the
// extents alone.

extension Tensor where Scalar: FloatingScalar {
  /// The sum Σx over the given axes, or over all; an empty sum is 0.
  ///
  /// Gradient: dL/dy, repeated.
  /// - Parameters:
  ///   - axes: which axes go; `nil` for all, none for `[]`.
  ///   - keepingAxes: leaves the summed axes with extent one.
  @specialized(where Scalar == Float)
  public func sum(along axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let reduced = ReducedAxes(axes, of: shape, "sum")
    let result = self.reduced(.sum, reduced, keepingAxes: keepingAxes)
    return node == nil
      ? result : result.recorded("sum", from: self) { d in d.send(0) { d.gradient.spread(over: reduced) } }
  }

  /// The sum over one axis or several, see ``sum(along:keepingAxes:)``.
  public func sum(along first: Int, _ rest: Int..., keepingAxes: Bool = false) -> Tensor {
    sum(along: [first] + rest, keepingAxes: keepingAxes)
  }

  /// The mean Σx/n over the given axes, or over all; NaN of nothing.
  ///
  /// Gradient: dL/dy / n, repeated.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  @specialized(where Scalar == Float)
  public func mean(along axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let reduced = ReducedAxes(axes, of: shape, "mean")
    let count = Scalar(reduced.count)
    let result = self.reduced(.sum, reduced, keepingAxes: keepingAxes)
    let out = result.mutablePointer
    withUnsafePointer(to: count) { Scalar.binary(.div, result.count, out, 1, out, 1, $0, 0, 1) }
    return node == nil
      ? result : result.recorded("mean", from: self) { d in d.send(0) { (d.gradient / count).spread(over: reduced) } }
  }

  /// The mean over one axis or several, see ``mean(along:keepingAxes:)-([Int]?,_)``.
  public func mean(along first: Int, _ rest: Int..., keepingAxes: Bool = false) -> Tensor {
    mean(along: [first] + rest, keepingAxes: keepingAxes)
  }
}

extension Tensor where Scalar: IntegerScalar {
  /// The sum over the given axes, or over all, as Int; wraps beyond its range.
  public func sum(along axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor<Int> {
    cast(to: Int.self).summedIntegers(axes, keepingAxes)
  }

  /// The sum over one axis or several, as Int.
  public func sum(along first: Int, _ rest: Int..., keepingAxes: Bool = false) -> Tensor<Int> {
    sum(along: [first] + rest, keepingAxes: keepingAxes)
  }
}

extension Tensor where Scalar == Bool {
  /// How many elements are true over the given axes, or over all.
  public func sum(along axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor<Int> {
    cast(to: Int.self).summedIntegers(axes, keepingAxes)
  }

  /// How many elements are true over one axis or several.
  public func sum(along first: Int, _ rest: Int..., keepingAxes: Bool = false) -> Tensor<Int> {
    sum(along: [first] + rest, keepingAxes: keepingAxes)
  }
}

extension Tensor where Scalar == Int {
  fileprivate func summedIntegers(_ axes: [Int]?, _ keepingAxes: Bool) -> Tensor {
    reduced(.sum, ReducedAxes(axes, of: shape, "sum"), keepingAxes: keepingAxes)
  }
}
