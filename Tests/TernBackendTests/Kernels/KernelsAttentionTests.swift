import Foundation
import TernBackend
import Testing

/// Scores of `rows` rows, each cut into two blocks of columns, become the softmax of what a row sees.
private func checkWeights<T: FloatingKernelScalar>(_: T.Type, tolerance: Double) {
  let (rows, step) = (5, 40)
  for (first, second, visible) in [(33, 7, 1000), (16, 16, 3), (1, 39, -2), (17, 3, 17)] {
    let scores = noise(rows * step, seed: UInt64(first)).map { T($0 * 9) }
    var work = scores
    var maximum = [T](repeating: -.infinity, count: rows)
    var sum = [T](repeating: 0, count: rows)
    var factor = [T](repeating: 7, count: rows)
    work.withUnsafeMutableBufferPointer {
      let base = $0.baseAddress!
      T.attentionWeights(
        rows: rows, columns: first, step: step, visible: visible, base, maximum: &maximum, sum: &sum, factor: &factor)
      T.attentionWeights(
        rows: rows, columns: second, step: step, visible: visible - first, base + first, maximum: &maximum, sum: &sum,
        factor: &factor)
    }
    for r in 0..<rows {
      let seen = max(0, min(visible + r, first + second))
      let row = (0..<seen).map { Double(scores[r * step + $0]) }
      let largest = row.max() ?? -.infinity
      let total = row.reduce(0) { $0 + exp($1 - largest) }
      #expect(Double(maximum[r]) == largest)
      #expect(abs(Double(sum[r]) - total) <= tolerance * max(total, 1))
      for j in 0..<(first + second) {
        // The first block's weights are relative to the maximum that was known then: `factor` brings them up to date.
        let weight = Double(work[r * step + j]) * (j < first ? Double(factor[r]) : 1)
        let exact = j < seen ? exp(row[j] - largest) : 0
        if abs(weight - exact) > tolerance * 20 {
          Issue.record("\(T.self) blocks of \(first) and \(second), row \(r), column \(j): \(weight) for \(exact)")
          return
        }
      }
    }
    for r in 0..<rows {
      for j in (first + second)..<step where work[r * step + j] != scores[r * step + j] {
        Issue.record("\(T.self): wrote behind a row's columns")
        return
      }
    }
  }
}

private func checkGradients<T: FloatingKernelScalar>(_: T.Type, tolerance: Double) {
  let (rows, columns, step) = (4, 37, 41)
  for visible in [columns, 2, -1] {
    let scores = noise(rows * step, seed: 3).map { T($0 * 4) }
    let gradients = noise(rows * step, seed: 4).map { T($0) }
    let seen = (0..<rows).map { max(0, min(visible + $0, columns)) }
    func row(_ r: Int) -> [Double] { (0..<seen[r]).map { Double(scores[r * step + $0]) } }
    let maximum = (0..<rows).map { T(row($0).max() ?? -.infinity) }
    let sums = (0..<rows).map { r in row(r).reduce(0) { $0 + exp($1 - Double(maximum[r])) } }
    let weights = (0..<rows).map { r in row(r).map { exp($0 - Double(maximum[r])) / sums[r] } }
    let dots = (0..<rows).map { r in
      weights[r].indices.reduce(0.0) { $0 + weights[r][$1] * Double(gradients[r * step + $1]) }
    }
    var (s, d) = (scores, gradients)
    T.attentionGradients(
      rows: rows, columns: columns, step: step, visible: visible, &s, &d, maximum: maximum,
      inverse: sums.map { T($0 == 0 ? 0 : 1 / $0) }, dots: dots.map { T($0) })
    for r in 0..<rows {
      for j in 0..<columns {
        let weight = j < seen[r] ? weights[r][j] : 0
        let slope = weight * (Double(gradients[r * step + j]) - dots[r])
        let at = r * step + j
        if abs(Double(s[at]) - weight) > tolerance || abs(Double(d[at]) - slope) > tolerance {
          Issue.record("\(T.self) row \(r), column \(j): \(s[at]), \(d[at]) for \(weight), \(slope)")
          return
        }
      }
      for j in columns..<step
      where s[r * step + j] != scores[r * step + j] || d[r * step + j] != gradients[r * step + j] {
        Issue.record("\(T.self): wrote behind a row's columns")
        return
      }
    }
  }
}

@Suite("Attention kernels") struct KernelsAttentionTests {
  @Test("weights of two blocks are the softmax of both, also where a row sees a part or nothing")
  func weights() {
    checkWeights(Float.self, tolerance: 3e-7)
    checkWeights(Double.self, tolerance: 1e-14)
  }

  @Test("gradients of scores are w·(g − Σ w·g)")
  func gradients() {
    checkGradients(Float.self, tolerance: 1e-6)
    checkGradients(Double.self, tolerance: 1e-14)
  }

  @Test("a score of nan is seen by its row alone")
  func notANumber() {
    var scores: [Float] = [0, .nan, 1, 0, 0, 0]
    var (maximum, sum, factor) = ([-Float.infinity, -.infinity], [Float(0), 0], [Float(0), 0])
    Float.attentionWeights(
      rows: 2, columns: 3, step: 3, visible: 3, &scores, maximum: &maximum, sum: &sum, factor: &factor)
    #expect(sum[0].isNaN)
    #expect(sum[1] == 3)
  }

  @Test("rows are scaled and multiplied by their lengths, wherever the next row begins", arguments: [0, 1, 15, 16, 50])
  func rows(columns: Int) {
    let step = columns + 3
    let a = noise(3 * step + 1, seed: 1)
    let b = noise(3 * columns + 1, seed: 2)
    var out = [9.0, 9, 9]
    Double.dotRows(rows: 3, columns: columns, &out, a, step, b, columns)
    for r in 0..<3 {
      let exact = (0..<columns).reduce(0.0) { $0 + a[r * step + $1] * b[r * columns + $1] }
      #expect(abs(out[r] - exact) < 1e-13)
    }
    var scaled = a
    Double.scaleRows(rows: 3, columns: columns, step: step, &scaled, [2, 0, -1])
    let expected = a.indices.map { i in
      i < 3 * step && i % step < columns ? a[i] * [2, 0, -1][i / step] : a[i]
    }
    #expect(scaled == expected)
  }
}
