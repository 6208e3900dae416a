import TernTensor

/// Factorizations and what is written with them.
enum LinearAlgebra: ConformanceFamily {
  static let name = "linalg"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    if let found = try solutions(arguments) ?? decompositions(arguments) ?? functions(arguments) { return found }
    throw arguments.unknownOperation
  }

  private static func solutions<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    func a() throws -> Tensor<Scalar> { try arguments.tensor(0) }
    func b() throws -> Tensor<Scalar> { try arguments.tensor(1) }
    let side: MatrixSide = try attributes.bool("left", default: true) ? .left : .right
    let triangle: MatrixTriangle = try attributes.bool("upper") ? .upper : .lower
    switch arguments.operation {
    case "solve": return try results(solve(a(), b(), side: side))
    case "inv": return try results(a().inverse())
    case "cholesky_solve": return try results(solveCholesky(b(), a(), triangle))
    case "lstsq": return try results(leastSquares(a(), b()))
    case "pinv":
      return try results(
        a().pseudoInverse(relativeTolerance: arguments.scalar("rtol"), absoluteTolerance: arguments.scalar("atol")))
    case "solve_triangular":
      return try results(
        solveTriangular(
          a(), b(), triangle, side: side, transposed: attributes.bool("transpose"),
          unitDiagonal: attributes.bool("unitriangular")))
    case "lu_solve":
      let lu = LUFactorization(factors: try a(), pivots: try arguments.typed(1, Int32.self))
      return try results(lu.solve(arguments.tensor(2), side: side, transposed: attributes.bool("adjoint")))
    default: return nil
    }
  }

  private static func decompositions<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    func a() throws -> Tensor<Scalar> {
      let a = try arguments.tensor(0)
      return try arguments.attributes.bool("symmetrize_input") ? (a + a.transposed()) * 0.5 : a
    }
    switch arguments.operation {
    case "cholesky": return try results(a().choleskyFactor(arguments.attributes.bool("upper") ? .upper : .lower))
    case "qr":
      let (q, r) = try a().qrDecomposition()
      let signs = r.detached().diagonal(axes: -2, -1).sign()
      return results(q * signs.expandedAxis(at: -2), r * signs.expandedAxis(at: -1))
    case "svdvals": return try results(a().singularValues())
    case "svd":
      let (u, s, vt) = try a().singularValueDecomposition()
      return results(u.abs(), s, vt.abs(), matmul(u * s.expandedAxis(at: -2), vt))
    case "eigvalsh": return try results(a().symmetricEigenvalues())
    case "eigh":
      let (values, vectors) = try a().symmetricEigen()
      return results(values, vectors.abs(), matmul(vectors * values.expandedAxis(at: -2), vectors.transposed()))
    case "lu_factor":
      let lu = try a().luFactorization()
      return results(lu.factors, lu.pivots)
    default: return nil
    }
  }

  private static func functions<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let a = try arguments.tensor(0)
    switch arguments.operation {
    case "det": return results(a.determinant())
    case "slogdet":
      let (sign, logarithm) = a.logDeterminant()
      return results(sign, logarithm)
    case "matrix_norm":
      let axes = try attributes.ints("dim") ?? [-2, -1]
      return try results(
        a.matrixNorm(
          norm(attributes, "ord") ?? .frobenius, along: (axes[0], axes[1]), keepingAxes: attributes.bool("keepdim"))
      )
    case "vector_norm":
      return try results(
        a.norm(
          attributes.number("ord", default: 2), along: attributes.ints("dim"), keepingAxes: attributes.bool("keepdim")))
    case "cond": return try results(a.conditionNumber(norm(attributes, "p") ?? .two))
    case "matrix_rank":
      return try results(
        a.matrixRank(relativeTolerance: arguments.scalar("rtol"), absoluteTolerance: arguments.scalar("atol")))
    case "matrix_power": return try results(a.matrixPower(attributes.int("n", default: 1)))
    case "matrix_exp": return results(a.matrixExponential())
    default: return nil
    }
  }

  private static func norm(_ attributes: Attributes, _ name: String) throws -> MatrixNorm? {
    guard attributes.has(name) else { return nil }
    switch attributes.string(name) {
    case "fro": return .frobenius
    case "nuc": return .nuclear
    default: break
    }
    switch try attributes.number(name) {
    case 1: return .one
    case -1: return .minusOne
    case 2: return .two
    case -2: return .minusTwo
    case .infinity?: return .infinity
    case -Double.infinity: return .minusInfinity
    default: throw ConformanceError("no matrix norm of this order")
    }
  }
}
