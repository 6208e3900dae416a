import TernBackend

// Sums and means. Of n numbers with the exact sum s, computed Float sums are within 2⁻²⁴·|s| + 3·2⁻²⁴·Σ|x|, along
// every axis and in every layout: they are added up in Double, but for the eight neighbors that are added first where
// many lie in a row. Double sums are within (n/2048 + 30)·2⁻⁵³·Σ|x| at worst, about 2⁻⁵³·Σ|x| as a rule: blocks of some
// hundred values are combined pairwise. The order depends on the extents alone. What leaves the range on the way but
// not in the end is added up once more in smaller numbers.

extension Tensor where Scalar: FloatingScalar {
  /// The sum Σx over the given axes, or over all; an empty sum is 0.
  ///
  /// Along every axis Float is off by 2⁻²⁴·|Σx| + 3·2⁻²⁴·Σ|x| at most: it is added up in Double.
  ///
  /// Gradient: dL/dy, repeated.
  /// - Parameters:
  ///   - axes: which axes go; `nil` for all, none for `[]`.
  ///   - keepingAxes: leaves the summed axes with extent one.
  @specialized(where Scalar == Float)
  public func sum(along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let reduced = ReducedAxes(axes, of: shape, "sum")
    let result = summed(reduced, keepingAxes: keepingAxes)
    OperationArguments.note("sum", ["axes": .integers(reduced.axes)])
    return node == nil && !OperationObservers.isListening
      ? result : result.recorded("sum", from: self) { d in d.send(0) { d.gradient.spread(over: reduced) } }
  }

  /// The sum over one axis or several, see ``sum(along:keepingAxes:file:line:)``.
  public func sum(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    sum(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }

  /// The mean Σx/n over the given axes, or over all, which does not overflow; NaN of nothing.
  ///
  /// Gradient: dL/dy / n, repeated.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  @specialized(where Scalar == Float)
  public func mean(
    along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let reduced = ReducedAxes(axes, of: shape, "mean")
    let count = Scalar(reduced.count)
    let result = averaged(reduced, keepingAxes: keepingAxes)
    OperationArguments.note("mean", ["axes": .integers(reduced.axes)])
    return node == nil && !OperationObservers.isListening
      ? result : result.recorded("mean", from: self) { d in d.send(0) { (d.gradient / count).spread(over: reduced) } }
  }

  /// The mean over one axis or several, see ``mean(along:keepingAxes:file:line:)-([Int]?,_,_,_)``.
  public func mean(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    mean(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// Σx over some axes; not recorded.
  @specialized(where Scalar == Float)
  private func summed(_ reduced: ReducedAxes, keepingAxes: Bool) -> Tensor {
    let sums = totals(reduced, keepingAxes: keepingAxes)
    // Parts of a Float's sum are Double, which they do not leave.
    guard Scalar.self == Double.self, !sums.isAllFinite else { return sums }
    let smaller = withoutGradients { (self * 0x1p-70).totals(reduced, keepingAxes: keepingAxes) * 0x1p70 }
    return select(sums.isFinite(), sums, smaller)
  }

  /// Σx/n over some axes; not recorded.
  @specialized(where Scalar == Float)
  private func averaged(_ reduced: ReducedAxes, keepingAxes: Bool) -> Tensor {
    let (means, count) = (totals(reduced, keepingAxes: keepingAxes), Scalar(reduced.count))
    let out = means.mutablePointer
    withUnsafePointer(to: count) { Scalar.binary(.div, means.count, out, 1, out, 1, $0, 0, 1) }
    if means.isAllFinite || reduced.count == 0 { return means }
    let smaller = withoutGradients { (self * 0x1p-70).totals(reduced, keepingAxes: keepingAxes) / count * 0x1p70 }
    return select(means.isFinite(), means, smaller)
  }

  /// - Parameter withoutNaN: takes NaN for 0.
  @specialized(where Scalar == Float)
  func totals(_ reduced: ReducedAxes, keepingAxes: Bool, withoutNaN: Bool = false) -> Tensor {
    @inline(__always) func add(
      _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Scalar>
    ) {
      if withoutNaN { Scalar.nanTotal(outer, n, inner, out, x) } else { Scalar.total(outer, n, inner, out, x) }
    }
    if reduced.isAll, !keepingAxes, layout.isDense {
      // What is left when a reduction is small is its overhead: no plan here.
      let result = Tensor(uninitialized: scalarLayout)
      let (n, x) = (count, pointer)
      var total = 0.0
      if let (blocks, length) = ReductionBlocks.split(1, n, 1) {
        withUnsafeTemporaryAllocation(of: Double.self, capacity: blocks) { partial in
          let part = partial.baseAddress!
          Workers.run(chunks: blocks) { block in
            let count = Swift.min(length, n - block * length)
            add(1, count, 1, part + block, x + block * length)
          }
          Double.reduce(.sum, 1, blocks, 1, &total, part)
        }
      } else {
        add(1, n, 1, &total, x)
      }
      result.mutablePointer[0] = Scalar(total)
      return result
    }
    if let (inside, rest) = layout.separated(reduced) {
      let plan = ReductionPlan(self, inside)
      let partial = Tensor<Double>(uninitialized: plan.result)
      let (n, inner, out, x) = (plan.n, plan.inner, partial.mutablePointer, plan.input.pointer)
      plan.runOuter { first, count in add(count, n, inner, out + first * inner, x + first * n * inner) }
      withExtendedLifetime(plan.input) {}
      let sums = partial.totals(rest, keepingAxes: true)
      let result = Tensor(uninitialized: sums.layout)
      Double.convert(sums.count, result.mutablePointer, 1, sums.pointer, 1)
      withExtendedLifetime(sums) {}
      return result.dropping(reduced, unless: keepingAxes)
    }
    if !withoutNaN, let rows = rowsApart(reduced, { Scalar.reduce(.sum, $0, $1, $2, $3, $4) }) {
      return rows.dropping(reduced, unless: keepingAxes)
    }
    let plan = ReductionPlan(self, reduced)
    let result = Tensor(uninitialized: plan.result)
    let (outer, n, inner) = (plan.outer, plan.n, plan.inner)
    let (out, x) = (result.mutablePointer, plan.input.pointer)
    if let (blocks, rows) = plan.blocks {
      let partial = Tensor<Double>(uninitialized: [outer, blocks, inner])
      let sums = Tensor<Double>(uninitialized: [outer, inner])
      let part = partial.mutablePointer
      plan.runBlocks(rows) { chunk, at, length in
        add(1, length, inner, part + chunk * inner, x + at)
      }
      Double.reduce(.sum, outer, blocks, inner, sums.mutablePointer, part)
      Double.convert(outer * inner, out, 1, sums.pointer, 1)
      withExtendedLifetime((partial, sums)) {}
    } else if withoutNaN {
      let sums = Tensor<Double>(uninitialized: [outer, inner])
      let total = sums.mutablePointer
      plan.runOuter { first, count in
        add(count, n, inner, total + first * inner, x + first * n * inner)
        Double.convert(count * inner, out + first * inner, 1, total + first * inner, 1)
      }
      withExtendedLifetime(sums) {}
    } else {
      plan.runOuter { first, count in
        Scalar.reduce(.sum, count, n, inner, out + first * inner, x + first * n * inner)
      }
    }
    withExtendedLifetime(plan.input) {}
    return result.dropping(reduced, unless: keepingAxes)
  }
}

extension Tensor where Scalar: IntegerScalar {
  /// The sum over the given axes, or over all, as Int; wraps beyond its range.
  public func sum(along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor<Int>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return totals(ReducedAxes(axes, of: shape, "sum"), keepingAxes: keepingAxes)
  }

  /// The sum over one axis or several, as Int.
  public func sum(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    sum(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }
}

extension Tensor where Scalar == Bool {
  /// How many elements are true over the given axes, or over all.
  public func sum(along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor<Int>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return totals(ReducedAxes(axes, of: shape, "sum"), keepingAxes: keepingAxes)
  }

  /// How many elements are true over one axis or several.
  public func sum(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    sum(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }
}

extension Tensor where Scalar: CountingKernelScalar {
  /// Sums or products over some axes as Int: one pass over the elements as they lie.
  func totals(_ reduced: ReducedAxes, multiplies: Bool = false, keepingAxes: Bool) -> Tensor<Int> {
    let plan = ReductionPlan(self, reduced)
    let result = Tensor<Int>(uninitialized: plan.result)
    let (outer, n, inner) = (plan.outer, plan.n, plan.inner)
    let (out, x) = (result.mutablePointer, plan.input.pointer)
    if let (blocks, rows) = plan.blocks {
      let partial = Tensor<Int>(uninitialized: [outer, blocks, inner])
      let part = partial.mutablePointer
      plan.runBlocks(rows) { chunk, at, length in
        Scalar.total(multiplies: multiplies, 1, length, inner, part + chunk * inner, x + at)
      }
      Int.total(multiplies: multiplies, outer, blocks, inner, out, part)
      withExtendedLifetime(partial) {}
    } else {
      plan.runOuter { first, count in
        Scalar.total(multiplies: multiplies, count, n, inner, out + first * inner, x + first * n * inner)
      }
    }
    withExtendedLifetime(plan.input) {}
    let total = result.dropping(reduced, unless: keepingAxes)
    if OperationObservers.isListening {
      OperationArguments.note(
        "integer total", ["axes": .integers(reduced.axes), "isProduct": .flag(multiplies)])
      OperationObservers.ended("integer total", from: [body], total.body)
    }
    return total
  }
}
