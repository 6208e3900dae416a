import TernBackend

// The engine of matrix products: batches of matrices in any layout, through BLAS. Nothing here records. `matmul` calls
// `batchedGEMM`, which calls `accumulateGEMM`, which calls `BLAS.gemm`, which calls `BLAS.gemmChunk` on the workers.

/// The matrices of a tensor as BLAS reads them: the last two axes, row-major or transposed, without a copy where possible.
package struct MatrixOperand<Scalar: TensorScalar> {
  package let tensor: Tensor<Scalar>
  package private(set) var transpose: Transpose
  /// Elements from one row to the next in memory.
  package let leading: Int
  /// Whether the matrices are the transposes of the tensor's.
  private var isFlipped = false

  /// - Parameter tensor: of rank 2 or more.
  package init(_ tensor: Tensor<Scalar>) {
    let layout = tensor.layout
    let (rows, columns) = (layout.shape[layout.rank - 2], layout.shape[layout.rank - 1])
    let (rowStep, columnStep) = (layout.strides[layout.rank - 2], layout.strides[layout.rank - 1])
    // Of one row or column the step does not matter.
    if columns <= 1 || columnStep == 1, rows <= 1 || rowStep >= Swift.max(columns, 1) {
      if columns <= 1 && columnStep != 1 && rows > 1 && rowStep == 1 {
        (self.tensor, transpose, leading) = (tensor, .transposed, Swift.max(rows, 1))
      } else {
        (self.tensor, transpose, leading) = (tensor, .none, rows <= 1 ? Swift.max(columns, 1) : rowStep)
      }
    } else if rows <= 1 || rowStep == 1, columns <= 1 || columnStep >= Swift.max(rows, 1) {
      (self.tensor, transpose, leading) = (tensor, .transposed, columns <= 1 ? Swift.max(rows, 1) : columnStep)
    } else {
      let order = layout.memoryOrder.filter { $0 < layout.rank - 2 } + [layout.rank - 2, layout.rank - 1]
      let copy = tensor.detached().copied(Layout(layout.shape, order: order))
      (self.tensor, transpose, leading) = (copy, .none, Swift.max(columns, 1))
    }
  }

  private init(_ operand: MatrixOperand) {
    self = operand
    transpose = operand.transpose == .none ? .transposed : .none
    isFlipped = !operand.isFlipped
  }

  package var rows: Int { tensor.shape[tensor.rank - (isFlipped ? 1 : 2)] }
  package var columns: Int { tensor.shape[tensor.rank - (isFlipped ? 2 : 1)] }

  /// The transposed matrices, in the same memory.
  package var flipped: MatrixOperand { MatrixOperand(self) }

  /// The step from one element to the next of a single column, or of a single row where `transposed`.
  package func vectorStep(transposed: Bool) -> Int { (transpose == .none) == transposed ? 1 : leading }

  /// Where each matrix begins, in row-major order of the batch axes, which broadcast to `batch`.
  package func starts(_ batch: [Int]) -> [Int] {
    let own = Layout(Array(tensor.shape.dropLast(2)), strides: Array(tensor.layout.strides.dropLast(2)))
    let strides = broadcastStrides(own, to: batch)
    var starts = [0]
    MemoryPool.require(count: Layout.product(batch), of: 24, "matmul", "a batch \(batch) of matrices")
    for (extent, step) in zip(batch, strides) {
      starts = starts.flatMap { start in (0..<extent).map { start + $0 * step } }
    }
    return starts
  }
}

extension Tensor where Scalar == Float {
  /// A·B for matrices of which the second one is in bfloat16 already, by the processor's instruction; not recorded.
  static func gemm(_ left: MatrixOperand<Float>, waiting right: MatrixOperand<BFloat16>) -> Tensor<Float> {
    gemm(left, OperandPointer(left.tensor.pointer), right)
  }

  /// A·B for matrices that both are in bfloat16 already.
  static func gemm(waiting left: MatrixOperand<BFloat16>, waiting right: MatrixOperand<BFloat16>) -> Tensor<Float> {
    gemm(left, OperandPointer(left.tensor.pointer), right)
  }

  private static func gemm<Element>(
    _ left: MatrixOperand<Element>, _ a: OperandPointer, _ right: MatrixOperand<BFloat16>
  ) -> Tensor<Float> {
    let result = Tensor(uninitialized: [left.rows, right.columns])
    withExtendedLifetime((left.tensor, right.tensor)) {
      BFloat16Products.gemm(
        left.transpose, right.transpose, m: left.rows, n: right.columns, k: left.columns, alpha: 1, a,
        lda: left.leading, OperandPointer(right.tensor.pointer), ldb: right.leading, beta: 0, result.mutablePointer,
        ldc: right.columns)
    }
    return result
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// A·Wᵀ for a matrix in any layout and weights [n, k]; not recorded. In bfloat16, weights that are read again before they
  /// change are packed once.
  @specialized(where Scalar == Float)
  static func gemm(_ left: MatrixOperand<Scalar>, weights: Tensor) -> Tensor {
    guard FloatPrecision.multipliesBFloat16(Scalar.self), let right = weights.packedRight else {
      return gemm(left, MatrixOperand(weights.operand).flipped)
    }
    let result = Tensor(uninitialized: [left.rows, right.n])
    withExtendedLifetime(left.tensor) {
      BFloat16Products.gemm(
        left.transpose, m: left.rows, alpha: 1, left.tensor.operandPointer, lda: left.leading, right,
        beta: 0, floats(result.mutablePointer), ldc: right.n)
    }
    return result
  }

  /// This weight [n, k] of Float, or [n, k, 1, 1], as the right operand [k, n] of products, from the second call on that finds
  /// its elements unchanged; `nil` for a part of another tensor.
  var packedRight: PackedRight? {
    if count < 256 { return nil }
    let (n, k) = (shape[0], count / shape[0])
    if layout.isContiguous {
      return body.memory.whole?.derived(.packedRight(isTurned: false)) {
        PackedRight(k, n, .transposed, OperandPointer(floats(pointer)), k)
      }
    }
    guard rank == 2, layout.strides == [1, n], let owner = body.memory.owner(of: count) else { return nil }
    return owner.derived(.packedRight(isTurned: true)) { PackedRight(k, n, .none, OperandPointer(floats(pointer)), n) }
  }

  /// A·B for two matrices in any layout; not recorded.
  @specialized(where Scalar == Float)
  static func gemm(_ left: MatrixOperand<Scalar>, _ right: MatrixOperand<Scalar>) -> Tensor {
    var result = Tensor(uninitialized: [left.rows, right.columns])
    result.accumulateGEMM(left, right)
    return result
  }

  /// C ← α·A·B + β·C for matrices in the last two axes, batches broadcasting to C's; C is contiguous.
  package mutating func accumulateGEMM(_ a: Tensor, _ b: Tensor, alpha: Scalar = 1, beta: Scalar = 0) {
    accumulateGEMM(MatrixOperand(a), MatrixOperand(b), alpha: alpha, beta: beta)
  }

  /// C ← α·A·B + β·C for matrices in any layout.
  @specialized(where Scalar == Float)
  package mutating func accumulateGEMM(
    _ left: MatrixOperand<Scalar>, _ right: MatrixOperand<Scalar>, alpha: Scalar = 1, beta: Scalar = 0
  ) {
    let (m, n, k) = (shape[rank - 2], shape[rank - 1], left.columns)
    if count == 0 { return }
    let (out, x, y) = (mutablePointer, left.tensor.pointer, right.tensor.pointer)
    let inBFloat16 = FloatPrecision.multipliesBFloat16(Scalar.self)
    let readsWhereItLies =
      !inBFloat16 && left.transpose == .none && alpha == 1 && beta == 0
      && FewRows.suits(m, n, k, transposed: right.transpose == .transposed)
    func multiply(
      _ c: UnsafeMutablePointer<Scalar>, _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, alone: Bool = true
    ) {
      if inBFloat16 {
        return (alone ? BLAS.gemm : BLAS.gemmChunk)(
          left.transpose, right.transpose, m, n, k, alpha, a, left.leading, b, right.leading, beta, c, n, true)
      }
      if n == 1 {
        return matrixVector(left, m, k, a, b, right.vectorStep(transposed: false), c, alpha: alpha, beta: beta)
      }
      if m == 1 {
        return matrixVector(
          right.flipped, n, k, b, a, left.vectorStep(transposed: true), c, alpha: alpha, beta: beta)
      }
      if readsWhereItLies {
        return FewRows.multiply(
          m, n, k, a, left.leading, b, right.leading, transposed: right.transpose == .transposed, c, n)
      }
      (alone ? BLAS.gemm : BLAS.gemmChunk)(
        left.transpose, right.transpose, m, n, k, alpha, a, left.leading, b, right.leading, beta, c, n, false)
    }
    if rank == 2 { return multiply(out, x, y) }
    let batch = Array(shape.dropLast(2))
    let (atA, atB) = (left.starts(batch), right.starts(batch))
    if !inBFloat16 && alpha == 1 && beta == 0 && k > 0 && atA.count > 1 && isSmall(m, n, k) {
      return Workers.run(count: atA.count, grain: Swift.max(64, 0x10000 / (m * n * k + 16))) { range in
        let first = range.lowerBound
        atA.withUnsafeBufferPointer { atA in
          atB.withUnsafeBufferPointer { atB in
            Scalar.smallMatmul(
              range.count, m, n, k, out + first * m * n, x, starts: atA.baseAddress! + first, steps: left.steps, y,
              starts: atB.baseAddress! + first, steps: right.steps)
          }
        }
      }
    }
    if !inBFloat16 && alpha == 1 && beta == 0 && m == 1 && n == 1 && 1...4096 ~= k
      && left.vectorStep(transposed: true) == 1 && right.vectorStep(transposed: false) == 1
    {
      // Inner products of a batch of vectors.
      return Workers.run(count: atA.count, grain: Swift.max(1, StridedLoop.grain / k)) { range in
        for i in range { Scalar.rowDots(1, 1, k, x + atA[i], k, y + atB[i], k, out + i, 1, adds: false) }
      }
    }
    // Small products are grouped in chunks, large ones are split themselves.
    let work = Double(m) * Double(n) * Double(Swift.max(k, 1))
    if work > 0x1p24 {
      for i in atA.indices { multiply(out + i * m * n, x + atA[i], y + atB[i]) }
    } else {
      Workers.run(count: atA.count, grain: Swift.max(1, Int(0x1p20 / work))) { range in
        for i in range { multiply(out + i * m * n, x + atA[i], y + atB[i], alone: false) }
      }
    }
  }
}

/// Whether many products of these extents are faster side by side than one after the other by BLAS.
private func isSmall(_ m: Int, _ n: Int, _ k: Int) -> Bool { Swift.max(m, n, k) <= 8 && m * n * k <= 216 }

/// y ← α·A·x + β·y for A [m, k], in chunks of rows that depend on size alone.
private func matrixVector<Scalar: FloatingScalar>(
  _ matrix: MatrixOperand<Scalar>, _ m: Int, _ k: Int, _ a: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>,
  _ step: Int, _ y: UnsafeMutablePointer<Scalar>, alpha: Scalar, beta: Scalar
) {
  if beta == 0 { Scalar.fill(m, y, 1, 0) }
  if k == 0 {
    if beta != 0 { Scalar.unary(.mulScalar, m, y, 1, y, 1, beta, 0) }
    return
  }
  let lda = matrix.leading
  // Whole blocks of rows: BLAS adds up the rows of a remainder in another order, and equal rows have equal products.
  let block = 16
  let grain = Swift.max(64, 0x40000 / k) / block
  Workers.run(count: (m + block - 1) / block, grain: grain) { blocks in
    let at = blocks.lowerBound * block
    let rows = at..<Swift.min(blocks.upperBound * block, m)
    if matrix.transpose == .none {
      Scalar.gemv(.none, rows.count, k, alpha, a + at * lda, lda, x, step, beta == 0 ? 1 : beta, y + at, 1)
    } else {
      Scalar.gemv(.transposed, k, rows.count, alpha, a + at, lda, x, step, beta == 0 ? 1 : beta, y + at, 1)
    }
  }
}

extension Tensor where Scalar: NumericScalar {
  /// A·B for matrices in the last two axes whose batches broadcast; not recorded.
  ///
  /// Integers wrap.
  package static func batchedGEMM(_ a: Tensor, _ b: Tensor, batch: [Int]) -> Tensor {
    switch Scalar.dtype {
    case .float32: return Tensor(body: floatingGEMM(a.body, b.body, batch, Float.self))
    case .float64: return Tensor(body: floatingGEMM(a.body, b.body, batch, Double.self))
    default: return integerGEMM(a, b, batch)
    }
  }

  /// Rows of B added up, scaled by the elements of A's rows.
  private static func integerGEMM(_ a: Tensor, _ b: Tensor, _ batch: [Int]) -> Tensor {
    let (m, n, k) = (a.shape[a.rank - 2], b.shape[b.rank - 1], a.shape[a.rank - 1])
    let result = Tensor(zeros: batch + [m, n])
    if result.isEmpty { return result }
    let (left, right) = (MatrixOperand(a.contiguous), MatrixOperand(b.contiguous))
    let (atA, atB) = (left.starts(batch), right.starts(batch))
    let (out, x, y) = (result.mutablePointer, left.tensor.pointer, right.tensor.pointer)
    Workers.run(
      count: atA.count * m, grain: Swift.max(1, StridedLoop.grain / Swift.max(Sizes.saturated(n, times: k), 1))
    ) { rows in
      for row in rows {
        let (matrix, i) = (row / m, row % m)
        for j in 0..<k {
          let factor = x[atA[matrix] + i * k + j]
          let target = out + row * n
          Scalar.binary(.add, n, target, 1, target, 1, y + atB[matrix] + j * n, 1, factor)
        }
      }
    }
    return result
  }
}

private func floatingGEMM<Scalar: FloatingScalar>(
  _ a: TensorBody, _ b: TensorBody, _ batch: [Int], _: Scalar.Type
) -> TensorBody {
  let (a, b) = (Tensor<Scalar>(body: a), Tensor<Scalar>(body: b))
  var result = Tensor<Scalar>(uninitialized: batch + [a.shape[a.rank - 2], b.shape[b.rank - 1]])
  result.accumulateGEMM(a.operand, b.operand)
  return result.body
}
