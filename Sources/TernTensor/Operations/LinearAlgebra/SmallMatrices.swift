import TernBackend

// Batches of small matrices: LAPACK's calls cost more than their arithmetic, so that kernels take several at once, one a lane
// of the vectors.

/// Whether matrices are factored and multiplied with by the kernels for batches of small ones. A single one of more than
/// four rows is LAPACK's.
package func isSmallBatch(_ count: Int, _ n: Int) -> Bool { n <= 4 || n <= 16 && count > 1 }

/// Calls `body` with chunks of a batch of small matrices.
package func eachSmallBatch(_ count: Int, _ n: Int, _ body: (Range<Int>) -> Void) {
  Workers.run(count: count, grain: Swift.max(16, 0x20000 / (n * n * n + 64)), body)
}

/// Calls `body` with chunks of a batch of small matrices and where their infos go, and returns the first info that is not
/// 0.
package func firstSmallFailure(
  _ count: Int, _ n: Int, _ body: (Range<Int>, UnsafeMutablePointer<Int32>) -> Void
) -> (index: Int, info: Int)? {
  MemoryPool.require(count: count, of: 4, "matrices", "a batch of \(count)")
  return withUnsafeTemporaryAllocation(of: Int32.self, capacity: Swift.max(count, 1)) { infos in
    let infos = infos.baseAddress!
    eachSmallBatch(count, n) { body($0, infos + $0.lowerBound) }
    for i in 0..<count where infos[i] != 0 { return (i, Int(infos[i])) }
    return nil
  }
}

extension MatrixOperand {
  /// Elements from one row to the next and from one column to the next, in memory.
  package var steps: (row: Int, column: Int) { transpose == .none ? (leading, 1) : (1, leading) }
}
