import TernBackend

// What every factorization begins with: the matrices in a tensor's last two axes, laid out as LAPACK reads them, and a
// loop over them that collects what LAPACK answers.

extension Layout {
  /// Matrices in the last two axes, each column-major, one after the other.
  package static func columnMajor(_ shape: [Int]) -> Layout {
    let rank = shape.count
    return Layout(shape, order: Array(0..<rank - 2) + [rank - 1, rank - 2])
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// The axes before the last two.
  package var batch: [Int] { Array(shape.dropLast(2)) }
  package var rows: Int { shape[rank - 2] }
  package var columns: Int { shape[rank - 1] }

  /// Stops unless there are matrices in the last two axes.
  package func requireMatrices(_ operation: String) {
    check(rank >= 2, operation, "\(shape) has no matrices")
  }

  /// Stops unless there are square matrices in the last two axes.
  package func requireSquare(_ operation: String) {
    requireMatrices(operation)
    check(rows == columns, operation, "the matrices of \(shape) are not square (\(rows) ≠ \(columns))")
  }

  /// Matrices that lie column-major, not yet written.
  package init(columnMajor shape: [Int]) { self.init(uninitialized: Layout.columnMajor(shape)) }

  /// A copy whose matrices lie column-major; not recorded.
  package var columnMajorCopy: Tensor { detached().copied(Layout.columnMajor(shape)) }

  /// A row-major copy of its own memory; not recorded.
  package var rowMajorCopy: Tensor { detached().copied(Layout(shape)) }

  /// A copy whose matrices lie row-major or column-major, whichever costs no transposing; not recorded.
  package var matrixCopy: (tensor: Tensor, isColumnMajor: Bool) {
    let steps = layout.strides
    let isColumnMajor = Swift.abs(steps[rank - 2]) == 1 && Swift.abs(steps[rank - 1]) > 1
    return (isColumnMajor ? columnMajorCopy : rowMajorCopy, isColumnMajor)
  }
}

/// Calls `body` with the index of every matrix of a batch and throws for the first one it does not answer 0 for.
///
/// - Parameters:
///   - work: multiplications a matrix costs; several small matrices make one chunk.
///   - reason: what an answer other than 0 and `LAPACKInfo.notFinite` means.
package func eachMatrix(
  _ operation: String, _ batch: [Int], work: Int, reason: (Int) -> LinearAlgebraError.Reason,
  _ body: (Int) -> Int
) throws(LinearAlgebraError) {
  guard let (index, info) = firstFailure(Layout.product(batch), work: work, body) else { return }
  throw LinearAlgebraError(operation, batch, index, info == LAPACKInfo.notFinite ? .notFinite : reason(info))
}

/// Calls `body` with the index of every matrix and returns the first one that it does not answer 0 for.
@discardableResult
package func firstFailure(_ count: Int, work: Int, _ body: (Int) -> Int) -> (index: Int, info: Int)? {
  if count == 1 {
    let info = body(0)
    return info == 0 ? nil : (0, info)
  }
  MemoryPool.require(count: count, of: 8, "matrices", "a batch of \(count)")
  return withUnsafeTemporaryAllocation(of: Int.self, capacity: Swift.max(count, 1)) { infos in
    let infos = infos.baseAddress!
    Workers.run(count: count, grain: Swift.max(1, 0x8000 / Swift.max(work, 1))) { range in
      for i in range { infos[i] = body(i) }
    }
    for i in 0..<count where infos[i] != 0 { return (i, infos[i]) }
    return nil
  }
}

/// For every matrix of `batch`, in order, the place of the one it takes from a batch `own` that broadcasts to it.
package func broadcastPlaces(_ own: [Int], to batch: [Int]) -> [Int] {
  MemoryPool.require(count: Layout.product(batch), of: 24, "matrices", "a batch \(batch)")
  if own == batch { return Array(0..<Layout.product(batch)) }
  var places = [0]
  for (extent, step) in zip(batch, broadcastStrides(Layout(own), to: batch)) {
    places = places.flatMap { place in (0..<extent).map { place + $0 * step } }
  }
  return places
}

/// About how many multiplications matrices cost, which may be empty and as long as they like.
package func cost(_ m: Int, _ n: Int, _ k: Int) -> Int { Sizes.saturated(Sizes.saturated(m, times: n), times: k) }

/// x / y, and 0 where both are 0.
///
/// In the derivatives of decompositions such a quotient belongs to equal values, between which any rotation of the
/// vectors is a decomposition, too: a loss that does not see the rotation has a gradient of 0 there.
package func quotient<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
  let both = (x.detached() .== 0) .&& (y.detached() .== 0)
  return select(both, 0, x / select(both, 1, y))
}
