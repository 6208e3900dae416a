import TernBackend
import Testing

/// Numbers between −1 and 1 that are the same in every run.
private func numbers<S: FloatingKernelScalar>(_ count: Int, _ seed: UInt64, of: S.Type) -> [S] {
  (0..<count).map { i in
    S(Double(Philox.block(seed: seed, stream: 0, counter: UInt64(i)).0) / 0x1p31 - 1)
  }
}

private func bound<S: BinaryFloatingPoint>(_: S.Type) -> S { S.self == Float.self ? 1e-4 : 1e-11 }

@Suite struct BLASTests {
  @Test func productsAgreeWithTheSums() {
    products(Float.self)
    products(Double.self)
  }

  private func products<S: FloatingKernelScalar>(_: S.Type) {
    for (m, n, k) in [
      (1, 1, 1), (3, 5, 7), (17, 1, 33), (64, 48, 31), (130, 70, 250), (9, 150, 200), (150, 9, 200), (5, 4, 0),
    ] {
      for ta in [Transpose.none, .transposed] {
        for tb in [Transpose.none, .transposed] {
          let (lda, ldb, ldc) = ((ta == .none ? k : m) + 2, (tb == .none ? n : k) + 1, n + 3)
          let a = numbers((ta == .none ? m : k) * lda, 1, of: S.self)
          let b = numbers((tb == .none ? k : n) * ldb, 2, of: S.self)
          for (alpha, beta) in [(S(1), S(0)), (-2, 0.5)] {
            let start = beta == 0 ? [S](repeating: .nan, count: m * ldc) : numbers(m * ldc, 3, of: S.self)
            var c = start
            BLAS.gemm(
              ta, tb, m: m, n: n, k: k, alpha: alpha, a, lda: lda, b, ldb: ldb, beta: beta, &c, ldc: ldc)
            var worst = S(0)
            for i in 0..<m {
              for j in 0..<n {
                var sum = S(0)
                for l in 0..<k {
                  sum +=
                    (ta == .none ? a[i * lda + l] : a[l * lda + i]) * (tb == .none ? b[l * ldb + j] : b[j * ldb + l])
                }
                let expected = alpha * sum + (beta == 0 ? 0 : beta * start[i * ldc + j])
                worst = max(worst, abs(c[i * ldc + j] - expected))
              }
            }
            #expect(worst <= bound(S.self), "\(S.self) \(m)×\(n)×\(k) \(ta) \(tb)")
          }
        }
      }
    }
  }

  @Test func aProductHasTheSameBitsWithAnyNumberOfThreads() {
    let before = Workers.count
    defer { Workers.count = before }
    for (m, n, k) in [(300, 410, 205), (500, 64, 144), (10, 900, 800), (900, 10, 500), (129, 130, 64), (700, 700, 90)] {
      let a = numbers(m * k, 4, of: Float.self)
      let b = numbers(k * n, 5, of: Float.self)
      for (ta, tb) in [(Transpose.none, Transpose.none), (.transposed, .none), (.none, .transposed)] {
        var results: [[Float]] = []
        for threads in [1, 2, 3] {
          Workers.count = threads
          var c = [Float](repeating: .nan, count: m * n)
          BLAS.gemm(
            ta, tb, m: m, n: n, k: k, alpha: 1, a, lda: ta == .none ? k : m, b, ldb: tb == .none ? n : k, beta: 0, &c,
            ldc: n)
          results.append(c)
        }
        #expect(results[0] == results[1], "\(m)×\(n)×\(k) \(ta) \(tb)")
        #expect(results[0] == results[2], "\(m)×\(n)×\(k) \(ta) \(tb)")
      }
    }
  }

  @Test func vectors() {
    let x: [Double] = [1, -2, 3, -4, 5]
    var y: [Double] = [2, 0, 1, 0, -1]
    #expect(Double.dot(5, x, 1, y, 1) == 0)
    #expect(Double.dot(3, x, 2, y, 2) == 0)
    #expect(Double.asum(5, x, 1) == 15)
    #expect(abs(Double.nrm2(5, x, 1) - 55.0.squareRoot()) < 1e-14)
    #expect(Float.nrm2(2, [3e30, 4e30], 1) == 5e30)
    #expect(Double.iamax(5, x, 1) == 4)
    Double.axpy(5, 2, x, 1, &y, 1)
    #expect(y == [4, -4, 7, -8, 9])
    Double.scal(3, -1, &y, 2)
    #expect(y == [-4, -4, -7, -8, -9])
    var (u, v): ([Double], [Double]) = ([3, 1], [4, 2])
    Double.rot(2, &u, 1, &v, 1, 0.6, 0.8)
    #expect(abs(u[0] - 5) < 1e-15 && abs(v[0]) < 1e-15)
    Double.swap(2, &u, 1, &v, 1)
    #expect(abs(v[0] - 5) < 1e-15)
    Double.copy(3, x, 2, &y, 1)
    #expect(y == [1, 3, 5, -8, -9])
  }

  @Test func matricesAndVectors() {
    let a: [Double] = [1, 2, 3, 4, 5, 6]
    var y: [Double] = [1, 1]
    Double.gemv(.none, 2, 3, 1, a, 3, [1, 0, -1], 1, 2, &y, 1)
    #expect(y == [0, 0])
    var z: [Double] = [0, 0, 0]
    Double.gemv(.transposed, 2, 3, 1, a, 3, [1, 1], 1, 0, &z, 1)
    #expect(z == [5, 7, 9])
    var outer = [Double](repeating: 0, count: 6)
    Double.ger(2, 3, 2, [1, 2], 1, [1, 10, 100], 1, &outer, 3)
    #expect(outer == [2, 20, 200, 4, 40, 400])
    var s: [Double] = [0, 0]
    Double.symv(.upper, 2, 1, [2, 3, 99, 5], 2, [1, 1], 1, 0, &s, 1)
    #expect(s == [5, 8])
    var t: [Double] = [1, 1]
    Double.trmv(.lower, .none, false, 2, [2, 99, 3, 4], 2, &t, 1)
    #expect(t == [2, 7])
    Double.trsv(.lower, .none, false, 2, [2, 99, 3, 4], 2, &t, 1)
    #expect(t == [1, 1])
  }

  @Test func triangularAndSymmetricProducts() {
    let u: [Double] = [2, 3, 99, 4]
    var b: [Double] = [1, 2, 3, 4]
    Double.trmm(.left, .upper, .none, false, 2, 2, 1, u, 2, &b, 2)
    #expect(b == [11, 16, 12, 16])
    Double.trsm(.left, .upper, .none, false, 2, 2, 1, u, 2, &b, 2)
    #expect(b == [1, 2, 3, 4])
    var c = [Double](repeating: 0, count: 4)
    Double.symm(.left, .upper, 2, 2, 1, u, 2, [1, 0, 0, 1], 2, 0, &c, 2)
    #expect(c == [2, 3, 3, 4])
    var k: [Double] = [0, 0, -7, 0]
    Double.syrk(.upper, .none, 2, 3, 1, [1, 2, 3, 4, 5, 6], 3, 0, &k, 2)
    #expect(k == [14, 32, -7, 77])
  }
}
