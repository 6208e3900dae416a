import TernTensor
import TernTestSupport
import Testing

@Suite struct ConvolutionMessageTests {
  @Test func channelsThatDisagree() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv2D(Tensor<Float>(zeros: [8, 3, 32, 32]), Tensor(zeros: [16, 4, 3, 3]))
    }
    expectLine(
      "conv2D: input [8, 3, 32, 32] has 3 channels, weight [16, 4, 3, 3] wants 4", in: result?.standardErrorContent)
  }

  @Test func channelsOfGroupsThatDisagree() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv1D(Tensor<Float>(zeros: [8, 6, 32]), Tensor(zeros: [16, 4, 3]), groups: 2)
    }
    expectLine(
      "conv1D: input [8, 6, 32] has 6 channels, weight [16, 4, 3] wants 8 in 2 groups", in: result?.standardErrorContent
    )
  }

  @Test func kernelLargerThanThePaddedInput() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv2D(Tensor<Float>(zeros: [1, 1, 2, 9]), Tensor(zeros: [1, 1, 3, 3]), padding: [1, 0], dilation: 2)
    }
    expectLine(
      "conv2D: kernel 3×3 with dilation 2×2 is larger than the padded input (5×5 > 4×9)",
      in: result?.standardErrorContent)
  }

  @Test func samePaddingWithAStride() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv2D(Tensor<Float>(zeros: [1, 1, 9, 9]), Tensor(zeros: [1, 1, 3, 3]), stride: 2, padding: .same)
    }
    expectLine("conv2D: padding .same with a stride of 2×2 keeps no extents", in: result?.standardErrorContent)
  }

  @Test func ranksThatFitNoImages() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv2D(Tensor<Float>(zeros: [32, 32]), Tensor(zeros: [16, 4, 3, 3]))
    }
    expectLine(
      "conv2D: input [32, 32] is neither [batch, channels, height, width] nor [channels, height, width]",
      in: result?.standardErrorContent)
  }

  @Test func biasOfAnotherLength() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = conv2D(Tensor<Float>(zeros: [1, 4, 9, 9]), Tensor(zeros: [16, 4, 3, 3]), bias: Tensor(zeros: [4]))
    }
    expectLine("conv2D: bias [4] for 16 output channels", in: result?.standardErrorContent)
  }

  @Test func outputPaddingThatTheStrideDoesNotCover() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = transposedConv2D(
        Tensor<Float>(zeros: [1, 4, 9, 9]), Tensor(zeros: [4, 2, 3, 3]), stride: 2, outputPadding: 2)
    }
    expectLine(
      "transposedConv2D: output padding 2×2 is not below stride or dilation (2 ≥ 2)", in: result?.standardErrorContent)
  }
}

/// Expects what a child process wrote to hold a line that ends so.
func expectLine(
  _ line: String, in bytes: [UInt8]?, sourceLocation: SourceLocation = #_sourceLocation
) {
  let written = text(bytes)
  #expect(written.contains(line + "\n"), sourceLocation: sourceLocation)
}
