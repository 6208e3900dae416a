import TernTensor
import TernTestSupport

/// The extent of an axis counted from the last; 1 where there is none, so that the library says what is wrong.
private func extent(_ x: Tensor<Double>, fromEnd place: Int = 1) -> Int {
  x.rank >= place ? x.shape[x.rank - place] : 1
}

/// Matrices that a table's values become: far from singular, or symmetric and positive definite.
private func regular(_ x: Tensor<Double>) -> Tensor<Double> { x + Tensor(eye: extent(x)) * 4 }
private func positive(_ x: Tensor<Double>) -> Tensor<Double> {
  matmul(x, x.transposed()) + Tensor(eye: extent(x))
}
private func symmetric(_ x: Tensor<Double>) -> Tensor<Double> {
  let spread = Tensor<Double>(rangeFrom: 1, to: Double(extent(x)) + 1).diagonalMatrix()
  return (x + x.transposed()) * 0.5 + spread * 3
}

/// Matrices of full rank whose singular values differ.
private func oblong(_ x: Tensor<Double>) -> Tensor<Double> {
  let (m, n) = (extent(x, fromEnd: 2), extent(x))
  let diagonal = Tensor<Double>(eye: m, columns: n) * Tensor<Double>(rangeFrom: 2, to: Double(n) + 2)
  return x * 0.4 + diagonal * 2
}

/// Matrices with a pair of complex eigenvalues apart from the others.
private func turning(_ x: Tensor<Double>) -> Tensor<Double> {
  let n = extent(x)
  let spread = Tensor<Double>(rangeFrom: 1, to: Double(n) + 1).diagonalMatrix() * 1.5
  let ones = Tensor<Double>(ones: [n, n])
  return x * 0.3 + spread + ones.upperTriangle(diagonal: 1) * 2 - ones.lowerTriangle(diagonal: -1)
}

private func row(
  _ name: String, _ shapes: [[Int]], also: [[[Int]]] = [], order: Int = 2,
  _ function: @escaping @Sendable (Operands) throws -> Tensor<Double>
) -> TensorOperation {
  TensorOperation(name, shapes: shapes, also: also, order: order) { inputs in
    do { return try function(inputs) } catch { fatalError("\(name): \(error)") }
  }.within(1e-11)
}

/// Every operation that has a derivative, with shapes to try it on.
let linearAlgebraTable: [TensorOperation] = [
  row("solve", [[3, 3], [3, 2]], also: [[[0, 3, 3], [0, 3, 2]], [[3, 3], [3, 0]]]) { try solve(regular($0[0]), $0[1]) },
  row("solve, vector", [[3, 3], [3]]) { try solve(regular($0[0]), $0[1]) },
  row("solve, batch of vectors", [[2, 3, 3], [2, 3]]) { try solve(regular($0[0]), $0[1]) },
  row("solve, right", [[3, 3], [2, 3]]) { try solve(regular($0[0]), $0[1], side: .right) },
  row("solve, broadcast", [[2, 1, 2, 2], [3, 2, 2]]) { try solve(regular($0[0]), $0[1]) },
  row("inverse", [[3, 3]], also: [[[0, 3, 3]]]) { try regular($0[0]).inverse() },
  row("inverse, batch", [[2, 2, 2]]) { try regular($0[0]).inverse() },
  row("determinant", [[3, 3]], also: [[[0, 3, 3]]]) { regular($0[0]).determinant() },
  row("determinant, batch", [[2, 2, 2]]) { regular($0[0]).determinant() },
  row("logDeterminant", [[3, 3]], also: [[[0, 3, 3]]]) { regular($0[0]).logDeterminant().logAbsolute },
  row("choleskyFactor", [[3, 3]], also: [[[0, 3, 3]]]) { try positive($0[0]).choleskyFactor() },
  row("choleskyFactor, upper", [[2, 2, 2]]) { try positive($0[0]).choleskyFactor(.upper) },
  row("solveCholesky", [[3, 3], [3, 2]]) { try solveCholesky(regular($0[0]), $0[1]) },
  row("solveCholesky, upper", [[3, 3], [2, 3, 1]]) { try solveCholesky(regular($0[0]), $0[1], .upper) },
  row("solveTriangular, lower", [[3, 3], [3, 2]]) { try solveTriangular(regular($0[0]), $0[1], .lower) },
  row("solveTriangular, upper", [[2, 3, 3], [3, 2]]) {
    try solveTriangular(regular($0[0]), $0[1], .upper, transposed: true)
  },
  row("solveTriangular, right", [[3, 3], [2, 3]]) {
    try solveTriangular(regular($0[0]), $0[1], .lower, side: .right, unitDiagonal: true)
  },
  row("luFactorization", [[3, 3]], also: [[[0, 3, 3]]]) { regular($0[0]).luFactorization().factors },
  row("luFactorization, tall", [[4, 2]]) { oblong($0[0]).luFactorization().factors },
  row("luFactorization, wide", [[2, 2, 3]]) { oblong($0[0]).luFactorization().factors },
  row("LU solve", [[3, 3], [3, 2]]) { try regular($0[0]).luFactorization().solve($0[1]) },
  row("LU solve, right", [[3, 3], [2, 3]]) { try regular($0[0]).luFactorization().solve($0[1], side: .right) },
  row("LU solve, transposed", [[2, 2, 2], [2, 1]]) {
    try regular($0[0]).luFactorization().solve($0[1], transposed: true)
  },
  row("Q", [[3, 3]], also: [[[0, 3, 3]]]) { regular($0[0]).qrDecomposition().q },
  row("R, tall", [[4, 2]]) { oblong($0[0]).qrDecomposition().r },
  row("Q·R², wide", [[2, 4]]) {
    let (q, r) = oblong($0[0]).qrDecomposition(full: true)
    return matmul(q, r.square())
  },
  row("singularValues", [[4, 3]], also: [[[0, 4, 3]]]) { try oblong($0[0]).singularValues() },
  row("singular vectors, tall", [[4, 3]]) {
    let (u, s, vt) = try oblong($0[0]).singularValueDecomposition()
    return u.square() * s + vt.square().sum(along: -1)
  },
  row("singular vectors, wide", [[2, 3]]) {
    let (u, s, vt) = try oblong($0[0]).singularValueDecomposition()
    return matmul(u.square() * s, vt.square())
  },
  row("symmetricEigenvalues", [[3, 3]]) { try symmetric($0[0]).symmetricEigenvalues() },
  row("symmetricEigen", [[3, 3]], also: [[[0, 3, 3]]]) {
    let (values, vectors) = try symmetric($0[0]).symmetricEigen(.upper)
    return vectors.square() * values.square().expandedAxis(at: -2)
  },
  row("leastSquares, tall", [[4, 2], [4, 2]], also: [[[0, 4, 2], [0, 4, 2]]]) {
    try leastSquares(oblong($0[0]), $0[1])
  },
  row("leastSquares, wide", [[2, 3], [2]]) { try leastSquares(oblong($0[0]), $0[1]) },
  row("pseudoInverse, tall", [[4, 2]], also: [[[0, 4, 2]]]) { try oblong($0[0]).pseudoInverse() },
  row("pseudoInverse, wide", [[2, 3]]) { try oblong($0[0]).pseudoInverse() },
  row("matrixNorm, nuclear", [[3, 2]]) { try oblong($0[0]).matrixNorm(.nuclear) },
  row("matrixNorm, two", [[2, 3, 2]], also: [[[0, 3, 2]]]) { try oblong($0[0]).matrixNorm(.two) },
  row("matrixNorm, one", [[3, 2]]) { try $0[0].matrixNorm(.one) },
  row("matrixNorm, least row", [[3, 2, 2]]) { try $0[0].matrixNorm(.minusInfinity, along: (0, 2)) },
  row("conditionNumber", [[3, 2]]) { try oblong($0[0]).conditionNumber() },
  row("conditionNumber, Frobenius", [[3, 3]]) { try regular($0[0]).conditionNumber(.frobenius) },
  row("matrixPower, 5", [[2, 2]], also: [[[0, 2, 2]]]) { try $0[0].matrixPower(5) },
  row("matrixPower, -2", [[3, 3]]) { try regular($0[0]).matrixPower(-2) },
  row("matrixExponential", [[3, 3]], also: [[[0, 3, 3]]]) { $0[0].matrixExponential() },
  row("matrixExponential, batch", [[2, 2, 2]]) { ($0[0] * 3).matrixExponential() },
  row("choleskyInverse", [[3, 3]], also: [[[0, 3, 3]]]) { try choleskyInverse(regular($0[0])) },
  row("choleskyInverse, upper", [[2, 2, 2]]) { try choleskyInverse(regular($0[0]), .upper) },
  row("eigenvalues", [[3, 3]], also: [[[0, 3, 3]]]) { try turning($0[0]).eigenvalues().imaginary },
  row("eigenDecomposition", [[3, 3]]) { try turning($0[0]).eigenDecomposition().vectors.imaginary }.within(1e-10),
  row("eigenDecomposition, batch", [[2, 2, 2]]) { try turning($0[0]).eigenDecomposition().vectors.real },
  row("householderReflectors, product", [[4, 3], [3]], also: [[[0, 3, 2], [0, 2]]]) {
    HouseholderReflectors(packed: $0[0], factors: $0[1]).product()
  },
  row("householderReflectors, multiplied", [[4, 3], [2], [4, 2]]) {
    HouseholderReflectors(packed: $0[0], factors: $0[1]).multiplied(by: $0[2], transposed: true)
  },
  row("householderReflectors, multiplied from the right", [[2, 3, 3], [2, 3], [2, 3]]) {
    HouseholderReflectors(packed: $0[0], factors: $0[1]).multiplied(by: $0[2], side: .right)
  },
  row("ldlFactorization, solve", [[3, 2]]) {
    let a: Tensor<Double> = [[0, 1, 2], [1, 0, 3], [2, 3, 1]]
    return try a.ldlFactorization().solve($0[0])
  },
  row("ldlFactorization", [[3, 3]], order: 0) { symmetric($0[0]).ldlFactorization().factors },
  row("householderReflectors", [[4, 3]], order: 0) { $0[0].householderReflectors().packed },
  row("lowRankSingularValueDecomposition", [[4, 3]], order: 0) {
    try $0[0].lowRankSingularValueDecomposition(rank: 2, generator: RandomGenerator(seed: 3)).values
  },
  row("principalComponents", [[4, 3]], order: 0) {
    try $0[0].principalComponents(2, generator: RandomGenerator(seed: 3)).values
  },
  row("symmetricMatrixRank", [[3, 3]], order: 0) { number(try symmetric($0[0]).symmetricMatrixRank()) },
  row("unpivotedLUFactorization", [[3, 3]], also: [[[0, 3, 3]]]) { regular($0[0]).unpivotedLUFactorization().factors },
  row("unpivotedLUFactorization, tall", [[4, 2]]) { oblong($0[0]).unpivotedLUFactorization().factors },
  row("unpivotedLUFactorization, wide", [[2, 2, 3]]) { oblong($0[0]).unpivotedLUFactorization().factors },
  row("symmetricPseudoInverse", [[3, 3]]) { try symmetric($0[0]).symmetricPseudoInverse() },
  row("pseudoInverse, tolerances", [[2, 3, 2]]) {
    try oblong($0[0]).pseudoInverse(relativeTolerances: [0.001, 0.01], absoluteTolerances: nil)
  },
]
