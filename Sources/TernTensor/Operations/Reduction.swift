import TernBackend

// The engine of reductions: which axes go, in what order they lie, and how the work is cut. Nothing here records.

/// Axes to reduce over, worked out against a shape.
package struct ReducedAxes: Sendable {
  /// In ascending order.
  package let axes: [Int]
  package let shape: [Int]

  /// - Parameter axes: `nil` for all; 0 and -1 name nothing in rank 0.
  package init(_ axes: [Int]?, of shape: [Int], _ operation: @autoclosure () -> String) {
    self.shape = shape
    if shape.isEmpty, let axes, axes == [0] || axes == [-1] {
      self.axes = []
      return
    }
    self.axes = axes.map { resolve(axes: $0, rank: shape.count, operation()).sorted() } ?? Array(shape.indices)
  }

  /// The result's shape with the reduced axes kept as extents of one.
  package var keptShape: [Int] {
    var kept = shape
    for axis in axes { kept[axis] = 1 }
    return kept
  }

  /// The result's shape without the reduced axes.
  package var reducedShape: [Int] { shape.indices.filter { !axes.contains($0) }.map { shape[$0] } }

  /// How many elements go into one.
  package var count: Int { axes.reduce(1) { $0 * shape[$1] } }
}

/// An input laid out for a reduction kernel as [outer, n, inner], and the layout of the result with its axes kept.
package struct ReductionPlan<Scalar: TensorScalar> {
  package let input: Tensor<Scalar>
  package let outer: Int, n: Int, inner: Int
  package let result: Layout

  /// Reads the input as it lies where the reduced axes follow each other in memory, else a copy in which they do.
  ///
  /// - Parameter ordered: the reduced axes must come in their own order (positions along them matter).
  package init(_ x: Tensor<Scalar>, _ reduced: ReducedAxes, ordered: Bool = false) {
    let axes = reduced.axes
    let memory = x.layout.memoryOrder
    let kept = reduced.keptShape
    if x.layout.isDense, !x.isEmpty {
      let order = memory.filter { x.shape[$0] != 1 }
      let places = order.indices.filter { axes.contains(order[$0]) }
      let together = places.isEmpty || places.last! - places.first! + 1 == places.count
      let ascending = !ordered || zip(places, places.dropFirst()).allSatisfy { order[$0] < order[$1] }
      if together && ascending {
        let first = places.first ?? order.count
        input = x
        outer = order[..<first].reduce(1) { $0 * x.shape[$1] }
        n = places.reduce(1) { $0 * x.shape[order[$1]] }
        inner = order[(first + places.count)...].reduce(1) { $0 * x.shape[$1] }
        result = Layout(kept, order: memory)
        return
      }
    }
    let rest = x.shape.indices.filter { !axes.contains($0) }
    input = x.detached().copied(Layout(x.shape, order: rest + axes))
    outer = rest.reduce(1) { $0 * x.shape[$1] }
    n = reduced.count
    inner = 1
    result = Layout(kept, order: rest + axes)
  }

  /// Calls the kernel on pieces of the outer extent, on the workers.
  package func runOuter(_ kernel: (_ first: Int, _ outer: Int) -> Void) {
    let grain = Swift.max(1, StridedLoop.grain / Swift.max(n * inner, 1))
    Workers.run(count: outer, grain: grain) { kernel($0.lowerBound, $0.count) }
  }
}

extension Tensor {
  /// A reduction of x [outer, n, inner] along the middle axis into out [outer, inner].
  package typealias ReductionBody = (
    _ outer: Int, _ n: Int, _ inner: Int, _ out: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>
  ) -> Void

  /// Reduces with a kernel whose partial results `combine` reduces further; the axes are kept with extent one.
  package func reducedKeeping(_ reduced: ReducedAxes, combine: ReductionBody? = nil, _ kernel: ReductionBody) -> Tensor
  {
    let plan = ReductionPlan(self, reduced)
    let result = Tensor(uninitialized: plan.result)
    let (outer, n, inner) = (plan.outer, plan.n, plan.inner)
    let (out, x) = (result.mutablePointer, plan.input.pointer)
    if let (blocks, rows) = plan.blocks {
      let partial = Tensor(uninitialized: [outer, blocks, inner])
      let part = partial.mutablePointer
      plan.runBlocks(rows) { piece, at, length in kernel(1, length, inner, part + piece * inner, x + at) }
      if let combine {
        combine(outer, blocks, inner, out, partial.pointer)
      } else {
        kernel(outer, blocks, inner, out, partial.pointer)
      }
      return result
    }
    plan.runOuter { first, count in
      kernel(count, n, inner, out + first * inner, x + first * n * inner)
    }
    return result
  }
}

extension ReductionPlan {
  /// Into how many blocks of how many rows a long reduction is cut, by size alone; `nil` where it is short.
  package var blocks: (count: Int, rows: Int)? {
    let rows = Swift.max(64, 16_384 / Swift.max(inner, 1))
    return n > 2 * rows ? ((n + rows - 1) / rows, rows) : nil
  }

  /// Calls the kernel with every block: its number, where it begins, and its rows.
  package func runBlocks(_ rows: Int, _ kernel: (_ piece: Int, _ at: Int, _ length: Int) -> Void) {
    let blocks = (n + rows - 1) / rows
    Workers.run(pieces: outer * blocks) { piece in
      let (o, b) = (piece / blocks, piece % blocks)
      kernel(piece, (o * n + b * rows) * inner, Swift.min(rows, n - b * rows))
    }
  }
}

extension Tensor where Scalar: NumericScalar {
  /// Reduces with a kernel whose partial results reduce in the same way; the axes are kept with extent one.
  package func reducedKeeping(_ kernel: ReductionKernel, _ reduced: ReducedAxes, combine: ReductionKernel? = nil)
    -> Tensor
  {
    reducedKeeping(
      reduced, combine: { Scalar.reduce(combine ?? kernel, $0, $1, $2, $3, $4) },
      { Scalar.reduce(kernel, $0, $1, $2, $3, $4) })
  }
}

extension Tensor {
  /// This result of a reduction, whose axes were kept, without them unless they are to stay; not recorded.
  package func dropping(_ reduced: ReducedAxes, unless keepingAxes: Bool) -> Tensor {
    keepingAxes ? self : reshaped(reduced.reducedShape)
  }

  /// A value for every reduction, repeated over the axes that were reduced; recorded.
  package func spread(over reduced: ReducedAxes) -> Tensor {
    reshaped(reduced.keptShape).broadcast(to: reduced.shape)
  }
}

/// A gradient summed over whatever broadcasting repeated, so that it has `shape`; recorded where recording is on.
package func sumGradient(_ gradient: TensorBody, to shape: [Int]) -> TensorBody {
  if gradient.layout.shape == shape { return gradient }
  switch gradient.dtype {
  case .float32: return sum(Tensor<Float>(body: gradient), to: shape).body
  case .float64: return sum(Tensor<Double>(body: gradient), to: shape).body
  default: fail("backward", "\(gradient.dtype) has no gradients")
  }
}

private func sum<Scalar: FloatingScalar>(_ gradient: Tensor<Scalar>, to shape: [Int]) -> Tensor<Scalar> {
  let shift = gradient.rank - shape.count
  let axes = gradient.shape.indices.filter { axis in
    axis < shift || (shape[axis - shift] == 1 && gradient.shape[axis] != 1)
  }
  return gradient.sum(along: axes, keepingAxes: true).reshaped(shape)
}
