import TernTensor
import TernTestSupport
import Testing

@Suite struct ElementwiseMessageTests {
  @Test func shapesThatDoNotBroadcast() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = hypot(Tensor<Float>(zeros: [2, 3]), Tensor<Float>(zeros: [4]))
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("hypot: shapes do not broadcast: [2, 3] and [4] (3 ≠ 4)"))
  }

  @Test func conditionsThatDoNotBroadcast() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = select(Tensor<Bool>([true, false]), Tensor<Float>(zeros: [3]), 0)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("select: shapes do not broadcast: [3] and [2] (3 ≠ 2)"))
  }

  @Test func boundsInTheWrongOrder() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>([1, 2]).hardTanh(min: 2, max: -1)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("hardTanh: minimum 2.0 and maximum -1.0, expected minimum ≤ maximum"))
  }

  @Test func boundsThatAreMissing() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>([1]).clamped()
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("clamped: neither a minimum nor a maximum is given"))
  }

  @Test func anAxisThatCannotBeHalved() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 5]).glu()
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("glu: axis 1 of [2, 5] cannot be halved"))
  }

  @Test func weightsForOtherChannels() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 5, 7]).prelu(Tensor(zeros: [7]))
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("prelu: weight [7] for [2, 5, 7], which has 5 channels"))
  }

  @Test func anAlphaOfZero() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2]).celu(alpha: 0)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("celu: alpha is 0"))
  }
}
