import TernBackend

// Attention without its matrix of weights: blocks of queries meet blocks of keys in the cache, the softmax running along
// (Milakov & Gimelshein 2018; Dao et al. 2022, "FlashAttention"). Nothing here records.

/// What is put on the scores before the softmax, broadcast to them without a copy.
struct ScoreTerm<Scalar: TensorScalar> {
  private let tensor: Tensor<Scalar>
  private let starts: [Int]
  private let rowStep: Int, columnStep: Int

  init(_ tensor: Tensor<Scalar>, scores shape: [Int]) {
    self.tensor = tensor.detached().broadcast(to: shape)
    let layout = self.tensor.layout
    starts = matrixStarts(layout)
    (rowStep, columnStep) = (layout.strides[layout.rank - 2], layout.strides[layout.rank - 1])
  }

  /// Calls `body(row, pointer, step)` for the rows of a block.
  func forEachRow(
    _ matrix: Int, row: Int, rows: Int, column: Int, _ body: (Int, UnsafePointer<Scalar>, Int) -> Void
  ) {
    let first = tensor.pointer + starts[matrix] + row * rowStep + column * columnStep
    for r in 0..<rows { body(r, first + r * rowStep, columnStep) }
  }
}

/// One attention's extents and how it is split into blocks: by size alone.
struct AttentionEngine<Scalar: FloatingScalar> {
  /// Matrices, queries, keys, and the widths of keys and of values.
  let count: Int, queries: Int, keys: Int, width: Int, valueWidth: Int
  let scale: Scalar
  let isCausal: Bool
  let mask: ScoreTerm<Bool>?
  let bias: ScoreTerm<Scalar>?
  /// Whether products round their operands to bfloat16.
  private let inBFloat16 = FloatPrecision.multipliesBFloat16(Scalar.self)
  /// Whether what products read is rounded before; queries, keys, values and gradients are already.
  private let rounds = FloatPrecision.roundsOperands(of: Scalar.self) && !BFloat16Products.isAvailable
  private let queryBlock: Int, keyBlock: Int

  init(
    count: Int, queries: Int, keys: Int, width: Int, valueWidth: Int, scale: Scalar, isCausal: Bool,
    mask: ScoreTerm<Bool>?, bias: ScoreTerm<Scalar>?
  ) {
    (self.count, self.queries, self.keys) = (count, queries, keys)
    (self.width, self.valueWidth) = (width, valueWidth)
    (self.scale, self.isCausal, self.mask, self.bias) = (scale, isCausal, mask, bias)
    // Blocks of 64 queries; products up to 10⁶ need no packing in OpenBLAS.
    queryBlock = Swift.min(64, Swift.max(queries, 1))
    let fitting = 999_000 / (queryBlock * Swift.max(width, valueWidth, 1)) / 16 * 16
    keyBlock = Swift.min(Swift.max(fitting, 64), 512, Swift.max(keys, 1))
  }

  /// Parts of each matrix that are worked on apart where there are few matrices.
  private func parts(_ extent: Int, block: Int) -> (size: Int, count: Int) {
    let wanted = Swift.max(1, 16 / Swift.max(count, 1))
    let blocks = (extent + block - 1) / block
    let size = Swift.max((blocks + wanted - 1) / wanted, 1) * block
    return (size, Swift.max((extent + size - 1) / size, 1))
  }

  /// Small matrices per chunk.
  private var grain: Int {
    let work = Double(Swift.max(queries, 1)) * Double(Swift.max(keys, 1)) * Double(Swift.max(width + valueWidth, 1))
    return Swift.max(1, Int(0x1p19 / work))
  }

  /// Whether products with keys or values of this width run in our own kernels, which multiply narrow ones faster than BLAS;
  /// blocks of keys then begin with a panel.
  private func packs(_ width: Int) -> Bool {
    !inBFloat16 && width <= 32 && queries >= 8 && (keys <= keyBlock || keyBlock % Scalar.panelColumns == 0)
  }

  /// out ← softmax(scale·q·kᵀ)·v; for every query the maximum of its scores and 1/Σ e^(score − maximum) to `statistics`,
  /// [2, count, queries].
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func forward(
    _ q: MatrixStack<Scalar>, _ k: MatrixStack<Scalar>, _ v: MatrixStack<Scalar>, _ out: MatrixStack<Scalar>,
    statistics: UnsafeMutablePointer<Scalar>
  ) {
    let (size, parts) = parts(queries, block: queryBlock)
    let panel = Scalar.panelColumns
    let packsKeys = packs(width)
    // Of values there is one panel, so that any block of keys is part of it.
    let packsValues = packs(valueWidth) && valueWidth <= panel
    let keyCount = width * (packsKeys ? (keys + panel - 1) / panel * panel : keys)
    let valueCount = packsValues ? keys * panel : 0
    Workers.run(count: count * parts, grain: parts > 1 ? 1 : grain) { range in
      let scratch = Scratch<Scalar>(count: keyCount + valueCount + queryBlock * keyBlock + queryBlock)
      defer { scratch.release() }
      let (turned, packed) = (scratch.pointer, scratch.pointer + keyCount)
      let scores = packed + valueCount
      let factor = scores + queryBlock * keyBlock
      for chunk in range {
        let (matrix, first) = (chunk / parts, chunk % parts * size)
        let end = Swift.min(first + size, queries)
        if packsKeys {
          Scalar.packPanels(width, keys, turned, k.matrix(matrix), row: 1, column: k.step)
          Scalar.unary(.mulScalar, keyCount, turned, 1, turned, 1, scale, 0)
        } else {
          Scalar.copy2D(width, keys, turned, keys, 1, k.matrix(matrix), 1, k.step)
        }
        if packsValues { Scalar.packPanels(keys, valueWidth, packed, v.matrix(matrix), row: v.step, column: 1) }
        for row in stride(from: first, to: end, by: queryBlock) {
          let rows = Swift.min(queryBlock, end - row)
          let maximum = statistics + matrix * queries + row
          let sum = maximum + count * queries
          let target = out.matrix(matrix, row: row)
          for r in 0..<rows { (maximum[r], sum[r]) = (-.infinity, 0) }
          let seen = isCausal ? Swift.min(row + rows, keys) : keys
          if seen == 0 { zero(target, rows, valueWidth, out.step) }
          for column in stride(from: 0, to: seen, by: keyBlock) {
            let columns = Swift.min(keyBlock, seen - column)
            if packsKeys {
              Scalar.panelProduct(
                rows, columns, width, q.matrix(matrix, row: row), q.step, turned + column * width, scores, keyBlock,
                adds: false)
              addTerms(matrix, row, rows, column, columns, scores)
            } else {
              scored(q.matrix(matrix, row: row), q.step, turned, keys, matrix, row, rows, column, columns, scores)
            }
            Scalar.attentionWeights(
              rows: rows, columns: columns, step: keyBlock, visible: isCausal ? row + 1 - column : columns, scores,
              maximum: maximum, sum: sum, factor: factor)
            round(scores, rows, columns)
            if column > 0 { Scalar.scaleRows(rows: rows, columns: valueWidth, step: out.step, target, factor) }
            if packsValues {
              Scalar.panelProduct(
                rows, valueWidth, columns, scores, keyBlock, packed + column * panel, target, out.step,
                adds: column > 0)
              continue
            }
            BLAS.gemmChunk(
              .none, .none, m: rows, n: valueWidth, k: columns, alpha: 1, scores, lda: keyBlock,
              v.matrix(matrix, row: column), ldb: v.step, beta: column > 0 ? 1 : 0, target, ldc: out.step,
              inBFloat16: inBFloat16)
          }
          for r in 0..<rows { sum[r] = sum[r] == 0 ? 0 : 1 / sum[r] }
          Scalar.scaleRows(rows: rows, columns: valueWidth, step: out.step, target, sum)
        }
      }
    }
  }

  /// The gradients of q, k and v from dL/d(out), by the weights worked out once more.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func backward(
    _ q: ReadMatrices<Scalar>, _ k: ReadMatrices<Scalar>, _ v: ReadMatrices<Scalar>, _ out: ReadMatrices<Scalar>,
    _ gradient: MatrixStack<Scalar>, statistics: UnsafePointer<Scalar>,
    _ dq: MatrixStack<Scalar>, _ dk: MatrixStack<Scalar>, _ dv: MatrixStack<Scalar>
  ) {
    // Chunks own the gradients of their keys and values; those of the queries are added up where keys are in parts.
    let (size, parts) = parts(keys, block: keyBlock)
    let partial = Scratch<Scalar>(count: parts > 1 ? parts * count * queries * width : 0)
    defer { partial.release() }
    Workers.run(count: count * parts, grain: parts > 1 ? 1 : grain) { range in
      let length = Swift.min(size, keys)
      let block = queryBlock * keyBlock
      let ofQueries = q.scratch(queries) + out.scratch(queries)
      let scratch = Scratch<Scalar>(
        count: (width + valueWidth) * length + 2 * block + queries + ofQueries + k.scratch(length) + v.scratch(length))
      defer { scratch.release() }
      let turnedKeys = scratch.pointer
      let turnedValues = turnedKeys + width * length
      let weights = turnedValues + valueWidth * length
      let (derivatives, dots) = (weights + block, weights + 2 * block)
      let atQueries = dots + queries
      let (qScratch, kScratch, atKeys) = (q.scratch(queries), k.scratch(length), atQueries + ofQueries)
      for chunk in range {
        let (matrix, first) = (chunk / parts, chunk % parts * size)
        let end = Swift.min(first + size, keys)
        let (q, k) = (q.rows(matrix, 0..<queries, atQueries), k.rows(matrix, first..<end, atKeys))
        let out = out.rows(matrix, 0..<queries, atQueries + qScratch)
        let v = v.rows(matrix, first..<end, atKeys + kScratch)
        Scalar.copy2D(width, end - first, turnedKeys, length, 1, k.pointer, 1, k.step)
        Scalar.copy2D(valueWidth, end - first, turnedValues, length, 1, v.pointer, 1, v.step)
        Scalar.dotRows(
          rows: queries, columns: valueWidth, dots, gradient.matrix(matrix), gradient.step, out.pointer, out.step
        )
        let queryTarget = parts > 1 ? partial.pointer + chunk * queries * width : dq.matrix(matrix)
        let queryStep = parts > 1 ? width : dq.step
        if isCausal || end == first { zero(queryTarget, queries, width, queryStep) }
        if isCausal || queries == 0 {
          zero(dk.matrix(matrix, row: first), end - first, width, dk.step)
          zero(dv.matrix(matrix, row: first), end - first, valueWidth, dv.step)
        }
        for row in stride(from: 0, to: queries, by: queryBlock) {
          let rows = Swift.min(queryBlock, queries - row)
          let seen = isCausal ? Swift.min(row + rows, end) : end
          let maximum = statistics + matrix * queries + row
          let g = gradient.matrix(matrix, row: row)
          for column in stride(from: first, to: seen, by: keyBlock) {
            let columns = Swift.min(keyBlock, seen - column)
            scored(
              q.row(row), q.step, turnedKeys - first, length, matrix, row, rows, column, columns, weights)
            BLAS.gemmChunk(
              .none, .none, m: rows, n: columns, k: valueWidth, alpha: 1, g, lda: gradient.step,
              turnedValues + (column - first), ldb: length, beta: 0, derivatives, ldc: keyBlock,
              inBFloat16: inBFloat16)
            Scalar.attentionGradients(
              rows: rows, columns: columns, step: keyBlock, visible: isCausal ? row + 1 - column : columns, weights,
              derivatives, maximum: maximum, inverse: maximum + count * queries, dots: dots + row)
            round(weights, rows, columns)
            round(derivatives, rows, columns)
            let earlierRows: Scalar = isCausal || row > 0 ? 1 : 0
            BLAS.gemmChunk(
              .transposed, .none, m: columns, n: valueWidth, k: rows, alpha: 1, weights, lda: keyBlock, g,
              ldb: gradient.step, beta: earlierRows, dv.matrix(matrix, row: column), ldc: dv.step,
              inBFloat16: inBFloat16)
            BLAS.gemmChunk(
              .transposed, .none, m: columns, n: width, k: rows, alpha: scale, derivatives, lda: keyBlock,
              q.row(row), ldb: q.step, beta: earlierRows, dk.matrix(matrix, row: column), ldc: dk.step,
              inBFloat16: inBFloat16)
            BLAS.gemmChunk(
              .none, .none, m: rows, n: width, k: columns, alpha: scale, derivatives, lda: keyBlock,
              k.row(column), ldb: k.step, beta: isCausal || column > first ? 1 : 0,
              queryTarget + row * queryStep, ldc: queryStep,
              inBFloat16: inBFloat16)
          }
        }
      }
    }
    if parts > 1 { addUp(partial.pointer, parts, dq) }
  }

  /// A block of scores: scale·q·kᵀ, the bias added, −∞ where the mask forbids.
  private func scored(
    _ q: UnsafePointer<Scalar>, _ step: Int, _ turned: UnsafePointer<Scalar>, _ length: Int, _ matrix: Int, _ row: Int,
    _ rows: Int,
    _ column: Int, _ columns: Int, _ scores: UnsafeMutablePointer<Scalar>
  ) {
    BLAS.gemmChunk(
      .none, .none, m: rows, n: columns, k: width, alpha: scale, q, lda: step,
      turned + column, ldb: length, beta: 0, scores, ldc: keyBlock,
      inBFloat16: inBFloat16)
    addTerms(matrix, row, rows, column, columns, scores)
  }

  /// Adds the bias to a block of scores, and puts −∞ where the mask forbids.
  private func addTerms(
    _ matrix: Int, _ row: Int, _ rows: Int, _ column: Int, _ columns: Int, _ scores: UnsafeMutablePointer<Scalar>
  ) {
    bias?.forEachRow(matrix, row: row, rows: rows, column: column) { r, term, step in
      let target = scores + r * keyBlock
      Scalar.binary(.add, columns, target, 1, target, 1, term, step, 1)
    }
    guard let mask else { return }
    var nothing = -Scalar.infinity
    mask.forEachRow(matrix, row: row, rows: rows, column: column) { r, allowed, step in
      let target = scores + r * keyBlock
      Scalar.select(columns, target, 1, allowed, step, target, 1, &nothing, 0)
    }
  }

  /// Rounds a block that a product reads, in reduced precision.
  private func round(_ block: UnsafeMutablePointer<Scalar>, _ rows: Int, _ columns: Int) {
    if !rounds { return }
    let block: UnsafeMutablePointer<Float> = floats(block)
    for r in 0..<rows { BFloat16Kernels.round(columns, block + r * keyBlock, block + r * keyBlock) }
  }

  private func zero(_ x: UnsafeMutablePointer<Scalar>, _ rows: Int, _ columns: Int, _ step: Int) {
    for r in 0..<rows { Scalar.fill(columns, x + r * step, 1, 0) }
  }

  /// dq ← Σ parts, in their order.
  private func addUp(_ partial: UnsafePointer<Scalar>, _ parts: Int, _ dq: MatrixStack<Scalar>) {
    Workers.run(count: count * queries, grain: Swift.max(1, StridedLoop.grain / Swift.max(width * parts, 1))) { range in
      for index in range {
        let (matrix, row) = (index / queries, index % queries)
        let target = dq.matrix(matrix, row: row)
        let first = partial + (matrix * parts * queries + row) * width
        Scalar.copy(width, target, 1, first, 1)
        for part in 1..<parts {
          Scalar.binary(.add, width, target, 1, target, 1, first + part * queries * width, 1, 1)
        }
      }
    }
  }
}

/// Memory from the pool for the duration of a chunk.
struct Scratch<Scalar> {
  let pointer: UnsafeMutablePointer<Scalar>
  private let byteCount: Int

  init(count: Int) {
    byteCount = Swift.max(count, 1) * MemoryLayout<Scalar>.stride
    pointer = MemoryPool.allocate(byteCount: byteCount).assumingMemoryBound(to: Scalar.self)
  }

  func release() { MemoryPool.release(pointer, byteCount: byteCount) }
}
