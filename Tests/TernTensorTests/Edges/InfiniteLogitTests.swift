import Foundation
import TernTensor
import Testing

private let inf = Double.infinity

/// Softmax and attention whose logits are +∞: the whole weight goes to the infinite ones, in equal parts.
@Suite("Softmax and attention with infinite logits") struct InfiniteLogitTests {
  private let table: [[Double]] = [
    [1, inf, 3, 0, -2], [inf, -inf, 0, 1, 2], [inf, 1, inf, -inf, 2], [0, 0, 0, 0, 0], [-inf, 1, -inf, -inf, -inf],
    [-1e30, 3, 2, 1, inf], [inf, inf, inf, inf, inf],
  ]

  private func share(_ row: [Double]) -> [Double] {
    let infinite = row.filter { $0 == inf }.count
    if infinite > 0 { return row.map { $0 == inf ? 1 / Double(infinite) : 0 } }
    let finite = row.filter { $0 > -inf }.count
    return row.map { $0 > -inf ? 1 / Double(finite) : 0 }
  }

  /// Short rows by lanes, long rows, columns; each row stands between others that hold no infinity.
  @Test func softmaxOfRowsAndColumns() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, width: Int, axis: Int) {
      let padded = table.map { $0 + [Double](repeating: -inf, count: width - $0.count) }
      var lines: [[Double]] = []
      for k in 0..<35 { lines.append(padded[k % padded.count]) }
      let flat = lines.flatMap { $0 }.map { Scalar($0) }
      let whole = Tensor(flat, shape: [35, width])
      let x = (axis == 1 ? whole : whole.transposed().contiguous).asVariable()
      let wanted = lines.flatMap(share)
      let label = "width \(width), axis \(axis)"
      func rows(_ tensor: Tensor<Scalar>) -> [Double] {
        (axis == 1 ? tensor : tensor.transposed()).scalars.map { Double($0) }
      }
      func expect(_ found: [Double], _ wanted: [Double], _ what: String) {
        let isClose = zip(found, wanted).allSatisfy { $0 == $1 || $0.isNaN && $1.isNaN || abs($0 - $1) < 1e-6 }
        #expect(isClose, "\(what) of \(Scalar.self), \(label)")
      }
      let y = x.softmax(along: axis)
      expect(rows(y), wanted, "softmax")
      expect(rows(x.softmin(along: axis)), rows((-x).softmax(along: axis)), "softmin")
      let z = x.logSoftmax(along: axis)
      expect(rows(z), wanted.map { $0 == 0 ? -inf : log($0) }, "logSoftmax")
      let seeds = Tensor<Scalar>((0..<35 * width).map { Scalar($0 % 7) - 3 }, shape: [35, width])
      let seed = axis == 1 ? seeds : seeds.transposed()
      let g = (0..<35 * width).map { Double($0 % 7) - 3 }
      var ofSoftmax: [Double] = []
      var ofLogarithm: [Double] = []
      for r in 0..<35 {
        let part = r * width..<(r + 1) * width
        let dot = zip(g[part], wanted[part]).reduce(0) { $0 + $1.0 * $1.1 }
        let sum = g[part].reduce(0, +)
        for i in part {
          ofSoftmax.append(wanted[i] * (g[i] - dot))
          ofLogarithm.append(g[i] - wanted[i] * sum)
        }
      }
      for (name, result, gradient) in [("softmax", y, ofSoftmax), ("logSoftmax", z, ofLogarithm)] {
        expect(
          rows(gradients(of: result, at: [x], gradient: seed, retainGraph: true)[0]), gradient, "gradient of \(name)")
        let recorded = gradients(of: result, at: [x], gradient: seed, createGraph: true)[0]
        expect(rows(recorded), gradient, "recorded gradient of \(name)")
        let second = gradients(of: recorded.sum(), at: [x])[0]
        #expect(!second.scalars.contains { $0.isNaN }, "second derivative of \(name), \(label)")
      }
    }
    for width in [5, 40, 300] {
      for axis in [0, 1] {
        check(Float.self, width: width, axis: axis)
        check(Double.self, width: width, axis: axis)
      }
    }
  }

  @Test func notANumberStays() {
    #expect(Tensor<Float>([.infinity, .nan, 0]).softmax().scalars.allSatisfy { $0.isNaN })
    #expect(Tensor<Double>([-.infinity, -.infinity]).softmax().scalars.allSatisfy { $0.isNaN })
  }

  /// A bias of +∞ draws the whole weight; fused, composed and with gradients of gradients.
  @Test func attentionByInfiniteBias() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type, keys: Int, causal: Bool) {
      let queries = 3
      func values(_ count: Int, _ width: Int, _ seed: Int) -> Tensor<Scalar> {
        Tensor((0..<count * width).map { Scalar(($0 * 7 + seed) % 11 - 5) / 8 }, shape: [count, width])
      }
      let q = values(queries, 4, 1).asVariable()
      let k = values(keys, 4, 2).asVariable()
      let v = values(keys, 2, 3).asVariable()
      var terms = [Scalar](repeating: 0, count: queries * keys)
      // The first query sees one key alone, the second two, the last of which lies in another block.
      terms[0] = .infinity
      terms[keys] = .infinity
      terms[keys + (causal ? 1 : keys - 1)] = .infinity
      let bias = Tensor(terms, shape: [queries, keys])
      let fused = scaledDotProductAttention(q, k, v, bias: bias, causal: causal)
      let weights = attentionWeights(q, k, bias: bias, causal: causal)
      let composed = matmul(weights, v)
      let label = "\(Scalar.self), \(keys) keys, causal \(causal)"
      #expect((fused - composed).abs().max().item < 1e-5, "\(label)")
      #expect(fused[0].scalars == v[0].scalars, "\(label)")
      #expect(weights[1, 0].item == 0.5, "\(label)")
      let seed = values(queries, 2, 5)
      let once = gradients(of: fused, at: [q, k, v], gradient: seed, retainGraph: true)
      let recorded = gradients(of: fused, at: [q, k, v], gradient: seed, createGraph: true)
      let apart = gradients(of: composed, at: [q, k, v], gradient: seed)
      for (i, name) in ["queries", "keys", "values"].enumerated() {
        #expect((once[i] - recorded[i]).abs().max().item < 1e-5, "\(name), \(label)")
        #expect((once[i] - apart[i]).abs().max().item < 1e-5, "\(name) composed, \(label)")
      }
      // A query whose weight lies on one key does not move it.
      #expect(once[0][0].scalars.allSatisfy { $0 == 0 }, "\(label)")
      let second = gradients(of: recorded.map { $0.sum() }.reduce(Tensor(0)) { $0 + $1 }, at: [q, k, v])
      for part in second { #expect(part.isFinite().all().item, "second order, \(label)") }
    }
    for keys in [5, 700] {
      check(Float.self, keys: keys, causal: false)
      check(Double.self, keys: keys, causal: false)
    }
    check(Float.self, keys: 5, causal: true)
  }
}
