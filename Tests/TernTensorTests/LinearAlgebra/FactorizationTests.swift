import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Batches and extents: empty, of one element, odd, oblong, and beyond the sizes of every blocked path.
private let shapes: [[Int]] = [
  [0, 0], [1, 1], [2, 2], [5, 5], [7, 4], [4, 7], [3, 0], [0, 3], [2, 3, 3], [0, 3, 3], [2, 2, 6, 3], [64, 64],
  [65, 65],
  [33, 70], [129, 40], [150, 150], [200, 131], [131, 200], [3, 97, 97], [300, 300],
]

private func random<Scalar: FloatingScalar>(_ shape: [Int], of: Scalar.Type, seed: UInt64 = 3) -> Tensor<Scalar> {
  Tensor(randomUniform: shape, in: -1..<1, generator: RandomGenerator(seed: seed))
}

private func symmetric<Scalar: FloatingScalar>(_ n: Int, _ batch: [Int] = [], of: Scalar.Type) -> Tensor<Scalar> {
  let x = random(batch + [n, n], of: Scalar.self)
  return x + x.transposed()
}

private func identity<Scalar: FloatingScalar>(like x: Tensor<Scalar>) -> Tensor<Scalar> {
  Tensor(eye: x.shape[x.rank - 1]).broadcast(to: x.shape)
}

private func near<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ what: String) {
  let bound = Scalar.ulpOfOne.number * 400 * Double(Swift.max(1, a.shape.last ?? 1))
  let difference = relativeDifference(a, b)
  #expect(difference <= bound, "\(what) of \(a.shape) in \(Scalar.self): \(difference) > \(bound)")
}

/// Factorizations are checked by putting the factors together again.
@Suite struct FactorizationTests {
  @Test(arguments: shapes) func multiplyBack(_ shape: [Int]) throws {
    try multiplyBack(shape, Float.self)
    try multiplyBack(shape, Double.self)
  }

  private func multiplyBack<Scalar: FloatingScalar>(_ shape: [Int], _: Scalar.Type) throws {
    let a = random(shape, of: Scalar.self)
    let (m, n) = (shape[shape.count - 2], shape[shape.count - 1])
    let lu = a.luFactorization()
    near(matmul(lu.permutation, matmul(lu.lower, lu.upper)), a, "P·L·U")
    for full in [false, true] {
      let (q, r) = a.qrDecomposition(full: full)
      near(matmul(q, r), a, "Q·R")
      let gram = matmul(q.transposed(), q)
      near(gram, identity(like: gram), "Qᵀ·Q")
      #expect(r == r.upperTriangle())
      let (u, s, vt) = try a.singularValueDecomposition(full: full)
      let k = Swift.min(m, n)
      let reduced = u.narrowed(axis: -1, start: 0, length: k) * s.expandedAxis(at: -2)
      near(matmul(reduced, vt.narrowed(axis: -2, start: 0, length: k)), a, "U·S·Vᵀ")
      near(matmul(u.transposed(), u), identity(like: matmul(u.transposed(), u)), "Uᵀ·U")
      near(matmul(vt, vt.transposed()), identity(like: matmul(vt, vt.transposed())), "Vᵀ·V")
      near(try a.singularValues(), s, "singular values alone")
      #expect(s.scalars.allSatisfy { $0 >= 0 })
    }
    guard m == n else { return }
    let shifted = a + identity(like: a) * Scalar(Swift.max(n, 1)).squareRoot()
    let b = random(Array(shape.dropLast()) + [3], of: Scalar.self, seed: 5)
    near(matmul(shifted, try solve(shifted, b)), b, "A·(A⁻¹·b)")
    near(matmul(shifted, try shifted.inverse()), identity(like: a), "A·A⁻¹")
    let positive = matmul(a, a.transposed()) + identity(like: a)
    for triangle in [MatrixTriangle.lower, .upper] {
      let factor = try positive.choleskyFactor(triangle)
      let (first, second) = triangle == .lower ? (factor, factor.transposed()) : (factor.transposed(), factor)
      near(matmul(first, second), positive, "L·Lᵀ")
      near(matmul(positive, try solveCholesky(factor, b, triangle)), b, "A·(A⁻¹·b) by Cholesky")
      let equal = a + a.transposed()
      let (values, vectors) = try equal.symmetricEigen(triangle)
      near(matmul(equal, vectors), vectors * values.expandedAxis(at: -2), "A·V and V·W")
      near(matmul(vectors.transposed(), vectors), identity(like: a), "Vᵀ·V")
      near(try equal.symmetricEigenvalues(triangle), values, "eigenvalues alone")
      #expect(values.sorted(along: -1).values == values)
    }
  }

  @Test func onlyTheNamedTriangleIsRead() throws {
    let a = symmetric(20, of: Double.self) + Tensor(eye: 20) * 30
    for triangle in [MatrixTriangle.lower, .upper] {
      let ones = Tensor<Double>(ones: [20, 20])
      let half = triangle == .lower ? a.lowerTriangle() : a.upperTriangle()
      let other = triangle == .lower ? ones.upperTriangle(diagonal: 1) : ones.lowerTriangle(diagonal: -1)
      let clean = half + other * 77
      near(try clean.choleskyFactor(triangle), try a.choleskyFactor(triangle), "Cholesky factor")
      near(try clean.symmetricEigenvalues(triangle), try a.symmetricEigenvalues(triangle), "eigenvalues")
      let b = random([20, 2], of: Double.self)
      near(try solveTriangular(clean, b, triangle), try solveTriangular(half, b, triangle), "triangular solution")
    }
  }

  @Test func determinantsFollowTheirPivots() {
    let a: Tensor<Double> = [[0, 2], [3, 4]]
    #expect(a.determinant().item == -6)
    let (sign, logarithm) = a.logDeterminant()
    #expect(sign.item == -1 && abs(logarithm.item - 1.791759469228055) < 1e-15)
    let singular: Tensor<Double> = [[1, 2], [2, 4]]
    #expect(singular.determinant().item == 0)
    #expect(singular.logDeterminant().sign.item == 0)
    #expect(singular.logDeterminant().logAbsolute.item == -.infinity)
    #expect(Tensor<Double>(zeros: [3, 0, 0]).determinant() == Tensor(ones: [3]))
  }

  @Test func theDeterminantOfASingularMatrixHasItsCofactorsForGradient() {
    let a = Tensor<Double>([[1, 2, 3], [4, 5, 6], [5, 7, 9]]).asVariable()
    let derivative = gradients(of: a.determinant(), at: [a])[0]
    let expected: Tensor<Double> = [[3, -6, 3], [3, -6, 3], [-3, 6, -3]]
    #expect(relativeDifference(derivative, expected) < 1e-13)
    let zero = Tensor<Double>(zeros: [2, 3, 3]).asVariable()
    #expect(gradients(of: zero.determinant().sum(), at: [zero])[0] == Tensor(zeros: [2, 3, 3]))
  }

  @Test func equalSingularValuesAndEigenvaluesHaveGradients() throws {
    let a = Tensor<Double>(eye: 3).asVariable()
    #expect(relativeDifference(gradients(of: try a.matrixNorm(.nuclear), at: [a])[0], Tensor(eye: 3)) < 1e-14)
    #expect(relativeDifference(gradients(of: try a.symmetricEigenvalues().sum(), at: [a])[0], Tensor(eye: 3)) < 1e-14)
  }

  @Test func leastSquaresOfDeficientRankHaveLeastNorm() throws {
    let a: Tensor<Double> = [[1, 1], [1, 1], [2, 2]]
    let x = try leastSquares(a, Tensor<Double>([1, 3, 4]))
    #expect(relativeDifference(x, [1, 1]) < 1e-14)
    #expect(try a.matrixRank().item == 1)
    #expect(try a.conditionNumber().item > 1e15)
    #expect(try Tensor<Double>([[1, 2], [2, 4]]).conditionNumber(.one).item == .infinity)
  }

  @Test func conditionOfAZeroMatrix() throws {
    let zero = Tensor<Double>(zeros: [3, 3])
    for norm in [MatrixNorm.two, .frobenius, .one, .infinity] {
      let condition = try zero.conditionNumber(norm).item
      #expect(condition == .infinity, "\(norm)")
    }
    let wide = try Tensor<Double>(zeros: [2, 3]).conditionNumber().item
    #expect(wide == .infinity)
    let inverse = try zero.conditionNumber(.minusTwo).item
    #expect(inverse == 0)
  }

  @Test func exponentialsOfLargeAndSmallMatrices() {
    let a: Tensor<Double> = [[0, -40], [40, 0]]
    let expected: Tensor<Double> = [
      [-0.6669380616522619, -0.7451131604793488], [0.7451131604793488, -0.6669380616522619],
    ]
    #expect(relativeDifference(a.matrixExponential(), expected) < 1e-13)
    let batch = stack([a * 0, a * 1e-9, a])
    #expect(batch.matrixExponential()[0] == Tensor(eye: 2))
    #expect(abs(batch.matrixExponential()[1, 1, 0].item - 4e-8) < 1e-22)
    #expect(Tensor<Float>([[.nan]]).matrixExponential().item.isNaN)
  }
}

/// What has no factorization throws; what is no matrix stops.
@Suite struct LinearAlgebraErrorTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch { return "\(error)" }
  }

  @Test func errorsSayWhichMatrixAndWhy() {
    let singular: Tensor<Double> = [[1, 2], [2, 4]]
    #expect(message { _ = try singular.inverse() } == "inverse: the matrix is singular: its pivot 2 is exactly zero")
    let batch = stack([Tensor<Double>(eye: 2), singular, Tensor<Double>(eye: 2)]).reshaped([3, 1, 2, 2])
    #expect(
      message { _ = try solve(batch, Tensor(ones: [2, 1])) }
        == "solve: matrix [1, 0] of the batch is singular: its pivot 2 is exactly zero")
    #expect(
      message { _ = try singular.matrixPower(-1) } == "matrixPower: the matrix is singular: its pivot 2 is exactly zero"
    )
    #expect(
      message { _ = try Tensor<Float>([[1, 2], [2, 1]]).choleskyFactor() }
        == "choleskyFactor: the matrix is not positive definite: its leading minor of order 2 is not positive")
    #expect(
      message { _ = try solveTriangular(Tensor<Float>([[1, 2], [2, 0]]), Tensor(ones: [2, 1]), .lower) }
        == "solveTriangular: the matrix is singular: its pivot 2 is exactly zero")
    #expect(
      message { _ = try Tensor<Float>([[1, 2], [.nan, 1]]).singularValues() }
        == "singularValues: the matrix holds a NaN or an infinity")
  }

  @Test(arguments: [3, 40, 200]) func aNaNIsThrownOrPassedOn(_ n: Int) throws {
    var a = symmetric(n, of: Float.self) + Tensor(eye: n) * Float(2 * n)
    a[n - 1, n / 2] = Tensor(.nan)
    #expect(try solve(a, Tensor(ones: [n])).isNaN().all().item)
    #expect(try a.inverse().isNaN().any().item)
    #expect(a.determinant().item.isNaN)
    #expect(a.qrDecomposition().r.isNaN().any().item)
    #expect(throws: LinearAlgebraError.self) { try a.choleskyFactor() }
    for operation in [
      { _ = try $0.singularValueDecomposition() }, { _ = try $0.singularValues() }, { _ = try $0.symmetricEigen() },
      { _ = try $0.symmetricEigenvalues() }, { _ = try $0.pseudoInverse() }, { _ = try $0.matrixRank() },
    ] as [(Tensor<Float>) throws -> Void] {
      let error = #expect(throws: LinearAlgebraError.self) { try operation(a) }
      #expect(error?.reason == .notFinite)
    }
  }

  @Test func whatIsNoMatrixStops() async {
    let first = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try Tensor<Float>(ones: [2, 3]).inverse()
    }
    let firstText = text(first?.standardErrorContent)
    #expect(firstText.contains("inverse: the matrices of [2, 3] are not square (2 ≠ 3)"))
    let second = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = try solve(Tensor<Float>(eye: 2), Tensor(ones: [3, 1]))
    }
    let secondText = text(second?.standardErrorContent)
    #expect(secondText.contains("solve: [2, 2] · x = [3, 1] (2 ≠ 3)"))
    let third = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(ones: [3]).qrDecomposition()
    }
    let thirdText = text(third?.standardErrorContent)
    #expect(thirdText.contains("qrDecomposition: [3] has no matrices"))
  }
}

/// The same bits with one thread and two, and on every rerun.
@Suite(.serialized) struct LinearAlgebraThreadTests {
  @Test(arguments: [64, 130, 333, 520]) func bitsDoNotDependOnThreads(_ n: Int) throws {
    try compare(n, Float.self)
    if n < 500 { try compare(n, Double.self) }
  }

  private func compare<Scalar: FloatingScalar>(_ n: Int, _: Scalar.Type) throws {
    let a = random([n, n], of: Scalar.self)
    let positive = symmetric(n, of: Scalar.self) + Tensor(eye: n) * Scalar(2 * n)
    let b = random([n, 9], of: Scalar.self, seed: 8)
    func everything() throws -> [(String, Tensor<Scalar>)] {
      let (q, r) = a.qrDecomposition()
      let (u, s, vt) = try a.singularValueDecomposition()
      let (values, vectors) = try positive.symmetricEigen()
      return [
        ("solve", try solve(a, b)), ("inverse", try a.inverse()), ("cholesky", try positive.choleskyFactor()),
        ("Q", q), ("R", r), ("U", u), ("S", s), ("Vt", vt), ("values", values), ("vectors", vectors),
        ("lu", a.luFactorization().factors), ("singular values", try a.singularValues()),
        ("eigenvalues", try positive.symmetricEigenvalues()),
      ]
    }
    let threads = Workers.count
    defer { Workers.count = threads }
    Workers.count = 1
    let expected = try everything()
    for count in [2, 2, 3] {
      Workers.count = count
      for ((name, found), (_, single)) in zip(try everything(), expected) {
        #expect(found == single, "\(name) of \(n) in \(Scalar.self) with \(count) threads")
      }
    }
  }
}
