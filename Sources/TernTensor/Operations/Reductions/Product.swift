import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The product Πx over the given axes, or over all; an empty product is 1.
  ///
  /// Gradient at xᵢ: dL/dy times the product of the others, zeros among them or not.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func product(
    along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let reduced = ReducedAxes(axes, of: shape, "product")
    let result = reducedKeeping(.product, reduced).dropping(reduced, unless: keepingAxes)
    OperationArguments.note("product", ["axes": .integers(reduced.axes)])
    return result.recorded("product", from: self, saving: .first) { d in
      d.send(0) {
        if !d.createGraph { return d.input(0).productGradient(d.gradient, reduced) }
        let (x, gradient) = (d.input(0), d.gradient.spread(over: reduced))
        // The others' product may be a number though parts of it leave the range of Float.
        let others =
          Scalar.self == Float.self
          ? x.cast(to: Double.self).productOfOthers(reduced).cast(to: Scalar.self) : x.productOfOthers(reduced)
        return zeroProduct(gradient, others)
      }
    }
  }

  /// The product over one axis or several, see ``product(along:keepingAxes:file:line:)``.
  public func product(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    product(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }

  /// Whether every element is neither 0 nor infinite nor so small that digits are lost.
  var isNormalEverywhere: Bool {
    if count == 1 { return item.isNormal }
    let size = map(.abs)
    return ((size .>= .leastNormalMagnitude) .&& (size .<= .greatestFiniteMagnitude)).all().item
  }

  /// For every element the gradient of its product times the others, in one pass; not recorded.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func productGradient(_ gradient: Tensor, _ reduced: ReducedAxes) -> Tensor {
    let plan = ReductionPlan(detached(), reduced)
    let result = Tensor(uninitialized: plan.input.layout)
    if result.isEmpty { return result }
    let kept = gradient.detached().reshaped(reduced.keptShape)
    let upstream = kept.layout.hasLayout(of: plan.result) ? kept : kept.copied(plan.result)
    let (n, inner, out, g, x) = (plan.n, plan.inner, result.mutablePointer, upstream.pointer, plan.input.pointer)
    let units = plan.outer * Scalar.productPanels(inner)
    let grain = Swift.max(1, StridedLoop.grain / Swift.max(1, n * Swift.min(inner, 32)))
    withExtendedLifetime(upstream) {
      Workers.run(count: units, grain: grain) { range in
        withScratch(Scalar.productScratch(n), of: Double.self) {
          Scalar.productGrad(range.lowerBound, range.count, n, inner, out, gradient: g, x, $0)
        }
      }
    }
    return result
  }

  /// For every element the product of the others that are reduced with it: what stands before it times what stands
  /// behind, so that nothing is divided.
  private func productOfOthers(_ reduced: ReducedAxes) -> Tensor {
    let rest = shape.indices.filter { !reduced.axes.contains($0) }
    let order = rest + reduced.axes
    let moved = permuted(order)
    let rows = moved.reshaped(rest.map { shape[$0] } + [reduced.count])
    let others = zeroProduct(rows.productBefore(), rows.flipped([-1]).productBefore().flipped([-1]))
    var inverse = order
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return others.reshaped(moved.shape).permuted(inverse)
  }

  /// Along the last axis, the product of all that stands before.
  private func productBefore() -> Tensor {
    let extent = shape[rank - 1]
    if extent == 0 { return self }
    let one = Tensor(ones: shape.dropLast() + [1])
    let before = narrowed(axis: -1, start: 0, length: extent - 1).cumulativeProduct(along: -1)
    return concatenate([one, before], along: -1)
  }
}

extension Tensor where Scalar: IntegerScalar {
  /// The product over the given axes, or over all, as Int; wraps beyond its range.
  public func product(
    along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let reduced = ReducedAxes(axes, of: shape, "product")
    return totals(reduced, multiplies: true, keepingAxes: keepingAxes)
  }

  /// The product over one axis or several, as Int.
  public func product(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Int> {
    product(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }
}
