import TernBackend

/// What a quantile between two elements is.
public enum QuantileInterpolation: String, Sendable, CaseIterable {
  /// a + w·(b − a), w the fraction of the way.
  case linear
  /// The lesser.
  case lower
  /// The greater.
  case higher
  /// The nearer; half way the one at an even place.
  case nearest
  /// (a + b)/2.
  case midpoint
}

extension Tensor where Scalar: FloatingScalar {
  /// The q-quantile along an axis, or of all elements: of n in ascending order the one at q·(n − 1). NaN where any is.
  ///
  /// Gradients: of the elements, to those it lies between, by weight; of q, (n − 1)·(b − a) between a and b with
  /// `linear`. Stops for q outside 0 … 1, and where there are no elements.
  /// - Parameters:
  ///   - q: 0 for the least, 0.5 for the median, 1 for the greatest; a vector of m gives a result whose first axis has
  ///     extent m.
  ///   - axis: `nil` for all elements.
  ///   - keepingAxes: leaves the axis with extent one.
  ///   - interpolation: for places between two elements.
  public func quantile(
    _ q: Tensor, along axis: Int? = nil, keepingAxes: Bool = false, interpolation: QuantileInterpolation = .linear,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return quantiles("quantile", q, axis, keepingAxes, interpolation, ignoresNaN: false)
  }

  /// The q-quantile along an axis, or of all elements, see ``quantile(_:along:keepingAxes:interpolation:file:line:)-(Tensor<Scalar>,_,_,_,_,_)``.
  public func quantile(
    _ q: Double, along axis: Int? = nil, keepingAxes: Bool = false, interpolation: QuantileInterpolation = .linear,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    quantile(
      Tensor(Scalar(q)), along: axis, keepingAxes: keepingAxes, interpolation: interpolation, file: file, line: line)
  }

  /// The q-quantile along an axis, or of all elements, of those that are not NaN; NaN where there are none.
  ///
  /// Parameters and gradients as for ``quantile(_:along:keepingAxes:interpolation:file:line:)-(Tensor<Scalar>,_,_,_,_,_)``.
  public func nanQuantile(
    _ q: Tensor, along axis: Int? = nil, keepingAxes: Bool = false, interpolation: QuantileInterpolation = .linear,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return quantiles("nanQuantile", q, axis, keepingAxes, interpolation, ignoresNaN: true)
  }

  /// The q-quantile along an axis, or of all elements, of those that are not NaN; NaN where there are none.
  public func nanQuantile(
    _ q: Double, along axis: Int? = nil, keepingAxes: Bool = false, interpolation: QuantileInterpolation = .linear,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    nanQuantile(
      Tensor(Scalar(q)), along: axis, keepingAxes: keepingAxes, interpolation: interpolation, file: file, line: line)
  }

  private func quantiles(
    _ name: StaticString, _ q: Tensor, _ axis: Int?, _ keepingAxes: Bool, _ interpolation: QuantileInterpolation,
    ignoresNaN: Bool
  ) -> Tensor {
    check(q.rank <= 1, "\(name)", "q of shape \(q.shape), expected a number or a vector")
    for value in q.scalars { check(value >= 0 && value <= 1, "\(name)", "q = \(value) is outside 0 … 1") }
    let whole = axis == nil || rank == 0
    let at = whole ? 0 : resolve(axis: axis!, rank: rank, "\(name)")
    if rank == 0, let axis { _ = resolve(axis: axis, rank: 1, "\(name)") }
    let source = whole ? reshaped([count]) : self
    let n = source.shape[at]
    check(n > 0, "\(name)", "\(shape) has no elements \(whole ? "" : "along axis \(at)")")
    let sorted = source.sorted(along: at).values.movingAxis(at, to: -1)
    let found = sorted.interpolated(q.asVector, interpolation, ignoresNaN)
    // [.., m]: the quantiles come first, the axis goes or has extent one.
    var result = found.movingAxis(-1, to: 0)
    if keepingAxes {
      result = whole ? result.reshaped([q.count] + [Int](repeating: 1, count: rank)) : result.expandedAxis(at: at + 1)
    }
    return q.rank == 0 ? result.reshaped(Array(result.shape.dropFirst())) : result
  }

  /// Quantiles of rows that are sorted along the last axis, [.., m].
  private func interpolated(_ q: Tensor, _ interpolation: QuantileInterpolation, _ ignoresNaN: Bool) -> Tensor {
    let n = shape[rank - 1]
    // NaN comes last in a row.
    let isLastNaN = withoutGradients { narrowed(axis: -1, start: n - 1, length: 1).isNaN() }
    let greatest = Tensor(full: isLastNaN.shape, Scalar(n - 1))
    let last = withoutGradients { () -> Tensor in
      ignoresNaN ? maximum(greatest - isNaN().sum(along: -1, keepingAxes: true).cast(to: Scalar.self), 0) : greatest
    }
    let inner = q * last
    let places = ignoresNaN ? inner : select(isLastNaN, greatest, inner)
    // The greatest place of a long row may be rounded up.
    func position(_ places: Tensor) -> Tensor<Int> { minimum(places.cast(to: Int.self), n - 1) }
    let low = withoutGradients { () -> Tensor<Int> in
      switch interpolation {
      case .nearest: position(places.round())
      case .higher: position(places.ceil())
      case .linear, .lower, .midpoint: position(places.floor())
      }
    }
    let below = gathered(low, along: -1)
    guard interpolation == .linear || interpolation == .midpoint else { return below }
    let above = gathered(withoutGradients { position(places.ceil()) }, along: -1)
    let weight = interpolation == .midpoint ? Tensor(0.5) : places - low.cast(to: Scalar.self)
    let between = lerp(below, above, weight: weight)
    // Between an infinity and what is not the other one, the infinity.
    let infinite = below.isInfinite() .|| above.isInfinite()
    if !infinite.any().item { return between }
    return select(infinite, zeroProduct(below, 1 - weight) + zeroProduct(above, weight), between)
  }
}
