import TernBackend
import Testing

// Factorizations are checked by putting the factors together again. Matrices are column-major, as LAPACK's.

private func matrix<S: BinaryFloatingPoint>(_ m: Int, _ n: Int, _ seed: UInt64 = 1, of: S.Type) -> [S] {
  (0..<m * n).map { S(Double(Philox.block(seed: seed, stream: 9, counter: UInt64($0)).0) / 0x1p31 - 1) }
}

private func times<S: BinaryFloatingPoint>(_ a: [S], _ b: [S], _ m: Int, _ k: Int, _ n: Int) -> [S] {
  var c = [S](repeating: 0, count: m * n)
  for i in 0..<m { for j in 0..<n { for l in 0..<k { c[j * m + i] += a[l * m + i] * b[j * k + l] } } }
  return c
}

private func transposed<S>(_ a: [S], _ m: Int, _ n: Int) -> [S] {
  (0..<n * m).map { a[$0 % n * m + $0 / n] }
}

private func distance<S: BinaryFloatingPoint>(_ a: [S], _ b: [S]) -> Double {
  zip(a, b).map { Double(abs($0 - $1)) }.max() ?? 0
}

@Suite struct LAPACKTests {
  private let n = 23

  @Test func inFloat() { all(Float.self, 2e-4) }
  @Test func inDouble() { all(Double.self, 1e-11) }

  private func all<S: FloatingKernelScalar>(_: S.Type, _ tolerance: Double) {
    solving(S.self, tolerance)
    positive(S.self, tolerance)
    orthogonal(S.self, tolerance)
    values(S.self, tolerance)
    leastSquares(S.self, tolerance)
  }

  private func solving<S: FloatingKernelScalar>(_: S.Type, _ tolerance: Double) {
    let a = matrix(n, n, of: S.self)
    let x = matrix(n, 3, 2, of: S.self)
    var (lu, b) = (a, times(a, x, n, n, 3))
    var pivots = [Int32](repeating: 0, count: n)
    #expect(S.gesv(n, 3, &lu, n, &pivots, &b, n) == 0)
    #expect(distance(b, x) < tolerance * 10)
    var inverse = a
    #expect(S.getrf(n, n, &inverse, n, &pivots) == 0)
    var back = times(transposed(a, n, n), x, n, n, 3)
    #expect(S.getrs(.transposed, n, 3, inverse, n, pivots, &back, n) == 0)
    #expect(distance(back, x) < tolerance * 10)
    #expect(S.getri(n, &inverse, n, pivots) == 0)
    let identity = (0..<n * n).map { S($0 / n == $0 % n ? 1 : 0) }
    #expect(distance(times(a, inverse, n, n, n), identity) < tolerance * 10)
    var singular = [S](repeating: 1, count: 4)
    #expect(S.getrf(2, 2, &singular, 2, &pivots) == 2)
  }

  private func positive<S: FloatingKernelScalar>(_: S.Type, _ tolerance: Double) {
    let g = matrix(n, n, 3, of: S.self)
    var a = times(g, transposed(g, n, n), n, n, n)
    for i in 0..<n { a[i * n + i] += 1 }
    var l = a
    #expect(S.potrf(.lower, n, &l, n) == 0)
    var lower = l
    for i in 0..<n { for j in 0..<n where j > i { lower[j * n + i] = 0 } }
    #expect(distance(times(lower, transposed(lower, n, n), n, n, n), a) < tolerance)
    let x = matrix(n, 2, 4, of: S.self)
    var b = times(a, x, n, n, 2)
    #expect(S.potrs(.lower, n, 2, l, n, &b, n) == 0)
    #expect(distance(b, x) < tolerance)
    var t = times(lower, x, n, n, 2)
    #expect(S.trtrs(.lower, .none, false, n, 2, l, n, &t, n) == 0)
    #expect(distance(t, x) < tolerance)
    #expect(S.trtri(.lower, false, n, &lower, n) == 0)
    #expect(S.potri(.lower, n, &l, n) == 0)
    let inverse = times(transposed(lower, n, n), lower, n, n, n)
    #expect(abs(l[1] - inverse[1]) < S(tolerance))
    var negative: [S] = [1, 2, 2, 1]
    #expect(S.potrf(.lower, 2, &negative, 2) == 2)
  }

  private func orthogonal<S: FloatingKernelScalar>(_: S.Type, _ tolerance: Double) {
    let (m, n) = (31, 12)
    let a = matrix(m, n, 5, of: S.self)
    var qr = a
    var factors = [S](repeating: 0, count: n)
    #expect(S.geqrf(m, n, &qr, m, &factors) == 0)
    let r = (0..<n * n).map { $0 % n <= $0 / n ? qr[$0 / n * m + $0 % n] : 0 }
    var product = (0..<m * n).map { $0 % m < n ? r[$0 / m * n + $0 % m] : 0 }
    #expect(S.ormqr(.left, .none, m, n, n, qr, m, factors, &product, m) == 0)
    #expect(distance(product, a) < tolerance)
    #expect(S.orgqr(m, n, n, &qr, m, factors) == 0)
    #expect(distance(times(qr, r, m, n, n), a) < tolerance)
  }

  private func values<S: FloatingKernelScalar>(_: S.Type, _ tolerance: Double) {
    let (m, n) = (14, 9)
    let a = matrix(m, n, 6, of: S.self)
    var (copy, s) = (a, [S](repeating: 0, count: n))
    var (u, vt) = ([S](repeating: 0, count: m * n), [S](repeating: 0, count: n * n))
    #expect(S.gesdd(.reduced, m, n, &copy, m, &s, &u, m, &vt, n) == 0)
    #expect(zip(s, s.dropFirst()).allSatisfy { $0 >= $1 })
    let scaled = (0..<m * n).map { u[$0] * s[$0 / m] }
    #expect(distance(times(scaled, vt, m, n, n), a) < tolerance)

    let symmetric = times(transposed(a, m, n), a, n, m, n)
    var (vectors, w) = (symmetric, [S](repeating: 0, count: n))
    #expect(S.syevd(true, .lower, n, &vectors, n, &w) == 0)
    #expect(zip(w, w.dropFirst()).allSatisfy { $0 <= $1 })
    let stretched = (0..<n * n).map { vectors[$0] * w[$0 / n] }
    #expect(distance(times(stretched, transposed(vectors, n, n), n, n, n), symmetric) < tolerance)

    var rotation: [S] = [0, -1, 1, 0]
    var (real, imaginary, basis) = (
      [S](repeating: 9, count: 2), [S](repeating: 9, count: 2), [S](repeating: 0, count: 4)
    )
    #expect(S.geev(2, &rotation, 2, &real, &imaginary, &basis, 2) == 0)
    #expect(abs(real[0]) < S(tolerance) && abs(abs(imaginary[0]) - 1) < S(tolerance))
  }

  private func leastSquares<S: FloatingKernelScalar>(_: S.Type, _ tolerance: Double) {
    let (m, n) = (20, 6)
    let a = matrix(m, n, 7, of: S.self)
    let x = matrix(n, 2, 8, of: S.self)
    for bySVD in [true, false] {
      var (copy, b) = (a, times(a, x, m, n, 2))
      var (s, rank) = ([S](repeating: 0, count: n), Int32(0))
      var pivots = [Int32](repeating: 0, count: n)
      let info =
        bySVD
        ? S.gelsd(m, n, 2, &copy, m, &b, m, &s, -1, &rank)
        : S.gelsy(m, n, 2, &copy, m, &b, m, &pivots, 1e-6, &rank)
      #expect(info == 0)
      #expect(rank == 6)
      #expect(distance(Array(b[..<n]) + Array(b[m..<(m + n)]), x) < tolerance)
    }
  }

  @Test func theSlowerSingularValuesAreTheSame() {
    for (m, n) in [(14, 9), (9, 14)] {
      let (a, k) = (matrix(m, n, 6, of: Double.self), min(m, n))
      var results: [[Double]] = []
      for byIteration in [false, true] {
        var (copy, s, beside) = (a, [Double](repeating: 0, count: k), [Double](repeating: 0, count: k))
        var (u, vt) = ([Double](repeating: 0, count: m * m), [Double](repeating: 0, count: n * n))
        let info =
          byIteration
          ? Double.gesvd(.full, m, n, &copy, m, &s, &u, m, &vt, n, &beside)
          : Double.gesdd(.full, m, n, &copy, m, &s, &u, m, &vt, n)
        #expect(info == 0)
        let scaled = (0..<m * k).map { u[$0] * s[$0 / m] }
        #expect(distance(times(scaled, (0..<k * n).map { vt[$0 / k * n + $0 % k] }, m, k, n), a) < 1e-12)
        results.append(s)
      }
      #expect(distance(results[0], results[1]) < 1e-13)
    }
  }

  @Test func normsAndCondition() {
    let a: [Double] = [1, -4, -2, 5, 3, -6.5]
    #expect(Double.lange(.maximum, 2, 3, a, 2) == 6.5)
    #expect(Double.lange(.one, 2, 3, a, 2) == 9.5)
    #expect(Double.lange(.infinity, 2, 3, a, 2) == 15.5)
    #expect(abs(Double.lange(.frobenius, 2, 3, a, 2) - 97.25.squareRoot()) < 1e-14)
    #expect(Float.lange(.one, 2, 3, a.map { Float($0) }, 2) == 9.5)
    // diag(1, 4) with its rows exchanged: both norms give a condition of 4.
    for norm in [EntryNorm.one, .infinity] {
      var (lu, pivots, reciprocal): ([Double], [Int32], Double) = ([0, 4, 1, 0], [0, 0], 0)
      #expect(Double.getrf(2, 2, &lu, 2, &pivots) == 0)
      #expect(Double.gecon(norm, 2, lu, 2, 4, &reciprocal) == 0)
      #expect(reciprocal == 0.25)
    }
  }

  @Test func whatIteratesLooksForNaNAndInfinitiesFirst() {
    for bad in [Float.nan, .infinity, -.infinity] {
      for position in [0, 3, 8] {
        var (s, t, u, v) = (
          [Float](repeating: 0, count: 3), [Float](repeating: 0, count: 3), [Float](repeating: 0, count: 9),
          [Float](repeating: 0, count: 9)
        )
        var rank: Int32 = 0
        func spoiled() -> [Float] {
          var a = matrix(3, 3, of: Float.self)
          a[position] = bad
          return a
        }
        var a = spoiled()
        #expect(Float.gesdd(.full, 3, 3, &a, 3, &s, &u, 3, &v, 3) == LAPACKInfo.notFinite)
        #expect(Float.gesvd(.full, 3, 3, &a, 3, &s, &u, 3, &v, 3, &t) == LAPACKInfo.notFinite)
        #expect(Float.geev(3, &a, 3, &s, &t, &v, 3) == LAPACKInfo.notFinite)
        var b = matrix(3, 3, 2, of: Float.self)
        #expect(Float.gelsd(3, 3, 3, &a, 3, &b, 3, &s, -1, &rank) == LAPACKInfo.notFinite)
        var (fine, spoiledRight) = (matrix(3, 3, of: Float.self), spoiled())
        var pivots: [Int32] = [0, 0, 0]
        #expect(Float.gelsy(3, 3, 3, &fine, 3, &spoiledRight, 3, &pivots, 1e-5, &rank) == LAPACKInfo.notFinite)
        // Position 3 is above the diagonal: a lower triangle does not read it.
        let lower = Float.syevd(false, .lower, 3, &a, 3, &s)
        #expect(lower == (position == 3 ? 0 : LAPACKInfo.notFinite))
        a = spoiled()
        #expect(Float.syevd(false, .upper, 3, &a, 3, &s) == LAPACKInfo.notFinite)
      }
    }
  }

  @Test func aNaNGoesThroughWhatDoesNotIterate() {
    var (a, b): ([Double], [Double]) = ([2, .nan, 0, 3], [1, 1])
    var pivots: [Int32] = [0, 0]
    #expect(Double.gesv(2, 1, &a, 2, &pivots, &b, 2) == 0)
    #expect(b[0].isNaN)
  }

  @Test func emptyMatricesAreNoMistake() {
    var (a, b, s, u, v): ([Double], [Double], [Double], [Double], [Double]) = ([0], [0], [0], [0], [0])
    var pivots: [Int32] = [0]
    #expect(Double.getrf(0, 0, &a, 1, &pivots) == 0)
    #expect(Double.gesv(0, 0, &a, 1, &pivots, &b, 1) == 0)
    #expect(Double.potrf(.lower, 0, &a, 1) == 0)
    #expect(Double.geqrf(0, 0, &a, 1, &s) == 0)
    #expect(Double.gesdd(.reduced, 0, 0, &a, 1, &s, &u, 1, &v, 1) == 0)
    #expect(Double.syevd(true, .upper, 0, &a, 1, &s) == 0)
    #expect(Double.lange(.maximum, 0, 0, &a, 1) == 0)
  }

  @Test func anArgumentLAPACKRefusesStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var (a, pivots): ([Double], [Int32]) = ([1, 2, 3, 4], [0, 0])
      _ = Double.getrf(2, 2, &a, 1, &pivots)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("getrf: LAPACK refuses"))
  }

  @Test func anExtentBeyond32BitsStops() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let a: [Float] = [1]
      _ = Float.asum(3_000_000_000, a, 1)
    }
    let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(message.contains("an extent of 3000000000"))
  }
}
