import TernBackend
import TernTensor
import TernTestSupport
import Testing

private func random<Scalar: FloatingScalar>(_ shape: [Int], of: Scalar.Type, seed: UInt64 = 5) -> Tensor<Scalar> {
  Tensor(randomUniform: shape, in: -1..<1, generator: RandomGenerator(seed: seed))
}

private func definite<Scalar: FloatingScalar>(_ count: Int, _ n: Int, of: Scalar.Type) -> Tensor<Scalar> {
  let a = random([count, n, n], of: Scalar.self)
  return matmul(a, a.transposed()) + Tensor(eye: n)
}

/// |A·X − B| by |A|·|X| + |B|, in units in the last place: what a stable solution leaves.
private func residual<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ x: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Double {
  let (a, x, b) = (a.cast(to: Double.self), x.cast(to: Double.self), b.cast(to: Double.self))
  let parts = (matmul(a, x) - b).abs() / (matmul(a.abs(), x.abs()) + b.abs() + 1e-300)
  return parts.isEmpty ? 0 : parts.max().item / Scalar.ulpOfOne.number
}

/// Batches of small matrices, which kernels take several at once: every extent there is a kernel for and the first without,
/// and numbers of matrices that fill no group of lanes.
@Suite struct SmallMatrixTests {
  @Test(arguments: 1...17) func solvesEveryExtent(_ n: Int) throws {
    try solvesEveryExtent(n, Float.self)
    try solvesEveryExtent(n, Double.self)
  }

  private func solvesEveryExtent<Scalar: FloatingScalar>(_ n: Int, _: Scalar.Type) throws {
    let bound = 40.0 * Double(n)
    for count in [1, 2, 7, 37] {
      let what = "\(count) of \(n) × \(n) in \(Scalar.self)"
      let a = random([count, n, n], of: Scalar.self, seed: UInt64(n))
      for k in [1, 3, 20] {
        let b = random([count, n, k], of: Scalar.self, seed: 7)
        for side in [a, a.transposed().copied().transposed()] {
          #expect(residual(side, try solve(side, b), b) <= bound, "solve, \(what)")
          #expect(residual(side.transposed(), try solve(side.transposed(), b), b) <= bound, "of the transpose, \(what)")
          let right = try solve(side, b.transposed(), side: .right)
          #expect(residual(side.transposed(), right.transposed(), b) <= bound, "from the right, \(what)")
        }
      }
      let inverse = try a.inverse()
      #expect(residual(a, inverse, Tensor(eye: n).broadcast(to: a.shape)) <= 40 * bound, "inverse, \(what)")
      // One matrix of more than four rows is LAPACK's.
      let determinants = a.determinant()
      for i in 0..<count {
        let lu = a[i].luFactorization()
        let expected = lu.upper.diagonal().product() * lu.permutation.determinant()
        let condition = (a[i].norm() * inverse[i].norm()).item.number
        let difference = relativeDifference(determinants[i], expected)
        #expect(difference <= bound * condition * Scalar.ulpOfOne.number, "determinant \(i), \(what)")
      }
      let logarithm = a.logDeterminant()
      #expect(relativeDifference(logarithm.sign * logarithm.logAbsolute.exp(), determinants) <= 1e-4)
      let batch = a.luFactorization()
      #expect(residual(matmul(batch.permutation, batch.lower), batch.upper, a) <= bound, "P·L·U, \(what)")
      for i in 0..<count { #expect(batch.pivots[i] == a[i].luFactorization().pivots, "pivots \(i), \(what)") }
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 13, 16, 17]) func triangles(_ n: Int) throws {
    try triangles(n, Float.self)
    try triangles(n, Double.self)
  }

  private func triangles<Scalar: FloatingScalar>(_ n: Int, _: Scalar.Type) throws {
    for count in [1, 5, 19] {
      let a = definite(count, n, of: Scalar.self)
      let poisoned = a.lowerTriangle() + Tensor<Scalar>(full: [n, n], .nan).upperTriangle(diagonal: 1)
      let lower = try poisoned.choleskyFactor()
      #expect(lower == lower.lowerTriangle())
      #expect(residual(lower, lower.transposed(), a) <= 40 * Double(n))
      let upper = try poisoned.transposed().choleskyFactor(.upper)
      #expect(residual(upper.transposed(), upper, a) <= 40 * Double(n) && upper == upper.upperTriangle())
      let b = random([count, n, 2], of: Scalar.self)
      for triangle in [MatrixTriangle.lower, .upper] {
        for transposed in [false, true] {
          for unit in [false, true] {
            var whole = triangle == .lower ? a.lowerTriangle() : a.upperTriangle()
            if unit { whole = whole * (1 - Tensor(eye: n)) + Tensor(eye: n) }
            for matrices in [a, a.transposed().copied().transposed()] {
              let x = try solveTriangular(matrices, b, triangle, transposed: transposed, unitDiagonal: unit)
              let left = residual(transposed ? whole.transposed() : whole, x, b)
              #expect(left <= 40 * Double(n), "\(count) of \(n) × \(n), \(triangle), \(transposed), \(unit)")
            }
          }
        }
      }
    }
  }

  @Test func productsOfManySmallMatrices() {
    for (m, n, k) in [
      (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4), (3, 1, 3), (1, 3, 1), (6, 6, 6), (5, 2, 7), (8, 8, 8),
    ] {
      let a = random([3, 7, m, k], of: Double.self)
      let b = random([7, k, n], of: Double.self)
      let wide = a.expandedAxis(at: -1) * b.expandedAxis(at: -3)
      #expect(relativeDifference(matmul(a, b), wide.sum(along: -2)) <= 1e-14, "\(m) × \(k) · \(k) × \(n)")
      let transposed = matmul(a.transposed().copied().transposed(), b.transposed().copied().transposed())
      #expect(transposed == matmul(a, b), "layouts")
    }
  }

  @Test func whatIsSingularIsNamed() throws {
    var matrices = definite(21, 3, of: Float.self)
    matrices[17] = Tensor<Float>([[1, 2, 0], [3, 4, 0], [5, 7, 0]])
    #expect(throws: LinearAlgebraError.self) { try solve(matrices, Tensor<Float>(ones: [21, 3, 1])) }
    do {
      _ = try matrices.inverse()
      Issue.record("a singular matrix has no inverse")
    } catch {
      #expect("\(error)" == "inverse: matrix [17] of the batch is singular: its pivot 3 is exactly zero")
    }
    #expect(matrices.determinant()[17].item == 0)
    #expect(matrices.logDeterminant().sign[17].item == 0)
    #expect(matrices.logDeterminant().logAbsolute[17].item == -.infinity)
    var definite = definite(9, 5, of: Double.self)
    definite[4][2, 2] = Tensor(-1)
    do {
      _ = try definite.choleskyFactor()
      Issue.record("a matrix that is not positive definite has no factor")
    } catch {
      #expect(
        "\(error)"
          == "choleskyFactor: matrix [4] of the batch is not positive definite: its leading minor of order 3 is not positive"
      )
    }
  }

  @Test func notANumberStaysInItsMatrix() throws {
    for n in [2, 3, 8] {
      var matrices = definite(20, n, of: Float.self)
      matrices[6][n - 1, 0] = Tensor(.nan)
      let b = random([20, n, 1], of: Float.self)
      let solution = try solve(matrices, b)
      #expect(solution[6].isNaN().any().item)
      #expect(!solution[7...].isNaN().any().item && !solution[..<6].isNaN().any().item)
      #expect(matrices.determinant()[6].item.isNaN)
      #expect(throws: LinearAlgebraError.self) { try matrices.choleskyFactor() }
    }
  }

  @Test("a matrix's result depends on nothing else: not on its place, the batch or the threads")
  func resultsAreThoseOfOneAlone() throws {
    let (a, b) = (definite(5000, 5, of: Float.self), random([5000, 5, 2], of: Float.self))
    let threads = Workers.count
    defer { Workers.count = threads }
    Workers.count = 1
    let alone = try solve(a, b)
    Workers.count = 3
    #expect(try solve(a, b) == alone)
    #expect(try solve(a[1234...], b[1234...]) == alone[1234...])
    #expect(try a[37...].inverse() == a.inverse()[37...])
    #expect(try a[3...].choleskyFactor() == a.choleskyFactor()[3...])
    #expect(matmul(a[13...], b[13...]) == matmul(a, b)[13...])
  }

  @Test func batchesBroadcast() throws {
    let (a, b) = (definite(4, 3, of: Double.self), random([6, 4, 3, 2], of: Double.self))
    let x = try solve(a, b)
    let columns = try solve(a[0], b)
    for i in 0..<6 {
      #expect(x[i] == (try solve(a, b[i])))
      #expect(columns[i] == (try solve(a[0].broadcast(to: [4, 3, 3]), b[i])))
    }
  }
}
