import Foundation
import TernBackend
import TernTestSupport
import Testing

@testable import TernTensor

private func normal(_ shape: Int..., seed: UInt64) -> Tensor<Float> {
  Tensor(randomNormal: shape, generator: RandomGenerator(seed: seed))
}

private func rounded(_ x: Tensor<Float>) -> Tensor<Float> { x.cast(to: BFloat16.self).widened }

/// What `body` makes with one worker.
private func onOneThread<Result>(_ body: () -> Result) -> Result {
  let count = Workers.count
  Workers.count = 1
  defer { Workers.count = count }
  return body()
}

/// A·B of matrices as ``withPrecision(_:_:)`` defines it: where the processor multiplies bfloat16, of every pair of values
/// the second product is added before the first; else as Float multiplies rounded operands.
private func product(_ a: Tensor<Float>, _ b: Tensor<Float>) -> Tensor<Float> {
  guard BFloat16Products.isAvailable else { return withPrecision(.float32) { matmul(rounded(a), rounded(b)) } }
  let (m, k, n) = (a.shape[0], a.shape[1], b.shape[1])
  let (x, y) = (rounded(a).scalars, rounded(b).scalars)
  var out = [Float](repeating: 0, count: m * n)
  for i in 0..<m {
    for j in 0..<n {
      var sum: Float = 0
      for p in stride(from: 0, to: k, by: 2) {
        if p + 1 < k { sum.addProduct(x[i * k + p + 1], y[(p + 1) * n + j]) }
        sum.addProduct(x[i * k + p], y[p * n + j])
      }
      out[i * n + j] = sum
    }
  }
  return Tensor(out, shape: [m, n])
}

/// Products whose operands are rounded to bfloat16: to the bit what is defined.
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
    let whole = product(a, b)
    withPrecision(.bfloat16) {
      #expect(matmul(a, b) == whole)
      #expect(matmul(a, b) != withPrecision(.float32) { matmul(a, b) })
      #expect(matmul(b.transposed(), a.transposed()) == product(b.transposed(), a.transposed()))
      #expect(matmul(a, b[[.all, .index(0)]]) == product(a, b[[.all, .slice(0, 1)]]).squeezed(1))
      #expect(matmul(a[0], b) == product(a[[.slice(0, 1)]], b).squeezed(0))
      let bias = normal(45, seed: 3)
      #expect(linear(a, b.transposed(), bias: bias) == whole + bias)
      #expect(relativeDifference(addmm(bias, a, b, beta: 3, alpha: 2), 2 * whole + 3 * bias) < 1e-6)
      let (p, q) = (normal(3, 1, 9, 8, seed: 4), normal(2, 8, 7, seed: 5))
      let batch = matmul(p, q)
      for i in 0..<3 { for j in 0..<2 { #expect(batch[i, j] == product(p[i, 0], q[j])) } }
      #expect(einsum("ij,jk->ik", a, b) == whole)
      // What is no product of matrices stays.
      #expect(a + 0.1 == withPrecision(.float32) { a + 0.1 })
      #expect(a.softmax() == withPrecision(.float32) { a.softmax() })
      #expect(dot(a[0], b[[.all, .index(0)]]) == withPrecision(.float32) { dot(a[0], b[[.all, .index(0)]]) })
      let double = matmul(a.cast(to: Double.self), b.cast(to: Double.self))
      #expect(double == withPrecision(.float32) { matmul(a.cast(to: Double.self), b.cast(to: Double.self)) })
    }
  }

  /// Every way a product is split, with odd extents, against Double; and the same bits on one thread.
  @Test(arguments: [
    [1, 1, 1], [1, 1, 0], [2, 17, 3], [9, 33, 31], [8, 32, 64], [65, 129, 257], [300, 70, 1025],
    [40, 900, 2051], [513, 200, 130], [1, 700, 900], [700, 1, 900], [2, 300, 77], [3, 301, 1100], [4, 150, 2051],
  ]) func productsOfEveryExtent(_ extents: [Int]) {
    let (m, n, k) = (extents[0], extents[1], extents[2])
    let (a, b) = (normal(m, k, seed: 1), normal(k, n, seed: 2))
    let expected = matmul(rounded(a).cast(to: Double.self), rounded(b).cast(to: Double.self))
    func check(_ a: Tensor<Float>, _ b: Tensor<Float>) {
      let found = withPrecision(.bfloat16) { matmul(a, b) }
      let worst = (found.cast(to: Double.self) - expected).abs().max().item
      #expect(worst <= 3e-7 * Double(k + 1), "\(extents): \(worst)")
      let one = onOneThread { withPrecision(.bfloat16) { matmul(a, b) } }
      #expect(found == one, "\(extents)")
    }
    let (turnedA, turnedB) = (a.transposed().copied().transposed(), b.transposed().copied().transposed())
    for a in [a, turnedA] { for b in [b, turnedB] { check(a, b) } }
  }

  @Test func infinitiesAndNaNPass() {
    let a = Tensor<Float>([[.infinity, 1], [.nan, 1], [3e38, 3e38], [0x1p-130, 0]])
    let b = Tensor<Float>([[1], [1]])
    let found = withPrecision(.bfloat16) { matmul(a, b) }.scalars
    #expect(found[0] == .infinity && found[1].isNaN && found[2] == .infinity)
    #expect(found[3] == (BFloat16Products.isAvailable ? 0 : 0x1p-130))
  }

  /// Shapes of each kind: 1×1, direct, by rows, depthwise, grouped, strided, Winograd's, dilated.
  @Test(arguments: [
    ([2, 8, 9, 9], [16, 8, 1, 1], 1, 1), ([2, 3, 12, 12], [8, 3, 3, 3], 1, 1),
    ([2, 16, 12, 12], [16, 1, 3, 3], 1, 16),
    ([1, 8, 11, 11], [12, 4, 3, 3], 2, 2), ([4, 32, 24, 24], [32, 32, 3, 3], 1, 1),
    ([2, 4, 9, 9], [6, 4, 5, 5], 2, 1), ([3, 1, 28, 28], [7, 1, 5, 5], 1, 1), ([2, 17, 7, 7], [33, 17, 3, 3], 1, 1),
    ([4, 32, 13, 13], [48, 32, 1, 1], 2, 1), ([2, 19, 10, 15], [19, 1, 5, 5], 2, 19),
    ([2, 6, 15, 9], [4, 3, 3, 3], 1, 2),
    ([2, 24, 40, 40], [72, 24, 1, 1], 1, 1), ([1, 130, 9, 9], [128, 130, 3, 3], 1, 1),
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
    for (found, expected) in zip(found, expected) {
      if BFloat16Products.isAvailable {
        // Sums in another order, and Winograd's.
        #expect(relativeDifference(found, expected) < 1e-5)
      } else {
        #expect(found == expected)
      }
    }
    let one = onOneThread { run(x, w, .bfloat16) }
    for (found, one) in zip(found, one) { #expect(found == one) }
    #expect(found[0] != run(x, w, .float32)[0])
  }

  @Test func gradientsReadRoundedGradients() {
    let (a, b) = (normal(20, 30, seed: 1).asVariable(), normal(30, 25, seed: 2).asVariable())
    let g = normal(20, 25, seed: 3)
    // The backward pass runs outside.
    let y = withPrecision(.bfloat16) { matmul(a * 1, b * 1) }
    let found = gradients(of: y, at: [a, b], gradient: g)
    #expect(found[0] == product(g, b.detached().transposed()))
    #expect(found[1] == product(a.detached().transposed(), g))
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

  @Test(arguments: [(37, 50, 21), (300, 65, 130), (9, 1, 700)]) func linearGradientsReadWhatWaited(
    _ rows: Int, _ inputs: Int, _ outputs: Int
  ) {
    let (x, w) = (normal(rows, inputs, seed: 1).asVariable(), normal(outputs, inputs, seed: 2).asVariable())
    let g = normal(rows, outputs, seed: 3)
    let found = gradients(of: withPrecision(.bfloat16) { linear(x * 1, w) }, at: [x, w], gradient: g)
    #expect(found[0] == product(g, w.detached()))
    #expect(found[1] == product(g.transposed(), x.detached()))
  }

  /// GELU, SiLU and Mish are Float's; for the backward pass their inputs wait in bfloat16.
  @Test func activationsWaitRounded() {
    let functions: [@Sendable (Tensor<Float>) -> Tensor<Float>] = [
      { $0.gelu() }, { $0.gelu(approximate: .tanh) }, { $0.silu() }, { $0.mish() },
    ]
    let (x, g) = (normal(33, 517, seed: 1).asVariable(), normal(33, 517, seed: 2))
    let near = rounded(x.detached()).asVariable()
    for function in functions {
      let y = withPrecision(.bfloat16) { function(x * 1) }
      #expect(y.detached() == function(x.detached()))
      let found = gradients(of: y, at: [x], gradient: g)[0]
      #expect(relativeDifference(found, gradients(of: function(near), at: [near], gradient: g)[0]) < 1e-6)
      let difference = relativeDifference(found, gradients(of: function(x), at: [x], gradient: g)[0])
      #expect(difference < 0x1p-7 && difference > 0, "\(difference)")
    }
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
