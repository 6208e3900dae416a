import TernTensor
import TernTestSupport
import Testing

@Suite struct ShapingMessageTests {
  @Test func shapesThatDoNotJoin() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = concatenate([Tensor<Float>(zeros: [2, 3]), Tensor<Float>(zeros: [2, 4])])
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("concatenate: shapes [2, 3] and [2, 4] differ elsewhere than along axis 0"))
  }

  @Test func indicesOutside() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [3, 4]).gathered(Tensor<Int>([0, 4, 1], shape: [3, 1]), along: 1)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("gathered: index 4 outside axis 1 of [3, 4]"))
  }

  @Test func wordsOutsideTheTable() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [3, 4]).taking(Tensor([-1]))
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("taking: index -1 outside axis 0 of [3, 4]"))
  }

  @Test func lengthsThatDoNotAddUp() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [5]).split([2, 2])
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("split: lengths [2, 2] for axis 0 of [5] (4 ≠ 5)"))
  }

  @Test func mirrorsThatAreTooWide() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 3]).padded([(3, 0)], .reflect)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("padded: reflecting takes fewer elements than the axis has"))
  }
}
