import TernTensor
import TernTestSupport
import Testing

@Suite struct PoolingMessageTests {
  @Test func kernelLargerThanTheInput() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = maxPool2D(Tensor<Float>(zeros: [1, 1, 2, 9]), kernelSize: 3)
    }
    expectLine(
      "maxPool2D: kernel 3×3 is larger than the padded input (3×3 > 2×9)", in: result?.standardErrorContent)
  }

  @Test func paddingAboveHalfOfTheKernel() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = avgPool1D(Tensor<Float>(zeros: [1, 1, 9]), kernelSize: 3, padding: 2)
    }
    expectLine(
      "avgPool1D: padding 2 is not between 0 and half of the kernel 3", in: result?.standardErrorContent)
  }

  @Test func rankThatFitsNoImages() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = adaptiveAvgPool2D(Tensor<Float>(zeros: [4, 9]), outputSize: 1)
    }
    expectLine(
      "adaptiveAvgPool2D: input [4, 9] is neither [batch, channels, height, width] nor [channels, height, width]",
      in: result?.standardErrorContent)
  }

  @Test func channelsThatDoNotShuffle() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = pixelShuffle(Tensor<Float>(zeros: [1, 6, 2, 2]), upscaleFactor: 2)
    }
    expectLine(
      "pixelShuffle: input [1, 6, 2, 2] has 6 channels, which 2² does not divide", in: result?.standardErrorContent)
  }

  @Test func sizesForAnotherNumberOfAxes() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = interpolate(Tensor<Float>(zeros: [1, 6, 2, 2]), size: [2, 3, 4])
    }
    expectLine(
      "interpolate: 3 numbers [2, 3, 4] for 2 axes of [1, 6, 2, 2]", in: result?.standardErrorContent)
  }
}
