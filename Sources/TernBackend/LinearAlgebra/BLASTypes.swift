internal import COpenBLAS
internal import CTernKernels

/// Whether a matrix is taken as it is or transposed.
package enum Transpose: Sendable {
  case none, transposed

  var cblas: CBLAS_TRANSPOSE { self == .none ? CblasNoTrans : CblasTrans }
  var lapack: CChar { lapackCharacter(self == .none ? "N" : "T") }
}

/// Which triangle of a matrix is meant.
public enum MatrixTriangle: Sendable {
  case upper, lower

  var cblas: CBLAS_UPLO { self == .upper ? CblasUpper : CblasLower }
  var lapack: CChar { lapackCharacter(self == .upper ? "U" : "L") }
}

/// On which side of a product a matrix stands.
public enum MatrixSide: Sendable {
  case left, right

  var cblas: CBLAS_SIDE { self == .left ? CblasLeft : CblasRight }
  var lapack: CChar { lapackCharacter(self == .left ? "L" : "R") }
}

/// Which singular vectors of a matrix [m, n] are wanted.
package enum SingularVectors: Sendable {
  /// None; the first min(m, n); all, so that U is [m, m] and Vᵀ [n, n].
  case none, reduced, full

  var lapack: CChar {
    switch self {
    case .none: lapackCharacter("N")
    case .reduced: lapackCharacter("S")
    case .full: lapackCharacter("A")
    }
  }
}

/// A norm of a matrix as LAPACK names it.
package enum EntryNorm: Sendable {
  /// The largest absolute value, the largest column sum of them, the largest row sum, the root of the sum of squares.
  case maximum, one, infinity, frobenius

  var lapack: CChar {
    switch self {
    case .maximum: lapackCharacter("M")
    case .one: lapackCharacter("1")
    case .infinity: lapackCharacter("I")
    case .frobenius: lapackCharacter("F")
    }
  }
}

func lapackCharacter(_ letter: Unicode.Scalar) -> CChar { CChar(letter.value) }

/// A size or stride as BLAS takes it.
func index(_ value: Int) -> Int32 {
  guard let index = Int32(exactly: value) else {
    fail("blas", "an extent of \(value) is more than OpenBLAS's 32-bit integers count")
  }
  return index
}

/// The OpenBLAS of this process.
package enum OpenBLAS {
  private static let ready: Void = {
    OpenBLASBuffers.reserve(Workers.count)
    openblas_set_num_threads(1)
    // A NaN in a matrix is not a wrong argument: see `BLASFunctions.swift`.
    LAPACKE_set_nancheck(0)
  }()

  /// Sets it up before the first call.
  package static func prepare() { _ = ready }

  /// Begins a call: no other thread forks until it has left.
  static func enter() {
    _ = ready
    tern_gate_enter()
  }

  /// Ends a call.
  static func leave() { tern_gate_leave() }

  /// The kernels it chose when it was loaded, as `SkylakeX` or `Haswell`.
  package static var coreName: String { String(cString: openblas_get_corename()) }

  /// Whether these kernels use AVX-512.
  static var usesAVX512: Bool { isAVX512Core(coreName) }

  static func isAVX512Core(_ name: String) -> Bool {
    ["skylakex", "cooperlake", "sapphirerapids"].contains(name.lowercased())
  }

  /// Its version and how it was built.
  package static var configuration: String {
    String(cString: openblas_get_config()).split(separator: " ").joined(separator: " ")
  }
}
