import TernBackend

/// WordPiece, as BERT's: a text is normalized and divided at white space and punctuation, and each word into the longest
/// tokens of the vocabulary from its beginning on (Devlin et al. 2019).
///
/// ```swift
/// let tokenizer = try WordPieceTokenizer(contentsOf: "tokenizer.json")
/// let batch = tokenizer.batch(["Hello, world", "one more"], padding: tokenizer.id(of: "[PAD]")!)
/// ```
///
/// It can be used from any number of threads.
public struct WordPieceTokenizer: Tokenizer {
  let options: BERTOptions
  let frame: TokenFrame
  let added: AddedTokens
  let spellings: [String?]
  let ids: [[UInt8]: Int]
  let unknownID: Int
  let unknown: String
  /// What tokens begin with that do not begin a word.
  let prefix: String
  /// How many scalars a word has at most that is not unknown.
  let longestWord: Int
  /// Whether decoding takes spaces before punctuation away.
  let cleansUp: Bool
  let postProcessor: JSON?
  private let specialIDs: Set<Int>
  private let prefixBytes: [UInt8]
  private let hashes: TokenHashes

  /// How many numbers tokens may have.
  public var vocabularySize: Int { spellings.count }

  /// How many tokens `encode` adds to a text.
  public var addedTokenCount: Int { frame.before.count + frame.after.count }

  /// The number of a token as the file spells it; `nil` where there is none.
  public func id(of token: String) -> Int? { ids[Array(token.utf8)] }

  /// The token with this number as the file spells it; `nil` where there is none.
  public func token(_ id: Int) -> String? { spellings.indices.contains(id) ? spellings[id] : nil }

  /// Reads a Hugging Face `tokenizer.json` of WordPiece with BERT's normalizer and pre-tokenizer; a gzip archive is
  /// unpacked. The file's own truncation and padding are not applied.
  ///
  /// - Throws: `DataError` where it cannot be read, contradicts itself, or has a part that is not supported, which it names.
  public init(contentsOf path: String) throws(DataError) {
    var bytes = try FileIO.read(path)
    if Gzip.isArchive(bytes) { bytes = try Gzip.contents(of: bytes, file: path) }
    try self.init(bytes: bytes, file: path)
  }

  /// Reads the contents of a `tokenizer.json`; `file` names it in errors.
  ///
  /// - Throws: `DataError` as `init(contentsOf:)` does.
  public init(bytes: [UInt8], file name: String = "tokenizer.json") throws(DataError) {
    let file = try TokenizerFile(bytes, file: name, model: "WordPiece")
    options = try BERTOptions(file)
    guard let words = try file.part("pre_tokenizer", of: "pretokenizers"),
      try file.type(of: words, "pre_tokenizer") == "BertPreTokenizer"
    else { throw file.unsupported("the pre_tokenizer is another", "BertPreTokenizer") }
    guard let decoder = try file.part("decoder", of: "decoders"),
      try file.type(of: decoder, "decoder") == "WordPiece"
    else { throw file.unsupported("the decoder is another", "WordPiece") }
    cleansUp = try file.flag(decoder, "cleanup", "decoder", default: true)
    prefix = try file.text(file.model, "continuing_subword_prefix", "the model")
    guard try file.text(decoder, "prefix", "decoder").utf8.elementsEqual(prefix.utf8) else {
      throw file.unsupported("the decoder's prefix is not the model's")
    }
    guard let longest = file.model["max_input_chars_per_word"]?.int, longest >= 0, longest <= 1 << 16 else {
      throw file.malformed("the model's max_input_chars_per_word is no number in 0 ... 65536")
    }
    longestWord = longest
    let added: [AddedTokens.Entry]
    (spellings, ids, added) = try file.vocabulary()
    for entry in added where entry.isNormalized && options != BERTOptions() {
      throw file.unsupported("the added token \"\(printable(entry.content, limit: 60))\" is normalized")
    }
    unknown = try file.text(file.model, "unk_token", "the model")
    guard let id = ids[Array(unknown.utf8)] else { throw file.malformed("the unk_token is not in the vocabulary") }
    unknownID = id
    frame = try file.frame(file.root["post_processor"], ids) { (part) throws(DataError) in
      throw file.unsupported("the post_processor \"\(try file.type(of: part, "post_processor"))\" is not read")
    }
    postProcessor = file.root["post_processor"]
    self.added = AddedTokens(added)
    specialIDs = Set(added.filter(\.isSpecial).map(\.id))
    prefixBytes = Array(prefix.utf8)
    hashes = TokenHashes(ids)
  }

  /// The tokens of `text`.
  ///
  /// - Parameters:
  ///   - addingSpecialTokens: whether the tokens that the file sets around a text are added.
  ///   - maximumLength: the most tokens, the added ones included; those at the end are left out.
  public func encode(_ text: String, addingSpecialTokens: Bool, maximumLength: Int?) -> TokenizedText {
    framed(frame, addingSpecialTokens, maximumLength) { result in
      var text = text
      text.withUTF8 { text in
        var scalar = 0
        added.split(text) { range, entry in
          let part = text[range]
          let count = part.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
          if let entry {
            result.append(entry.id, scalar..<scalar + count)
          } else {
            for word in options.words(of: String(decoding: part, as: UTF8.self), from: scalar) {
              append(word, to: &result)
            }
          }
          scalar += count
        }
      }
    }
  }

  /// The longest tokens of `word`, or the unknown one where it cannot be divided.
  private func append(_ word: [BERTScalar], to result: inout TokenizedText) {
    let whole = word[0].place..<word[word.count - 1].place + 1
    guard word.count <= longestWord else { return result.append(unknownID, whole) }
    var bytes: [UInt8] = []
    var ends = [0]
    for item in word {
      bytes += UTF8.encode(item.scalar)!
      ends.append(bytes.count)
    }
    var found: [(Int, Range<Int>)] = []
    var start = 0
    search: while start < word.count {
      let prefix = start == 0 ? [] : prefixBytes
      let values = hashes.values(of: bytes, from: ends[start], after: prefix)
      for end in stride(from: word.count, to: start, by: -1) {
        guard hashes.contain(values[ends[end] - ends[start] - 1]) else { continue }
        guard let id = ids[prefix + bytes[ends[start]..<ends[end]]] else { continue }
        found.append((id, word[start].place..<word[end - 1].place + 1))
        start = end
        continue search
      }
      return result.append(unknownID, whole)
    }
    for (id, range) in found { result.append(id, range) }
  }

  /// The text of the tokens with these numbers, words with spaces between them; those that no token has are passed over.
  public func decode(_ ids: [Int], skippingSpecialTokens: Bool) -> String {
    var text: [UInt8] = []
    var isFirst = true
    for id in ids {
      guard let token = token(id), !(skippingSpecialTokens && specialIDs.contains(id)) else { continue }
      var bytes = Array(token.utf8)
      if !isFirst {
        if !prefixBytes.isEmpty, bytes.starts(with: prefixBytes) {
          bytes.removeFirst(prefixBytes.count)
        } else {
          bytes.insert(0x20, at: 0)
        }
      }
      text += cleansUp ? WordPieceTokenizer.cleanedUp(bytes) : bytes
      isFirst = false
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// A token without the spaces before punctuation and in contractions.
  private static func cleanedUp(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(0x20) else { return bytes }
    var bytes = bytes
    for (old, new) in [
      (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
      (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ] {
      let (old, new) = (Array(old.utf8), Array(new.utf8))
      var place = 0
      while place + old.count <= bytes.count {
        if bytes[place...].starts(with: old) {
          bytes.replaceSubrange(place..<place + old.count, with: new)
          place += new.count
        } else {
          place += 1
        }
      }
    }
    return bytes
  }

  /// Writes the tokenizer as a `tokenizer.json` that Hugging Face's `tokenizers` reads.
  ///
  /// - Throws: `DataError` where it cannot be written.
  public func write(to path: String) throws(DataError) { try FileIO.write(json, to: path) }

  /// The contents of a `tokenizer.json`.
  public var json: String {
    let vocabulary = spellings.enumerated().compactMap { id, spelling in
      spelling.map { JSON.Member($0, .integer(id)) }
    }
    let decoder: [JSON.Member] = [
      .init("type", .string("WordPiece")), .init("prefix", .string(prefix)), .init("cleanup", .bool(cleansUp)),
    ]
    let model: [JSON.Member] = [
      .init("type", .string("WordPiece")), .init("unk_token", .string(unknown)),
      .init("continuing_subword_prefix", .string(prefix)), .init("max_input_chars_per_word", .integer(longestWord)),
      .init("vocab", .object(vocabulary)),
    ]
    return TokenizerFile.text(
      added: added,
      [
        .init("normalizer", options.json),
        .init("pre_tokenizer", .object([.init("type", .string("BertPreTokenizer"))])),
        .init("post_processor", postProcessor ?? .null), .init("decoder", .object(decoder)),
        .init("model", .object(model)),
      ])
  }
}
