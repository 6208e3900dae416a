import TernBackend
import TernTensor
import TernTestSupport
import Testing

private func vectors<Scalar: FloatingScalar>(_ shape: [Int], of: Scalar.Type, seed: UInt64 = 1) -> Tensor<Scalar> {
  Tensor(randomUniform: shape, in: -1..<1, generator: RandomGenerator(seed: seed))
}

/// Every distance by itself, in Double.
private func single<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ p: Double) -> Tensor<Double> {
  let difference = a.cast(to: Double.self).expandedAxis(at: -2) - b.cast(to: Double.self).expandedAxis(at: -3)
  return difference.norm(p, along: -1)
}

/// Distances of all pairs: tiles of vectors and of features that are whole, and that are not.
@Suite struct DistanceTests {
  @Test(arguments: [1.0, 2.0, .infinity]) func everyExtent(_ p: Double) {
    everyExtent(p, Float.self)
    everyExtent(p, Double.self)
  }

  private func everyExtent<Scalar: FloatingScalar>(_ p: Double, _: Scalar.Type) {
    for (n, m, features) in [(1, 1, 1), (3, 5, 2), (4, 16, 16), (33, 31, 17), (9, 40, 300), (130, 70, 3)] {
      let (a, b) = (vectors([n, features], of: Scalar.self), vectors([m, features], of: Scalar.self, seed: 2))
      let difference = relativeDifference(allDistances(a, b, p: p).cast(to: Double.self), single(a, b, p))
      #expect(difference <= 8 * Scalar.ulpOfOne.number, "\(n), \(m) of \(features), order \(p): \(difference)")
      let flipped = allDistances(a.transposed().copied().transposed(), b, p: p)
      #expect(flipped == allDistances(a, b, p: p))
    }
  }

  @Test("nothing cancels between vectors that nearly coincide far from the origin")
  func neighborsFarAway() {
    let a = vectors([40, 6], of: Float.self) * 1e-4 + 1000
    let b = a + Tensor<Float>(full: [6], 1.0 / 1024)
    let difference = relativeDifference(allDistances(a, b).cast(to: Double.self), single(a, b, 2))
    #expect(difference <= 1e-6, "\(difference)")
    #expect(allDistances(a, a).diagonal() == Tensor(zeros: [40]))
  }

  @Test func squaresBeyondTheRange() {
    let points = Tensor<Float>([[3e30, 4e30], [0, 0], [3e-30, 4e-30], [.infinity, 0], [.nan, 1]])
    let y = allDistances(points, Tensor<Float>([[0, 0], [.infinity, 1]]))
    #expect(abs(y[0, 0].item - 5e30) < 1e24)
    #expect(y[1, 0].item == 0)
    #expect(abs(y[2, 0].item - 5e-30) < 1e-36)
    #expect(y[3, 0].item == .infinity)
    #expect(y[4, 0].item.isNaN && y[3, 1].item.isNaN && y[4, 1].item.isNaN)
    #expect(y[0, 1].item == .infinity)
  }

  @Test(arguments: [1.0, 2.0, .infinity]) func gradientsAreThoseOfTheDifferences(_ p: Double) {
    for (n, m, features) in [(3, 5, 2), (33, 150, 17), (2, 4, 40)] {
      var a = vectors([2, n, features], of: Double.self)
      let b = vectors([m, features], of: Double.self, seed: 2)
      a[0][1] = b[0]
      let (x, y) = (a.asVariable(), b.asVariable())
      let g = vectors([2, n, m], of: Double.self, seed: 3)
      let fused = gradients(of: allDistances(x, y, p: p), at: [x, y], gradient: g)
      let difference = x.expandedAxis(at: -2) - y.expandedAxis(at: -3)
      let apart = gradients(of: difference.norm(p, along: -1), at: [x, y], gradient: g)
      for (one, other) in zip(fused, apart) {
        #expect(relativeDifference(one, other) <= 1e-12, "\(n), \(m), \(features)")
      }
    }
  }

  @Test func equalDifferencesShareTheGradientOfTheLargest() {
    let a = Tensor<Float>([[3, -3, 1], [0, 2, 0]]).asVariable()
    let b = Tensor<Float>([[0, 0, 0], [0, 2, 0]]).asVariable()
    let found = gradients(
      of: allDistances(a, b, p: .infinity), at: [a, b], gradient: Tensor([[1, 10], [100, 1000]]))
    #expect(found[0] == Tensor([[0.5, -10.5, 0], [0, 100, 0]]))
    #expect(found[1] == Tensor([[-0.5, -99.5, 0], [0, 10, 0]]))
  }

  @Test(
    "distances of pairs, their gradients and those of the gradients are those of all distances",
    arguments: [1, 2, 3, .infinity])
  func pairs(_ p: Double) {
    for (n, features) in [(2, 1), (5, 3), (33, 2), (70, 17)] {
      let x = vectors([n, features], of: Double.self).asVariable()
      let all = allDistances(x, x, p: p)
      let chosen = concatenate((0..<n - 1).map { all[$0].narrowed(axis: 0, start: $0 + 1, length: n - 1 - $0) })
      let found = x.pairDistances(p: p)
      #expect(relativeDifference(found, chosen) <= 1e-14, "\(n), \(features)")
      let g = vectors([n * (n - 1) / 2], of: Double.self, seed: 3)
      func derivatives(_ y: Tensor<Double>) -> [Tensor<Double>] {
        let first = gradients(of: y, at: [x], gradient: g, retainGraph: true, createGraph: true)[0]
        let plain = gradients(of: y, at: [x], gradient: g, retainGraph: true)[0]
        return [plain, first.detached()] + (p == 2 ? gradients(of: first.square().sum(), at: [x]) : [])
      }
      for (one, other) in zip(derivatives(found), derivatives(chosen)) {
        #expect(relativeDifference(one, other) <= 1e-10, "\(n), \(features)")
      }
    }
  }

  @Test func gradientsOfLengthsNearTheEndOfTheRange() {
    let a = Tensor<Float>([[Float.leastNormalMagnitude / 4096, 0], [1, 1]]).asVariable()
    let b = Tensor<Float>([[0, 0], [1, 1]])
    let g = gradients(of: allDistances(a, b).sum(), at: [a])[0]
    #expect(g[0, 0].item == 1 - 0.70710677)
    #expect(g.isFinite().all().item)
  }

  @Test func sameBitsOnAnyNumberOfThreads() {
    let (a, b) = (vectors([700, 20], of: Float.self), vectors([900, 20], of: Float.self, seed: 2))
    let threads = Workers.count
    defer { Workers.count = threads }
    func results() -> [Tensor<Float>] {
      let (x, y) = (a.asVariable(), b.asVariable())
      let d = allDistances(x, y)
      return [d.detached()] + gradients(of: d.square().sum(), at: [x, y])
    }
    Workers.count = 1
    let alone = results()
    Workers.count = 3
    for (one, other) in zip(results(), alone) { #expect(one == other) }
  }
}
