import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Attention as it is written down: all scores, all weights.
private func plain<Scalar: FloatingScalar>(
  _ q: Tensor<Scalar>, _ k: Tensor<Scalar>, _ v: Tensor<Scalar>, mask: Tensor<Bool>? = nil,
  bias: Tensor<Scalar>? = nil, causal: Bool = false, scale: Scalar? = nil
) -> Tensor<Scalar> {
  matmul(attentionWeights(q, k, mask: mask, bias: bias, causal: causal, scale: scale), v)
}

private struct Setting: CustomStringConvertible {
  var batch: [Int] = [2]
  var queries = 5, keys = 7, width = 3, valueWidth = 4
  var mask: [Int]?, bias: [Int]?
  var causal = false

  var description: String {
    "\(batch) \(queries)×\(keys) of \(width) and \(valueWidth), \(causal) \(mask ?? []) \(bias ?? [])"
  }

  static let all = [
    Setting(),
    Setting(batch: []),
    Setting(batch: [2, 3], causal: true),
    Setting(batch: [1], queries: 130, keys: 77, width: 8, valueWidth: 5),
    Setting(batch: [1], queries: 77, keys: 130, width: 8, valueWidth: 5, causal: true),
    Setting(batch: [1], queries: 200, keys: 200, width: 17, valueWidth: 17, causal: true),
    Setting(batch: [1, 2], queries: 150, keys: 1100, width: 33, valueWidth: 16, mask: [150, 1100]),
    Setting(batch: [40], queries: 65, keys: 65, width: 16, valueWidth: 16, bias: [65, 65], causal: true),
    Setting(batch: [2, 3], queries: 6, keys: 9, mask: [2, 1, 6, 9], bias: [3, 6, 9]),
    Setting(batch: [3], queries: 1, keys: 1, width: 1, valueWidth: 1),
    Setting(batch: [2], queries: 0, keys: 4),
    Setting(batch: [2], queries: 4, keys: 0),
    Setting(batch: [0], queries: 4, keys: 3),
  ]

  func tensors<Scalar: FloatingScalar>(_: Scalar.Type) -> (
    Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>, Tensor<Bool>?, Tensor<Scalar>?
  ) {
    let seeds = RandomGenerator(seed: 3)
    func draw(_ shape: [Int]) -> Tensor<Scalar> {
      Tensor<Double>(randomNormal: shape, generator: seeds).cast(to: Scalar.self)
    }
    return (
      draw(batch + [queries, width]), draw(batch + [keys, width]), draw(batch + [keys, valueWidth]),
      draw(batch + [queries, valueWidth]),
      mask.map { Tensor<Bool>(randomBernoulli: $0, probability: 0.4, generator: seeds) }, bias.map(draw)
    )
  }

  func run<Scalar: FloatingScalar>(
    _: Scalar.Type,
    _ attention: (
      Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>, Tensor<Bool>?, Tensor<Scalar>?, Bool
    ) -> Tensor<Scalar>
  ) -> [Tensor<Scalar>] {
    let (q, k, v, g, mask, bias) = tensors(Scalar.self)
    let points = [q, k, v].map { $0.asVariable() }
    let y = attention(points[0], points[1], points[2], mask, bias, causal)
    y.backward(g)
    return [y.detached()] + points.map { $0.gradient ?? Tensor(zeros: $0.shape) }
  }
}

@Suite("Attention")
struct AttentionTests {
  @Test("the fused operation and its gradients agree with attention written down", arguments: Setting.all)
  fileprivate func fusedAgainstPlain(setting: Setting) {
    let fused = setting.run(Double.self) {
      scaledDotProductAttention($0, $1, $2, mask: $3, bias: $4, causal: $5)
    }
    let written = setting.run(Double.self) { plain($0, $1, $2, mask: $3, bias: $4, causal: $5) }
    for (name, (a, b)) in zip(["y", "dq", "dk", "dv"], zip(fused, written)) {
      #expect(relativeDifference(a, b) < 1e-13, "\(name)")
    }
    let single = setting.run(Float.self) {
      scaledDotProductAttention($0, $1, $2, mask: $3, bias: $4, causal: $5)
    }
    for (name, (a, b)) in zip(["y", "dq", "dk", "dv"], zip(single, written)) {
      #expect(relativeDifference(a.cast(to: Double.self), b) < 3e-6, "\(name) in Float")
    }
  }

  @Test("one and two threads give the same bits", arguments: Setting.all)
  fileprivate func threads(setting: Setting) {
    let count = Workers.count
    defer { Workers.count = count }
    Workers.count = 1
    let one = setting.run(Float.self) { scaledDotProductAttention($0, $1, $2, mask: $3, bias: $4, causal: $5) }
    Workers.count = 2
    let two = setting.run(Float.self) { scaledDotProductAttention($0, $1, $2, mask: $3, bias: $4, causal: $5) }
    for (a, b) in zip(one, two) { #expect(a == b) }
  }

  @Test("gradients of both orders agree with finite differences")
  func differences() {
    for setting in [Setting(), Setting(batch: [2, 2], queries: 3, keys: 4, mask: [3, 4], causal: true)] {
      let (q, k, v, _, mask, _) = setting.tensors(Double.self)
      let found = checkGradients(at: [q, k, v]) {
        scaledDotProductAttention($0[0], $0[1], $0[2], mask: mask, causal: setting.causal)
      }
      #expect(found.passes(), "\(found)")
    }
    let (q, k, v, _, _, bias) = Setting(batch: [2], bias: [5, 7]).tensors(Double.self)
    let found = checkGradients(at: [q, k, v, bias!]) { scaledDotProductAttention($0[0], $0[1], $0[2], bias: $0[3]) }
    #expect(found.passes(), "\(found)")
  }

  @Test("every layout gives what a contiguous copy gives")
  func layouts() {
    let (q, k, v, g, _, _) = Setting(batch: [2, 3]).tensors(Double.self)
    let expected = Setting(batch: [2, 3]).run(Double.self) { q, k, v, _, _, _ in scaledDotProductAttention(q, k, v) }
    for ((a, b), (c, d)) in zip(zip(everyLayout(q), everyLayout(k)), zip(everyLayout(v), everyLayout(g))) {
      let points = [a.tensor, b.tensor, c.tensor].map { $0.asVariable() }
      let y = scaledDotProductAttention(points[0], points[1], points[2])
      y.backward(d.tensor)
      for (x, y) in zip([y.detached()] + points.map { $0.gradient! }, expected) {
        #expect(relativeDifference(x, y) < 1e-14, "\(a.label)")
      }
    }
  }

  @Test("leading axes broadcast, and gradients are summed over what repeated")
  func broadcasting() {
    let seeds = RandomGenerator(seed: 5)
    let points = [[2, 3, 4, 5], [3, 6, 5], [2, 1, 6, 2]].map { Tensor<Double>(randomNormal: $0, generator: seeds) }
    let found = checkGradients(at: points) { scaledDotProductAttention($0[0], $0[1], $0[2]) }
    #expect(found.passes(), "\(found)")
    let y = scaledDotProductAttention(points[0], points[1], points[2])
    #expect(relativeDifference(y, plain(points[0], points[1], points[2])) < 1e-14)
  }

  @Test("heads of queries share keys and values in groups")
  func groups() {
    let seeds = RandomGenerator(seed: 6)
    let points = [[2, 6, 4, 3], [2, 2, 5, 3], [2, 2, 5, 3]].map { Tensor<Double>(randomNormal: $0, generator: seeds) }
    let y = scaledDotProductAttention(points[0], points[1], points[2], groupedQueries: true)
    func wide(_ x: Tensor<Double>) -> Tensor<Double> {
      x.reshaped([2, 2, 1, 5, 3]).broadcast(to: [2, 2, 3, 5, 3]).reshaped([2, 6, 5, 3])
    }
    #expect(relativeDifference(y, plain(points[0], wide(points[1]), wide(points[2]))) < 1e-14)
    let found = checkGradients(at: points) { scaledDotProductAttention($0[0], $0[1], $0[2], groupedQueries: true) }
    #expect(found.passes(), "\(found)")
  }

  @Test("a query that may attend to nothing gives zeros, and so do its gradients")
  func nothingAllowed() {
    let (q, k, v, _, _, _) = Setting().tensors(Float.self)
    let points = [q, k, v].map { $0.asVariable() }
    let mask = Tensor<Bool>([false, true, true, true, true]).reshaped(5, 1)
    let y = scaledDotProductAttention(points[0], points[1], points[2], mask: mask)
    func row(_ x: Tensor<Float>, _ index: Int) -> [Float] { x.narrowed(axis: 1, start: index, length: 1).scalars }
    #expect(row(y, 0).allSatisfy { $0 == 0 } && row(y, 1).allSatisfy { $0 != 0 })
    y.sum().backward()
    #expect(row(points[0].gradient!, 0).allSatisfy { $0 == 0 })
    let derivatives = points.flatMap { $0.gradient!.scalars }
    #expect(derivatives.allSatisfy { $0.isFinite })
  }

  @Test("NaN stays in the rows it reaches; large scores do not overflow")
  func extremes() {
    let (draw, k, v, _, _, _) = Setting(batch: []).tensors(Float.self)
    var q = draw
    let y = scaledDotProductAttention(q * 1000, k * 1000, v)
    #expect(y.scalars.allSatisfy { $0.isFinite })
    q[2, 1] = Tensor(.nan)
    let z = scaledDotProductAttention(q, k, v)
    #expect(z[2].scalars.allSatisfy { $0.isNaN } && z[1].scalars.allSatisfy { $0.isFinite })
  }

  @Test("what does not fit stops with the shapes")
  func messages() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = scaledDotProductAttention(
        Tensor<Float>(zeros: [2, 3, 4]), Tensor<Float>(zeros: [2, 5, 4]), Tensor<Float>(zeros: [2, 6, 4]))
    }
    let message = text(result?.standardErrorContent)
    let expected = "scaledDotProductAttention: keys [2, 5, 4] and values [2, 6, 4] differ in number (5 ≠ 6)"
    #expect(message.contains(expected), "\(message)")
  }
}
