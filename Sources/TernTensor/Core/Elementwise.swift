import TernBackend

// The engine of operations that treat elements one by one: layouts of results, broadcasting, chunks for the workers.
// Nothing here records.

extension Layout {
  /// The layout of a result whose elements correspond to this layout's: the same order in memory where that is possible.
  package var forResult: Layout {
    if isDense { return self }
    return strides.contains(0) ? Layout(shape) : Layout(shape, order: memoryOrder)
  }

  /// The layout of a result of several operands that broadcast to `shape`.
  package static func forResult(_ shape: [Int], _ a: Layout, _ b: Layout) -> Layout {
    if a.isDense && a.shape == shape { return a }
    if b.isDense && b.shape == shape { return b }
    if a.shape == shape { return a.forResult }
    if b.shape == shape { return b.forResult }
    return Layout(shape)
  }
}

/// Chunk size, in elements, for a result of `count` elements. Results larger than L2 use chunks four times as long:
/// contiguous runs measured up to 25 % faster, and each chunk with non-temporal stores ends with a fence.
private func chunkGrain(_ count: Int) -> Int { count < 1 << 20 ? StridedLoop.grain : 4 * StridedLoop.grain }

/// Whether a row is written with non-temporal stores: where it is long enough that few cache lines are written in two
/// halves.
private func isLongEnough(_ n: Int, _ step: SIMD4<Int>) -> Bool { n >= 256 && step[0] == 1 }

extension StridedLoop {
  /// Calls `row(n, offsets, steps, nonTemporal)` for every row.
  fileprivate func run(grain: Int, nonTemporal: Bool, _ row: (Int, SIMD4<Int>, SIMD4<Int>, Bool) -> Void) {
    guard nonTemporal else { return run(grain: grain) { row($0, $1, $2, false) } }
    run(grain: grain, finally: NonTemporalStores.fence) { n, offset, step in
      row(n, offset, step, isLongEnough(n, step))
    }
  }
}

extension Tensor {
  /// Whether this result is larger than the caches, so that it is written with non-temporal stores.
  fileprivate var usesNonTemporalStores: Bool { count &* MemoryLayout<Scalar>.stride >= NonTemporalStores.threshold }

  /// Applies `row(n, out, outStep, x, xStep, nonTemporal)` to every row of a new tensor and this one; a non-temporal row has
  /// an outStep of 1 and may be written with non-temporal stores.
  package func mapRows<Result: TensorScalar>(
    to: Result.Type,
    _ row: (Int, UnsafeMutablePointer<Result>, Int, UnsafePointer<Scalar>, Int, Bool) -> Void
  ) -> Tensor<Result> {
    let result = Tensor<Result>(uninitialized: layout.forResult)
    let (out, x, nonTemporal) = (result.mutablePointer, pointer, result.usesNonTemporalStores)
    if layout.isDense {
      Workers.run(count: count, grain: chunkGrain(count)) { range in
        row(range.count, out + range.lowerBound, 1, x + range.lowerBound, 1, nonTemporal)
        if nonTemporal { NonTemporalStores.fence() }
      }
    } else {
      let loop = StridedLoop(shape, [result.layout.strides, layout.strides])
      loop.run(grain: chunkGrain(count), nonTemporal: nonTemporal) { n, offset, step, nonTemporal in
        row(n, out + offset[0], step[0], x + offset[1], step[1], nonTemporal)
      }
    }
    return result
  }

  /// A small operand whose rows lie across those of a larger result, copied so that they lie along them; others as they are.
  fileprivate func readily(for result: Layout) -> Tensor {
    guard !layout.isContiguous, result.isContiguous, count > 1, count <= result.count / 4 else { return self }
    return detached().copied()
  }

  /// Applies `block(rows, n, rowSteps, out, outStep, a, aStep, b, bStep, nonTemporal)` to all rows of n elements of a new
  /// tensor and two operands that broadcast, as many at once as lie at even distances.
  package static func mapRows<Result: TensorScalar>(
    _ a: Tensor, _ b: Tensor, to: Result.Type, _ operation: @autoclosure () -> String,
    _ block: (
      Int, Int, RowSteps, UnsafeMutablePointer<Result>, Int, UnsafePointer<Scalar>, Int, UnsafePointer<Scalar>, Int,
      Bool
    ) -> Void
  ) -> Tensor<Result> {
    let same = a.layout.hasLayout(of: b.layout) && a.layout.isDense
    let shape = same ? a.shape : broadcastShape(a.shape, b.shape, operation())
    let result = Tensor<Result>(uninitialized: same ? a.layout : Layout.forResult(shape, a.layout, b.layout))
    let (a, b) = same ? (a, b) : (a.readily(for: result.layout), b.readily(for: result.layout))
    let (out, x, y, nonTemporal) = (result.mutablePointer, a.pointer, b.pointer, result.usesNonTemporalStores)
    if same {
      Workers.run(count: a.count, grain: chunkGrain(a.count)) { range in
        let at = range.lowerBound
        block(1, range.count, RowSteps(out: 0, a: 0, b: 0), out + at, 1, x + at, 1, y + at, 1, nonTemporal)
        if nonTemporal { NonTemporalStores.fence() }
      }
      return result
    }
    let strides = [
      result.layout.strides, broadcastStrides(a.layout, to: shape), broadcastStrides(b.layout, to: shape),
    ]
    StridedLoop(shape, strides).runBlocks(
      grain: chunkGrain(result.count), finally: { if nonTemporal { NonTemporalStores.fence() } },
      { rows, n, offset, rowStep, step in
        block(
          rows, n, RowSteps(out: rowStep[0], a: rowStep[1], b: rowStep[2]), out + offset[0], step[0], x + offset[1],
          step[1], y + offset[2], step[2], nonTemporal && isLongEnough(n, step))
      })
    withExtendedLifetime((a, b)) {}
    return result
  }

  /// Elements of `a` where `condition` holds, of `b` elsewhere; all three broadcast.
  package static func selectRows(_ condition: Tensor<Bool>, _ a: Tensor, _ b: Tensor, _ operation: String) -> Tensor {
    let shape = broadcastShape(broadcastShape(a.shape, b.shape, operation), condition.shape, operation)
    let result = Tensor(uninitialized: Layout.forResult(shape, a.layout, b.layout))
    let strides = [
      result.layout.strides, broadcastStrides(condition.layout, to: shape), broadcastStrides(a.layout, to: shape),
      broadcastStrides(b.layout, to: shape),
    ]
    let (out, c, x, y) = (result.mutablePointer, condition.pointer, a.pointer, b.pointer)
    StridedLoop(shape, strides).run { n, offset, step in
      Scalar.select(
        n, out + offset[0], step[0], c + offset[1], step[1], x + offset[2], step[2], y + offset[3], step[3])
    }
    return result
  }
}

extension Tensor where Scalar: NumericScalar {
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package func map(_ kernel: UnaryKernel, _ p0: Scalar = 0, _ p1: Scalar = 0) -> Tensor {
    mapRows(to: Scalar.self) { n, out, so, x, sx, nonTemporal in
      if nonTemporal {
        Scalar.unaryNonTemporal(kernel, n, out, x, sx, p0, p1)
      } else {
        Scalar.unary(kernel, n, out, so, x, sx, p0, p1)
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func map(
    _ operation: @autoclosure () -> String, _ kernel: BinaryKernel, _ a: Tensor, _ b: Tensor, _ p0: Scalar = 1
  ) -> Tensor {
    mapRows(a, b, to: Scalar.self, operation()) { rows, n, steps, out, so, x, sx, y, sy, nonTemporal in
      if nonTemporal {
        for row in 0..<rows {
          Scalar.binaryNonTemporal(
            kernel, n, out + row * steps.out, x + row * steps.a, sx, y + row * steps.b, sy, p0)
        }
      } else {
        Scalar.binaryRows(kernel, rows, n, steps, out, so, x, sx, y, sy, p0)
      }
    }
  }

  /// self += other, in place; self must be unique and dense, other broadcasts to it.
  mutating func writeSum(_ other: Tensor) {
    let (out, y) = (mutablePointer, other.pointer)
    if layout.hasLayout(of: other.layout) {
      Workers.run(count: count, grain: StridedLoop.grain) { range in
        let at = range.lowerBound
        Scalar.binary(.add, range.count, out + at, 1, out + at, 1, y + at, 1, 1)
      }
      return
    }
    addStrided(layout, offset: 0, other)
  }

  /// Adds `other` into the region of self that `region` picks from its layout.
  mutating func addInPlace(_ other: Tensor, region: (Layout) -> (layout: Layout, offset: Int)) {
    makeUnique()
    let (view, offset) = region(layout)
    addStrided(view, offset: offset, other)
  }

  private func addStrided(_ view: Layout, offset: Int, _ other: Tensor) {
    let (out, y) = (mutablePointer + offset, other.pointer)
    let strides = [view.strides, broadcastStrides(other.layout, to: view.shape)]
    StridedLoop(view.shape, strides).run { n, offset, step in
      let target = out + offset[0]
      Scalar.binary(.add, n, target, step[0], target, step[0], y + offset[1], step[1], 1)
    }
  }
}
