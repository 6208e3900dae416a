import TernBackend

extension BytePairTokenizer {
  /// Reads a Hugging Face `tokenizer.json` of a byte-level BPE; a gzip archive is unpacked.
  ///
  /// The file's own truncation and padding are not applied: ``Tokenizer/batch(_:padding:length:maximumLength:multiple:side:addingSpecialTokens:file:line:)``
  /// has arguments for them.
  ///
  /// - Throws: `DataError` where it cannot be read, contradicts itself, or has a part that is not supported, which it
  ///   names: normalizers, other pre-tokenizers and decoders than ByteLevel, vocabularies without some byte, dropout.
  public init(contentsOf path: String) throws(DataError) {
    var bytes = try FileIO.read(path)
    if Gzip.isArchive(bytes) { bytes = try Gzip.contents(of: bytes, file: path) }
    try self.init(bytes: bytes, file: path)
  }

  /// Reads the contents of a `tokenizer.json`; `file` names it in errors.
  ///
  /// - Throws: `DataError` as `init(contentsOf:)` does.
  public init(bytes: [UInt8], file name: String = "tokenizer.json") throws(DataError) {
    let file = try TokenizerFile(bytes, file: name, model: "BPE")
    var options = BytePairModel.Options()
    if let normalizer = try file.part("normalizer", of: "normalizers") {
      throw file.unsupported("the normalizer \"\(try file.type(of: normalizer, "normalizer"))\" is not read", "none")
    }
    guard let words = try file.part("pre_tokenizer", of: "pretokenizers"),
      try file.type(of: words, "pre_tokenizer") == "ByteLevel"
    else { throw try BytePairTokenizer.notByteLevel(file, "pre_tokenizer") }
    options.addsPrefixSpace = try file.flag(words, "add_prefix_space", "pre_tokenizer", default: true)
    options.splitsWords = try file.flag(words, "use_regex", "pre_tokenizer", default: true)
    guard let decoder = try file.part("decoder", of: "decoders"), try file.type(of: decoder, "decoder") == "ByteLevel"
    else { throw try BytePairTokenizer.notByteLevel(file, "decoder") }
    options.ignoresMerges = try file.flag(file.model, "ignore_merges", "the model", default: false)
    try BytePairTokenizer.refuse(file)

    let (spellings, ids, added) = try file.vocabulary()
    for byte in ByteAlphabet.order where ids[Array(ByteAlphabet.spelling(of: [byte]).utf8)] == nil {
      throw file.unsupported("the vocabulary has no token for byte \(byte)", "tokens for all 256")
    }
    let (pairs, results) = try BytePairTokenizer.merges(file, ids, spellings)
    var (trims, isAfterPrefix) = (false, true)
    let frame = try file.frame(file.root["post_processor"], ids) { (part) throws(DataError) in
      trims = try file.flag(part, "trim_offsets", "post_processor", default: true)
      isAfterPrefix = try file.flag(part, "add_prefix_space", "post_processor", default: true)
    }
    options.trimsOffsets = trims
    options.trimsAfterPrefix = isAfterPrefix
    model = BytePairModel(
      spellings: spellings, ids: ids, pairs: pairs, results: results, added: AddedTokens(added), frame: frame,
      options: options, postProcessor: file.root["post_processor"])
  }

  private static func notByteLevel(_ file: TokenizerFile, _ key: String) throws(DataError) -> DataError {
    let found = file.root[key] ?? .null
    let type = found == .null ? "none" : try file.type(of: found, key)
    return file.unsupported("the \(key) \"\(type)\" is not read", "ByteLevel")
  }

  /// Throws for what a model of the file does besides merging bytes.
  private static func refuse(_ file: TokenizerFile) throws(DataError) {
    for key in ["dropout", "continuing_subword_prefix", "end_of_word_suffix"] {
      guard let value = file.model[key], value != .null, value != .string(""), value.double != 0 else { continue }
      throw file.unsupported("the model's \(key) is not read")
    }
    if try file.flag(file.model, "byte_fallback", "the model", default: false) {
      throw file.unsupported("the model's byte_fallback is not read")
    }
  }

  /// The merges, each two spellings in an array or in a text with a space between them.
  private static func merges(
    _ file: TokenizerFile, _ ids: [[UInt8]: Int], _ spellings: [String?]
  ) throws(DataError) -> (pairs: [(left: Int32, right: Int32)], results: [Int32]) {
    guard let list = file.model["merges"]?.array else { throw file.malformed("the model has no array merges") }
    var (pairs, results): ([(left: Int32, right: Int32)], [Int32]) = ([], [])
    pairs.reserveCapacity(list.count)
    results.reserveCapacity(list.count)
    for (rank, value) in list.enumerated() {
      var sides: [[UInt8]] = []
      if let text = value.string {
        sides = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false).map { Array($0) }
      } else if let texts = value.array {
        sides = texts.compactMap { $0.string.map { Array($0.utf8) } }
      }
      guard sides.count == 2 else { throw file.malformed("merge \(rank) is not two tokens") }
      guard let left = ids[sides[0]], let right = ids[sides[1]], let id = ids[sides[0] + sides[1]] else {
        throw file.malformed("merge \(rank) is of or to a token that the vocabulary lacks")
      }
      // Lengths have to add up: a token that is no bytes' has others than its characters.
      for id in [left, right] where ByteAlphabet.bytes(of: spellings[id] ?? "") == nil {
        throw file.malformed("merge \(rank) is of a token that is not spelled in bytes")
      }
      pairs.append((Int32(left), Int32(right)))
      results.append(Int32(id))
    }
    return (pairs, results)
  }

  /// Writes the tokenizer as a `tokenizer.json` that Hugging Face's `tokenizers` reads.
  ///
  /// - Throws: `DataError` where it cannot be written.
  public func write(to path: String) throws(DataError) { try FileIO.write(json, to: path) }

  /// The contents of a `tokenizer.json`.
  public var json: String {
    let options = model.options
    func byteLevel(prefix: Bool, trims: Bool, words: Bool) -> JSON {
      .object([
        .init("type", .string("ByteLevel")), .init("add_prefix_space", .bool(prefix)),
        .init("trim_offsets", .bool(trims)), .init("use_regex", .bool(words)),
      ])
    }
    let vocabulary = model.spellings.enumerated().compactMap { id, spelling in
      spelling.map { JSON.Member($0, .integer(id)) }
    }
    let merges = model.pairs.map { left, right in
      JSON.string("\(model.spellings[Int(left)] ?? "") \(model.spellings[Int(right)] ?? "")")
    }
    let bytePairs: [JSON.Member] = [
      .init("type", .string("BPE")), .init("dropout", .null), .init("unk_token", .null),
      .init("continuing_subword_prefix", .null), .init("end_of_word_suffix", .null), .init("fuse_unk", .bool(false)),
      .init("byte_fallback", .bool(false)), .init("ignore_merges", .bool(options.ignoresMerges)),
      .init("vocab", .object(vocabulary)), .init("merges", .array(merges)),
    ]
    let words = byteLevel(prefix: options.addsPrefixSpace, trims: true, words: options.splitsWords)
    return TokenizerFile.text(
      added: model.added,
      [
        .init("normalizer", .null), .init("pre_tokenizer", words),
        .init("post_processor", model.postProcessor ?? byteLevel(prefix: true, trims: false, words: true)),
        .init("decoder", byteLevel(prefix: true, trims: true, words: true)), .init("model", .object(bytePairs)),
      ])
  }
}
