import TernBackend

/// A loop over up to four strided operands at once, split into rows, each of which is one call of a kernel.
///
/// Axes of extent one are dropped, axes that follow each other in every operand are joined, and the rest is ordered so
/// that operand 0, which is written, moves forward in memory.
package struct StridedLoop {
  /// The least elements of a chunk: smaller ones are not worth another thread. Chunks depend on size alone.
  package static let grain = 32_768

  private var extents: [Int] = []
  private var steps: [SIMD4<Int>] = []
  private let count: Int

  /// - Parameter strides: the strides of every operand over `shape`, operand 0 first; missing ones count as zero.
  package init(_ shape: [Int], _ strides: [[Int]]) {
    count = shape.reduce(1, *)
    for axis in shape.indices where shape[axis] != 1 {
      var step = SIMD4<Int>.zero
      for operand in strides.indices { step[operand] = strides[operand][axis] }
      extents.append(shape[axis])
      steps.append(step)
    }
    let sorted = extents.indices.sorted { a, b in
      for operand in 0..<4 {
        let (x, y) = (abs(steps[a][operand]), abs(steps[b][operand]))
        if x != y && x != 0 && y != 0 { return x > y }
      }
      return a < b
    }
    if sorted != Array(extents.indices) {
      extents = sorted.map { extents[$0] }
      steps = sorted.map { steps[$0] }
    }
    var axis = extents.count - 1
    while axis > 0 {
      if steps[axis - 1] == steps[axis] &* SIMD4(repeating: extents[axis]) {
        extents[axis - 1] *= extents[axis]
        steps[axis - 1] = steps[axis]
        extents.remove(at: axis)
        steps.remove(at: axis)
      }
      axis -= 1
    }
  }

  /// Calls `row(n, offsets, steps)` for every row: n elements, the operands' first positions, and their steps.
  ///
  /// - Parameters:
  ///   - grain: the least elements of a chunk.
  ///   - finally: called on every thread that called `row`, after each chunk.
  package func run(
    parallel: Bool = true, grain: Int = StridedLoop.grain, finally: () -> Void = {},
    _ row: (Int, SIMD4<Int>, SIMD4<Int>) -> Void
  ) {
    runBlocks(parallel: parallel, grain: grain, finally: finally) { rows, n, offsets, rowSteps, steps in
      var offsets = offsets
      for _ in 0..<rows {
        row(n, offsets, steps)
        offsets &+= rowSteps
      }
    }
  }

  /// Calls `block(rows, n, offsets, rowSteps, steps)` for all rows that follow each other at even distances: how many
  /// they are, their n elements, the operands' first positions, and their steps from row to row and within.
  package func runBlocks(
    parallel: Bool = true, grain: Int = StridedLoop.grain, finally: () -> Void = {},
    _ block: (Int, Int, SIMD4<Int>, SIMD4<Int>, SIMD4<Int>) -> Void
  ) {
    guard count > 0 else { return }
    guard let inner = extents.last, let step = steps.last else {
      block(1, 1, .zero, .zero, .zero)
      return finally()
    }
    let rows = extents.count == 1 ? inner : count / inner
    let least = extents.count == 1 ? grain : Swift.max(1, grain / inner)
    func visit(_ range: Range<Int>) {
      if extents.count == 1 {
        block(1, range.count, step &* SIMD4(repeating: range.lowerBound), .zero, step)
      } else {
        visitBlocks(range, inner, step, block)
      }
      finally()
    }
    if parallel && rows > least { Workers.run(count: rows, grain: least, visit) } else { visit(0..<rows) }
  }

  private func visitBlocks(
    _ rows: Range<Int>, _ inner: Int, _ step: SIMD4<Int>,
    _ block: (Int, Int, SIMD4<Int>, SIMD4<Int>, SIMD4<Int>) -> Void
  ) {
    let last = extents.count - 2
    var index = [Int](repeating: 0, count: extents.count - 1)
    var offset = SIMD4<Int>.zero
    var remainder = rows.lowerBound
    for axis in stride(from: last, through: 0, by: -1) {
      index[axis] = remainder % extents[axis]
      remainder /= extents[axis]
      offset &+= steps[axis] &* SIMD4(repeating: index[axis])
    }
    var remaining = rows.count
    while remaining > 0 {
      let count = Swift.min(remaining, extents[last] - index[last])
      block(count, inner, offset, steps[last], step)
      remaining -= count
      index[last] += count
      offset &+= steps[last] &* SIMD4(repeating: count)
      var axis = last
      while axis > 0 && index[axis] == extents[axis] {
        offset &+= steps[axis - 1] &- steps[axis] &* SIMD4(repeating: extents[axis])
        index[axis] = 0
        index[axis - 1] += 1
        axis -= 1
      }
    }
  }
}

/// The strides with which a layout is read as `shape`, which it broadcasts to.
package func broadcastStrides(_ layout: Layout, to shape: [Int]) -> [Int] {
  if layout.shape == shape { return layout.strides }
  var strides = [Int](repeating: 0, count: shape.count)
  let shift = shape.count - layout.rank
  for axis in layout.shape.indices where layout.shape[axis] != 1 || shape[axis + shift] == 1 {
    strides[axis + shift] = layout.strides[axis]
  }
  return strides
}

/// Copies elements between any two layouts of one shape (the source may be broadcast to the target's shape).
package func copyElements<Scalar: TensorScalar>(from source: TensorBody, to target: TensorBody, _: Scalar.Type) {
  let input = UnsafePointer(source.pointer.assumingMemoryBound(to: Scalar.self))
  let output = target.pointer.assumingMemoryBound(to: Scalar.self)
  let shape = target.layout.shape
  if source.layout.isDense && target.layout.hasLayout(of: source.layout) {
    Workers.run(count: source.layout.count, grain: StridedLoop.grain) { range in
      Scalar.copy(range.count, output + range.lowerBound, 1, input + range.lowerBound, 1)
    }
    return
  }
  var (to, from) = (target.layout.strides, broadcastStrides(source.layout, to: shape))
  if let distinct = repeatedElements(shape, to: to, from: from) {
    // Elements that are repeated and lie across the target's rows: once in the target's order, then all from there.
    let some = TensorBody(uninitialized: Layout(distinct, order: target.layout.memoryOrder), dtype: Scalar.dtype)
    copyElements(from: source.view(Layout(distinct, strides: from)), to: some, Scalar.self)
    return copyElements(from: some, to: target, Scalar.self)
  }
  // Where an axis of the target runs backwards both are read from its end.
  var (first, last) = (0, 0)
  for axis in shape.indices where to[axis] < 0 && shape[axis] > 1 {
    first += (shape[axis] - 1) * to[axis]
    last += (shape[axis] - 1) * from[axis]
    (to[axis], from[axis]) = (-to[axis], -from[axis])
  }
  copyElements(StridedLoop(shape, [to, from]), from: input + last, to: output + first)
}

/// The shape of the elements that are read, where these are repeated and their axes are in another order than those of what
/// is written; else `nil`.
private func repeatedElements(_ shape: [Int], to: [Int], from: [Int]) -> [Int]? {
  let isRepeated = shape.indices.map { from[$0] == 0 && shape[$0] > 1 }
  guard isRepeated.contains(true) else { return nil }
  let axes = shape.indices.filter { from[$0] != 0 && shape[$0] > 1 }
  let isAcross = axes.contains { a in
    axes.contains { b in abs(to[a]) > abs(to[b]) && abs(from[a]) < abs(from[b]) }
  }
  return isAcross ? shape.indices.map { isRepeated[$0] ? 1 : shape[$0] } : nil
}

/// Copies the elements of operand 1 of a loop to those of operand 0.
private func copyElements<Scalar: TensorScalar>(
  _ loop: StridedLoop, from source: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>
) {
  if let (outer, block) = loop.transposedBlock {
    let (output, input) = (target + block.start[0], source + block.start[1])
    if block.rows * block.columns < StridedLoop.grain {
      outer.runBlocks(grain: Swift.max(1, StridedLoop.grain / (block.rows * block.columns))) {
        rows, n, offsets, rowSteps, steps in
        for row in 0..<rows {
          for i in 0..<n {
            let at = offsets &+ rowSteps &* SIMD4(repeating: row) &+ steps &* SIMD4(repeating: i)
            Scalar.copy2D(
              block.rows, block.columns, output + at[0], block.rowStep[0], block.columnStep[0], input + at[1],
              block.rowStep[1], block.columnStep[1])
          }
        }
      }
      return
    }
    outer.run(parallel: false) { n, offsets, steps in
      for i in 0..<n {
        let at = offsets &+ steps &* SIMD4(repeating: i)
        let grain = Swift.max(1, StridedLoop.grain / Swift.max(block.columns, 1))
        Workers.run(count: block.rows, grain: grain) { rows in
          Scalar.copy2D(
            rows.count, block.columns,
            output + at[0] + rows.lowerBound * block.rowStep[0], block.rowStep[0], block.columnStep[0],
            input + at[1] + rows.lowerBound * block.rowStep[1], block.rowStep[1], block.columnStep[1])
        }
      }
    }
    return
  }
  if let (outer, block) = loop.repeatedBlock {
    let (output, input) = (target + block.start[0], source + block.start[1])
    outer.run(parallel: false) { n, offsets, steps in
      for i in 0..<n {
        let at = offsets &+ steps &* SIMD4(repeating: i)
        Workers.run(count: block.rows, grain: StridedLoop.grain / block.columns) { rows in
          // Few at a time, so that what is written in turns stays in the cache.
          for first in stride(from: rows.lowerBound, to: rows.upperBound, by: 1_024) {
            let (start, count) = (
              at &+ block.rowStep &* SIMD4(repeating: first), Swift.min(1_024, rows.upperBound - first)
            )
            for column in 0..<block.columns {
              let target = output + start[0] + column * block.columnStep[0]
              Scalar.copy(count, target, block.rowStep[0], input + start[1], block.rowStep[1])
            }
          }
        }
      }
    }
    return
  }
  loop.runBlocks { rows, n, offset, rowStep, step in
    Scalar.copy2D(rows, n, target + offset[0], rowStep[0], step[0], source + offset[1], rowStep[1], step[1])
  }
}

extension StridedLoop {
  struct Block {
    let rows: Int, columns: Int
    let rowStep: SIMD4<Int>, columnStep: SIMD4<Int>
    /// Where the first row begins.
    let start: SIMD4<Int>
  }

  /// Where operand 1 runs along another axis than operand 0: the two axes as a block, and a loop over the rest.
  fileprivate var transposedBlock: (outer: StridedLoop, block: Block)? {
    guard let last = steps.last, extents.count >= 2, abs(last[1]) > 1,
      let axis = steps.indices.dropLast().last(where: { abs(steps[$0][1]) == 1 }), extents[axis] >= 4
    else { return nil }
    return split(at: axis)
  }

  /// Where operand 1 is repeated few times in a row, more than twice: the repetitions and the axis before them as a block,
  /// and a loop over the rest.
  fileprivate var repeatedBlock: (outer: StridedLoop, block: Block)? {
    let axis = extents.count - 2
    guard axis >= 0, steps[axis + 1][1] == 0, 3...32 ~= extents[axis + 1], extents[axis] >= 64 else { return nil }
    return split(at: axis)
  }

  /// An axis and the last one as a block, and a loop over the rest.
  private func split(at axis: Int) -> (outer: StridedLoop, block: Block) {
    // Rows whose elements of operand 1 follow each other backwards are taken from the last to the first.
    let isBackwards = steps[axis][1] == -1
    let rowStep = isBackwards ? .zero &- steps[axis] : steps[axis]
    let start = isBackwards ? steps[axis] &* SIMD4(repeating: extents[axis] - 1) : .zero
    let block = Block(
      rows: extents[axis], columns: extents.last!, rowStep: rowStep, columnStep: steps.last!, start: start)
    var outer = self
    outer.extents.removeLast()
    outer.steps.removeLast()
    outer.extents.remove(at: axis)
    outer.steps.remove(at: axis)
    return (StridedLoop(extents: outer.extents, steps: outer.steps), block)
  }

  private init(extents: [Int], steps: [SIMD4<Int>]) {
    self.extents = extents
    self.steps = steps
    count = extents.reduce(1, *)
  }
}
