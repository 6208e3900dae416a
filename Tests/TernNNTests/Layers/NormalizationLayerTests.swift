import TernTensor
import TernTestSupport
import Testing

@testable import TernNN

/// Batch normalization: what it answers and what it keeps.
@Suite struct BatchNormLayerTests {
  @Test func oneThreeFive() {
    let layer = BatchNorm1d<Double>(1, epsilon: 0)
    let root = 1.5.squareRoot()
    expectClose(layer(Tensor([1, 3, 5], shape: [3, 1])), [-root, 0, root], within: 1e-15)
    let float = BatchNorm1d(1)
    expectClose(float(Tensor([1, 3, 5], shape: [3, 1])), [-1.2247, 0, 1.2247], within: 1e-4)
  }

  @Test func runningStatisticsMoveByMomentumTowardsTheUnbiasedVariance() {
    let layer = BatchNorm1d<Double>(1)
    _ = layer(Tensor([1, 3, 5], shape: [3, 1]))
    expectClose(layer.runningMean!.value, [0.3], within: 1e-15)
    expectClose(layer.runningVar!.value, [0.9 + 0.1 * 4], within: 1e-15)
    #expect(layer.numBatchesTracked?.value.item == 1)
    layer.eval()
    expectClose(layer(Tensor([0.3], shape: [1, 1])), [0], within: 1e-15)
    #expect(layer.numBatchesTracked?.value.item == 1)
  }

  /// From `torch.nn.BatchNorm1d(2, momentum=None, affine=False)` on a batch, twice it and three times it.
  @Test func theCumulativeAverageCountsAllBatchesAlike() {
    let layer = BatchNorm1d<Double>(2, momentum: nil, affine: false)
    let batch = Tensor<Double>([1, 2, 3, -1, 5, 0.5], shape: [3, 2])
    var last = batch
    for k in 1...3 { last = layer(batch * Double(k)) }
    expectClose(layer.runningMean!.value, [6, 1], within: 1e-14)
    expectClose(layer.runningVar!.value, [18.666666666666668, 10.5], within: 1e-13)
    expectClose(
      last, [-1.2247446162364872, 1.2247444177826294, 0, -1.2247444177826294, 1.2247446162364874, 0], within: 1e-14)
  }

  @Test func withoutTrackingEvaluationUsesTheBatch() {
    let layer = BatchNorm2d<Double>(2, tracking: false)
    #expect(layer.namedBuffers.isEmpty)
    let x = Tensor<Double>.spread([2, 2, 3, 3])
    let trained = layer(x)
    layer.eval()
    #expect(layer(x).scalars == trained.scalars)
    #expect(BatchNorm2d(2, affine: false).parameters.isEmpty)
  }

  @Test func evaluationTakesASingleValue() {
    let layer = BatchNorm2d(32)
    layer.eval()
    #expect(layer(Tensor(zeros: [1, 32, 1, 1])).shape == [1, 32, 1, 1])
  }

  @Test func buffersAreConstantsOfTheGraph() {
    let layer = BatchNorm1d<Double>(2)
    let x = Tensor<Double>.spread([4, 2]).asVariable()
    layer(x).sum().backward()
    #expect(!layer.runningMean!.value.requiresGradient && !layer.runningVar!.value.requiresGradient)
    #expect(x.gradient != nil && layer.weight?.gradient != nil)
  }

  @Test func largeMeansDoNotCancel() {
    let noise = Tensor<Float>(randomNormal: [64, 3, 8, 8], generator: RandomGenerator(seed: 2)) + 1e4
    let exact = BatchNorm2d<Double>(3)(noise.cast(to: Double.self))
    #expect(relativeDifference(BatchNorm2d(3)(noise).cast(to: Double.self), exact) < 1e-3)
  }
}

/// Dropout: what is dropped, and what is not.
@Suite struct DropoutTests {
  @Test(arguments: [0.1, 0.5, 0.9]) func theExpectedValueStays(probability: Double) {
    let layer = Dropout<Double>(probability, generator: RandomGenerator(seed: 1))
    let y = layer(Tensor(ones: [200_000])).scalars
    let scale = 1 / (1 - probability)
    #expect(y.allSatisfy { $0 == 0 || $0 == scale })
    let dropped = Double(y.count { $0 == 0 }) / Double(y.count)
    #expect(abs(dropped - probability) < 0.005)
  }

  @Test func zeroAndOneAreExact() {
    let x = Tensor<Float>([1, 2, 3])
    #expect(Dropout(0)(x).scalars == [1, 2, 3])
    #expect(Dropout(1)(x).scalars == [0, 0, 0])
  }

  @Test func inEvaluationItIsTheInput() {
    let layer = Dropout(0.5)
    layer.eval()
    Random.with(RandomGenerator(seed: 3)) {
      #expect(layer(Tensor([1, 2, 3])).scalars == [1, 2, 3])
      #expect(Random.generator.state.draws == 0)
    }
  }

  @Test func theGradientHasTheSameMask() {
    let layer = Dropout<Double>(0.5, generator: RandomGenerator(seed: 4))
    let x = Tensor<Double>(ones: [100]).asVariable()
    let y = layer(x)
    y.sum().backward()
    #expect(x.gradient?.scalars == y.scalars)
  }

  @Test func theSeedDecidesAndEveryCallDiffers() {
    let x = Tensor<Float>(ones: [64])
    func two(_ seed: UInt64) -> [[Float]] {
      Random.with(RandomGenerator(seed: seed)) {
        let layer = Dropout(0.5)
        return [layer(x).scalars, layer(x).scalars]
      }
    }
    #expect(two(7) == two(7))
    #expect(two(7)[0] != two(7)[1])
    #expect(two(7) != two(8))
  }
}
