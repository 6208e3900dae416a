import TernBackend

/// The factors of square matrices as `getrf` leaves them, for solving; constants, so that derivatives can keep them.
struct LUFactors<Scalar: FloatingScalar>: Sendable {
  /// L below the diagonal and U above, column-major in memory, of A where `isOfTranspose` is false, else of Aᵀ.
  let factors: Tensor<Scalar>
  /// Row i was exchanged with row `pivots[i] − 1`.
  let pivots: Tensor<Int32>
  /// Row-major matrices are factored as the column-major ones that they are: their transposes.
  let isOfTranspose: Bool
  /// The first matrix with a pivot of exactly zero, and the pivot's number.
  let singular: (index: Int, info: Int)?

  private var size: Int { factors.rows }

  init(_ a: Tensor<Scalar>) {
    let (copy, isColumnMajor) = a.matrixCopy
    let n = a.rows
    let pivots = Tensor<Int32>(uninitialized: a.batch + [n])
    let (lu, at) = (copy.mutablePointer, pivots.mutablePointer)
    var failure: (index: Int, info: Int)?
    let count = Layout.product(a.batch)
    if n > 0 && isSmallBatch(count, n) {
      failure = firstSmallFailure(count, n) { range, infos in
        let first = range.lowerBound
        Scalar.smallLU(range.count, n, lu + first * n * n, pivots: at + first * n, infos: infos)
      }
    } else if n > 0 {
      failure = firstFailure(count, work: cost(n, n, n)) { i in
        count == 1 ? Scalar.factorLU(n, lu, at) : Scalar.getrf(n, n, lu + i * n * n, n, at + i * n)
      }
    }
    (factors, self.pivots, isOfTranspose, singular) = (copy, pivots, !isColumnMajor, failure)
  }

  /// Throws where a matrix is singular.
  func requireRegular(_ operation: String) throws(LinearAlgebraError) {
    if let (index, info) = singular {
      throw LinearAlgebraError(operation, factors.batch, index, .singular(pivot: info))
    }
  }

  /// X of op(A)·X = B, B […, n, k] row-major anew, batches broadcasting; not recorded.
  func solution(_ b: Tensor<Scalar>, transposed: Bool) -> Tensor<Scalar> {
    let batch = broadcastShape(factors.batch, b.batch, "solve")
    let (n, k) = (size, b.columns)
    let result = b.detached().broadcast(to: batch + [n, k]).rowMajorCopy
    if result.isEmpty { return result }
    let (lu, at, x) = (factors.pointer, pivots.pointer, result.mutablePointer)
    let places = broadcastPlaces(factors.batch, to: batch)
    if isSmallBatch(places.count, n) && (k <= 16 || places.count >= 16) {
      eachSmallBatch(places.count, n) { range in
        let first = range.lowerBound
        places.withUnsafeBufferPointer { places in
          Scalar.smallLUSolve(
            range.count, n, k, lu, pivots: at, places: places.baseAddress! + first, x + first * n * k,
            transposed: transposed != isOfTranspose)
        }
      }
      withExtendedLifetime((factors, pivots)) {}
      return result
    }
    let chunk = Swift.max(16, 0x8_0000 / (n * n) / 16 * 16)
    firstFailure(places.count, work: cost(n, n, k)) { i in
      Workers.run(count: k, grain: chunk) { columns in
        solve(
          lu + places[i] * n * n, at + places[i] * n, x + i * n * k + columns.lowerBound, columns.count, k,
          transposed: transposed != isOfTranspose)
      }
      return 0
    }
    withExtendedLifetime((factors, pivots)) {}
    return result
  }

  /// Solves for some columns of X [n, k] with M = PLU, the factors read row-major, that is transposed.
  private func solve(
    _ lu: UnsafePointer<Scalar>, _ pivots: UnsafePointer<Int32>, _ x: UnsafeMutablePointer<Scalar>, _ columns: Int,
    _ step: Int, transposed: Bool
  ) {
    let n = size
    func exchange(_ i: Int) {
      let other = Int(pivots[i]) - 1
      if other != i { Scalar.swap(columns, x + i * step, 1, x + other * step, 1) }
    }
    if transposed {
      Scalar.trsm(.left, .lower, .none, false, n, columns, 1, lu, n, x, step)
      Scalar.trsm(.left, .upper, .none, true, n, columns, 1, lu, n, x, step)
      for i in stride(from: n - 1, through: 0, by: -1) { exchange(i) }
    } else {
      for i in 0..<n { exchange(i) }
      Scalar.trsm(.left, .upper, .transposed, true, n, columns, 1, lu, n, x, step)
      Scalar.trsm(.left, .lower, .transposed, false, n, columns, 1, lu, n, x, step)
    }
  }

  /// (−1)^(exchanges) of every matrix, and its pivots' values […, n].
  var diagonal: (signs: Tensor<Scalar>, values: Tensor<Scalar>) {
    let (n, count) = (size, Layout.product(factors.batch))
    let (signs, values) = (Tensor<Scalar>(ones: factors.batch), Tensor<Scalar>(uninitialized: factors.batch + [n]))
    Scalar.pivotValues(count, n, factors.pointer, pivots.pointer, signs.mutablePointer, values.mutablePointer)
    withExtendedLifetime((factors, pivots)) {}
    return (signs, values)
  }
}

extension FloatingScalar {
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  fileprivate static func pivotValues(
    _ count: Int, _ n: Int, _ lu: UnsafePointer<Self>, _ pivots: UnsafePointer<Int32>,
    _ signs: UnsafeMutablePointer<Self>, _ values: UnsafeMutablePointer<Self>
  ) {
    for i in 0..<count {
      for j in 0..<n {
        if Int(pivots[i * n + j]) != j + 1 { signs[i] = -signs[i] }
        values[i * n + j] = lu[i * n * n + j * (n + 1)]
      }
    }
  }
}
