import TernBackend

/// The matrix product, with the ranks' rules of PyTorch and NumPy.
///
/// | a | b | result |
/// |---|---|---|
/// | [n] | [n] | [], the inner product |
/// | [m, k] | [k] | [m] |
/// | [k] | [k, n] | [n] |
/// | […, m, k] | […, k, n] | […, m, n], the leading axes broadcast |
///
/// Transposed and sliced operands are read without a copy. With k = 0 the result is 0. Integers wrap. Gradients: g·bᵀ and
/// aᵀ·g, summed over what was broadcast. Stops when the inner dimensions differ or an operand has rank 0.
public func matmul<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return matmulOfAnyRank(a, b, "matmul")
}

/// The inner product Σ aᵢ·bᵢ of two vectors.
///
/// Stops unless both are vectors of one length.
public func dot<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireRanks(a, b, 1, 1, "dot")
  return matmulOfAnyRank(a, b, "dot")
}

/// A matrix times a vector: [m, k] · [k] is [m].
public func mv<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireRanks(a, b, 2, 1, "mv")
  return matmulOfAnyRank(a, b, "mv")
}

/// The product of two matrices: [m, k] · [k, n] is [m, n].
public func mm<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireRanks(a, b, 2, 2, "mm")
  return matmulOfAnyRank(a, b, "mm")
}

/// The products of two batches of matrices: [b, m, k] · [b, k, n] is [b, m, n].
///
/// Stops when the batches differ: ``matmul(_:_:file:line:)`` broadcasts.
public func bmm<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  requireRanks(a, b, 3, 3, "bmm")
  check(a.shape[0] == b.shape[0], "bmm", "batches differ: \(a.shape) · \(b.shape) (\(a.shape[0]) ≠ \(b.shape[0]))")
  return matmulOfAnyRank(a, b, "bmm")
}

private func requireRanks<Scalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ first: Int, _ second: Int, _ name: String)
{
  check(
    a.rank == first && b.rank == second, name,
    "operands of rank \(first) and \(second) expected: \(a.shape) · \(b.shape)")
}

private func matmulOfAnyRank<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ name: String
) -> Tensor<Scalar> {
  check(a.rank > 0 && b.rank > 0, name, "an operand has rank 0: \(a.shape) · \(b.shape)")
  let (inner, other) = (a.shape[a.rank - 1], b.shape[Swift.max(b.rank - 2, 0)])
  check(inner == other, name, "inner dimensions differ: \(a.shape) · \(b.shape) (\(inner) ≠ \(other))")
  if a.rank == 1 && b.rank == 1 { return innerProduct(a, b) }
  if a.rank == 1 {
    let rows = matmulOfAnyRank(a.reshaped([1, inner]), b, name)
    return rows.squeezed([rows.rank - 2])
  }
  if b.rank == 1 {
    let columns = matmulOfAnyRank(a, b.reshaped([inner, 1]), name)
    return columns.squeezed([columns.rank - 1])
  }
  if a.rank > 2 && b.rank == 2, b.node != nil || joinsLeadingAxes(a.layout) {
    // One product instead of a batch of them; the gradient of b is one product, too, which is worth a copy of a.
    let rows = Layout.product(Array(a.shape.dropLast()))
    return recordedMatmul(a.reshaped([rows, inner]), b, name).reshaped(a.shape.dropLast() + [b.shape[1]])
  }
  return recordedMatmul(a, b, name)
}

/// Whether all axes but the last are one without a copy.
private func joinsLeadingAxes(_ layout: Layout) -> Bool {
  (0..<layout.rank - 2).allSatisfy { layout.strides[$0] == layout.strides[$0 + 1] &* layout.shape[$0 + 1] }
}

/// Matrices in the last two axes, batches broadcasting; recorded.
private func recordedMatmul<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ name: String
) -> Tensor<Scalar> {
  let batch = broadcastShape(Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)), name)
  return Tensor.batchedGEMM(a, b, batch: batch).recordedPair(
    "matmul", a, b, firstNeeds: [.second, .asOperands], secondNeeds: [.first, .asOperands],
    { matmul($0.gradient, $0.input(1).transposed()) }, { matmul($0.input(0).transposed(), $0.gradient) })
}

/// Products of elements, added up in blocks whose sums are added up pairwise.
private func innerProduct<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  let sums: Tensor<Scalar>
  switch Scalar.dtype {
  case .float32: sums = Tensor(body: blockProducts(Tensor<Float>(body: a.body), Tensor<Float>(body: b.body)).body)
  case .float64: sums = Tensor(body: blockProducts(Tensor<Double>(body: a.body), Tensor<Double>(body: b.body)).body)
  default: sums = Tensor.map("dot", .mul, a, b)
  }
  let sum = sums.reducedKeeping(.sum, ReducedAxes(nil, of: sums.shape, "dot")).reshaped([])
  return sum.recordedPair(
    "dot", a, b, firstNeeds: .second, secondNeeds: .first,
    { $0.gradient * $0.input(1) }, { $0.gradient * $0.input(0) })
}

/// The inner products of blocks of 512 elements of two vectors.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func blockProducts<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  let (a, b, size) = (a.detached().contiguous, b.detached().contiguous, 512)
  let result = Tensor<Scalar>(uninitialized: [(a.count + size - 1) / size])
  let (out, x, y, count) = (result.mutablePointer, a.pointer, b.pointer, a.count)
  Workers.run(count: result.count, grain: 64) { blocks in
    for block in blocks {
      let first = block * size
      let length = Swift.min(size, count - first)
      Scalar.rowDots(1, 1, length, x + first, length, y + first, length, out + block, 1, adds: false)
    }
  }
  return result
}
