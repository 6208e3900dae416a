import TernBackend
import TernTensor

/// A stream of texts as sequences of tokens of one length, each with the token behind every one of its tokens as target.
///
/// The tokens of the texts lie one after another, with a separator behind each where there is one; those behind the last whole
/// sequence are left out. What is read from the middle on makes tokens of the texts before it too.
public struct PackedStream<Source: SampleStream, Tokens: Tokenizer>: SampleStream where Source.Sample == String {
  /// Where the texts come from.
  public let texts: Source
  /// What makes tokens of them.
  public let tokenizer: Tokens
  /// L, the length of each sequence.
  public let length: Int
  /// The token behind each text; `nil` for none.
  public let separator: Int?

  /// What gives the sequences, inputs and targets of [L], from the one numbered `first` on.
  public func reader(ofEpoch epoch: Int, from first: Int) throws -> () throws -> LabeledSample<Int, Int>? {
    let next = try texts.reader(ofEpoch: epoch, from: 0)
    var ids: [Int] = []
    var start = 0
    func window() throws -> Range<Int>? {
      while ids.count - start <= length {
        guard let text = try next() else { return nil }
        if start > 0 {
          ids.removeFirst(start)
          start = 0
        }
        ids += tokenizer.encode(text, addingSpecialTokens: false).ids
        if let separator { ids.append(separator) }
      }
      defer { start += length }
      return start..<start + length
    }
    var passed = 0
    return {
      while passed < first {
        guard try window() != nil else { return nil }
        passed += 1
      }
      guard let place = try window() else { return nil }
      return LabeledSample(
        Tensor(Array(ids[place])), label: Tensor(Array(ids[place.lowerBound + 1..<place.upperBound + 1])))
    }
  }
}

extension SampleStream where Sample == String {
  /// The tokens of these texts as sequences of `length`, for a model that foretells the next token. The tokens that the file
  /// sets around a text are not added. Stops for a length below 1.
  public func packed<Tokens: Tokenizer>(
    _ tokenizer: Tokens, length: Int, separator: Int? = nil, file: StaticString = #fileID, line: UInt = #line
  ) -> PackedStream<Self, Tokens> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(length >= 1 && length < Int.max, "packed", "length \(length) is less than 1")
    return PackedStream(texts: self, tokenizer: tokenizer, length: length, separator: separator)
  }
}
