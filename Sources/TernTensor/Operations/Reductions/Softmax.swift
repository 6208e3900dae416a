import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// eˣ / Σeˣ along an axis, without overflow: positive, with the sum 1. NaN where all are −∞.
  ///
  /// Gradient: y·(dL/dy − Σ y·dL/dy).
  public func softmax(along axis: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return asVector.softmax(along: axis).reshaped([]) }
    let axis = resolve(axis: axis, rank: rank, "softmax")
    OperationArguments.note("softmax", ["axis": .integers([axis])])
    return alongAxis(axis, "softmax") { Scalar.softmax($0, $1, $2, $3, $4) }
      .recorded("softmax", from: self, saving: .output) { d in
        d.send(0) {
          let (g, y) = (d.gradient, d.output)
          if d.createGraph { return zeroProduct(y, g - zeroProduct(g, y).sum(along: axis, keepingAxes: true)) }
          return .alongAxis(axis, g, y) { Scalar.softmaxGrad($0, $1, $2, $3, $4, $5) }
        }
      }
  }

  /// x − ln Σeˣ along an axis: the logarithm of ``softmax(along:file:line:)``, accurate where that is close to 0.
  ///
  /// Gradient: dL/dy − eʸ·Σ dL/dy.
  public func logSoftmax(along axis: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return asVector.logSoftmax(along: axis).reshaped([]) }
    let axis = resolve(axis: axis, rank: rank, "logSoftmax")
    OperationArguments.note("logSoftmax", ["axis": .integers([axis])])
    return alongAxis(axis, "logSoftmax") { Scalar.logSoftmax($0, $1, $2, $3, $4) }
      .recorded("logSoftmax", from: self, saving: .output) { d in
        d.send(0) {
          let (g, y) = (d.gradient, d.output)
          if d.createGraph { return g - zeroProduct(y.exp(), g.sum(along: axis, keepingAxes: true)) }
          return .alongAxis(axis, g, y) { Scalar.logSoftmaxGrad($0, $1, $2, $3, $4, $5) }
        }
      }
  }

  /// e⁻ˣ / Σe⁻ˣ along an axis: the softmax of −x.
  public func softmin(along axis: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return (-self).softmax(along: axis)
  }
}

extension Tensor {
  /// The elements in memory order that has no gaps: this tensor, or a copy.
  package var dense: Tensor { layout.isDense ? self : detached().copied(layout.forResult) }

  /// A kernel over [outer, n, inner] whose result has the same extents; not recorded.
  package func alongAxis(
    _ axis: Int, _ operation: String,
    _ kernel: (Int, Int, Int, UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>) -> Void
  ) -> Tensor {
    let plan = ReductionPlan(self, ReducedAxes([axis], of: shape, operation))
    let result = Tensor(uninitialized: plan.input.layout)
    if result.isEmpty { return result }
    let (n, inner, out, x) = (plan.n, plan.inner, result.mutablePointer, plan.input.pointer)
    plan.runOuter { first, count in kernel(count, n, inner, out + first * n * inner, x + first * n * inner) }
    return result
  }

  /// A kernel over two operands of one shape, [outer, n, inner], whose result has the same extents; not recorded.
  package static func alongAxis(
    _ axis: Int, _ a: Tensor, _ b: Tensor,
    _ kernel: (Int, Int, Int, UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>, UnsafePointer<Scalar>) -> Void
  ) -> Tensor {
    let plan = ReductionPlan(b, ReducedAxes([axis], of: b.shape, "alongAxis"))
    let first = a.layout.hasLayout(of: plan.input.layout) ? a : a.detached().copied(plan.input.layout)
    let result = Tensor(uninitialized: plan.input.layout)
    if result.isEmpty { return result }
    let (n, inner, out, x, y) = (plan.n, plan.inner, result.mutablePointer, first.pointer, plan.input.pointer)
    plan.runOuter { first, count in
      let at = first * n * inner
      kernel(count, n, inner, out + at, x + at, y + at)
    }
    return result
  }
}
