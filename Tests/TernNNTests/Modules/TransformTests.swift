import TernBackend
import TernData
import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Functional transforms beside torch.func's, as `Fixtures/make_transforms.py` writes them.
@Suite struct TransformTests {
  private let file: SafetensorsFile

  init() throws { file = try fixture("transforms.safetensors") }

  private func tensor(_ name: String) throws -> Tensor<Double> { try #require(file[name]).tensor() }

  private func expectEqual(
    _ found: Tensor<Double>, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try tensor(name)
    #expect(found.shape == expected.shape, "\(name)", sourceLocation: sourceLocation)
    let worst = (found - expected).abs().max().item
    #expect(worst < 1e-10, "\(name) is off by \(worst)", sourceLocation: sourceLocation)
  }

  @Test func transformsAreThoseOfTorch() throws {
    let (a, b) = try (tensor("a"), tensor("b"))
    let (x, z, t, u, v) = try (tensor("x"), tensor("z"), tensor("t"), tensor("u"), tensor("v"))
    func tall(_ x: Tensor<Double>) -> Tensor<Double> {
      let y = matmul(a, x)
      return y.tanh() * y.softmax(along: 0)
    }
    func wide(_ z: Tensor<Double>) -> Tensor<Double> {
      let y = matmul(b, z)
      return y.sin() + y.exp() / (1 + z.square().sum())
    }
    func scalar(_ x: Tensor<Double>) -> Tensor<Double> { matmul(a, x).softplus().square().sum() + x[0] * x[1] * x[2] }
    func pair(_ x: [Tensor<Double>]) -> Tensor<Double> {
      let product = x[0].reshaped(3, 1) * x[1].reshaped(1, 5)
      return (product.sigmoid() * b.sum()).sum(along: 1)
    }
    try expectEqual(jacobian(at: x, of: tall), "tall.jacobian")
    try expectEqual(jacobian(at: x, createGraph: true, of: tall), "tall.jacobian")
    try expectEqual(jacobian(at: z, of: wide), "wide.jacobian")
    let pushed = jvp(at: x, along: t, of: tall)
    try expectEqual(pushed.value, "tall.value")
    try expectEqual(pushed.tangent, "tall.jvp")
    let (value, pullback) = vjp(at: x, of: tall)
    try expectEqual(value, "tall.value")
    try expectEqual(pullback(u), "tall.vjp")
    try expectEqual(pullback(u), "tall.vjp")
    try expectEqual(hessian(at: x, of: scalar), "hessian")
    try expectEqual(hessianVectorProduct(at: x, along: t, of: scalar), "hvp")
    let both = jacobian(at: [x, z], of: pair)
    try expectEqual(both[0], "pair.jacobian.x")
    try expectEqual(both[1], "pair.jacobian.z")
    let moved = jvp(at: [x, z], along: [t, v]) { [pair($0)] }
    try expectEqual(moved.tangents[0], "pair.jvp")
    // H·(t, v) by blocks of the Hessian of a sum.
    let blocks = hessian(at: [x, z]) { pair($0).square().sum() }
    let products = hessianVectorProduct(at: [x, z], along: [t, v]) { pair($0).square().sum() }
    for row in 0..<2 {
      let expected = matmul(blocks[row][0], t) + matmul(blocks[row][1], v)
      #expect((products[row] - expected).abs().max().item < 1e-12)
    }
  }

  @Test func chunksGiveTheSameBits() throws {
    let (a, x) = (Tensor<Double>(randomNormal: [7, 5], generator: RandomGenerator(seed: 1)), Tensor<Double>(ones: [5]))
    func wide(_ x: Tensor<Double>) -> Tensor<Double> { matmul(a.transposed(), x).tanh() }
    func tall(_ x: Tensor<Double>) -> Tensor<Double> { matmul(a, x).tanh() }
    func scalar(_ x: Tensor<Double>) -> Tensor<Double> { tall(x).square().sum() }
    let rows = jacobian(at: Tensor<Double>(ones: [7]), of: wide)
    let columns = jacobian(at: x, of: tall)
    let second = hessian(at: x, of: scalar)
    for size in [1, 2, 3, 5, 7, 100, Int.max] {
      #expect(jacobian(at: Tensor<Double>(ones: [7]), chunkSize: size, of: wide) == rows, "chunks of \(size)")
      #expect(jacobian(at: x, chunkSize: size, of: tall) == columns, "chunks of \(size)")
      #expect(jacobian(at: x, createGraph: true, chunkSize: size, of: tall).shape == [7, 5])
      #expect(hessian(at: x, chunkSize: size, of: scalar) == second, "chunks of \(size)")
    }
  }

  @Test func aChunkHasARow() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = jacobian(at: Tensor<Float>([1, 2]), chunkSize: 0) { $0.exp() }
    }
    let said = text(result?.standardErrorContent)
    #expect(said.contains("jacobian: a chunk of 0 rows (at least 1)"))
  }

  @Test func whatDoesNotDependHasZeros() {
    let x = Tensor<Double>([1, 2])
    #expect(jacobian(at: x) { _ in Tensor<Double>([3, 4, 5]) }.scalars == [0, 0, 0, 0, 0, 0])
    #expect(hessian(at: x) { ($0 * 3).sum() }.scalars == [0, 0, 0, 0])
    #expect(hessianVectorProduct(at: x, along: x) { ($0 * 3).sum() }.scalars == [0, 0])
    #expect(jvp(at: x, along: x) { _ in Tensor<Double>([3]) }.tangent.scalars == [0])
    let (_, pullback) = vjp(at: [x]) { [$0[0] * 2, Tensor<Double>(1)] }
    #expect(pullback([x, Tensor(1)])[0].scalars == [2, 4])
    // An empty input, by columns.
    let empty = Tensor<Double>(zeros: [0])
    let parts = jacobian(at: [x, empty]) { concatenate([$0[0], $0[0] * 2, $0[0]]) + $0[1].sum() }
    #expect(parts[0].shape == [6, 2] && parts[1].shape == [6, 0])
  }
}
