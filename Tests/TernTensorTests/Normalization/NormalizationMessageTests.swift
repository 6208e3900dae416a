import TernTensor
import TernTestSupport
import Testing

@Suite struct NormalizationMessageTests {
  @Test func oneValuePerChannel() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = batchNorm(Tensor<Float>(zeros: [1, 32, 1, 1]))
    }
    expectLine(
      "batchNorm: one value per channel in training ([1, 32, 1, 1]): its variance says nothing",
      in: result?.standardErrorContent)
  }

  @Test func scaleOfAnotherLength() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = batchNorm(Tensor<Float>(zeros: [8, 3, 2, 2]), scale: Tensor(ones: [4]))
    }
    expectLine("batchNorm: scale [4] for 3 channels of [8, 3, 2, 2]", in: result?.standardErrorContent)
  }

  @Test func aResidualOfAnotherShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = batchNorm(Tensor<Float>(ones: [4, 3]), adding: Tensor(ones: [4, 1]))
    }
    expectLine("batchNorm: a residual [4, 1] for [4, 3]", in: result?.standardErrorContent)
  }

  @Test func statisticsOfAnotherLength() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = batchNorm(Tensor<Float>(zeros: [8, 3]), mean: Tensor(ones: [3]), variance: Tensor(ones: [2]))
    }
    expectLine("batchNorm: variance [2] for 3 channels of [8, 3]", in: result?.standardErrorContent)
  }

  @Test func noAxisOfChannels() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = batchNorm(Tensor<Float>(zeros: [8]))
    }
    expectLine("batchNorm: [8] has no axis of channels: [N, C, ..] is wanted", in: result?.standardErrorContent)
  }

  @Test func anotherNormalizedShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = layerNorm(Tensor<Float>(zeros: [8, 3]), normalizedShape: [4])
    }
    expectLine("layerNorm: [8, 3] does not end in the normalized shape [4]", in: result?.standardErrorContent)
  }

  @Test func scaleOfAnotherNormalizedShape() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = rmsNorm(Tensor<Float>(zeros: [8, 3]), normalizedShape: [3], scale: Tensor(ones: [1, 3]))
    }
    expectLine("rmsNorm: scale [1, 3] for the normalized shape [3]", in: result?.standardErrorContent)
  }

  @Test func groupsThatDoNotDivide() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = groupNorm(Tensor<Float>(zeros: [2, 6, 4]), groups: 4)
    }
    expectLine(
      "groupNorm: 6 channels of [2, 6, 4] do not divide into 4 groups", in: result?.standardErrorContent)
  }

  @Test func oneValuePerGroup() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = groupNorm(Tensor<Float>(zeros: [1, 4, 1]), groups: 4)
    }
    expectLine(
      "groupNorm: one value per group ([1, 4, 1], 4 groups): its variance says nothing",
      in: result?.standardErrorContent)
  }

  @Test func onePosition() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = instanceNorm(Tensor<Float>(zeros: [2, 4, 1]))
    }
    expectLine(
      "instanceNorm: one value per channel of an example ([2, 4, 1]): its variance says nothing",
      in: result?.standardErrorContent)
  }

  @Test func anEmptyWindow() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = localResponseNorm(Tensor<Float>(zeros: [2, 4, 1]), size: 0)
    }
    expectLine("localResponseNorm: a window of 0 channels", in: result?.standardErrorContent)
  }
}
