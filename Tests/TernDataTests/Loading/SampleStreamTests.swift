import TernTensor
import TernTestSupport
import Testing

@testable import TernData

@Suite("Streams of samples")
struct SampleStreamTests {
  private struct Broken: Error {}

  /// All batches from a position on.
  private func batches<Source: SampleStream>(
    _ loader: StreamLoader<Source>, _ epoch: Int = 0, from batch: Int = 0
  ) throws -> [Source.Sample.Batch] where Source.Sample: Collatable {
    let reading = try loader.batches(from: LoadingPosition(epoch: epoch, batch: batch))
    var result: [Source.Sample.Batch] = []
    while let next = try reading.next() { result.append(next) }
    #expect(reading.position == LoadingPosition(epoch: epoch, batch: batch + result.count))
    return result
  }

  @Test("Batches come in order, the last one as it is or not at all")
  func order() throws {
    let stream = SequenceStream { epoch in (0..<10).map { $0 + 100 * epoch } }
    let found = try batches(StreamLoader(stream, batchSize: 4), 1).map(\.scalars)
    #expect(found == [[100, 101, 102, 103], [104, 105, 106, 107], [108, 109]])
    let whole = try batches(StreamLoader(stream, batchSize: 4, dropLast: true)).map(\.scalars)
    #expect(whole == [[0, 1, 2, 3], [4, 5, 6, 7]])
    #expect(try batches(StreamLoader(SequenceStream { _ in [Int]() }, batchSize: 4)).isEmpty)
  }

  @Test("Taken up anywhere, the batches and their random numbers are the same", arguments: [0, 1, 3, 50])
  func resuming(_ window: Int) throws {
    let stream = SequenceStream { _ in 0..<101 }.map { index in
      LabeledSample(Tensor<Float>(randomUniform: [2]), label: index)
    }
    func words(_ batches: [LabeledBatch<Float, Int>]) -> [String] {
      batches.map { "\($0.labels.scalars) \($0.inputs.scalars)" }
    }
    for batchSize in [1, 8] {
      let loader = StreamLoader(stream, batchSize: batchSize, window: window, seed: 5)
      let found = try batches(loader, 2)
      let (whole, numbers) = (words(found), found.flatMap { $0.labels.scalars })
      #expect(numbers.sorted() == Array(0..<101))
      #expect((numbers == numbers.sorted()) == (window * batchSize <= 1))
      for batch in [0, 1, 2, 5, whole.count - 1, whole.count] {
        let rest = words(try batches(loader, 2, from: batch))
        #expect(rest == Array(whole[batch...]))
      }
      let other = words(try batches(loader, 3))
      #expect(other != whole)
    }
  }

  @Test("An error comes with the number of the sample, and nothing after it")
  func errors() throws {
    let stream = SequenceStream { _ in 0..<10 }.map { index in
      if index == 5 { throw Broken() }
      return index
    }
    let reading = try StreamLoader(stream, batchSize: 2).batches()
    #expect(try reading.next()?.scalars == [0, 1] && reading.next()?.scalars == [2, 3])
    let error = #expect(throws: SampleError<any Error>.self) { try reading.next() }
    #expect(error?.index == 5 && error?.batch == 2 && error?.underlying is Broken)
    #expect(try reading.next() == nil && reading.position.batch == 2)
  }

  @Test("Texts become sequences of one length, the same as of all texts at once")
  func packing() throws {
    let tokenizer = BytePairTokenizer.train(on: ["the quick brown fox"], vocabularySize: 270)
    let texts = (0..<40).map { String(repeating: "the fox \($0) ", count: $0 % 5) }
    for (length, separator) in [(1, nil), (7, 0), (64, 3)] {
      let known = tokenizer.packed(texts, length: length, separator: separator)
      let stream = SequenceStream { _ in texts }.packed(tokenizer, length: length, separator: separator)
      let loader = StreamLoader(stream, batchSize: 3)
      let found = try batches(loader)
      let expected = DataLoader(known, batchSize: 3).map { ($0.inputs.scalars, $0.labels.scalars) }
      #expect(found.map(\.inputs.scalars) == expected.map(\.0) && found.map(\.labels.scalars) == expected.map(\.1))
      #expect(!found.isEmpty && found[0].inputs.shape[1] == length)
      let later = try batches(loader, from: 2)
      #expect(later.map(\.labels.scalars) == Array(expected.dropFirst(2).map(\.1)))
    }
  }
}
