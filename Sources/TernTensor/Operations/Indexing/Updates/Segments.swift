import TernBackend

// Runs of consecutive slices, each reduced to one.

extension Tensor where Scalar: FloatingScalar {
  /// Consecutive runs of an axis, each reduced to one: y[i] = reduction(x[l₀ + … + lᵢ₋₁], …, x[l₀ + … + lᵢ − 1]).
  ///
  /// Gradients: through the reduction; those of the extremes are shared by all that equal them. Slices
  /// behind the last run belong to none. Stops where the lengths add up to more than the extent of the axis.
  /// - Parameters:
  ///   - lengths: how many slices each run has. Along the last axis, where the leading ones are those of x before `axis`.
  ///   - initial: reduced with every run; a mean divides it by the length, too. Without it an empty run gives 0, 1, NaN, −∞
  ///     or ∞.
  public func reducingSegments(
    lengths: Tensor<Int>, along axis: Int = 0, by reduction: ScatterReduction, initial: Scalar? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "reducingSegments"
    let axis = resolve(axis: axis, rank: rank, name)
    let leading = Array(shape[..<axis])
    check(
      lengths.rank == axis + 1 && Array(lengths.shape[..<axis]) == leading, name,
      "lengths \(lengths.shape) along axis \(axis) of \(shape), expected \(leading.map(String.init) + ["runs"])")
    let (batch, runs) = (Layout.product(leading), lengths.shape[axis])
    let numbers = lengths.scalars
    for row in 0..<batch {
      var total = 0
      for length in numbers[row * runs..<(row + 1) * runs] {
        let (sum, isTooLarge) = total.addingReportingOverflow(length)
        check(length >= 0 && !isTooLarge, name, "a run of length \(length)")
        total = sum
      }
      check(
        total <= shape[axis], name,
        "lengths add up to \(total), more than the \(shape[axis]) of axis \(axis) in \(shape)")
    }
    // What lies behind the last run of a row goes to one more place.
    var order: [Int] = []
    for row in 0..<batch {
      let before = order.count
      for run in row * runs..<(row + 1) * runs { order += repeatElement(run, count: numbers[run]) }
      order += repeatElement(batch * runs, count: shape[axis] - (order.count - before))
    }
    let rest = Array(shape[(axis + 1)...])
    let start = initial ?? (reduction == .mean ? 0 : .start(of: reduction))
    // A mean is a sum divided by the length.
    let reduced = Tensor(full: [batch * runs + 1] + rest, start).reducing(
      reshaped([batch * shape[axis]] + rest), at: Tensor<Int>(order), by: reduction == .mean ? .sum : reduction
    ).narrowed(axis: 0, start: 0, length: batch * runs)
    let result = reduced.reshaped(leading + [runs] + rest)
    guard reduction == .mean else { return result }
    let counts = lengths.reshaped(lengths.shape + rest.map { _ in 1 }).cast(to: Scalar.self)
    return initial == nil ? result / counts : result / maximum(counts, 1)
  }

  /// Consecutive runs of an axis, each reduced to one; run i begins at offset i and ends before offset i + 1.
  ///
  /// See ``reducingSegments(lengths:along:by:initial:file:line:)``. Stops for offsets that do not begin with 0, that fall, or that
  /// end beyond the extent; slices behind the last belong to none.
  public func reducingSegments(
    offsets: Tensor<Int>, along axis: Int = 0, by reduction: ScatterReduction, initial: Scalar? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      offsets.rank > 0 && offsets.shape[offsets.rank - 1] > 0, "reducingSegments",
      "offsets \(offsets.shape), expected one more than runs along the last axis")
    let firsts = offsets.narrowed(axis: -1, start: 0, length: 1)
    check(
      firsts.scalars.allSatisfy { $0 == 0 }, "reducingSegments",
      "offsets that begin with \(firsts.scalars.first!), not 0")
    return reducingSegments(lengths: offsets.differences(), along: axis, by: reduction, initial: initial)
  }
}
