import TernTensor
import TernTestSupport
import Testing

@Suite struct ReductionMessageTests {
  @Test func extremesOfNothing() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [0, 3]).max(along: 0)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("max: [0, 3] has nothing to choose from along axes [0]"))
  }

  @Test func axesOutside() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 3]).variance(along: 2)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("variance: axis 2 outside -2..<2"))
  }

  @Test func axesTwice() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 3]).sum(along: 1, -1)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("sum: axes [1, -1] name one axis twice"))
  }

  @Test func moreOfTheGreatestThanThereAre() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor<Float>(zeros: [2, 3]).topK(4)
    }
    let message = text(result?.standardErrorContent)
    #expect(message.contains("topK: 4 of the 3 along axis 1 of [2, 3]"))
  }
}
