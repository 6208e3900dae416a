import TernBackend

/// Unigram, as SentencePiece's: a text is normalized, spaces become ▁, and of all ways to divide it into tokens the one with
/// the largest Σ log p(token) is taken (Kudo 2018), by Viterbi's algorithm. T5, XLM-R, ALBERT and XLNet have such tokenizers.
///
/// ```swift
/// let tokenizer = try UnigramTokenizer(contentsOf: "tokenizer.json")
/// let text = tokenizer.encode("Hello, world")
/// print(text.ids, text.offsets, tokenizer.decode(text.ids))
/// ```
///
/// What no token has is the unknown one, or the tokens of its bytes where the file says so. It can be used from any number of
/// threads.
public struct UnigramTokenizer: Tokenizer {
  let model: UnigramModel

  /// How many numbers tokens may have.
  public var vocabularySize: Int { model.spellings.count }

  /// How many tokens `encode` adds to a text.
  public var addedTokenCount: Int { model.frame.before.count + model.frame.after.count }

  /// The number of a token as the file spells it, or of an added token; `nil` where there is none.
  public func id(of token: String) -> Int? { model.ids[Array(token.utf8)] }

  /// The token with this number as the file spells it; `nil` where there is none.
  public func token(_ id: Int) -> String? { model.spellings.indices.contains(id) ? model.spellings[id] : nil }

  /// The logarithm of the probability of the token with this number; `nil` where it has none.
  public func score(_ id: Int) -> Double? { model.scores.indices.contains(id) ? model.scores[id] : nil }

  /// The tokens of `text`.
  ///
  /// - Parameters:
  ///   - addingSpecialTokens: whether the tokens that the file sets around a text are added.
  ///   - maximumLength: the most tokens, the added ones included; those at the end are left out.
  public func encode(_ text: String, addingSpecialTokens: Bool, maximumLength: Int?) -> TokenizedText {
    framed(model.frame, addingSpecialTokens, maximumLength) { model.encode(text, to: &$0) }
  }

  /// The text of the tokens with these numbers, as the file's decoder makes it; those that no token has are passed over.
  public func decode(_ ids: [Int], skippingSpecialTokens: Bool) -> String {
    model.decoder(
      ids.compactMap { id in skippingSpecialTokens && model.specialIDs.contains(id) ? nil : token(id) })
  }

  /// Reads a Hugging Face `tokenizer.json` of a Unigram model; a gzip archive is unpacked. The file's own truncation and
  /// padding are not applied.
  ///
  /// - Throws: `DataError` where it cannot be read, contradicts itself, or has a part that is not supported, which it names.
  ///   Read are the normalizers NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, `Strip`, Nmt, Prepend, Replace of texts and of
  ///   spaces, and Precompiled; the pre-tokenizers Metaspace and WhitespaceSplit; the decoders Metaspace, Replace,
  ///   ByteFallback, Fuse and `Strip`; and sequences of them.
  public init(contentsOf path: String) throws(DataError) {
    var bytes = try FileIO.read(path)
    if Gzip.isArchive(bytes) { bytes = try Gzip.contents(of: bytes, file: path) }
    try self.init(bytes: bytes, file: path)
  }

  /// Reads the contents of a `tokenizer.json`; `file` names it in errors.
  ///
  /// - Throws: `DataError` as `init(contentsOf:)` does.
  public init(bytes: [UInt8], file name: String = "tokenizer.json") throws(DataError) {
    let file = try TokenizerFile(bytes, file: name, model: "Unigram")
    let normalizer = try TextNormalizer(file)
    let division = try WordDivision(file)
    let decoder = try TokenDecoder(file)
    guard let list = file.model["vocab"]?.array else { throw file.malformed("the model has no array vocab") }
    var (tokens, scores): ([(String, Int)], [Double]) = ([], [])
    tokens.reserveCapacity(list.count)
    scores.reserveCapacity(list.count)
    for (id, value) in list.enumerated() {
      guard let pair = value.array, pair.count == 2, let spelling = pair[0].string else {
        throw file.malformed("the token \(id) is not a text with its score")
      }
      guard let score = pair[1].double, score.isFinite else {
        throw file.malformed("the score of the token \"\(printable(spelling, limit: 60))\" is no finite number")
      }
      tokens.append((spelling, id))
      scores.append(score)
    }
    guard let unknown = file.model["unk_id"]?.int else {
      throw file.unsupported("the model has no unk_id", "the number of the unknown token")
    }
    guard scores.indices.contains(unknown) else {
      throw file.malformed("the unk_id \(unknown) is not in 0 ..< \(scores.count)")
    }
    let (spellings, ids, added) = try file.vocabulary(of: tokens)
    for entry in added where entry.isNormalized && !normalizer.isEmpty {
      throw file.unsupported("the added token \"\(printable(entry.content, limit: 60))\" is normalized")
    }
    let frame = try file.frame(file.root["post_processor"], ids) { (part) throws(DataError) in
      throw file.unsupported("the post_processor \"\(try file.type(of: part, "post_processor"))\" is not read")
    }
    model = UnigramModel(
      spellings: spellings, ids: ids, scores: scores, unknownID: unknown,
      fallsBackToBytes: try file.flag(file.model, "byte_fallback", "the model", default: false),
      added: AddedTokens(added), frame: frame, normalizer: normalizer, division: division, decoder: decoder,
      parts: ["normalizer", "pre_tokenizer", "post_processor", "decoder"].map {
        JSON.Member($0, file.root[$0] ?? .null)
      })
  }

  /// Writes the tokenizer as a `tokenizer.json` that Hugging Face's `tokenizers` reads.
  ///
  /// - Throws: `DataError` where it cannot be written.
  public func write(to path: String) throws(DataError) { try FileIO.write(json, to: path) }

  /// The contents of a `tokenizer.json`.
  public var json: String {
    let vocabulary = zip(model.spellings, model.scores).map { spelling, score in
      JSON.array([.string(spelling ?? ""), .number(score)])
    }
    let unigram: [JSON.Member] = [
      .init("type", .string("Unigram")), .init("unk_id", .integer(model.unknownID)),
      .init("vocab", .array(vocabulary)), .init("byte_fallback", .bool(model.fallsBackToBytes)),
    ]
    return TokenizerFile.text(added: model.added, model.parts + [.init("model", .object(unigram))])
  }
}
