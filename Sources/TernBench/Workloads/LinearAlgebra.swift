import Tern

/// The operands of one size: any matrix, a positive definite one, and eight right-hand sides.
private struct Operands {
  let any, definite, right: Tensor<Float>

  init(_ n: Int) {
    any = random(n, n)
    definite = matmul(any, any.transposed()) + Tensor(eye: n) * Float(n)
    right = random(n, 8)
  }
}

private let operations: [(name: String, apply: @Sendable (Operands) throws -> Void)] = [
  ("solve", { _ = try solve($0.any, $0.right) }), ("inv", { _ = try $0.any.inverse() }),
  ("cholesky", { _ = try $0.definite.choleskyFactor() }), ("qr", { _ = $0.any.qrDecomposition() }),
  ("svd", { _ = try $0.any.singularValueDecomposition(full: true) }),
  ("eigh", { _ = try $0.definite.symmetricEigen() }),
]

extension Workload {
  /// Solutions and factorizations.
  static var linearAlgebra: [Workload] {
    [64, 512, 1024].flatMap { n in
      operations.filter { n < 1024 || $0.name != "svd" }.map { operation in
        Workload("linalg/\(operation.name)_\(n)") {
          let operands = Operands(n)
          return unrecorded {
            do {
              try operation.apply(operands)
            } catch {
              fatalError("linalg/\(operation.name)_\(n): \(error)")
            }
          }
        }
      }
    }
  }
}
