import TernNN
import TernTensor

extension OperatorSamples {
  /// Matrices whose factorizations PyTorch calls in another way.
  static func factorization<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    func a() throws -> Tensor<Scalar> { try arguments.tensor(0) }
    let isHermitian = try attributes.bool("hermitian")
    let triangle: MatrixTriangle = try attributes.bool("upper") ? .upper : .lower
    switch arguments.operation {
    case "linalg.eigh", "linalg.eigvalsh":
      let half: MatrixTriangle = attributes.string("UPLO") == "U" ? .upper : .lower
      if arguments.operation == "linalg.eigvalsh" { return try results(a().symmetricEigenvalues(half)) }
      let (values, vectors) = try a().symmetricEigen(half)
      return results(values, vectors.abs())
    case "linalg.eig":
      let (values, vectors) = try a().eigenDecomposition()
      return results(values.real, values.imaginary, vectors.power)
    case "linalg.eigvals":
      let values = try a().eigenvalues()
      return results(values.real, values.imaginary)
    case "linalg.qr", "qr":
      let (q, r) = try a().qrDecomposition(full: attributes.string("mode") == "complete")
      return results(q.abs(), r.abs())
    case "linalg.matrix_rank":
      if arguments.has(1) || arguments.has(2) {
        return try results(
          a().matrixRank(
            relativeTolerances: arguments.optionalTensor(2), absoluteTolerances: arguments.optionalTensor(1)))
      }
      let (relative, absolute) = try (arguments.scalar("rtol"), arguments.scalar("atol") ?? arguments.scalar("tol"))
      return try results(
        isHermitian
          ? a().symmetricMatrixRank(relativeTolerance: relative, absoluteTolerance: absolute)
          : a().matrixRank(relativeTolerance: relative, absoluteTolerance: absolute))
    case "linalg.pinv":
      if let tolerances = try arguments.optionalTensor(1) {
        return try results(a().pseudoInverse(relativeTolerances: tolerances, absoluteTolerances: nil))
      }
      let (relative, absolute) = try (arguments.scalar("rtol") ?? arguments.scalar("rcond"), arguments.scalar("atol"))
      return try results(
        isHermitian
          ? a().symmetricPseudoInverse(relativeTolerance: relative, absoluteTolerance: absolute)
          : a().pseudoInverse(relativeTolerance: relative, absoluteTolerance: absolute))
    case "lu":
      let lu = try a().luFactorization()
      return results(lu.factors, lu.pivots)
    case "lu_solve":
      return try results(LUFactorization(factors: arguments.tensor(1), pivots: arguments.typed(2)).solve(a()))
    case "linalg.lu_factor":
      let lu = try attributes.bool("pivot", default: true) ? a().luFactorization() : a().unpivotedLUFactorization()
      return results(lu.factors, lu.pivots)
    case "triangular_solve":
      let side: MatrixTriangle = try attributes.bool("upper", default: true) ? .upper : .lower
      return try results(
        solveTriangular(
          arguments.tensor(1), a(), side, transposed: attributes.bool("transpose"),
          unitDiagonal: attributes.bool("unitriangular")))
    case "cholesky_solve": return try results(solveCholesky(arguments.tensor(1), a(), triangle))
    case "linalg.multi_dot": return try results(multiDot(arguments.tensors()))
    case "linalg.cross" where !attributes.has("dim"): return try results(cross(a(), arguments.tensor(1)))
    default: return nil
    }
  }

  /// Layers whose samples give PyTorch's own arguments.
  static func layer<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    switch arguments.operation {
    case "nn.functional.embedding", "nn.functional.embedding_bag":
      // The weight comes first.
      var inputs = arguments.inputs
      inputs.swapAt(0, 1)
      return try EmbeddingBags.run(arguments.with(operation: shortName(arguments.operation), inputs: inputs))
    case "nn.functional.unfold": return try Shaping.run(arguments.with(operation: "unfold"))
    case "nn.functional.ctc_loss":
      func lengths(_ name: String, _ index: Int) throws -> [Int] {
        try arguments.has(index) ? arguments.index(index).scalars : attributes.ints(name) ?? []
      }
      let reduction: LossReduction =
        switch attributes.string("reduction") {
        case "sum": .sum
        case "none": .none
        default: .mean
        }
      return try results(
        ctcLoss(
          arguments.tensor(0), arguments.index(1), inputLengths: lengths("input_lengths", 2),
          targetLengths: lengths("target_lengths", 3), blank: attributes.int("blank", default: 0),
          zeroInfinity: attributes.bool("zero_infinity"), reduction: reduction))
    case "nn.functional.batch_norm", "nn.functional.instance_norm":
      let name = shortName(arguments.operation)
      return try Array(Normalization.run(arguments.with(operation: name)).prefix(1))
    case "fft.fftshift", "fft.ifftshift":
      guard arguments.has(1) else { return nil }
      let axes = try attributes.ints("dim")
      return try arguments.tensors().flatMap {
        results(arguments.operation == "fft.fftshift" ? $0.fftShifted(along: axes) : $0.ifftShifted(along: axes))
      }
    case "stft" where attributes.has("win_length") && !arguments.has(1):
      let window = Tensor<Scalar>(ones: [try attributes.int("win_length", default: 1)])
      return try Fourier.run(arguments.with(inputs: [arguments.any(0), AnyTensor(window)]))
    default: return nil
    }
  }
}
