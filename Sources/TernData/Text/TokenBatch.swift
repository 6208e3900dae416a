import TernBackend
import TernTensor

/// Texts as tensors: a row a text, filled up to one length.
public struct TokenBatch: Sendable {
  /// The tokens' numbers: [N, L].
  public var ids: Tensor<Int>
  /// The attention mask: [N, L], 1 where there is a token and 0 where the row was filled up.
  public var mask: Tensor<Int>
}

/// An end of a row of tokens.
public enum TokenSide: Sendable {
  /// Before the tokens.
  case left
  /// Behind the tokens.
  case right
}

extension Tokenizer {
  /// The tokens of `texts` as tensors [N, L], with a mask.
  ///
  /// - Parameters:
  ///   - padding: the number of the token that fills rows up.
  ///   - length: L; that of the longest text where it is `nil`. Longer texts are cut to it.
  ///   - maximumLength: the most tokens a text keeps, the added ones included.
  ///   - multiple: L is rounded up to a multiple of it where `length` is `nil`; at least 1.
  ///   - side: where rows are filled up.
  ///   - addingSpecialTokens: whether the tokens that the file sets around a text are added.
  ///
  /// Stops for a padding outside 0 ..< vocabularySize, negative lengths, and a multiple below 1.
  public func batch(
    _ texts: [String], padding: Int, length: Int? = nil, maximumLength: Int? = nil, multiple: Int = 1,
    side: TokenSide = .right, addingSpecialTokens: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> TokenBatch {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      padding >= 0 && padding < vocabularySize, "Tokenizer.batch",
      "padding \(padding) is not in 0 ..< \(vocabularySize)")
    check(multiple >= 1, "Tokenizer.batch", "multiple \(multiple) is less than 1")
    let limits = [length, maximumLength].compactMap { $0 }
    for limit in limits { check(limit >= 0, "Tokenizer.batch", "length \(limit) is negative") }
    let rows = texts.map {
      encode($0, addingSpecialTokens: addingSpecialTokens, maximumLength: limits.min()).ids
    }
    let longest = rows.map(\.count).max() ?? 0
    let remainder = longest % multiple
    let (rounded, overflows) = longest.addingReportingOverflow(remainder == 0 ? 0 : multiple - remainder)
    check(!overflows, "Tokenizer.batch", "no length is a multiple of \(multiple)")
    let width = length ?? rounded
    func filled(_ filler: Int, _ value: (Int) -> Int) -> Tensor<Int> {
      Tensor(shape: [rows.count, width]) { out in
        for (index, row) in rows.enumerated() {
          let start = out + index * width
          start.update(repeating: filler, count: width)
          let first = side == .right ? 0 : width - row.count
          for (place, id) in row.enumerated() { start[first + place] = value(id) }
        }
      }
    }
    return TokenBatch(ids: filled(padding) { $0 }, mask: filled(0) { _ in 1 })
  }

  /// The tokens of `texts` one after another, with `separator` behind each where it is given, as sequences of `length`
  /// for a model that foretells the next token. The tokens that the file sets around a text are not added.
  ///
  /// Stops for a length below 1.
  public func packed(
    _ texts: some Sequence<String>, length: Int, separator: Int? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) -> PackedTokens {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var ids: [Int] = []
    for text in texts {
      ids += encode(text, addingSpecialTokens: false).ids
      if let separator { ids.append(separator) }
    }
    return PackedTokens(ids, length: length)
  }
}

/// A stream of tokens in sequences of one length, each with the token behind every one of its tokens as target:
/// inputsₙₗ = idsₙ_L₊ₗ, targetsₙₗ = idsₙ_L₊ₗ₊₁.
public struct PackedTokens: FingerprintedDataset {
  /// The stream.
  public let ids: [Int]
  /// L, the length of each sequence.
  public let length: Int
  /// How many whole sequences there are: (ids.count − 1) / L; what remains is left out.
  public var count: Int { max(ids.count - 1, 0) / length }

  /// The stream `ids` in sequences of `length`; stops for a length below 1.
  public init(_ ids: [Int], length: Int, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(length >= 1, "PackedTokens", "length \(length) is less than 1")
    self.ids = ids
    self.length = length
  }

  /// A short text that depends on the length and every token.
  public var fingerprint: String {
    var result = Fingerprint()
    result.add("PackedTokens")
    result.add(length)
    for id in ids { result.add(id) }
    return result.text
  }

  /// The sequences at `indices`: inputs and targets of [indices.count, L]; stops for one that is not there.
  public func batch(_ indices: [Int]) -> LabeledBatch<Int, Int> {
    func rows(_ shift: Int) -> Tensor<Int> {
      Tensor(shape: [indices.count, length]) { out in
        for (row, index) in indices.enumerated() {
          check(index >= 0 && index < count, "PackedTokens", "index \(index) is not in 0 ..< \(count)")
          for place in 0..<length { out[row * length + place] = ids[index * length + place + shift] }
        }
      }
    }
    return LabeledBatch(inputs: rows(0), labels: rows(1))
  }
}
