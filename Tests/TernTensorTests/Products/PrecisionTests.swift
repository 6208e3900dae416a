import Foundation
import TernBackend
import TernTestSupport
import Testing

@testable import TernTensor

private func normal(_ shape: Int..., seed: UInt64) -> Tensor<Float> {
  Tensor(randomNormal: shape, generator: RandomGenerator(seed: seed))
}

private func rounded(_ x: Tensor<Float>) -> Tensor<Float> { x.cast(to: BFloat16.self).widened }

/// Products whose operands are rounded to bfloat16: the values are those of Float for rounded operands, to the bit.
@Suite struct PrecisionTests {
  @Test func scopesNestAndEnd() {
    #expect(FloatPrecision.current == .float32)
    withPrecision(.bfloat16) {
      #expect(FloatPrecision.current == .bfloat16)
      withPrecision(.float32) { #expect(FloatPrecision.current == .float32) }
      #expect(FloatPrecision.current == .bfloat16)
    }
    #expect(FloatPrecision.current == .float32)
    let thrown = try? withPrecision(.bfloat16) { () throws -> Int in throw CancellationError() }
    #expect(thrown == nil && FloatPrecision.current == .float32)
  }

  @Test func aScopeHoldsForItsTaskAlone() async {
    let other = await withTaskGroup(of: FloatPrecision.self) { group in
      let here = withPrecision(.bfloat16) {
        group.addTask { FloatPrecision.current }
        return FloatPrecision.current
      }
      #expect(here == .bfloat16)
      return await group.next()!
    }
    // A child task has what held where it was made.
    #expect(other == .bfloat16)
    let apart = await Task.detached { FloatPrecision.current }.value
    #expect(apart == .float32)
  }

  @Test func productsReadRoundedOperands() {
    let (a, b) = (normal(33, 70, seed: 1), normal(70, 45, seed: 2))
    let (x, y) = (rounded(a), rounded(b))
    withPrecision(.bfloat16) {
      #expect(matmul(a, b) == withPrecision(.float32) { matmul(x, y) })
      #expect(matmul(a, b) != withPrecision(.float32) { matmul(a, b) })
      #expect(
        matmul(b.transposed(), a.transposed()) == withPrecision(.float32) { matmul(y.transposed(), x.transposed()) })
      #expect(matmul(a, b[[.all, .index(0)]]) == withPrecision(.float32) { matmul(x, y[[.all, .index(0)]]) })
      let bias = normal(45, seed: 3)
      #expect(
        linear(a, b.transposed(), bias: bias) == withPrecision(.float32) { linear(x, y.transposed(), bias: bias) })
      #expect(addmm(bias, a, b, alpha: 2) == withPrecision(.float32) { addmm(bias, x, y, alpha: 2) })
      let (p, q) = (normal(3, 1, 9, 8, seed: 4), normal(2, 8, 7, seed: 5))
      #expect(matmul(p, q) == withPrecision(.float32) { matmul(rounded(p), rounded(q)) })
      #expect(einsum("ij,jk->ik", a, b) == withPrecision(.float32) { einsum("ij,jk->ik", x, y) })
      // What is no product of matrices stays.
      #expect(a + 0.1 == withPrecision(.float32) { a + 0.1 })
      #expect(a.softmax() == withPrecision(.float32) { a.softmax() })
      #expect(dot(a[0], b[[.all, .index(0)]]) == withPrecision(.float32) { dot(a[0], b[[.all, .index(0)]]) })
      let double = matmul(a.cast(to: Double.self), b.cast(to: Double.self))
      #expect(double == withPrecision(.float32) { matmul(a.cast(to: Double.self), b.cast(to: Double.self)) })
    }
  }

  /// Shapes of each kind: 1×1, direct, by rows, depthwise, grouped, strided, Winograd's, dilated.
  @Test(arguments: [
    ([2, 8, 9, 9], [16, 8, 1, 1], 1, 1), ([2, 3, 12, 12], [8, 3, 3, 3], 1, 1),
    ([2, 16, 12, 12], [16, 1, 3, 3], 1, 16),
    ([1, 8, 11, 11], [12, 4, 3, 3], 2, 2), ([4, 32, 24, 24], [32, 32, 3, 3], 1, 1),
    ([2, 4, 9, 9], [6, 4, 5, 5], 2, 1),
  ]) func convolutionsReadRoundedOperands(_ input: [Int], _ kernel: [Int], _ stride: Int, _ groups: Int) {
    let generator = RandomGenerator(seed: 7)
    let x = Tensor<Float>(randomNormal: input, generator: generator)
    let w = Tensor<Float>(randomNormal: kernel, generator: generator)
    func run(_ x: Tensor<Float>, _ w: Tensor<Float>, _ precision: FloatPrecision) -> [Tensor<Float>] {
      let (x, w) = (x.asVariable(), w.asVariable())
      let y = withPrecision(precision) { conv2D(x, w, stride: stride, padding: kernel[2] / 2, groups: groups) }
      let g = rounded(Tensor<Float>(randomNormal: y.shape, generator: RandomGenerator(seed: 8)))
      return [y.detached()] + gradients(of: y, at: [x, w], gradient: g)
    }
    let (found, expected) = (run(x, w, .bfloat16), run(rounded(x), rounded(w), .float32))
    for (found, expected) in zip(found, expected) { #expect(found == expected) }
    #expect(found[0] != run(x, w, .float32)[0])
  }

  @Test func gradientsReadRoundedGradients() {
    let (a, b) = (normal(20, 30, seed: 1).asVariable(), normal(30, 25, seed: 2).asVariable())
    let g = normal(20, 25, seed: 3)
    // The backward pass runs outside.
    let y = withPrecision(.bfloat16) { matmul(a * 1, b * 1) }
    let found = gradients(of: y, at: [a, b], gradient: g)
    #expect(found[0] == matmul(rounded(g), rounded(b.detached()).transposed()))
    #expect(found[1] == matmul(rounded(a.detached()).transposed(), rounded(g)))
    // What was recorded outside stays Float's inside.
    let z = matmul(a, b)
    let other = withPrecision(.bfloat16) { gradients(of: z, at: [a, b], gradient: g) }
    #expect(other[0] == matmul(g, b.detached().transposed()))
  }

  @Test func secondGradientsAreThoseOfRoundedOperands() {
    let (x, w) = (normal(6, 5, seed: 1).asVariable(), normal(4, 5, seed: 2).asVariable())
    let g = rounded(normal(6, 4, seed: 3))
    func second(_ precision: FloatPrecision, _ x: Tensor<Float>, _ w: Tensor<Float>) -> [Tensor<Float>] {
      withPrecision(precision) {
        let first = gradients(of: linear(x, w).square(), at: [x], gradient: g, createGraph: true)
        return gradients(of: first[0].square().sum(), at: [x, w])
      }
    }
    for (found, expected) in zip(second(.bfloat16, x, w), second(.float32, x, w)) {
      #expect(relativeDifference(found, expected) < 0.02)
      #expect(found != expected)
    }
  }

  @Test(arguments: [false, true]) func attentionStaysNearFloats(_ causal: Bool) {
    func run(_ precision: FloatPrecision) -> [Tensor<Float>] {
      let inputs = (0..<3).map { normal(2, 3, 70, 16, seed: UInt64($0)).asVariable() }
      let y = withPrecision(precision) {
        scaledDotProductAttention(inputs[0] * 1, inputs[1] * 1, inputs[2] * 1, causal: causal)
      }
      return [y.detached()] + gradients(of: y, at: inputs, gradient: normal(2, 3, 70, 16, seed: 9))
    }
    for (found, expected) in zip(run(.bfloat16), run(.float32)) {
      let difference = relativeDifference(found, expected)
      #expect(difference < 0x1p-7 && difference > 0x1p-14, "\(difference)")
    }
  }

  @Test func whatWaitsForTheBackwardPassIsBFloat16() {
    let (x, w) = (normal(8, 16, seed: 1).asVariable(), normal(4, 16, seed: 2).asVariable())
    let y = withPrecision(.bfloat16) { linear(x.exp(), w) }
    let node = y.node as! OperationNode<Float>
    #expect(node.savedTypes == [.bfloat16, .float32])
    #expect((linear(x.exp(), w).node as! OperationNode<Float>).savedTypes == [.float32, .float32])
  }

  @Test func stochasticRoundingIsUnbiasedAndKeyed() {
    let n = 40_000
    let x = [Float](repeating: 1 + 0x1p-9, count: n) + [.infinity, -.infinity, .nan, .greatestFiniteMagnitude, 0]
    func run(_ first: Int, _ count: Int, _ stream: UInt64) -> [BFloat16] {
      [BFloat16](unsafeUninitializedCapacity: count) { out, filled in
        x.withUnsafeBufferPointer {
          BFloat16Kernels.roundStochastically(
            count, out.baseAddress!, $0.baseAddress! + first, seed: 5, stream: stream, first: first)
        }
        filled = count
      }
    }
    let all = run(0, x.count, 1)
    let up = all.prefix(n).filter { $0 == BFloat16(bitPattern: 0x3F81) }.count
    let down = all.prefix(n).filter { $0 == 1 }.count
    #expect(up + down == n)
    // A quarter goes up: 10 000 of 40 000, with a deviation of 87.
    #expect(abs(up - n / 4) < 400, "\(up)")
    let special = all.suffix(5).map(\.bitPattern)
    #expect(special == [0x7F80, 0xFF80, 0x7FC0, 0x7F7F, 0])
    let apart = run(0, 777, 1) + run(777, x.count - 777, 1)
    #expect(apart.map(\.bitPattern) == all.map(\.bitPattern))
    #expect(run(0, n, 2).map(\.bitPattern) != all.prefix(n).map(\.bitPattern))
  }
}
