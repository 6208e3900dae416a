internal import COpenBLAS

/// What LAPACK's calls answer with.
package enum LAPACKInfo {
  /// A matrix holds a NaN or an infinity where a routine that iterates was to read it.
  package static let notFinite = Int.min

  /// The info of a call: negative ones are mistakes of the library or a lack of memory, and stop.
  static func checked(_ routine: String, _ info: Int32) -> Int {
    if info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR {
      fail(routine, "no memory for LAPACK's workspace")
    }
    check(info >= 0, routine, "LAPACK refuses its argument \(-info)")
    return Int(info)
  }

  /// Whether A [m, n], column-major, or one triangle of it, has neither NaN nor infinity.
  @specialized(where S == Float)
  @specialized(where S == Double)
  static func isFinite<S: BinaryFloatingPoint>(
    _ a: UnsafePointer<S>, _ m: Int, _ n: Int, _ lda: Int, _ triangle: MatrixTriangle? = nil
  ) -> Bool {
    for j in 0..<n {
      let column = a + j * lda
      // 0 · x is NaN where x is not finite, and a sum that met a NaN stays NaN.
      var sum: S = 0
      for i in (triangle == .lower ? j : 0)..<(triangle == .upper ? min(j + 1, m) : m) { sum += column[i] * 0 }
      if sum.isNaN { return false }
    }
    return true
  }
}
