import Foundation
import TernBackend
import Testing

/// Columns of a block as Double, by entry [outer][inner].
private func columns<T: FloatingKernelScalar>(_ block: NormalizationBlock, _ x: [T]) -> [[Double]] {
  (0..<block.outer).flatMap { o in
    (0..<block.inner).map { i in (0..<block.n).map { Double(x[(o * block.n + $0) * block.step + i]) } }
  }
}

private let blocks = [
  NormalizationBlock(outer: 1, n: 5, inner: 3, step: 3), NormalizationBlock(outer: 2, n: 70, inner: 17, step: 17),
  NormalizationBlock(outer: 3, n: 9, inner: 32, step: 40), NormalizationBlock(outer: 4, n: 130, inner: 1, step: 1),
  NormalizationBlock(outer: 2, n: 1, inner: 5, step: 5),
]

private func checkSums<T: FloatingKernelScalar>(_: T.Type, tolerance: Double) {
  for block in blocks {
    let size = block.outer * block.n * block.step
    let entries = block.outer * block.inner
    let x = noise(size, seed: 1).map { T($0 + 1000) }
    let g = noise(size, seed: 2).map { T($0) }
    var (mean, m2) = ([Double](repeating: 7, count: entries), [Double](repeating: 7, count: entries))
    T.blockMoments(block, &mean, &m2, x)
    let center = (0..<entries).map { T(1000 + Double($0) * 0.01) }
    let (scale, shift) = (noise(entries, seed: 3).map { T($0) }, noise(entries, seed: 4).map { T($0) })
    var (sum, products) = (mean, mean)
    T.productSums(block, &sum, &products, g, x, y: nil, masked: nil, center, scale: nil, shift: nil)
    var (kept, keptProducts) = (mean, mean)
    T.productSums(block, &kept, &keptProducts, g, x, y: nil, masked: nil, center, scale: scale, shift: shift)
    for (e, (values, gradients)) in zip(columns(block, x), columns(block, g)).enumerated() {
      let exactMean = values.reduce(0, +) / Double(values.count)
      let exactSquares = values.reduce(0) { $0 + ($1 - exactMean) * ($1 - exactMean) }
      let differences = values.map { Double(T($0) - center[e]) }
      let exactProducts = zip(gradients, differences).reduce(0) { $0 + $1.0 * $1.1 }
      let passes = differences.map { T($0) * scale[e] + shift[e] > 0 }
      let exactKept = zip(gradients, passes).reduce(0) { $0 + ($1.1 ? $1.0 : 0) }
      let n = Double(block.n)
      if abs(mean[e] - exactMean) > tolerance * 1000 || abs(m2[e] - exactSquares) > tolerance * 100 * n
        || abs(sum[e] - gradients.reduce(0, +)) > tolerance * n || abs(products[e] - exactProducts) > tolerance * n
        || abs(kept[e] - exactKept) > tolerance * n
      {
        Issue.record("\(T.self) \(block), entry \(e): \((mean[e], m2[e], sum[e], products[e], kept[e]))")
        return
      }
    }
  }
}

private func checkAffine<T: FloatingKernelScalar>(_: T.Type, tolerance: Double) {
  for block in blocks {
    let size = block.outer * block.n * block.step
    let entries = block.outer * block.inner
    let (x, g) = (noise(size, seed: 1).map { T($0) }, noise(size, seed: 2).map { T($0) })
    let c = (0..<5).map { k in noise(entries, seed: UInt64(10 + k)).map { T($0) } }
    for appliesReLU in [false, true] {
      for nonTemporal in [false, true] {
        var out = x
        T.affine(
          block, &out, x, adding: g, c[0], c[1], c[2], appliesReLU: appliesReLU, nonTemporal: nonTemporal)
        var pair = x
        T.affinePair(
          block, &pair, g, x, c[0], c[1], c[2], c[3], reluScale: appliesReLU ? c[4] : nil,
          reluShift: appliesReLU ? c[3] : nil, nonTemporal: nonTemporal)
        for o in 0..<block.outer {
          for r in 0..<block.n {
            for i in 0..<block.inner {
              let (at, e) = ((o * block.n + r) * block.step + i, o * block.inner + i)
              let centered = Double(x[at]) - Double(c[0][e])
              let sum = centered * Double(c[1][e]) + Double(c[2][e]) + Double(g[at])
              let passes = !appliesReLU || (x[at] - c[0][e]) * c[4][e] + c[3][e] > 0
              let slope =
                (passes ? Double(g[at]) * Double(c[1][e]) : 0) + centered * Double(c[2][e]) + Double(c[3][e])
              if abs(Double(out[at]) - (appliesReLU ? max(sum, 0) : sum)) > tolerance
                || abs(Double(pair[at]) - slope) > tolerance
              {
                Issue.record("\(T.self) \(block) at \(o), \(r), \(i): \(out[at]), \(pair[at]) for \(sum), \(slope)")
                return
              }
            }
          }
        }
      }
    }
  }
}

private func checkRows<T: FloatingKernelScalar>(_: T.Type, tolerance: Double) {
  for (rows, n) in [(3, 1), (4, 10), (5, 16), (2, 33), (3, 1500)] {
    for centered in [true, false] {
      let x = noise(rows * n, seed: 1).map { T($0 * 3 + 1) }
      let g = noise(rows * n, seed: 2).map { T($0) }
      let gamma = noise(n, seed: 3).map { T($0 + 1.5) }
      let beta = noise(n, seed: 4).map { T($0) }
      var out = x
      var (centers, inverses, offsets) = (
        [T](repeating: 0, count: rows), [T](repeating: 0, count: rows), [T](repeating: 0, count: rows)
      )
      T.normalizeRows(
        rows, n, epsilon: 0.1, centered: centered, &out, x, gamma: gamma, beta: beta, centers: &centers,
        inverses: &inverses, offsets: &offsets)
      var slopes = x
      var (gammaGradients, betaGradients) = ([T](repeating: 0, count: n), [T](repeating: 0, count: n))
      T.normalizeRowsGrad(
        rows, n, centered: centered, &slopes, g, x, gamma: gamma, centers: centers, inverses: inverses,
        offsets: offsets, gammaGradients: &gammaGradients, betaGradients: &betaGradients)
      var exactGamma = [Double](repeating: 0, count: n)
      for r in 0..<rows {
        let row = (0..<n).map { Double(x[r * n + $0]) }
        let mean = centered ? row.reduce(0, +) / Double(n) : 0
        let inverse = 1 / (row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n) + 0.1).squareRoot()
        let normal = row.map { ($0 - mean) * inverse }
        let scaled = (0..<n).map { Double(g[r * n + $0]) * Double(gamma[$0]) }
        let first = centered ? scaled.reduce(0, +) / Double(n) : 0
        let second = zip(scaled, normal).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
        for j in 0..<n {
          exactGamma[j] += Double(g[r * n + j]) * normal[j]
          let value = normal[j] * Double(gamma[j]) + Double(beta[j])
          let slope = inverse * (scaled[j] - first - normal[j] * second)
          if abs(Double(out[r * n + j]) - value) > tolerance || abs(Double(slopes[r * n + j]) - slope) > tolerance {
            Issue.record(
              "\(T.self) rows of \(n), centered \(centered), \(r), \(j): \(out[r * n + j]), \(slopes[r * n + j]) for \(value), \(slope)"
            )
            return
          }
        }
      }
      let exactBeta = (0..<n).map { j in (0..<rows).reduce(0.0) { $0 + Double(g[$1 * n + j]) } }
      let near = (0..<n).allSatisfy {
        abs(Double(gammaGradients[$0]) - exactGamma[$0]) <= tolerance * 10
          && abs(Double(betaGradients[$0]) - exactBeta[$0]) <= tolerance * 10
      }
      #expect(near, "\(T.self) rows of \(n), centered \(centered): gradients of γ and β")
    }
  }
}

@Suite("Normalization kernels") struct KernelsNormalizationTests {
  @Test("moments and sums of products of columns, around a mean of a thousand")
  func sums() {
    checkSums(Float.self, tolerance: 1e-6)
    checkSums(Double.self, tolerance: 1e-12)
  }

  @Test("affine maps of columns, with an operand added and a ReLU behind")
  func affine() {
    checkAffine(Float.self, tolerance: 1e-6)
    checkAffine(Double.self, tolerance: 1e-14)
  }

  @Test("normalized rows and their derivatives follow their formulas")
  func rows() {
    checkRows(Float.self, tolerance: 4e-6)
    checkRows(Double.self, tolerance: 1e-13)
  }

  @Test("running statistics move by momentum")
  func track() {
    var running = noise(37, seed: 1)
    let (before, batch) = (running, noise(37, seed: 2))
    Double.track(37, &running, batch, momentum: 0.1, factor: 1.25)
    let near = running.indices.allSatisfy { abs(running[$0] - (0.9 * before[$0] + 0.125 * batch[$0])) < 1e-15 }
    #expect(near)
  }

  @Test("moments of parts merge to those of all, empty parts and shorter ones included")
  func merging() {
    // Three parts of one channel: 4, 4 and 1 values.
    let x = noise(9, seed: 1).map { $0 + 1e6 }
    let cuts = [x[0..<4], x[4..<8], x[8..<9]]
    let means = cuts.map { $0.reduce(0, +) / Double($0.count) }
    let squares = zip(cuts, means).map { cut, mean in cut.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } }
    let parts = ChannelParts(parts: 3, channels: 1, run: 1, full: 4, tail: 1, tailPart: 2, tailRun: 1)
    var (mean, m2) = ([0.0], [0.0])
    parts.mergeMoments(means, squares, &mean, &m2)
    let exact = x.reduce(0, +) / 9
    #expect(abs(mean[0] - exact) < 1e-9)
    let exactSquares = x.reduce(0) { $0 + ($1 - exact) * ($1 - exact) }
    #expect(abs(m2[0] - exactSquares) < 1e-8)
  }
}
