import TernBackend
import TernTestSupport
import Testing

@testable import TernData

/// Texts with what Hugging Face's `tokenizers` 0.23 makes of them: `make_text.py` in `Fixtures`.
struct TextFixture {
  let root: JSON

  init() throws { root = try JSON(parsing: try fixture("Text/text.json"), file: "Text/text.json") }

  func texts(_ key: String) -> [String] { root[key]?.array?.compactMap(\.string) ?? [] }

  /// Numbers and offsets, which lie one after another, for each text.
  func rows(_ key: String) -> [(ids: [Int], offsets: [Int])] {
    (root[key]?.array ?? []).map { row in
      let parts = row.array?.map { $0.array?.compactMap(\.int) ?? [] } ?? []
      return (parts[0], parts[1])
    }
  }
}

/// `json` with another value under `path`.
func replacing(_ json: JSON, _ path: [String], by value: JSON) -> JSON {
  guard let key = path.first else { return value }
  var members = json.members ?? []
  if let index = members.firstIndex(where: { $0.key == key }) {
    members[index].value = replacing(members[index].value, Array(path.dropFirst()), by: value)
  } else {
    members.append(.init(key, replacing(.object([]), Array(path.dropFirst()), by: value)))
  }
  return .object(members)
}

/// The fixture `name` with other values in it.
func tokenizerFile(_ name: String, _ changes: [(path: String, value: String)]) throws -> [UInt8] {
  var root = try JSON(parsing: try fixture(name), file: name)
  for (path, value) in changes {
    let path = path.split(separator: "/").map { String($0) }
    root = replacing(root, path, by: try JSON(parsing: Array(value.utf8), file: "value"))
  }
  return Array(root.description.utf8)
}

@Suite("Tokenizers")
struct TokenizerTests {
  private func expectRows(_ tokenizer: some Tokenizer, _ key: String) throws {
    let file = try TextFixture()
    let (texts, rows) = (file.texts("texts"), file.rows(key))
    try #require(texts.count == 300 && rows.count == 300)
    for (text, row) in zip(texts, rows) {
      let found = tokenizer.encode(text)
      let offsets = found.offsets.flatMap { [$0.lowerBound, $0.upperBound] }
      #expect(found.ids == row.ids, "\(key): \(text.debugDescription)")
      #expect(offsets == row.offsets, "\(key): \(text.debugDescription)")
      #expect(found.isAdded.count == found.count)
      #expect(found.isAdded.filter { $0 }.count == tokenizer.addedTokenCount)
    }
  }

  @Test("GPT-2's way: numbers and offsets as tokenizers has them, and texts back byte for byte")
  func bytePairs() throws {
    let tokenizer = try BytePairTokenizer(contentsOf: fixturePath("Text/bpe.json"))
    try expectRows(tokenizer, "bpe")
    for text in try TextFixture().texts("texts") {
      let back = tokenizer.decode(tokenizer.encode(text).ids, skippingSpecialTokens: false)
      #expect(back.utf8.elementsEqual(text.utf8))
    }
    let written = tokenizer.json
    let again = try BytePairTokenizer(bytes: Array(written.utf8))
    try expectRows(again, "bpe")
    let twice = again.json
    #expect(twice == written)
    #expect(tokenizer.id(of: "<|endoftext|>") == 0 && tokenizer.token(0) == "<|endoftext|>")
    #expect(tokenizer.token(-1) == nil && tokenizer.token(Int.max) == nil && tokenizer.id(of: "no such token") == nil)
    let passedOver = tokenizer.decode([-1, Int.max, 0])
    #expect(passedOver.isEmpty)
  }

  @Test("Every scalar comes back")
  func everyScalar() throws {
    let tokenizer = BytePairTokenizer.train(on: ["a"], vocabularySize: 256)
    var text = String.UnicodeScalarView()
    for value in UInt32(0)...0x10FFFF { if let scalar = Unicode.Scalar(value) { text.append(scalar) } }
    let whole = String(text)
    let found = tokenizer.encode(whole)
    #expect(found.count == whole.utf8.count)
    #expect(found.offsets.last == text.count - 1..<text.count)
    let back = tokenizer.decode(found.ids)
    #expect(back.utf8.elementsEqual(whole.utf8))
  }

  @Test("RoBERTa's way: a space before, tokens around, offsets without spaces")
  func prefix() throws {
    let changes = [
      ("pre_tokenizer/add_prefix_space", "true"),
      (
        "added_tokens",
        """
        [{"id": 0, "content": "<|endoftext|>", "special": true}, {"id": 981, "content": "<s>", "special": true},
        {"id": 982, "content": "</s>", "special": true}]
        """
      ),
      ("post_processor", #"{"type": "RobertaProcessing", "sep": ["</s>", 982], "cls": ["<s>", 981]}"#),
    ]
    let tokenizer = try BytePairTokenizer(bytes: try tokenizerFile("Text/bpe.json", changes))
    try expectRows(tokenizer, "roberta")
    let again = try BytePairTokenizer(bytes: Array(tokenizer.json.utf8))
    try expectRows(again, "roberta")
  }

  @Test("BERT's way: words, accents, capitals, unknown words")
  func wordPieces() throws {
    let tokenizer = try WordPieceTokenizer(contentsOf: fixturePath("Text/wordpiece.json"))
    try expectRows(tokenizer, "wordpiece")
    let file = try TextFixture()
    let (rows, texts) = (file.rows("wordpiece"), file.texts("wordpieceDecoded"))
    try #require(rows.count == 300 && texts.count == 300)
    for (row, text) in zip(rows, texts) {
      let decoded = tokenizer.decode(row.ids)
      #expect(decoded.utf8.elementsEqual(text.utf8))
    }
    let again = try WordPieceTokenizer(bytes: Array(tokenizer.json.utf8))
    try expectRows(again, "wordpiece")
    let changes = ["lowercase", "handle_chinese_chars", "clean_text"].map { ("normalizer/\($0)", "false") }
    try expectRows(try WordPieceTokenizer(bytes: try tokenizerFile("Text/wordpiece.json", changes)), "wordpieceCased")
  }

  @Test("Training gives the tokens that tokenizers finds, in any order of the texts")
  func training() throws {
    let texts = try TextFixture().texts("training")
    let read = try BytePairTokenizer(contentsOf: fixturePath("Text/bpe.json"))
    for order in [texts, texts.reversed()] {
      let trained = BytePairTokenizer.train(
        on: order, vocabularySize: 1257, minimumFrequency: 0, specialTokens: ["<|endoftext|>"])
      let (found, expected) = (trained.json, read.json)
      #expect(found == expected)
    }
    let rare = BytePairTokenizer.train(on: ["ab ab abc"], minimumFrequency: 3)
    #expect(rare.vocabularySize == 257 && rare.token(256) == "ab")
    let all = BytePairTokenizer.train(on: ["aaaa aaaa"], vocabularySize: Int.max, minimumFrequency: 0)
    #expect(all.token(256) == "aa" && all.vocabularySize > 257)
    let none = BytePairTokenizer.train(on: [String](), vocabularySize: 300)
    #expect(none.vocabularySize == 256 && none.encode("").count == 0)
  }

  @Test("Long words are merged as short ones are")
  func longWords() throws {
    let tokenizer = try BytePairTokenizer(contentsOf: fixturePath("Text/bpe.json"))
    let model = tokenizer.model
    var generator = SplitMix(state: 3)
    for count in [1, 2, 47, 48, 49, 50, 200, 600] {
      let letters = (0..<count).map { _ in "theaourn".randomElement(using: &generator)! }
      var tokens = letters.map { String($0) }
      // The pair of the lowest rank, the leftmost first, straight from the definition.
      let ranks = Dictionary(
        uniqueKeysWithValues: model.pairs.enumerated().map { rank, pair in
          ([model.spellings[Int(pair.left)]!, model.spellings[Int(pair.right)]!], rank)
        })
      while tokens.count > 1 {
        let found = (0..<tokens.count - 1).compactMap { place in
          ranks[[tokens[place], tokens[place + 1]]].map { ($0, place) }
        }
        guard let (_, place) = found.min(by: { $0 < $1 }) else { break }
        tokens.replaceSubrange(place...place + 1, with: [tokens[place] + tokens[place + 1]])
      }
      let merged = tokenizer.encode(letters.map { String($0) }.joined()).ids.map { tokenizer.token($0)! }
      #expect(merged == tokens)
    }
    // In n log n: this would take minutes in n².
    let long = String(repeating: "the", count: 200_000)
    let back = tokenizer.decode(tokenizer.encode(long).ids)
    #expect(back == long)
  }

  @Test("From many threads")
  func threads() async throws {
    let tokenizer = try BytePairTokenizer(contentsOf: fixturePath("Text/bpe.json"))
    let file = try TextFixture()
    let texts = file.texts("texts")
    let expected = file.rows("bpe").map(\.ids)
    await withTaskGroup(of: [[Int]].self) { group in
      for _ in 0..<8 { group.addTask { texts.map { tokenizer.encode($0).ids } } }
      for await found in group { #expect(found == expected) }
    }
  }

  @Test("The cache begins anew when it is full")
  func cache() {
    let tokenizer = BytePairTokenizer.train(on: ["1 2 3"], vocabularySize: 256)
    let text = (0..<80_000).map { String($0) }.joined(separator: " ")
    for _ in 0..<2 {
      let back = tokenizer.decode(tokenizer.encode(text).ids)
      #expect(back == text)
    }
  }
}
