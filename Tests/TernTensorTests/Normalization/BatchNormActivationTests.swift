import TernBackend
import TernTensor
import TernTestSupport
import Testing

/// Batch normalization with a residual and a ReLU in the same pass, held to the operations one after the other.
@Suite struct BatchNormActivationTests {
  private func composed<Scalar: FloatingScalar>(
    _ normalized: Tensor<Scalar>, _ residual: Tensor<Scalar>?, _ activation: FusedActivation
  ) -> Tensor<Scalar> {
    let sum = residual.map { normalized + $0 } ?? normalized
    return activation == .relu ? sum.relu() : sum
  }

  /// Compares result and gradients in training and in evaluation.
  private func compare<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ residual: Tensor<Scalar>?, _ weights: Tensor<Scalar>, within bound: Double, _ label: String
  ) {
    let channels = x.shape[1]
    func numbers(_ seed: Int) -> Tensor<Scalar> { Tensor(scattered(channels, seed: seed).map { Scalar($0) }) }
    for activation in [FusedActivation.identity, .relu] {
      func run(_ isFused: Bool, training: Bool) -> [Tensor<Scalar>] {
        let inputs = ([x, numbers(3), numbers(4), numbers(5), numbers(6).square()] + (residual.map { [$0] } ?? []))
          .map { $0.asVariable() }
        let other = residual == nil ? nil : inputs[5]
        let (fused, adding) = (isFused ? activation : .identity, isFused ? other : nil)
        var output =
          training
          ? batchNorm(inputs[0], scale: inputs[1], shift: inputs[2], adding: adding, activation: fused).output
          : batchNorm(
            inputs[0], mean: inputs[3], variance: inputs[4], scale: inputs[1], shift: inputs[2], adding: adding,
            activation: fused)
        if !isFused { output = composed(output, other, activation) }
        return [output] + gradients(of: output, at: inputs, gradient: weights)
      }
      for training in [true, false] {
        for (index, pair) in zip(run(true, training: training), run(false, training: training)).enumerated() {
          let off = relativeDifference(pair.0, pair.1)
          #expect(
            off <= bound,
            "\(label), \(activation), training \(training), \(index == 0 ? "result" : "gradient \(index - 1)"): \(off)")
        }
      }
    }
  }

  @Test func everyLayoutAsTheOperationsApart() {
    for shape in [[4, 3], [3, 4, 5], [2, 3, 2, 4], [300, 3], [2, 5, 9, 9]] {
      let count = shape.reduce(1, *)
      let values = Tensor(scattered(count), shape: shape)
      let weights = Tensor(scattered(count, seed: 2), shape: shape)
      let residual = Tensor(scattered(count, seed: 8), shape: shape)
      for (layout, other) in zip(everyLayout(values), everyLayout(residual).reversed()) {
        compare(layout.tensor, nil, weights, within: 1e-12, "\(shape) \(layout.label)")
        compare(layout.tensor, other.tensor, weights, within: 1e-12, "\(shape) \(layout.label) + \(other.label)")
      }
    }
  }

  @Test(arguments: [
    [65, 16, 7, 9], [7, 3, 27, 31], [64, 24, 8, 8], [2048, 20], [3, 300], [40, 1100], [2, 2, 70_000],
  ])
  func sizesThatAreCutAsTheOperationsApart(_ shape: [Int]) {
    let count = shape.reduce(1, *)
    func numbers(_ seed: Int) -> Tensor<Float> {
      Tensor(scattered(count, seed: seed).map { Float($0) }, shape: shape)
    }
    func last(_ x: Tensor<Float>) -> Tensor<Float> { x.movingAxis(1, to: -1).contiguous.movingAxis(-1, to: 1) }
    compare(numbers(1), nil, numbers(2), within: 1e-5, "\(shape)")
    compare(numbers(1), numbers(3), numbers(2), within: 1e-5, "\(shape) with a residual")
    compare(last(numbers(1)), nil, last(numbers(2)), within: 1e-5, "\(shape) channels last")
    compare(last(numbers(1)), last(numbers(3)), numbers(2), within: 1e-5, "\(shape) channels last with a residual")
  }

  @Test func gradientsOfBothOrders() {
    for values in [Tensor<Double>.scattered(4, 3), .scattered(2, 3, 2, 2)] {
      let residual = Tensor(scattered(values.count, seed: 9), shape: values.shape)
      let (scale, shift) = (Tensor<Double>([0.5, -1.5, 2]), Tensor<Double>([1, 0, -0.25]))
      let found = [
        checkGradients(at: [values, scale, shift]) {
          batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-2, activation: .relu).output.square()
        },
        checkGradients(at: [values, scale, shift, residual]) {
          batchNorm($0[0], scale: $0[1], shift: $0[2], epsilon: 1e-2, adding: $0[3], activation: .relu).output.square()
        },
        checkGradients(at: [values, scale, shift, residual]) {
          batchNorm(
            $0[0], mean: $0[2], variance: $0[1].square(), scale: $0[1], shift: $0[2], adding: $0[3], activation: .relu
          ).square()
        },
      ]
      for result in found { #expect(result.passes(), "\(values.shape): \(result)") }
    }
  }

  @Test func notANumberPassesTheReLU() {
    let x = Tensor<Float>([1, .nan, 3, 4, 5, 6], shape: [3, 2])
    let output = batchNorm(x, activation: .relu).output
    #expect(output[.all, .index(1)].scalars.allSatisfy { $0.isNaN })
    #expect(output[.all, .index(0)].scalars.allSatisfy { $0.isFinite })
  }

  @Test func oneAndTwoThreadsGiveTheSameBits() {
    let threads = Workers.count
    defer { Workers.count = threads }
    for shape in [[8, 6, 50, 50], [4096, 48], [2, 2, 70_000], [60, 2000]] {
      let values = Tensor(scattered(shape.reduce(1, *)).map { Float($0) }, shape: shape)
      let last = values.movingAxis(1, to: -1).contiguous.movingAxis(-1, to: 1)
      for x in [values, last] {
        let results = [1, 2].map { count -> [[Float]] in
          Workers.count = count
          let inputs = [x, Tensor(ones: [shape[1]]), Tensor(zeros: [shape[1]]), x * x].map { $0.asVariable() }
          let plain = batchNorm(inputs[0], scale: inputs[1], shift: inputs[2], activation: .relu).output
          let added = batchNorm(inputs[0], scale: inputs[1], adding: inputs[3], activation: .relu).output
          return ([plain, added] + gradients(of: (plain * added * x).sum(), at: inputs)).map(\.scalars)
        }
        #expect(results[0] == results[1], "\(shape)")
      }
    }
  }
}
