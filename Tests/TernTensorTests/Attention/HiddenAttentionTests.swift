import TernBackend
import TernTensor
import Testing

/// What a mask, the order of causes or a bias of −∞ hides from a query shows nowhere, NaN and infinities included.
@Suite struct HiddenAttentionTests {
  private struct Inputs<Scalar: FloatingScalar> {
    let q: Tensor<Scalar>, k: Tensor<Scalar>, v: Tensor<Scalar>, g: Tensor<Scalar>

    /// Four queries for six keys, of two matrices.
    init(queries: Int = 4, keys: Int = 6) {
      let seeds = RandomGenerator(seed: 5)
      func draw(_ rows: Int, _ columns: Int) -> Tensor<Scalar> {
        Tensor<Double>(randomNormal: [2, rows, columns], generator: seeds).cast(to: Scalar.self)
      }
      (q, k, v, g) = (draw(queries, 3), draw(keys, 3), draw(keys, 5), draw(queries, 5))
    }
  }

  /// With `value` in some rows of an axis.
  private func broken<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, rows: [Int], _ value: Scalar) -> Tensor<Scalar> {
    let isBroken = Tensor<Bool>((0..<x.shape[1]).map { rows.contains($0) }).reshaped([1, x.shape[1], 1])
    return select(isBroken, value, x)
  }

  private typealias Attention<Scalar: FloatingScalar> = (Tensor<Scalar>, Tensor<Scalar>, Tensor<Scalar>) -> Tensor<
    Scalar
  >

  /// Broken keys and values that nobody sees leave output, gradients and second derivatives as zeros there do.
  private func expectHidden<Scalar: FloatingScalar>(
    _ inputs: Inputs<Scalar>, rows: [Int], _ label: String, _ attention: Attention<Scalar>
  ) {
    func results(_ k: Tensor<Scalar>, _ v: Tensor<Scalar>) -> [Tensor<Scalar>] {
      let x = [inputs.q, k, v].map { $0.asVariable() }
      let output = attention(x[0], x[1], x[2])
      let derivatives = gradients(of: output, at: x, gradient: inputs.g)
      let again = attention(x[0], x[1], x[2])
      let recorded = gradients(of: again, at: x, gradient: inputs.g, createGraph: true)
      let sum = (recorded[0] * recorded[0]).sum() + recorded[1].sum() + recorded[2].sum()
      return [output.detached()] + derivatives + recorded.map { $0.detached() } + gradients(of: sum, at: x)
    }
    let bound: Scalar = Scalar.self == Float.self ? 1e-4 : 1e-10
    let expected = results(broken(inputs.k, rows: rows, 0), broken(inputs.v, rows: rows, 0))
    for value in [Scalar.nan, .infinity, -.infinity] {
      for (where_, k, v) in [
        ("keys", broken(inputs.k, rows: rows, value), broken(inputs.v, rows: rows, 0)),
        ("values", broken(inputs.k, rows: rows, 0), broken(inputs.v, rows: rows, value)),
        ("both", broken(inputs.k, rows: rows, value), broken(inputs.v, rows: rows, value)),
      ] {
        for (i, (found, wanted)) in zip(results(k, v), expected).enumerated() {
          let distance = (found - wanted).abs().max().item
          #expect(distance <= bound, "\(label), \(value) in \(where_), result \(i): \(distance)")
        }
      }
    }
  }

  private func everyKind<Scalar: FloatingScalar>(_: Scalar.Type) {
    let small = Inputs<Scalar>()
    let mask = Tensor<Bool>([true, true, false, true, true, false])
    expectHidden(small, rows: [2, 5], "mask") { scaledDotProductAttention($0, $1, $2, mask: mask) }
    expectHidden(small, rows: [4, 5], "causal") { scaledDotProductAttention($0, $1, $2, causal: true) }
    expectHidden(small, rows: [2, 4, 5], "causal and mask") {
      scaledDotProductAttention($0, $1, $2, mask: mask, causal: true)
    }
    let bias = select(mask, Tensor<Scalar>(0.5), Tensor(-.infinity))
    expectHidden(small, rows: [2, 5], "bias") { scaledDotProductAttention($0, $1, $2, bias: bias) }
    let variable = bias.asVariable()
    expectHidden(small, rows: [2, 5], "recorded bias") { scaledDotProductAttention($0, $1, $2, bias: variable) }
    expectHidden(small, rows: [2, 5], "dropout") {
      scaledDotProductAttention($0, $1, $2, mask: mask, dropout: 0.3, generator: RandomGenerator(seed: 2))
    }
    for value in [Scalar.nan, .infinity] {
      let weights = attentionWeights(small.q, broken(small.k, rows: [2, 5], value), mask: mask)
      let distance = (weights - attentionWeights(small.q, small.k, mask: mask)).abs().max().item
      #expect(distance < 1e-6, "weights beside \(value): \(distance)")
    }
    let large = Inputs<Scalar>(queries: 70, keys: 600)
    expectHidden(large, rows: Array(70..<600), "blocks, causal") { scaledDotProductAttention($0, $1, $2, causal: true) }
  }

  @Test func inDouble() { everyKind(Double.self) }

  @Test func inFloat() { everyKind(Float.self) }

  @Test func groupsOfHeads() {
    let seeds = RandomGenerator(seed: 1)
    let q = Tensor<Float>(randomNormal: [1, 4, 3, 2], generator: seeds).asVariable()
    let k = Tensor<Float>(randomNormal: [1, 2, 3, 2], generator: seeds)
    let hidden = Tensor<Bool>([true, true, false]).reshaped(3, 1)
    let v = select(hidden, k, .nan).asVariable()
    let output = scaledDotProductAttention(q, v, v, mask: Tensor([true, true, false]), groupedQueries: true)
    let clean = scaledDotProductAttention(
      q, select(hidden, k, 0), select(hidden, k, 0), mask: Tensor([true, true, false]), groupedQueries: true)
    let difference = (output - clean).abs().max().item
    #expect(difference < 1e-6)
    let derivatives = gradients(of: output.sum(), at: [q, v]).map { $0.isFinite().all().item }
    #expect(derivatives == [true, true])
  }

  @Test func rowsThatSeeNothing() {
    // The second query may look nowhere, and is not a number itself.
    let inputs = Inputs<Double>(queries: 2, keys: 2)
    let mask = Tensor<Bool>([[true, false], [false, false]])
    let q = broken(inputs.q, rows: [1], .nan).asVariable()
    let (k, v) = (inputs.k.asVariable(), inputs.v.asVariable())
    let output = scaledDotProductAttention(q, k, v, mask: mask)
    let second = output.narrowed(axis: 1, start: 1, length: 1).abs().max().item
    #expect(second == 0)
    let first = output.narrowed(axis: 1, start: 0, length: 1) - inputs.v.narrowed(axis: 1, start: 0, length: 1)
    #expect(first.abs().max().item < 1e-15)
    for derivative in gradients(of: output.sum(), at: [q, k, v]) { #expect(derivative.isFinite().all().item) }
  }

  @Test func queriesThatAreNotUsed() {
    let inputs = Inputs<Double>(queries: 4, keys: 4)
    func derivatives(_ q: Tensor<Double>) -> [Tensor<Double>] {
      let x = [q, inputs.k, inputs.v].map { $0.asVariable() }
      let output = scaledDotProductAttention(x[0], x[1], x[2], causal: true)
      return gradients(of: output.narrowed(axis: 1, start: 0, length: 2).sum(), at: x)
    }
    let expected = derivatives(inputs.q)
    for (found, wanted) in zip(derivatives(broken(inputs.q, rows: [2, 3], .nan)), expected) {
      #expect((found - wanted).abs().max().item < 1e-12)
    }
  }

  @Test func whatIsSeenShows() {
    let inputs = Inputs<Double>(queries: 3, keys: 3)
    for (value, wanted) in [(Double.nan, Double.nan), (.infinity, .infinity), (-.infinity, -.infinity)] {
      let v = broken(inputs.v, rows: [1], value).asVariable()
      let (q, k) = (inputs.q.asVariable(), inputs.k.asVariable())
      let output = scaledDotProductAttention(q, k, v, causal: true)
      for (i, number) in output.scalars.enumerated() {
        let isSeen = i / 5 % 3 >= 1
        #expect(
          isSeen ? number == wanted || number.isNaN && wanted.isNaN : number.isFinite, "\(value) at \(i): \(number)")
      }
      let derivatives = gradients(of: output.sum(), at: [q, k, v])
      // The first query sees the first key alone, and is not reached by what is wrong with the second.
      for (i, number) in derivatives[0].scalars.enumerated() {
        #expect(number.isNaN == (i / 3 % 3 >= 1), "\(value), query gradient at \(i): \(number)")
      }
      #expect(derivatives[2].isFinite().all().item)
    }
    let k = broken(inputs.k, rows: [1], .nan)
    let output = scaledDotProductAttention(inputs.q, k, inputs.v, causal: true)
    for (i, number) in output.scalars.enumerated() { #expect(number.isNaN == (i / 5 % 3 >= 1)) }
  }

  @Test func heads() {
    let seeds = RandomGenerator(seed: 8)
    func draw(_ shape: [Int]) -> Tensor<Float> { Tensor(randomNormal: shape, generator: seeds) }
    let (x, source) = (draw([3, 2, 4]), draw([3, 2, 4]))
    let (weight, out) = (draw([12, 4]), draw([4, 4]))
    let keyMask = Tensor<Bool>([[true, true, false], [true, false, true]])
    let isSeen = keyMask.transposed().reshaped(3, 2, 1)
    func results(_ hidden: Float, isSelf: Bool, batchFirst: Bool) -> [Tensor<Float>] {
      let source = select(isSeen, isSelf ? x : source, hidden)
      func arranged(_ x: Tensor<Float>) -> Tensor<Float> { batchFirst ? x.transposed(0, 1) : x }
      let (q, k) = (arranged(x).asVariable(), arranged(source).asVariable())
      let w = weight.asVariable()
      let query = isSelf ? k : q
      let output = multiHeadAttention(
        query, k, k, heads: 2, projection: .joint(w), outputWeight: out, keyMask: keyMask, batchFirst: batchFirst)
      // Only queries that are whole count.
      let counted = isSelf ? select(arranged(isSeen.cast(to: Float.self)) .> 0, output, 0) : output
      return [counted.detached()] + gradients(of: counted.sum(), at: isSelf ? [k] : [q, k, w])
    }
    for batchFirst in [false, true] {
      for isSelf in [false, true] {
        let expected = results(0, isSelf: isSelf, batchFirst: batchFirst)
        for value in [Float.nan, .infinity] {
          let found = results(value, isSelf: isSelf, batchFirst: batchFirst)
          for (i, (a, b)) in zip(found, expected).enumerated() {
            let distance = (a - b).abs().max().item
            #expect(distance < 1e-4, "\(isSelf) \(batchFirst) \(value) \(i): \(distance)")
          }
        }
      }
    }
  }
}
