import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Factorizations of large matrices, which the workers share, put together again.
@Suite struct BlockedFactorizationTests {
  private static let sizes = [127, 128, 129, 150, 191, 192, 193, 257, 320, 321, 700]

  private func random<Scalar: FloatingScalar>(_ shape: [Int], of: Scalar.Type) -> Tensor<Scalar> {
    Tensor(randomNormal: shape, generator: RandomGenerator(seed: 11))
  }

  private func near<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ what: String) {
    let scale = Swift.max(b.abs().max().item.number, 1)
    let difference = a.isEmpty ? 0 : (a - b).abs().max().item.number / scale
    let bound = Scalar.ulpOfOne.number * 16 * Double(a.shape.last!)
    #expect(difference <= bound, "\(what) of \(a.shape) in \(Scalar.self): \(difference) > \(bound)")
  }

  @Test(arguments: sizes)
  func squares(_ n: Int) throws {
    try squares(n, Float.self)
    try squares(n, Double.self)
  }

  private func squares<Scalar: FloatingScalar>(_ n: Int, _: Scalar.Type) throws {
    let whole = random([n, n], of: Scalar.self)
    for (layout, a) in [("row-major", whole), ("column-major", whole.transposed())] {
      let lu = a.luFactorization()
      near(matmul(lu.permutation, matmul(lu.lower, lu.upper)), a, "P·L·U, \(layout)")
      #expect((lu.lower.abs() .<= 1).all().item, "pivots are the largest of their columns")
      let reflectors = a.householderReflectors()
      let q = reflectors.product()
      near(matmul(q, reflectors.upper), a, "Q·R, \(layout)")
      near(matmul(q.transposed(), q), Tensor(eye: n), "Qᵀ·Q")
    }
    // Well conditioned, so that the inverse is near 1, too.
    let regular = whole / Scalar(n) + 2 * Tensor(eye: n)
    for a in [regular, regular.transposed()] {
      near(matmul(a, try a.inverse()), Tensor(eye: n), "A·A⁻¹")
      let b = random([n, 3], of: Scalar.self)
      near(matmul(a, try solve(a, b)), b, "A·(A⁻¹·b)")
      let (sign, logarithm) = a.logDeterminant()
      let values = a.cast(to: Double.self).luFactorization().factors.diagonal()
      let expected = values.abs().log().sum().item
      #expect(abs(logarithm.item.number - expected) <= expected * 100 * Scalar.ulpOfOne.number)
      #expect(sign.item == 1)
    }
    let positive = matmul(whole, whole.transposed()) / Scalar(n) + Tensor(eye: n)
    for triangle in [MatrixTriangle.lower, .upper] {
      let factor = try positive.choleskyFactor(triangle)
      let product = triangle == .lower ? matmul(factor, factor.transposed()) : matmul(factor.transposed(), factor)
      near(product, positive, "Cholesky's factor \(triangle)")
      let inverse = try choleskyInverse(factor, triangle)
      near(matmul(positive, inverse), Tensor(eye: n), "A·A⁻¹ by Cholesky \(triangle)")
      #expect(inverse == inverse.transposed())
    }
  }

  @Test(arguments: [[320, 130], [130, 320], [400, 129]])
  func rectangles(_ shape: [Int]) {
    for a in [random(shape, of: Double.self), random(shape.reversed(), of: Double.self).transposed()] {
      let (q, r) = a.qrDecomposition()
      near(matmul(q, r), a, "Q·R")
      let (whole, upper) = a.qrDecomposition(full: true)
      near(matmul(whole, upper), a, "the whole Q·R")
      near(matmul(whole.transposed(), whole), Tensor(eye: shape[0]), "Qᵀ·Q")
    }
  }

  @Test func whatIsSingularIsNamed() throws {
    var a = random([200, 200], of: Double.self)
    a[.all, 150] = Tensor(zeros: [200])
    #expect(a.determinant().item == 0)
    #expect(throws: LinearAlgebraError.self) { try a.inverse() }
    #expect(throws: LinearAlgebraError.self) { try solve(a, Tensor(zeros: [200, 1])) }
    var notPositive = Tensor<Double>(eye: 300)
    notPositive[250, 250] = -1
    do {
      _ = try notPositive.choleskyFactor()
      Issue.record("a factor of a matrix that is not positive definite")
    } catch {
      #expect("\(error)".contains("251"), "\(error)")
    }
    var factor = Tensor<Double>(eye: 100)
    factor[70, 70] = 0
    #expect(throws: LinearAlgebraError.self) { try choleskyInverse(factor) }
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() throws {
    let before = Workers.count
    defer { Workers.count = before }
    let a = random([321, 321], of: Float.self)
    let positive = matmul(a, a.transposed()) / 321 + Tensor(eye: 321)
    var results: [[[Float]]] = []
    for threads in [1, 2, 3] {
      Workers.count = threads
      let reflectors = a.householderReflectors()
      let factor = try positive.choleskyFactor()
      results.append(
        [
          a.luFactorization().factors, try a.inverse(), reflectors.packed, reflectors.product(), factor,
          try choleskyInverse(factor),
        ].map(\.scalars))
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }
}
