import TernTensor
import TernTestSupport
import Testing

/// A ReLU in the same pass as what it follows, held to the two apart.
@Suite struct FusedActivationTests {
  private func random<Scalar: FloatingScalar>(_ shape: [Int], _ seed: UInt64, _: Scalar.Type) -> Tensor<Scalar> {
    Tensor<Double>(randomNormal: shape, generator: RandomGenerator(seed: seed)).cast(to: Scalar.self)
  }

  /// Values and gradients, of the first order and of the second, fused and apart.
  private func expectSame<Scalar: FloatingScalar>(
    _ points: [Tensor<Scalar>], within bound: Double, _ label: String,
    _ map: ([Tensor<Scalar>], FusedActivation) -> Tensor<Scalar>
  ) {
    func run(_ result: ([Tensor<Scalar>]) -> Tensor<Scalar>) -> [Tensor<Scalar>] {
      let variables = points.map { $0.asVariable() }
      let y = result(variables)
      let derivatives = gradients(of: (y * y).sum(), at: variables, createGraph: true)
      let second = gradients(of: derivatives.map { ($0 * $0).sum() }.reduce(Tensor(0), +), at: variables)
      return ([y] + derivatives + second).map { $0.detached() }
    }
    let fused = run { map($0, .relu) }
    #expect(fused[0].scalars.contains(0) && fused[0].scalars.contains { $0 > 0 }, "\(label)")
    for (index, pair) in zip(fused, run { map($0, .identity).relu() }).enumerated() {
      #expect(relativeDifference(pair.0, pair.1) < bound, "\(label): number \(index)")
    }
  }

  private func dense<Scalar: FloatingScalar>(_: Scalar.Type, within bound: Double) {
    for (x, outputs) in [([5, 3], 4), ([2, 3, 7], 33), ([65, 40], 130), ([4], 20)] {
      let inputs = x[x.count - 1]
      let points = [
        random(x, 1, Scalar.self), random([outputs, inputs], 2, Scalar.self), random([outputs], 3, Scalar.self),
      ]
      expectSame(points, within: bound, "linear \(x)") { linear($0[0], $0[1], bias: $0[2], activation: $1) }
      expectSame(Array(points[..<2]), within: bound, "linear \(x)") { linear($0[0], $0[1], activation: $1) }
    }
  }

  private func convolutions<Scalar: FloatingScalar>(_: Scalar.Type, within bound: Double) {
    let cases: [(x: [Int], weight: [Int], stride: Int, groups: Int)] = [
      ([2, 3, 9, 7], [5, 3, 3, 3], 1, 1), ([3, 16, 12, 12], [17, 16, 3, 3], 1, 1), ([1, 4, 6, 5], [4, 1, 3, 3], 1, 4),
      ([1, 8, 5, 5], [6, 8, 1, 1], 1, 1), ([2, 8, 17, 16], [6, 4, 2, 3], 2, 2), ([1, 3, 23, 21], [33, 3, 7, 7], 2, 1),
    ]
    for test in cases {
      let points = [
        random(test.x, 1, Scalar.self), random(test.weight, 2, Scalar.self) * 0.3,
        random([test.weight[0]], 3, Scalar.self),
      ]
      for count in [2, 3] {
        expectSame(Array(points[..<count]), within: bound, "conv2D \(test)") { values, activation in
          conv2D(
            values[0], values[1], bias: count == 3 ? values[2] : nil, stride: Pair(test.stride), padding: 1,
            groups: test.groups, activation: activation)
        }
      }
    }
  }

  @Test func denseMaps() {
    dense(Float.self, within: 1e-5)
    dense(Double.self, within: 1e-13)
  }

  @Test func convolvedImages() {
    convolutions(Float.self, within: 1e-4)
    convolutions(Double.self, within: 1e-13)
  }

  @Test func whatIsNoNumberStays() {
    func check<Scalar: FloatingScalar>(_: Scalar.Type) {
      let bad = Tensor<Scalar>([[.nan, 1], [-1, -1]])
      let y = linear(bad, Tensor([[1, 1]]), bias: Tensor([0]), activation: .relu)
      #expect(y[0, 0].item.isNaN && y[1, 0].item == 0)
      for (channels, groups) in [(1, 1), (16, 1), (4, 4)] {
        var x = Tensor<Scalar>(full: [1, channels, 24, 24], -1)
        x[0, 0, 3, 3] = Tensor(.nan)
        let weight = Tensor<Scalar>(ones: [16, channels / groups, 3, 3])
        let z = conv2D(x, weight, bias: Tensor(zeros: [16]), padding: 1, groups: groups, activation: .relu)
        #expect(z[0, 0, 3, 3].item.isNaN && z[0, 0, 20, 20].item == 0, "\(channels) \(groups)")
      }
    }
    check(Float.self)
    check(Double.self)
  }
}
