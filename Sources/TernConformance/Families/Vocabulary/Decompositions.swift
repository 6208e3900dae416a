import TernTensor

/// Eigenvalues of general matrices, reflections, symmetric indefinite factors, low ranks and inverses from factors.
enum Decompositions: ConformanceFamily {
  static let name = "decompositions"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    if let found = try spectra(arguments) ?? factors(arguments) ?? inverses(arguments) { return found }
    throw arguments.unknownOperation
  }

  private static func spectra<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    func a() throws -> Tensor<Scalar> { try arguments.tensor(0) }
    switch arguments.operation {
    case "eigvals":
      let values = try a().eigenvalues()
      let order = sorting(values)
      return results(values.real.gathered(order, along: -1), values.imaginary.gathered(order, along: -1))
    case "eig":
      // Of the vectors what does not see their phases.
      let (values, vectors) = try a().eigenDecomposition()
      let order = sorting(values)
      let places = order.expandedAxis(at: -2).broadcast(to: vectors.shape)
      return results(
        values.real.gathered(order, along: -1), values.imaginary.gathered(order, along: -1),
        vectors.power.gathered(places, along: -1))
    case "svd_lowrank":
      let matrix = try product(arguments)
      let (u, s, vt) = try matrix.lowRankSingularValueDecomposition(
        rank: attributes.int("q", default: 6), iterations: attributes.int("niter", default: 2),
        subtracting: arguments.optionalTensor(2), generator: RandomGenerator(seed: 5))
      return results(s, u.abs(), vt.abs(), matmul(u * s.expandedAxis(at: -2), vt))
    case "pca_lowrank":
      let (u, s, vt) = try product(arguments).principalComponents(
        attributes.int("q"), centering: attributes.bool("center", default: true), generator: RandomGenerator(seed: 5))
      return results(s, matmul(u * s.expandedAxis(at: -2), vt))
    default: return nil
    }
  }

  /// The matrix a·bᵀ of a rank that is known.
  private static func product<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> Tensor<Scalar> {
    try matmul(arguments.tensor(0), arguments.tensor(1).transposed())
  }

  /// An order of complex values that does not depend on the algorithm.
  private static func sorting<Scalar: FloatingScalar>(_ values: ComplexPair<Scalar>) -> Tensor<Int> {
    (values.real.detached() + values.imaginary.detached() * Scalar(0.37)).argsort(along: -1)
  }

  private static func factors<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    func a() throws -> Tensor<Scalar> { try arguments.tensor(0) }
    switch arguments.operation {
    case "householder_product":
      return try results(HouseholderReflectors(packed: a(), factors: arguments.tensor(1)).product())
    case "ormqr":
      let side: MatrixSide = try attributes.bool("left", default: true) ? .left : .right
      return try results(
        HouseholderReflectors(packed: a(), factors: arguments.tensor(1)).multiplied(
          by: arguments.tensor(2), side: side, transposed: attributes.bool("transpose")))
    case "geqrf":
      let reflectors = try a().householderReflectors()
      return results(reflectors.packed, reflectors.factors)
    case "ldl_factor":
      let ldl = try a().ldlFactorization()
      return results(ldl.factors, ldl.pivots)
    case "ldl_solve":
      let ldl = LDLFactorization(factors: try a(), pivots: try arguments.typed(1, Int32.self))
      return try results(ldl.solve(arguments.tensor(2)))
    case "lu":
      let isPivoting = try attributes.bool("pivot", default: true)
      let lu = try isPivoting ? a().luFactorization() : a().unpivotedLUFactorization()
      return results(lu.permutation, lu.lower, lu.upper)
    case "lu_unpack":
      let lu = LUFactorization(factors: try a(), pivots: try arguments.typed(1, Int32.self))
      return results(lu.permutation, lu.lower, lu.upper)
    default: return nil
    }
  }

  private static func inverses<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    func a() throws -> Tensor<Scalar> { try arguments.tensor(0) }
    switch arguments.operation {
    case "cholesky_inverse": return try results(choleskyInverse(a(), attributes.bool("upper") ? .upper : .lower))
    case "pinv":
      if arguments.has(1) || arguments.has(2) {
        return try results(
          a().pseudoInverse(
            relativeTolerances: arguments.optionalTensor(2), absoluteTolerances: arguments.optionalTensor(1)))
      }
      return try results(
        symmetric(a()).symmetricPseudoInverse(
          relativeTolerance: arguments.scalar("rtol"), absoluteTolerance: arguments.scalar("atol")))
    case "matrix_rank":
      if arguments.has(1) || arguments.has(2) {
        return try results(
          a().matrixRank(
            relativeTolerances: arguments.optionalTensor(2), absoluteTolerances: arguments.optionalTensor(1)))
      }
      return try results(
        a().symmetricMatrixRank(
          relativeTolerance: arguments.scalar("rtol"), absoluteTolerance: arguments.scalar("atol")))
    case "vdot": return try results(dot(a(), arguments.tensor(1)))
    default: return nil
    }
  }

  private static func symmetric<Scalar: FloatingScalar>(_ a: Tensor<Scalar>) -> Tensor<Scalar> {
    (a + a.transposed()) * 0.5
  }
}
