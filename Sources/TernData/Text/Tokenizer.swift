import TernBackend
import TernTensor

/// Text as numbers of tokens and back: ``BytePairTokenizer``, ``WordPieceTokenizer``, ``UnigramTokenizer``.
public protocol Tokenizer: Sendable {
  /// How many numbers tokens may have: every number is in 0 ..< vocabularySize.
  var vocabularySize: Int { get }

  /// How many tokens `encode` adds to a text, such as those for its beginning and its end.
  var addedTokenCount: Int { get }

  /// The tokens of `text`.
  ///
  /// - Parameters:
  ///   - addingSpecialTokens: whether the tokens that the file sets around a text are added.
  ///   - maximumLength: the most tokens, the added ones included; those at the end are left out.
  func encode(_ text: String, addingSpecialTokens: Bool, maximumLength: Int?) -> TokenizedText

  /// The text of the tokens with these numbers; those that no token has are passed over.
  func decode(_ ids: [Int], skippingSpecialTokens: Bool) -> String

  /// The number of a token as the file spells it, or of an added token; `nil` where there is none.
  func id(of token: String) -> Int?

  /// The token with this number as the file spells it; `nil` where there is none.
  func token(_ id: Int) -> String?
}

/// The tokens of one text.
public struct TokenizedText: Sendable, Equatable {
  /// Their numbers.
  public var ids: [Int] = []
  /// Where each is in the text, counted in Unicode scalars (Python's characters); 0 ..< 0 for what was added.
  ///
  /// A token of some bytes of a scalar has the range of the whole scalar.
  public var offsets: [Range<Int>] = []
  /// Which were added around the text.
  public var isAdded: [Bool] = []

  /// No tokens.
  public init() {}

  /// How many tokens there are.
  public var count: Int { ids.count }

  mutating func append(_ id: Int, _ range: Range<Int>) {
    ids.append(id)
    offsets.append(range)
  }

  /// Leaves out what is behind the first `count` tokens.
  mutating func truncate(to count: Int) {
    guard count < ids.count else { return }
    ids.removeLast(ids.count - count)
    offsets.removeLast(offsets.count - count)
    isAdded.removeLast(isAdded.count - count)
  }
}

extension Tokenizer {
  /// The tokens of `text`, with those that the file sets around it.
  public func encode(_ text: String) -> TokenizedText {
    encode(text, addingSpecialTokens: true, maximumLength: nil)
  }

  /// The tokens of `text`.
  public func encode(_ text: String, addingSpecialTokens: Bool) -> TokenizedText {
    encode(text, addingSpecialTokens: addingSpecialTokens, maximumLength: nil)
  }

  /// The text of the tokens with these numbers, without special tokens; numbers that no token has are passed over.
  public func decode(_ ids: [Int]) -> String { decode(ids, skippingSpecialTokens: true) }

  /// A text's tokens between those of `frame`, at most `maximumLength` with them.
  func framed(
    _ frame: TokenFrame, _ isAdding: Bool, _ maximumLength: Int?, _ body: (inout TokenizedText) -> Void
  ) -> TokenizedText {
    var result = TokenizedText()
    if isAdding { for id in frame.before { result.append(id, 0..<0) } }
    let before = result.count
    body(&result)
    let end = isAdding ? frame.after : []
    result.isAdded = Array(repeating: true, count: before) + Array(repeating: false, count: result.count - before)
    if let maximumLength { result.truncate(to: max(maximumLength - end.count, 0)) }
    for id in end {
      result.append(id, 0..<0)
      result.isAdded.append(true)
    }
    if let maximumLength { result.truncate(to: max(maximumLength, 0)) }
    return result
  }
}

/// The tokens that a file sets around a text.
struct TokenFrame: Sendable {
  var before: [Int] = []
  var after: [Int] = []
}
