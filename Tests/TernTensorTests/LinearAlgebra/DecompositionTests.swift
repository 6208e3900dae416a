import TernBackend
import TernTensor
import TernTestSupport
import Testing

private func random<Scalar: FloatingScalar>(_ shape: [Int], of: Scalar.Type, seed: UInt64 = 3) -> Tensor<Scalar> {
  Tensor(randomUniform: shape, in: -1..<1, generator: RandomGenerator(seed: seed))
}

private func near<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ what: String) {
  let bound = Scalar.ulpOfOne.number * 400 * Double(Swift.max(1, a.shape.last ?? 1))
  let difference = relativeDifference(a, b)
  #expect(difference <= bound, "\(what) of \(a.shape) in \(Scalar.self): \(difference) > \(bound)")
}

/// Decompositions are checked by putting the factors together again.
@Suite struct DecompositionTests {
  @Test(arguments: [[0, 0], [1, 1], [2, 2], [5, 5], [2, 3, 3], [0, 3, 3], [2, 2, 6, 6], [40, 40], [97, 97]])
  func squares(_ shape: [Int]) throws {
    try squares(shape, Float.self)
    try squares(shape, Double.self)
  }

  private func squares<Scalar: FloatingScalar>(_ shape: [Int], _: Scalar.Type) throws {
    let a = random(shape, of: Scalar.self)
    for a in [a, a.transposed()] {
      let (w, v) = try a.eigenDecomposition()
      let (wr, wi) = (w.real.expandedAxis(at: -2), w.imaginary.expandedAxis(at: -2))
      near(matmul(a, v.real), v.real * wr - v.imaginary * wi, "A·V and V·W")
      near(matmul(a, v.imaginary), v.real * wi + v.imaginary * wr, "A·V and V·W")
      near(v.power.sum(along: -2), Tensor(ones: w.shape), "norms")
      let values = try a.eigenvalues()
      near(values.real.sorted(along: -1).values, w.real.sorted(along: -1).values, "eigenvalues alone")
      near(w.real.sum(along: -1), a.diagonal(axes: -2, -1).sum(along: -1), "the trace")
    }
    let n = shape.last!
    let symmetric = a + a.transposed()
    let ldl = symmetric.ldlFactorization()
    let b = random(Array(shape.dropLast()) + [3], of: Scalar.self, seed: 5)
    let x = try ldl.solve(b)
    let residual = matmul(symmetric, x) - b
    let bound = Scalar.ulpOfOne * Scalar(100 * Swift.max(n, 1))
    let scale = matmul(symmetric.abs(), x.abs()) + b.abs()
    #expect((residual.abs() .<= scale * bound).all().item, "A·(A⁻¹·b) by LDL of \(shape)")
    let positive = matmul(a, a.transposed()) + Tensor(eye: n)
    for triangle in [MatrixTriangle.lower, .upper] {
      let inverse = try choleskyInverse(positive.choleskyFactor(triangle), triangle)
      let identity = Tensor<Scalar>(eye: n).broadcast(to: shape)
      near(matmul(positive, inverse), identity, "A·A⁻¹ by Cholesky")
      #expect(inverse == inverse.transposed())
    }
    near(try symmetric.symmetricPseudoInverse(), try symmetric.pseudoInverse(), "A⁺ by eigenvalues")
    #expect(try symmetric.symmetricMatrixRank() == symmetric.matrixRank())
  }

  @Test(arguments: [[1, 1], [5, 5], [7, 4], [4, 7], [3, 0], [2, 6, 3], [0, 3, 2], [65, 40], [40, 65]])
  func reflections(_ shape: [Int]) {
    let a = random(shape, of: Double.self)
    let m = shape[shape.count - 2]
    let reflectors = a.householderReflectors()
    let (q, r) = a.qrDecomposition()
    near(reflectors.product(), q, "Q")
    near(reflectors.upper, r, "R")
    let whole = Tensor<Double>(eye: m).broadcast(to: Array(shape.dropLast()) + [m])
    let full = reflectors.multiplied(by: whole)
    near(matmul(full.transposed(), full), whole, "Qᵀ·Q")
    let b = random(Array(shape.dropLast()) + [3], of: Double.self, seed: 6)
    near(reflectors.multiplied(by: b), matmul(full, b), "Q·B")
    near(reflectors.multiplied(by: b, transposed: true), matmul(full.transposed(), b), "Qᵀ·B")
    let c = b.transposed()
    near(reflectors.multiplied(by: c, side: .right), matmul(c, full), "C·Q")
    near(reflectors.multiplied(by: c, side: .right, transposed: true), matmul(c, full.transposed()), "C·Qᵀ")
  }

  @Test(arguments: [
    [1, 1], [31, 31], [32, 32], [33, 33], [97, 97], [70, 33], [33, 70], [2, 40, 40], [0, 3], [0, 3, 3],
  ])
  func unpivotedFactors(_ shape: [Int]) {
    let a = random(shape, of: Double.self) + Tensor(eye: shape[shape.count - 2], columns: shape.last!) * 100
    let lu = a.unpivotedLUFactorization()
    near(matmul(lu.lower, lu.upper), a, "L·U")
    near(matmul(lu.permutation, a), a, "P")
  }

  @Test func theLargestElementOfAVectorIsReal() throws {
    let turn: Tensor<Double> = [[0, -1], [1, 0]]
    let (w, v) = try turn.eigenDecomposition()
    #expect(w.real == [0, 0] && w.imaginary == [1, -1])
    let half = 0.5.squareRoot()
    let (first, second): (Tensor<Double>, Tensor<Double>) = ([[1, 1], [0, 0]], [[0, 0], [1, 1]])
    near(v.real.abs(), first * half, "real parts")
    near(v.imaginary.abs(), second * half, "imaginary parts")
  }

  @Test func lowRanksAreThoseOfTheWhole() throws {
    for (m, n) in [(60, 40), (40, 60), (50, 50)] {
      let a = matmul(random([m, 5], of: Double.self), random([5, n], of: Double.self, seed: 4))
      let (u, s, vt) = try a.lowRankSingularValueDecomposition(generator: RandomGenerator(seed: 1))
      #expect(u.shape == [m, 6] && s.shape == [6] && vt.shape == [6, n])
      near(matmul(u * s.expandedAxis(at: -2), vt), a, "U·S·Vᵀ")
      let values = try a.singularValues()
      near(s.narrowed(axis: 0, start: 0, length: 5), values.narrowed(axis: 0, start: 0, length: 5), "singular values")
      let again = try a.lowRankSingularValueDecomposition(generator: RandomGenerator(seed: 1))
      #expect(again.u == u && again.values == s && again.vt == vt)
    }
  }

  @Test func principalComponentsAreThoseOfTheCovariance() throws {
    let x = random([200, 8], of: Double.self) * Tensor<Double>([9, 5, 3, 2, 1, 0.1, 0.1, 0.1]) + 7
    let (u, s, vt) = try x.principalComponents(8, generator: RandomGenerator(seed: 2))
    let centered = x - x.mean(along: 0)
    near(matmul(u * s.expandedAxis(at: -2), vt), centered, "U·S·Vᵀ")
    let variances = try (matmul(centered.transposed(), centered) * (1 / 199.0)).symmetricEigenvalues()
    near(s.square() * (1 / 199.0), variances.flipped([0]), "variances")
  }

  @Test func whatCannotBeDecomposedThrows() throws {
    let bad = Tensor<Float>([[1, .nan], [0, 2]])
    for operation in [{ _ = try $0.eigenDecomposition() }, { _ = try $0.eigenvalues() }]
      as [(Tensor<Float>) throws -> Void]
    {
      let error = #expect(throws: LinearAlgebraError.self) { try operation(bad) }
      #expect(error?.reason == .notFinite)
    }
    let singular = #expect(throws: LinearAlgebraError.self) {
      try Tensor<Double>([[0, 0], [0, 1]]).ldlFactorization().solve(Tensor(ones: [2, 1]))
    }
    #expect(singular.map { "\($0)" } == "solve: the matrix is singular: its pivot 1 is exactly zero")
    let factor = #expect(throws: LinearAlgebraError.self) { try choleskyInverse(Tensor<Double>([[1, 0], [3, 0]])) }
    #expect(factor?.reason == .singular(pivot: 2))
  }

  @Test func whatHasNoDerivativeStops() async {
    let first = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let a = Tensor<Double>(eye: 3).asVariable()
      _ = gradients(of: a.householderReflectors().packed.sum(), at: [a])
    }
    let firstText = text(first?.standardErrorContent)
    #expect(firstText.contains("householderReflectors: reflectors have no derivative"))
    let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let a = Tensor<Double>(eye: 3).asVariable()
      _ = gradients(of: try a.ldlFactorization().solve(Tensor(ones: [3, 1])).sum(), at: [a])
    }
    let secondText = text(second?.standardErrorContent)
    #expect(secondText.contains("solve: the factors of ldlFactorization have no derivative"))
    let third = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try Tensor<Float>(ones: [4, 5]).lowRankSingularValueDecomposition()
    }
    let thirdText = text(third?.standardErrorContent)
    #expect(thirdText.contains("lowRankSingularValueDecomposition: rank 6 of matrices [4, 5] (0 … 4)"))
    let fourth = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LDLFactorization(factors: Tensor<Float>(eye: 2), pivots: [-2, 2])
    }
    let fourthText = text(fourth?.standardErrorContent)
    #expect(fourthText.contains("ldlFactorization: pivot -2 for row 1 of 2"))
  }
}
