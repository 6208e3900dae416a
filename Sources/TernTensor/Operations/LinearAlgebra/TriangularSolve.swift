import TernBackend

/// X of op(A)·X = B for triangular A, by substitution.
///
/// A is […, n, n], of which the given triangle alone is read; B is […, n, k]; batches broadcast. With `side` `.right` the
/// equation is X·op(A) = B, B […, k, n]. Gradients, in that triangle: dL/dB = op(A)⁻ᵀ·dL/dX, dL/dop(A) = −dL/dB·Xᵀ.
///
/// Throws where an element on the diagonal is zero. A NaN goes into the result.
/// - Parameters:
///   - transposed: op(A) is Aᵀ; the triangle is that of A.
///   - unitDiagonal: takes the diagonal for ones and does not read it.
/// - Complexity: O(n²·k) a matrix.
public func solveTriangular<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ triangle: MatrixTriangle, side: MatrixSide = .left,
  transposed: Bool = false,
  unitDiagonal: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) throws(LinearAlgebraError) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  a.requireSquare("solveTriangular")
  b.requireMatrices("solveTriangular")
  let extent = side == .left ? b.rows : b.columns
  check(
    extent == a.rows, "solveTriangular",
    side == .left
      ? "\(a.shape) · x = \(b.shape) (\(a.rows) ≠ \(extent))" : "x · \(a.shape) = \(b.shape) (\(extent) ≠ \(a.rows))")
  _ = broadcastShape(a.batch, b.batch, "solveTriangular")
  if !unitDiagonal { try requireDiagonal(a, "solveTriangular") }
  if side == .left { return triangularSolution(a, b, triangle, transposed: transposed, unit: unitDiagonal) }
  return triangularSolution(a, b.transposed(), triangle, transposed: !transposed, unit: unitDiagonal).transposed()
}

/// Throws where a diagonal has an element that is exactly zero.
func requireDiagonal<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ operation: String
) throws(LinearAlgebraError) {
  let zeros = a.detached().diagonal(axes: -2, -1) .== 0
  guard a.rows > 0, zeros.any().item else { return }
  let first = zeros.reshaped([-1]).cast(to: Int.self).argmax().item
  throw LinearAlgebraError(operation, a.batch, first / a.rows, .singular(pivot: first % a.rows + 1))
}

/// X of op(A)·X = B for triangular A; recorded. Zeros on the diagonal give infinities and NaN.
func triangularSolution<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ triangle: MatrixTriangle, transposed: Bool = false, unit: Bool = false
) -> Tensor<Scalar> {
  triangularSolutionRaw(a, b, triangle, transposed, unit).recordedPair(
    "solveTriangular", a, b, firstNeeds: [.first, .output], secondNeeds: .first,
    { d in
      let back = triangularSolution(d.input(0), d.gradient, triangle, transposed: !transposed, unit: unit)
      let derivative = transposed ? matmul(d.output, back.transposed()) : matmul(back, d.output.transposed())
      let skipped = unit ? 1 : 0
      return
        -(triangle == .upper
        ? derivative.upperTriangle(diagonal: skipped) : derivative.lowerTriangle(diagonal: -skipped))
    },
    { d in triangularSolution(d.input(0), d.gradient, triangle, transposed: !transposed, unit: unit) })
}

private func triangularSolutionRaw<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ triangle: MatrixTriangle, _ transposed: Bool, _ unit: Bool
) -> Tensor<Scalar> {
  let batch = broadcastShape(a.batch, b.batch, "solveTriangular")
  let (n, k) = (a.rows, b.columns)
  let result = b.detached().broadcast(to: batch + [n, k]).rowMajorCopy
  if result.isEmpty { return result }
  let operand = MatrixOperand(a.detached())
  // What lies transposed has its triangle on the other side.
  let isFlipped = operand.transpose == .transposed
  let side: MatrixTriangle = (triangle == .upper) != isFlipped ? .upper : .lower
  let op: Transpose = transposed != isFlipped ? .transposed : .none
  let (starts, x, matrices) = (operand.starts(batch), result.mutablePointer, operand.tensor.pointer)
  if isSmallBatch(starts.count, n) && (k <= 16 || starts.count >= 16) {
    let steps = transposed ? (row: operand.steps.column, column: operand.steps.row) : operand.steps
    eachSmallBatch(starts.count, n) { range in
      let first = range.lowerBound
      starts.withUnsafeBufferPointer { starts in
        Scalar.smallTriangular(
          range.count, n, k, matrices, starts: starts.baseAddress! + first, steps: steps,
          isLower: (triangle == .lower) != transposed, isUnit: unit, x + first * n * k)
      }
    }
    withExtendedLifetime(operand) {}
    return result
  }
  let chunk = Swift.max(16, 0x8_0000 / (n * n) / 16 * 16)
  firstFailure(starts.count, work: cost(n, n, k)) { i in
    Workers.run(count: k, grain: chunk) { columns in
      Scalar.trsm(
        .left, side, op, unit, n, columns.count, 1, matrices + starts[i], operand.leading,
        x + i * n * k + columns.lowerBound, k)
    }
    return 0
  }
  withExtendedLifetime(operand) {}
  return result
}
