import TernBackend
import TernTestSupport
import Testing

@testable import TernData

/// A Unigram tokenizer with what Hugging Face's `tokenizers` 0.23 makes of texts: `make_unigram.py` in `Fixtures`.
struct UnigramFixture {
  static let name = "Text/unigram.json"
  static let variants = ["mapped", "folded", "whole", "cleaned"]
  let root: JSON

  init() throws { root = try JSON(parsing: try fixture("Text/unigram_text.json"), file: "Text/unigram_text.json") }

  /// The tokenizer with the parts of a variant; where said so, with the first tokens of its vocabulary only.
  func file(of variant: String, tokens: Int? = nil) throws -> [UInt8] {
    let value = root[variant] ?? .null
    var changes = [(path: "model/byte_fallback", value: "\(value["fallback"] ?? .null)")]
    for part in value["parts"]?.members ?? [] { changes.append((part.key, part.value.description)) }
    if let tokens {
      let whole = try JSON(parsing: try fixture(Self.name), file: Self.name)
      let added = (whole["added_tokens"]?.array ?? []).filter { ($0["id"]?.int ?? 0) < tokens }
      changes.append(("added_tokens", JSON.array(added).description))
      changes.append(
        ("model/vocab", JSON.array(Array((whole["model"]?["vocab"]?.array ?? []).prefix(tokens))).description))
    }
    return try tokenizerFile(Self.name, changes)
  }
}

@Suite("Unigram tokenizers")
struct UnigramTests {
  private func expect(_ tokenizer: UnigramTokenizer, _ texts: JSON?, _ rows: JSON?, _ decoded: JSON?, _ name: String)
    throws
  {
    let (texts, rows) = (texts?.array ?? [], rows?.array ?? [])
    let decoded = decoded?.array ?? []
    try #require(texts.count == 150 && rows.count == 150 && decoded.count == 150)
    for (index, row) in rows.enumerated() {
      let text = texts[index].string ?? ""
      let numbers = (row.array ?? []).map { $0.array?.compactMap(\.int) ?? [] }
      let found = tokenizer.encode(text)
      let offsets = found.offsets.flatMap { [$0.lowerBound, $0.upperBound] }
      #expect(found.ids == numbers[0], "\(name): \(text.debugDescription)")
      #expect(offsets == numbers[1], "\(name): \(text.debugDescription)")
      #expect(found.isAdded.count == found.count && found.isAdded.filter { $0 }.count == 2)
      let back = tokenizer.decode(found.ids)
      #expect(back.utf8.elementsEqual((decoded[index].string ?? "").utf8), "\(name): \(text.debugDescription)")
    }
  }

  @Test("Numbers, offsets and texts as tokenizers has them, also of a file that was written")
  func tokens() throws {
    let file = try UnigramFixture().root
    let tokenizer = try UnigramTokenizer(contentsOf: fixturePath(UnigramFixture.name))
    let written = tokenizer.json
    let again = try UnigramTokenizer(bytes: Array(written.utf8))
    for tokenizer in [tokenizer, again] {
      try expect(tokenizer, file["texts"], file["unigram"], file["decoded"], "unigram")
    }
    let twice = again.json
    #expect(twice == written)
    #expect(tokenizer.id(of: "<s>") == 0 && tokenizer.token(3) == "<unk>" && tokenizer.token(-1) == nil)
    #expect(tokenizer.score(0) == 0 && (tokenizer.score(300) ?? 0) < 0 && tokenizer.score(-1) == nil)
    #expect(tokenizer.score(tokenizer.vocabularySize) == nil && tokenizer.addedTokenCount == 2)
  }

  @Test("Maps of characters, folding, whole texts, bytes of unknown characters", arguments: UnigramFixture.variants)
  func variants(_ name: String) throws {
    let file = try UnigramFixture()
    let tokenizer = try UnigramTokenizer(bytes: try file.file(of: name))
    let value = file.root[name]
    try expect(tokenizer, file.root["others"], value?["rows"], value?["decoded"], name)
  }

  @Test("The best of all divisions, straight from the definition")
  func best() throws {
    let tokenizer = try UnigramTokenizer(contentsOf: fixturePath(UnigramFixture.name))
    var generator = SplitMix(state: 5)
    var cases = 0
    for _ in 0..<200 {
      let word = "▁" + (0..<6).map { _ in String("theaourn".randomElement(using: &generator)!) }.joined()
      let letters = word.map { String($0) }
      var best = -Double.infinity
      // Each set of places between the letters.
      for mask in 0..<(1 << (letters.count - 1)) {
        var (sum, token) = (0.0, "")
        for (place, letter) in letters.enumerated() {
          token += letter
          guard place == letters.count - 1 || mask >> place & 1 == 1 else { continue }
          sum += tokenizer.id(of: token).flatMap { tokenizer.score($0) } ?? -.infinity
          token = ""
        }
        best = max(best, sum)
      }
      guard best.isFinite else { continue }
      cases += 1
      let found = tokenizer.encode(word, addingSpecialTokens: false).ids
      let sum = found.reduce(0.0) { $0 + (tokenizer.score($1) ?? -.infinity) }
      #expect(abs(sum - best) < 1e-9, "\(word): \(found.map { tokenizer.token($0) ?? "" })")
    }
    #expect(cases > 100)
  }

  @Test("Every scalar goes through every form")
  func everyScalar() throws {
    for form in ["NFC", "NFKC"] {
      let file = try tokenizerFile(UnigramFixture.name, [("normalizer/type", "\"\(form)\"")])
      let normalizer = try TextNormalizer(TokenizerFile(file, file: "x", model: "Unigram"))
      var scalars: [Unicode.Scalar] = []
      for value in stride(from: UInt32(0x20), to: 0x30000, by: 7) {
        if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
      }
      var text = AlignedText(scalars: scalars, origins: scalars.indices.map { Int32($0)..<Int32($0 + 1) })
      normalizer(&text)
      #expect(zip(text.origins, text.origins.dropFirst()).allSatisfy { $0.lowerBound <= $1.lowerBound })
      let once = text.scalars
      normalizer(&text)
      #expect(text.scalars == once)
    }
  }

  @Test("What is not supported is refused by its name")
  func refused() throws {
    let cases: [(String, String, DataError.Kind, String)] = [
      ("normalizer", #"{"type": "ByteLevel"}"#, .unsupported, "the normalizer \"ByteLevel\" is not read"),
      (
        "normalizer", #"{"type": "Replace", "pattern": {"Regex": "a|b"}, "content": ""}"#, .unsupported,
        "the pattern \"a|b\""
      ),
      ("normalizer", #"{"type": "Precompiled", "precompiled_charsmap": "AAAA"}"#, .malformed, "no map of characters"),
      (
        "normalizer",
        #"{"type": "Sequence", "normalizers": ["#
          + [String](
            repeating: #"{"type": "Replace", "pattern": {"String": "a"}, "content": "aa"}"#, count: 60
          ).joined(separator: ",") + "]}", .unsupported, "times as long"
      ),
      ("pre_tokenizer", #"{"type": "Digits"}"#, .unsupported, "the pre_tokenizer \"Digits\" is not read"),
      ("pre_tokenizer/replacement", #""__""#, .malformed, "not one character"),
      ("pre_tokenizer/prepend_scheme", #""last""#, .malformed, "not one of always, first, never"),
      ("decoder", #"{"type": "CTC"}"#, .unsupported, "the decoder \"CTC\" is not read"),
      ("model/unk_id", "null", .unsupported, "no unk_id"),
      ("model/unk_id", "100000", .malformed, "the unk_id 100000 is not in 0 ..< "),
      ("model/vocab", #"[["a"]]"#, .malformed, "the token 0 is not a text with its score"),
      ("model/vocab", #"[["a", "x"]]"#, .malformed, "the score of the token \"a\""),
      ("model/vocab", #"[["a", -1.0], ["a", -2.0]]"#, .malformed, "is there twice"),
      ("model/vocab", "{}", .malformed, "no array vocab"),
    ]
    for (path, value, kind, words) in cases {
      expectError(kind, words) {
        var changes = [(path: path, value: value)]
        if path == "model/vocab" { changes += [("model/unk_id", "0"), ("added_tokens", "[]")] }
        _ = try UnigramTokenizer(bytes: try tokenizerFile(UnigramFixture.name, changes), file: "x")
      }
    }
    expectError(.unsupported, "the model \"WordPiece\"") {
      _ = try UnigramTokenizer(contentsOf: fixturePath("Text/wordpiece.json"))
    }
  }
}
