import TernBackend

// Products added to an input: β·input + α·(…); with β = 0 the input does not matter, NaN neither.

/// β·input + α·(a·v) for a matrix and a vector.
///
/// - Parameters:
///   - input: broadcasts to [m].
///   - a: [m, k].
///   - v: [k].
public func addmv<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ a: Tensor<Scalar>, _ v: Tensor<Scalar>, beta: Scalar = 1, alpha: Scalar = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(a.rank == 2 && v.rank == 1, "addmv", "a matrix and a vector expected: \(a.shape) · \(v.shape)")
  check(input.rank <= 1, "addmv", "input \(input.shape) does not broadcast to [\(a.shape[0])]")
  let column = input.rank == 0 ? input : input.expandedAxis(at: -1)
  return affine(column, a, v.expandedAxis(at: -1), beta: beta, alpha: alpha, "addmv").squeezed(1)
}

/// β·input + α·aᵢ·bⱼ for two vectors.
///
/// - Parameters:
///   - input: broadcasts to [m, n].
///   - a: [m].
///   - b: [n].
public func addr<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, beta: Scalar = 1, alpha: Scalar = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(a.rank == 1 && b.rank == 1, "addr", "vectors expected: \(a.shape) and \(b.shape)")
  return affine(input, a.expandedAxis(at: 1), b.expandedAxis(at: 0), beta: beta, alpha: alpha, "addr")
}

/// β·input + α·Σ aᵢ·bᵢ over a batch of matrices.
///
/// - Parameters:
///   - input: broadcasts to [m, n].
///   - a: [b, m, k].
///   - b: [b, k, n].
public func addbmm<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, beta: Scalar = 1, alpha: Scalar = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(a.rank == 3 && b.rank == 3, "addbmm", "batches of matrices expected: \(a.shape) · \(b.shape)")
  let (batch, m, k, n) = (a.shape[0], a.shape[1], a.shape[2], b.shape[2])
  check(
    batch == b.shape[0] && k == b.shape[1], "addbmm",
    batch == b.shape[0]
      ? "inner dimensions differ: \(a.shape) · \(b.shape) (\(k) ≠ \(b.shape[1]))"
      : "batches differ: \(a.shape) · \(b.shape) (\(batch) ≠ \(b.shape[0]))")
  // The sum over the batch is part of the sum over k: one product.
  let (rows, columns) = (a.permuted(1, 0, 2).reshaped([m, batch * k]), b.reshaped([batch * k, n]))
  return affine(input, rows, columns, beta: beta, alpha: alpha, "addbmm")
}
