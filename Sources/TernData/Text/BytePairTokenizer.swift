import TernBackend

/// Byte-level byte-pair encoding, as GPT-2's: a text is divided into words by GPT-2's pattern, and the UTF-8 of each is
/// merged pair by pair, the pair first that was learned first (Radford et al. 2019; Sennrich, Haddow and Birch 2016).
///
/// ```swift
/// let tokenizer = try BytePairTokenizer(contentsOf: "tokenizer.json")
/// let text = tokenizer.encode("Hello, world")
/// print(text.ids, text.offsets, tokenizer.decode(text.ids))
/// ```
///
/// Every text has tokens, and decoding them gives it back byte for byte (behind a space where the file sets one before
/// texts, and special tokens where they are not passed over). Texts are their bytes and Unicode scalars here: é
/// in one scalar and in two are different texts. It can be used from any number of threads.
public struct BytePairTokenizer: Tokenizer {
  let model: BytePairModel

  /// How many numbers tokens may have.
  public var vocabularySize: Int { model.spellings.count }

  /// How many tokens `encode` adds to a text.
  public var addedTokenCount: Int { model.frame.before.count + model.frame.after.count }

  /// The number of a token as the file spells it, or of an added token; `nil` where there is none.
  public func id(of token: String) -> Int? { model.ids[Array(token.utf8)] }

  /// The token with this number as the file spells it, a character a byte; `nil` where there is none.
  public func token(_ id: Int) -> String? { model.spellings.indices.contains(id) ? model.spellings[id] : nil }

  /// The tokens of `text`.
  ///
  /// - Parameters:
  ///   - addingSpecialTokens: whether the tokens that the file sets around a text are added.
  ///   - maximumLength: the most tokens, the added ones included; those at the end are left out.
  public func encode(_ text: String, addingSpecialTokens: Bool, maximumLength: Int?) -> TokenizedText {
    framed(model.frame, addingSpecialTokens, maximumLength) { model.encode(text, to: &$0) }
  }

  /// The text of the tokens with these numbers; those that no token has are passed over, and bytes that are no UTF-8 are
  /// U+FFFD.
  public func decode(_ ids: [Int], skippingSpecialTokens: Bool) -> String {
    String(decoding: bytes(of: ids, skippingSpecialTokens: skippingSpecialTokens), as: UTF8.self)
  }

  /// The bytes of the tokens with these numbers, which may end within a scalar.
  public func bytes(of ids: [Int], skippingSpecialTokens: Bool = true) -> [UInt8] {
    var bytes: [UInt8] = []
    for id in ids where model.bytes.indices.contains(id) {
      if skippingSpecialTokens, model.specialIDs.contains(id) { continue }
      bytes += model.bytes[id]
    }
    return bytes
  }
}

/// A vocabulary with its merges, and how a file wants texts to be treated.
final class BytePairModel: Sendable {
  /// How tokens are found besides by merges.
  struct Options: Sendable {
    /// A space is set before a text that has none.
    var addsPrefixSpace = false
    /// Texts are divided into words.
    var splitsWords = true
    /// A word that is a token is not divided.
    var ignoresMerges = false
    /// White space at the ends of tokens is not within their offsets.
    var trimsOffsets = false
    /// Where offsets are trimmed, a text's first space is one that was set before it.
    var trimsAfterPrefix = true
  }

  let options: Options
  let frame: TokenFrame
  let added: AddedTokens
  let specialIDs: Set<Int>
  /// How files spell the tokens, by number.
  let spellings: [String?]
  /// The bytes of the tokens, by number.
  let bytes: [[UInt8]]
  /// Numbers by the UTF-8 of spellings.
  let ids: [[UInt8]: Int]
  let pairs: [(left: Int32, right: Int32)]
  /// What the file says of the tokens around a text.
  let postProcessor: JSON?

  private let lengths: [Int32]
  private let byteIDs: [Int32]
  private let merges: BytePairMerges
  private let caches = WordCachePool()

  /// The tokens with these spellings, among them all bytes' characters; `pairs` become the tokens of their spellings.
  init(
    spellings: [String?], ids: [[UInt8]: Int], pairs: [(left: Int32, right: Int32)], results: [Int32],
    added: AddedTokens, frame: TokenFrame, options: Options, postProcessor: JSON?
  ) {
    self.spellings = spellings
    self.ids = ids
    self.pairs = pairs
    self.added = added
    self.frame = frame
    self.options = options
    self.postProcessor = postProcessor
    specialIDs = Set(added.entries.filter(\.isSpecial).map(\.id))
    var bytes = spellings.map { spelling in
      spelling.map { ByteAlphabet.bytes(of: $0) ?? Array($0.utf8) } ?? []
    }
    lengths = bytes.map { Int32($0.count) }
    byteIDs = ByteAlphabet.scalars.map { Int32(ids[Array(String($0).utf8)] ?? 0) }
    // Added tokens are spelled as they are, unless they are what words consist of.
    let reached = Set(byteIDs + results)
    for entry in added.entries where !reached.contains(Int32(entry.id)) { bytes[entry.id] = Array(entry.content.utf8) }
    self.bytes = bytes
    merges = BytePairMerges(count: pairs.count)
    for (rank, pair) in pairs.enumerated() {
      merges.insert(pair.left, pair.right, rank: rank, id: results[rank])
    }
  }

  func encode(_ text: String, to result: inout TokenizedText) {
    var text = text
    text.withUTF8 { text in
      caches.with { cache in
        var scalar = 0
        let first = result.count
        result.ids.reserveCapacity(first + text.count / 4)
        result.offsets.reserveCapacity(first + text.count / 4)
        added.split(text) { range, entry in
          let part = UnsafeBufferPointer(rebasing: text[range])
          if let entry {
            let end = scalar + part.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
            result.append(entry.id, scalar..<end)
            scalar = end
          } else if options.addsPrefixSpace, part[0] != 0x20 {
            ([0x20] + part).withUnsafeBufferPointer { encode($0, hasPrefix: true, &scalar, cache, &result) }
          } else {
            encode(part, hasPrefix: false, &scalar, cache, &result)
          }
        }
        if options.trimsOffsets { trim(&result, from: first) }
      }
    }
  }

  /// The tokens of a part without added ones; `scalar` counts scalars, the prefix not among them.
  private func encode(
    _ text: UnsafeBufferPointer<UInt8>, hasPrefix: Bool, _ scalar: inout Int, _ cache: WordCache,
    _ result: inout TokenizedText
  ) {
    let start = text.baseAddress!
    ScalarClass.table.withUnsafeBufferPointer { classes in
      lengths.withUnsafeBufferPointer { lengths in
        var words = GPT2Words(text, classes: classes.baseAddress!)
        var isWhole = !options.splitsWords
        while let word = isWhole ? 0..<text.count : words.next() {
          defer { if !options.splitsWords { isWhole = false } }
          let (bytes, count) = (start + word.lowerBound, word.count)
          let hasPrefix = hasPrefix && word.lowerBound == 0
          if count <= WordCache.longest {
            let hash = WordCache.hash(bytes, count)
            if let tokens = cache.find(bytes, count, hash) {
              append(tokens, bytes, count, hasPrefix, lengths, &scalar, &result)
            } else {
              let tokens = tokens(bytes, count)
              cache.insert(bytes, count, hash, tokens)
              tokens.withUnsafeBufferPointer { append($0, bytes, count, hasPrefix, lengths, &scalar, &result) }
            }
          } else {
            tokens(bytes, count).withUnsafeBufferPointer {
              append($0, bytes, count, hasPrefix, lengths, &scalar, &result)
            }
          }
          if !options.splitsWords { break }
        }
      }
    }
  }

  private func tokens(_ word: UnsafePointer<UInt8>, _ count: Int) -> [Int32] {
    let word = UnsafeBufferPointer(start: word, count: count)
    if options.ignoresMerges, let id = ids[Array(ByteAlphabet.spelling(of: word).utf8)] { return [Int32(id)] }
    var symbols = word.map { byteIDs[Int($0)] }
    merges.merge(&symbols)
    return symbols
  }

  /// Appends a word's tokens with their offsets: those of all scalars of which a token has a byte.
  @inline(__always)
  private func append(
    _ tokens: UnsafeBufferPointer<Int32>, _ word: UnsafePointer<UInt8>, _ count: Int, _ hasPrefix: Bool,
    _ lengths: UnsafeBufferPointer<Int32>, _ scalar: inout Int, _ result: inout TokenizedText
  ) {
    if tokens.count == 1, !hasPrefix {
      var end = scalar
      for place in 0..<count { end += word[place] & 0xC0 == 0x80 ? 0 : 1 }
      result.append(Int(tokens[0]), scalar..<end)
      scalar = end
      return
    }
    var place = 0
    for token in tokens {
      let end = place + Int(lengths[Int(token)])
      let first = word[place] & 0xC0 == 0x80 ? scalar - 1 : scalar
      let isPrefixed = hasPrefix && place == 0
      if isPrefixed { place = 1 }
      while place < end {
        scalar += word[place] & 0xC0 == 0x80 ? 0 : 1
        place += 1
      }
      // The prefix alone has the place of the scalar behind it.
      result.append(Int(token), first..<(isPrefixed ? max(scalar, first + 1) : scalar))
    }
  }

  /// Takes white space at the ends of tokens out of their offsets.
  private func trim(_ result: inout TokenizedText, from start: Int) {
    for index in start..<result.count {
      let token = bytes[result.ids[index]]
      var leading = token.prefix { $0 == 0x20 }.count
      let trailing = token.reversed().prefix { $0 == 0x20 }.count
      guard leading + trailing > 0 else { continue }
      var (first, last) = (result.offsets[index].lowerBound, result.offsets[index].upperBound)
      // More than one were not set before the text.
      if options.trimsAfterPrefix, leading == 1, index == start || first == 0 { leading = 0 }
      first = min(first + leading, last)
      if trailing > 0, last >= trailing { last = max(last - trailing, first) }
      result.offsets[index] = first..<last
    }
  }
}
