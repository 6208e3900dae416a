import TernBackend

// The engine of reductions: which axes go, in what order they lie, and how the work is split. Nothing here records.

/// Axes to reduce over, worked out against a shape.
package struct ReducedAxes: Sendable {
  package let shape: [Int]
  /// `nil` for all.
  private let chosen: [Int]?

  /// - Parameter axes: `nil` for all; 0 and -1 name nothing in rank 0.
  package init(_ axes: [Int]?, of shape: [Int], _ operation: @autoclosure () -> String) {
    self.shape = shape
    if shape.isEmpty, let axes, axes == [0] || axes == [-1] {
      chosen = nil
      return
    }
    chosen = axes.map { resolve(axes: $0, rank: shape.count, operation()).sorted() }
  }

  /// In ascending order.
  package var axes: [Int] { chosen ?? Array(shape.indices) }

  /// Whether every axis goes, and was not named.
  package var isAll: Bool { chosen == nil }

  /// The result's shape with the reduced axes kept as extents of one.
  package var keptShape: [Int] {
    guard let chosen else { return [Int](repeating: 1, count: shape.count) }
    var kept = shape
    for axis in chosen { kept[axis] = 1 }
    return kept
  }

  /// The result's shape without the reduced axes.
  package var reducedShape: [Int] {
    chosen.map { chosen in shape.indices.filter { !chosen.contains($0) }.map { shape[$0] } } ?? []
  }

  /// How many elements go into one.
  package var count: Int { chosen.map { $0.reduce(1) { $0 * shape[$1] } } ?? Layout.product(shape) }
}

extension Layout {
  /// Where reduced axes of dense memory lie apart: those that lie together innermost, and the others. They are reduced one
  /// after the other, without a copy, unless the first step would leave rows of a few elements.
  package func separated(_ reduced: ReducedAxes) -> (inner: ReducedAxes, outer: ReducedAxes)? {
    guard isDense, count > 0 else { return nil }
    let (order, axes) = (memoryOrder.filter { shape[$0] != 1 }, reduced.axes)
    guard let last = order.lastIndex(where: axes.contains) else { return nil }
    var first = last
    while first > 0 && axes.contains(order[first - 1]) { first -= 1 }
    let inner = order[first...last].sorted()
    let outer = axes.filter { !inner.contains($0) }
    let inside = order[(last + 1)...].reduce(1) { $0 * shape[$1] }
    guard outer.contains(where: { shape[$0] != 1 }), inner.reduce(inside, { $0 * shape[$1] }) >= 16 else { return nil }
    let innerAxes = ReducedAxes(inner, of: shape, "reduction")
    return (innerAxes, ReducedAxes(outer, of: innerAxes.keptShape, "reduction"))
  }
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

  /// Calls the kernel on chunks of the outer extent, on the workers.
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

  /// Reduces with a kernel whose partial results reduce in the same way; the axes are left away unless they are to stay.
  package func reduced(_ reduced: ReducedAxes, keepingAxes: Bool, _ kernel: ReductionBody) -> Tensor {
    if reduced.isAll, !keepingAxes, layout.isDense {
      // What is left when a reduction is small is its overhead: no plan here.
      let result = Tensor(uninitialized: scalarLayout)
      let (n, out, x) = (count, result.mutablePointer, pointer)
      if let (blocks, length) = ReductionBlocks.split(1, n, 1) {
        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: blocks) { partial in
          let part = partial.baseAddress!
          Workers.run(chunks: blocks) { kernel(1, Swift.min(length, n - $0 * length), 1, part + $0, x + $0 * length) }
          kernel(1, blocks, 1, out, part)
        }
      } else {
        kernel(1, n, 1, out, x)
      }
      return result
    }
    return reducedKeeping(reduced, kernel).dropping(reduced, unless: keepingAxes)
  }

  /// Reduces with a kernel whose partial results `combine` reduces further; the axes are kept with extent one.
  package func reducedKeeping(
    _ reduced: ReducedAxes, combine: ReductionBody? = nil, _ kernel: ReductionBody
  ) -> Tensor {
    if let (inner, outer) = layout.separated(reduced) {
      let parts = reducedKeeping(inner, combine: combine, kernel)
      if let combine { return parts.reducedKeeping(outer, combine) }
      return parts.reducedKeeping(outer, kernel)
    }
    if let rows = rowsApart(reduced, kernel) { return rows }
    let plan = ReductionPlan(self, reduced)
    let result = Tensor(uninitialized: plan.result)
    let (outer, n, inner) = (plan.outer, plan.n, plan.inner)
    let (out, x) = (result.mutablePointer, plan.input.pointer)
    if let (blocks, rows) = plan.blocks {
      let partial = Tensor(uninitialized: [outer, blocks, inner])
      let part = partial.mutablePointer
      plan.runBlocks(rows) { chunk, at, length in kernel(1, length, inner, part + chunk * inner, x + at) }
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

extension Tensor {
  /// Reduces long rows that lie apart, those of a matrix with more columns, each where it lies; the axis is kept. `nil`
  /// for others.
  func rowsApart(_ reduced: ReducedAxes, _ kernel: ReductionBody) -> Tensor? {
    guard rank == 2, reduced.axes == [1], !layout.isDense, shape[1] >= 256, layout.strides[1] == 1,
      ReductionBlocks.split(shape[0], shape[1], 1) == nil
    else { return nil }
    let result = Tensor(uninitialized: [shape[0], 1])
    let (n, step, out, x) = (shape[1], layout.strides[0], result.mutablePointer, pointer)
    Workers.run(count: shape[0], grain: Swift.max(1, StridedLoop.grain / n)) { rows in
      for row in rows { kernel(1, n, 1, out + row, x + row * step) }
    }
    return result
  }
}

/// The layout of every single value.
let scalarLayout = Layout([])

/// How long reductions are split, by size alone.
package enum ReductionBlocks {
  /// Elements below which a reduction is not worth another thread.
  private static let grain = 32_768

  /// Into how many blocks of how many rows [outer, n, inner] is split along n; `nil` where it is short, and where there is
  /// enough to reduce beside it.
  package static func split(_ outer: Int, _ n: Int, _ inner: Int) -> (count: Int, rows: Int)? {
    let all = outer * n * inner
    if all <= grain || n <= 64 || (outer >= 64 && n <= 1 << 20) { return nil }
    // Memory delivers long blocks faster, and an even number of them keeps two threads busy to the end.
    let length = all <= 1 << 20 ? 16_384 : 65_536
    let least = (n * inner + length - 1) / length
    let even = Swift.max(least + least % 2, 1)
    let rows = Swift.max(64, (n + even - 1) / even)
    return n > rows ? ((n + rows - 1) / rows, rows) : nil
  }
}

extension ReductionPlan {
  /// Into how many blocks of how many rows the reduction is split; `nil` for none.
  package var blocks: (count: Int, rows: Int)? { ReductionBlocks.split(outer, n, inner) }

  /// Calls the kernel with every block: its number, where it begins, and its rows.
  package func runBlocks(_ rows: Int, _ kernel: (_ chunk: Int, _ at: Int, _ length: Int) -> Void) {
    let blocks = (n + rows - 1) / rows
    Workers.run(chunks: outer * blocks) { chunk in
      let (o, b) = (chunk / blocks, chunk % blocks)
      kernel(chunk, (o * n + b * rows) * inner, Swift.min(rows, n - b * rows))
    }
  }
}

extension Tensor where Scalar: NumericScalar {
  /// A reduction of a few long rows, the first axis in memory, in chunks of their columns; `nil` for others.
  private func reducedByColumns(_ kernel: ReductionKernel, _ reduced: ReducedAxes) -> Tensor? {
    guard layout.isDense, count > StridedLoop.grain, [.sum, .product, .maximum, .minimum].contains(kernel),
      let first = reduced.axes.first, shape[first] <= 64, layout.separated(reduced) == nil
    else { return nil }
    let plan = ReductionPlan(self, reduced)
    let (n, inner) = (plan.n, plan.inner)
    if plan.outer != 1 || n > 64 || inner < 1024 { return nil }
    let result = Tensor(uninitialized: plan.result)
    let (out, x) = (result.mutablePointer, plan.input.pointer)
    Workers.run(count: inner, grain: Swift.max(1024, StridedLoop.grain / n)) { columns in
      let at = columns.lowerBound
      Scalar.reduceColumns(kernel, n, columns.count, step: inner, out + at, x + at)
    }
    return result
  }

  /// Reduces with a kernel whose partial results reduce in the same way; the axes are left away unless they are to stay.
  @specialized(where Scalar == Float)
  package func reduced(_ kernel: ReductionKernel, _ reduced: ReducedAxes, keepingAxes: Bool) -> Tensor {
    if let wide = reducedByColumns(kernel, reduced) { return wide.dropping(reduced, unless: keepingAxes) }
    return self.reduced(reduced, keepingAxes: keepingAxes) { Scalar.reduce(kernel, $0, $1, $2, $3, $4) }
  }

  /// Reduces with a kernel whose partial results reduce in the same way; the axes are kept with extent one.
  package func reducedKeeping(_ kernel: ReductionKernel, _ reduced: ReducedAxes, combine: ReductionKernel? = nil)
    -> Tensor
  {
    reducedByColumns(kernel, reduced)
      ?? reducedKeeping(
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
