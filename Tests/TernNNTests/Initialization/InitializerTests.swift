import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// What parameters start from.
@Suite struct InitializerTests {
  private let shape = [64, 16, 5, 5]

  private func values(_ initializer: Initializer, _ shape: [Int]) -> [Double] {
    initializer(shape, of: Double.self, generator: RandomGenerator(seed: 6)).scalars
  }

  private func deviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }

  @Test func fansCountTheKernel() {
    let (fanIn, fanOut) = fans(of: shape)
    #expect(fanIn == 400 && fanOut == 1600)
  }

  @Test func uniformOnesFillTheirBounds() {
    let fiveThirds = 5.0 / 3
    let bounds: [(Initializer, Double)] = [
      (.xavierUniform(gain: 2), 2 * (6.0 / 2000).squareRoot()),
      (.kaimingUniform(nonlinearity: .relu), (6.0 / 400).squareRoot()),
      (.kaimingUniform(nonlinearity: .leakyReLU(slope: 5.0.squareRoot())), 0.05),
      (.kaimingUniform(nonlinearity: .tanh, mode: .fanOut), fiveThirds * (3.0 / 1600).squareRoot()),
      (.uniform(-0.5, 0.5), 0.5),
    ]
    for (initializer, bound) in bounds {
      let values = values(initializer, shape)
      #expect(values.allSatisfy { abs($0) <= bound * (1 + 1e-12) })
      #expect(abs(deviation(values) / (bound / 3.0.squareRoot()) - 1) < 0.02)
    }
  }

  @Test func normalOnesHaveTheirDeviation() {
    let deviations: [(Initializer, Double)] = [
      (.xavierNormal(), (2.0 / 2000).squareRoot()),
      (.kaimingNormal(nonlinearity: .relu), (2.0 / 400).squareRoot()),
      (.kaimingNormal(nonlinearity: .selu, mode: .fanOut), 0.75 / 40),
      (.normal(mean: 3, deviation: 0.2), 0.2),
    ]
    for (initializer, expected) in deviations {
      #expect(abs(deviation(values(initializer, shape)) / expected - 1) < 0.02)
    }
    #expect(values(.constant(0.25), [3]) == [0.25, 0.25, 0.25])
    #expect(values(.ones, [2]) == [1, 1] && values(.zeros, [2]) == [0, 0])
  }

  @Test(arguments: [[6, 6], [3, 8], [8, 3], [4, 2, 3, 3], [1, 1], [1, 5]])
  func orthogonalOnesStandAtRightAngles(shape: [Int]) {
    let flat = [shape[0], shape.dropFirst().reduce(1, *)]
    let q = Initializer.orthogonal(gain: 2)(shape, of: Double.self, generator: RandomGenerator(seed: 1)).reshaped(flat)
    let product = flat[0] <= flat[1] ? matmul(q, q.transposed()) : matmul(q.transposed(), q)
    #expect(relativeDifference(product, Tensor<Double>(eye: Swift.min(flat[0], flat[1])) * 4) < 1e-13)
  }

  @Test func orthogonalSignsAreBothLikely() {
    let firsts = (0..<64).map { seed in
      Initializer.orthogonal()([2, 2], of: Float.self, generator: RandomGenerator(seed: UInt64(seed))).scalars[0]
    }
    #expect(firsts.contains { $0 > 0.1 } && firsts.contains { $0 < -0.1 })
  }

  @Test func aModelsWeightsStartAnewAndItsBiasesStay() {
    let model = Sequential {
      Dense(4, 8)
      BatchNorm1d(8)
    }
    let bias = (model[0] as? Dense<Float>)?.bias?.value.scalars
    model.initialize(.constant(0.5))
    #expect((model[0] as? Dense<Float>)?.weight.value.scalars == Array(repeating: 0.5, count: 32))
    #expect((model[0] as? Dense<Float>)?.bias?.value.scalars == bias)
    #expect((model[1] as? BatchNorm1d<Float>)?.weight?.value.scalars == Array(repeating: 1, count: 8))
    model.initialize(.zeros) { name, _ in name.hasSuffix("bias") }
    #expect((model[0] as? Dense<Float>)?.bias?.value.scalars == Array(repeating: 0, count: 8))
    model.initialize(.normal(), generator: RandomGenerator(seed: 3))
    let first = model.state.compactMap { $0.tensor(Float.self)?.scalars }
    model.initialize(.normal(), generator: RandomGenerator(seed: 3))
    #expect(model.state.compactMap { $0.tensor(Float.self)?.scalars } == first)
  }

  @Test func vectorsHaveNoFans() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Initializer.xavierUniform()([5], of: Float.self)
    }
    expectLine("fans: [5] is of rank 1: weights have outputs and inputs", in: result?.standardErrorContent)
  }
}
