import TernTensor
import TernTestSupport
import Testing

/// Whose fault it is that input and weights do not fit.
@Suite struct RecurrentMessageTests {
  @Test func anInputOfOtherFeaturesIsNamed() async {
    let lstmResult = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let weights = RecurrentWeights(input: Tensor<Float>(zeros: [12, 10]), hidden: Tensor(zeros: [12, 3]))
      let state = Tensor<Float>(zeros: [1, 2, 3])
      _ = lstm(Tensor<Float>(zeros: [5, 2, 7]), hidden: state, cell: state, weights: [weights])
    }
    let long = text(lstmResult?.standardErrorContent)
    #expect(long.contains("lstm: input [5, 2, 7] has 7 features, the weights take 10"), "\(long)")
    let gruResult = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let weights = RecurrentWeights(input: Tensor<Float>(zeros: [9, 10]), hidden: Tensor(zeros: [9, 3]))
      _ = gru(
        Tensor<Float>(zeros: [2, 5, 7]), hidden: Tensor(zeros: [2, 2, 3]), weights: [weights, weights],
        bidirectional: true, batchFirst: true)
    }
    let gated = text(gruResult?.standardErrorContent)
    #expect(gated.contains("gru: input [2, 5, 7] has 7 features, the weights take 10"), "\(gated)")
    let rnnResult = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let weights = RecurrentWeights(input: Tensor<Float>(zeros: [3, 10]), hidden: Tensor(zeros: [3, 3]))
      _ = rnn(Tensor<Float>(zeros: [5, 7]), hidden: Tensor(zeros: [1, 3]), weights: [weights])
    }
    let plain = text(rnnResult?.standardErrorContent)
    #expect(plain.contains("rnn: input [5, 7] has 7 features, the weights take 10"), "\(plain)")
  }

  @Test func aWeightOfALaterLayerIsStillTheWeights() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let first = RecurrentWeights(input: Tensor<Float>(zeros: [9, 7]), hidden: Tensor(zeros: [9, 3]))
      let second = RecurrentWeights(input: Tensor<Float>(zeros: [9, 7]), hidden: Tensor(zeros: [9, 3]))
      _ = gru(Tensor<Float>(zeros: [5, 2, 7]), hidden: Tensor(zeros: [2, 2, 3]), weights: [first, second])
    }
    let words = text(result?.standardErrorContent)
    #expect(words.contains("gru: layer 1 has a weight [9, 7], [9, 3] is wanted"), "\(words)")
  }
}
