import TernTensor
import TernTestSupport
import Testing

/// Sequences of several lengths: in and out of packs, and through networks. PyTorch's numbers are among the conformance cases.
@Suite struct PackedSequenceTests {
  private func draw(_ shape: [Int], seed: UInt64) -> Tensor<Double> {
    Tensor(randomNormal: shape, deviation: 0.7, generator: RandomGenerator(seed: seed))
  }

  @Test("packing and padding are each other's inverse, in both orders of axes")
  func inverses() {
    let lengths = [2, 0, 4, 2]
    for isBatchFirst in [false, true] {
      let x = draw(isBatchFirst ? [4, 5, 3] : [5, 4, 3], seed: 1)
      let packed = PackedSequence(x, lengths: lengths, batchFirst: isBatchFirst)
      #expect(packed.batchSizes == [3, 3, 1, 1] && packed.lengths == lengths && packed.count == 4)
      #expect(packed.sortedIndices == [2, 0, 3, 1] && packed.unsortedIndices == [1, 3, 0, 2])
      let padded = packed.padded(batchFirst: isBatchFirst, value: 9, length: 5)
      for (index, length) in lengths.enumerated() {
        let (one, source) =
          isBatchFirst
          ? (padded[index], x[index]) : (padded.selected(axis: 1, index: index), x.selected(axis: 1, index: index))
        #expect(one[0..<length] == source[0..<length])
        #expect(one[length..<5] == Tensor(full: [5 - length, 3], 9))
      }
      let parts = packed.unpacked()
      #expect(parts == unpadSequences(x, lengths: lengths, batchFirst: isBatchFirst))
      let again = PackedSequence(parts)
      #expect(again.data == packed.data && again.batchSizes == packed.batchSizes)
    }
    #expect(PackedSequence([Tensor<Int>([4, 5]), Tensor<Int>([6])]).data.scalars == [4, 6, 5])
  }

  @Test("every sequence runs as if it were alone, and padding does not matter")
  func alone() {
    let x = draw([4, 3, 2], seed: 2)
    let lengths = [3, 1, 4]
    let (h, c) = (draw([4, 3, 3], seed: 3), draw([4, 3, 3], seed: 4))
    var weights: [RecurrentWeights<Double>] = []
    for layer in 0..<4 {
      let seed = UInt64(10 * layer)
      let (input, hidden) = (draw([12, layer < 2 ? 2 : 6], seed: seed), draw([12, 3], seed: seed + 1))
      weights.append(RecurrentWeights(input: input, hidden: hidden, inputBias: draw([12], seed: seed + 2)))
    }
    var spoilt = x
    for (index, length) in lengths.enumerated() where length < 4 { spoilt[length..<4, index] = Tensor(.nan) }
    let variable = spoilt.asVariable()
    let found = lstm(
      PackedSequence(variable, lengths: lengths), hidden: h, cell: c, weights: weights, bidirectional: true)
    let padded = found.output.padded()
    for (index, length) in lengths.enumerated() {
      let one = lstm(
        x[0..<length, index..<index + 1], hidden: h.narrowed(axis: 1, start: index, length: 1),
        cell: c.narrowed(axis: 1, start: index, length: 1), weights: weights, bidirectional: true)
      #expect(relativeDifference(padded[0..<length, index..<index + 1], one.output) < 1e-14)
      #expect(relativeDifference(found.hidden.narrowed(axis: 1, start: index, length: 1), one.hidden) < 1e-14)
      #expect(relativeDifference(found.cell.narrowed(axis: 1, start: index, length: 1), one.cell) < 1e-14)
    }
    padded.sum().backward()
    #expect(variable.gradient!.isAllFinite)
  }

  @Test("sequences of no times keep their state")
  func noTimes() {
    let h = draw([2, 2, 3], seed: 5)
    let one = RecurrentWeights(input: draw([9, 2], seed: 6), hidden: draw([9, 3], seed: 7))
    let weights = [one, one]
    let none = gru(
      PackedSequence(Tensor<Double>(zeros: [3, 2, 2]), lengths: [0, 0]), hidden: h, weights: weights,
      bidirectional: true)
    #expect(none.hidden == h && none.output.data.shape == [0, 6])
    let some = gru(
      PackedSequence(draw([3, 2, 2], seed: 8), lengths: [0, 2]), hidden: h, weights: weights, bidirectional: true)
    #expect(some.hidden.narrowed(axis: 1, start: 0, length: 1) == h.narrowed(axis: 1, start: 0, length: 1))
  }

  @Test func messages() async {
    let lengths = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = PackedSequence(Tensor<Float>(zeros: [3, 2, 4]), lengths: [1, 4])
    }
    let long = text(lengths?.standardErrorContent)
    #expect(long.contains("PackedSequence: length 4 of sequence 1 outside 0...3"), "\(long)")
    let projection = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let weights = RecurrentWeights(
        input: Tensor<Float>(zeros: [9, 2]), hidden: Tensor(zeros: [9, 2]), projection: Tensor(zeros: [2, 3]))
      _ = gru(Tensor<Float>(zeros: [1, 1, 2]), hidden: Tensor(zeros: [1, 1, 2]), weights: [weights])
    }
    let words = text(projection?.standardErrorContent)
    #expect(words.contains("gru: a projection: only an LSTM has one"), "\(words)")
  }
}
