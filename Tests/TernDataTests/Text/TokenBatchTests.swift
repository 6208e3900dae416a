import TernTensor
import TernTestSupport
import Testing

@testable import TernData

@Suite("Batches and sequences of tokens")
struct TokenBatchTests {
  /// Bytes are tokens, with the numbers of GPT-2's alphabet: a is 64.
  private static let bytes = BytePairTokenizer.train(on: [String](), vocabularySize: 256)

  @Test("Rows are filled up at either end")
  func padding() {
    let right = TokenBatchTests.bytes.batch(["ab", "", "abc"], padding: 0)
    #expect(right.ids.shape == [3, 3] && right.mask.shape == [3, 3])
    let (rightIDs, rightMask) = (right.ids.scalars, right.mask.scalars)
    #expect(rightIDs == [64, 65, 0, 0, 0, 0, 64, 65, 66])
    #expect(rightMask == [1, 1, 0, 0, 0, 0, 1, 1, 1])
    let left = TokenBatchTests.bytes.batch(["ab", "abc"], padding: 7, length: 4, side: .left)
    let (leftIDs, leftMask) = (left.ids.scalars, left.mask.scalars)
    #expect(leftIDs == [7, 7, 64, 65, 7, 64, 65, 66])
    #expect(leftMask == [0, 0, 1, 1, 0, 1, 1, 1])
    let multiple = TokenBatchTests.bytes.batch(["abcde"], padding: 0, multiple: 4)
    #expect(multiple.ids.shape == [1, 8])
    let none = TokenBatchTests.bytes.batch([], padding: 0)
    #expect(none.ids.shape == [0, 0])
  }

  @Test("Texts are cut such that the tokens around them stay")
  func truncation() throws {
    let tokenizer = try WordPieceTokenizer(contentsOf: fixturePath("Text/wordpiece.json"))
    let text = "the quick brown fox jumps over the lazy dog"
    let whole = tokenizer.encode(text).ids
    let inner = tokenizer.encode(text, addingSpecialTokens: false).ids
    #expect(inner == Array(whole.dropFirst().dropLast()))
    for length in 2...whole.count + 1 {
      let found = tokenizer.encode(text, addingSpecialTokens: true, maximumLength: length)
      let kept = Array(whole.dropLast().prefix(length - 1))
      #expect(found.ids == kept + [whole.last!])
      #expect(found.offsets.count == found.count && found.isAdded.count == found.count)
    }
    for length in 0..<2 {
      let found = tokenizer.encode(text, addingSpecialTokens: true, maximumLength: length)
      #expect(found.count == length && found.offsets.count == length && found.isAdded.count == length)
    }
    let batch = tokenizer.batch([text, "fox"], padding: tokenizer.id(of: "[PAD]")!, maximumLength: 5)
    #expect(batch.ids.shape == [2, 5])
    let plain = tokenizer.batch([text, text], padding: 0, length: 3, addingSpecialTokens: false)
    let ids = plain.ids.scalars
    #expect(ids == Array(inner.prefix(3)) + Array(inner.prefix(3)))
  }

  @Test("Streams in sequences with the next token as target")
  func packed() {
    let stream = PackedTokens(Array(0..<11), length: 3)
    #expect(stream.count == 3)
    let batch = stream.batch([2, 0])
    let (inputs, targets) = (batch.inputs.scalars, batch.labels.scalars)
    #expect(batch.inputs.shape == [2, 3])
    #expect(inputs == [6, 7, 8, 0, 1, 2])
    #expect(targets == [7, 8, 9, 1, 2, 3])
    #expect(PackedTokens([], length: 3).count == 0 && PackedTokens([1, 2, 3], length: 3).count == 0)
    #expect(PackedTokens([1, 2], length: Int.max).count == 0)
    let texts = TokenBatchTests.bytes.packed(["ab", "c"], length: 2, separator: 220)
    #expect(texts.ids == [64, 65, 220, 66, 220])
    #expect(texts.fingerprint != PackedTokens(texts.ids, length: 4).fingerprint)
    var count = 0
    for batch in DataLoader(texts, batchSize: 1) { count += batch.count }
    #expect(count == 2)
  }

  @Test("Mistakes stop with one line", arguments: 0..<10)
  func mistakes(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      let bytes = BytePairTokenizer.train(on: [String](), vocabularySize: 256)
      switch index {
      case 0: _ = BytePairTokenizer.train(on: ["a"], vocabularySize: 256, specialTokens: ["<s>"])
      case 1: _ = BytePairTokenizer.train(on: ["a"], minimumFrequency: -1)
      case 2: _ = BytePairTokenizer.train(on: ["a"], specialTokens: ["<s>", "<s>"])
      case 3: _ = BytePairTokenizer.train(on: ["a"], specialTokens: [""])
      case 4: _ = bytes.batch(["a"], padding: 256)
      case 5: _ = bytes.batch(["a"], padding: 0, length: -1)
      case 6: _ = bytes.batch(["a"], padding: 0, multiple: 0)
      case 7: _ = PackedTokens([1], length: 0)
      case 8: _ = PackedTokens([1, 2], length: 1).batch([1])
      default: _ = bytes.batch(["a"], padding: 0, length: Int.max)
      }
    }
    let words = [
      "vocabularySize 256 is less than the 257", "minimumFrequency -1", "\"<s>\" is there twice",
      "a special token is empty",
      "padding 256 is not in 0 ..< 256", "length -1 is negative", "multiple 0 is less than 1",
      "length 0 is less than 1",
      "index 1 is not in 0 ..< 1", "9223372036854775807",
    ]
    #expect(lastWords(result).contains(words[index]), "\(lastWords(result))")
  }

  @Test("What is not supported is refused by its name")
  func refused() throws {
    let cases: [(String, String, DataError.Kind, String)] = [
      ("normalizer", #"{"type": "NFC"}"#, .unsupported, "the normalizer \"NFC\""),
      (
        "normalizer", #"{"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]}"#, .unsupported,
        "NFD, Lowercase"
      ),
      ("pre_tokenizer", #"{"type": "Metaspace"}"#, .unsupported, "\"Metaspace\" is not read"),
      ("pre_tokenizer", "null", .unsupported, "\"none\" is not read"),
      ("decoder", #"{"type": "Fuse"}"#, .unsupported, "\"Fuse\" is not read"),
      ("post_processor", #"{"type": "Other"}"#, .unsupported, "\"Other\" is not read"),
      ("model/type", #""Unigram""#, .unsupported, "the model \"Unigram\""),
      ("model/dropout", "0.1", .unsupported, "dropout"),
      ("model/byte_fallback", "true", .unsupported, "byte_fallback"),
      ("model/end_of_word_suffix", #""</w>""#, .unsupported, "end_of_word_suffix"),
      ("model/vocab/a", "99999999999", .unsupported, "has the number 99999999999"),
      ("model/vocab/a", "2", .malformed, "is there twice"),
      ("model/vocab/a", "1.5", .malformed, "no whole number"),
      ("model/vocab", "{}", .unsupported, "no token for byte 33"),
      ("model/merges", #"["a b c"]"#, .malformed, "merge 0 is not two tokens"),
      ("model/merges", #"[["q", "q"]]"#, .malformed, "the vocabulary lacks"),
      ("added_tokens", #"[{"id": 0, "content": ""}]"#, .malformed, "is empty"),
      ("added_tokens", #"[{"id": 2000, "content": "x y", "single_word": true}]"#, .unsupported, "single_word"),
      ("added_tokens", "7", .malformed, "added_tokens is a number"),
    ]
    for (path, value, kind, words) in cases {
      expectError(kind, words) {
        _ = try BytePairTokenizer(bytes: try tokenizerFile("Text/bpe.json", [(path, value)]), file: "x")
      }
    }
    expectError(.unsupported, "BertPreTokenizer") {
      _ = try WordPieceTokenizer(
        bytes: try tokenizerFile("Text/wordpiece.json", [("pre_tokenizer", #"{"type": "Whitespace"}"#)]))
    }
    expectError(.malformed, "unk_token") {
      _ = try WordPieceTokenizer(bytes: try tokenizerFile("Text/wordpiece.json", [("model/unk_token", #""none""#)]))
    }
    expectError(.malformed, "special_tokens lacks") {
      let changes = [("post_processor/special_tokens", "{}")]
      _ = try WordPieceTokenizer(bytes: try tokenizerFile("Text/wordpiece.json", changes))
    }
    expectError(.notFound) { _ = try BytePairTokenizer(contentsOf: "/no/such/file") }
  }

  @Test("Added tokens take white space along, the longest first")
  func added() throws {
    let tokens = """
      [{"id": 0, "content": "<|endoftext|>", "special": true}, {"id": 1000, "content": "<m>", "lstrip": true, "rstrip": true},
      {"id": 1001, "content": "<m><m>", "special": true}, {"id": 1002, "content": "é b"}]
      """
    let tokenizer = try BytePairTokenizer(bytes: try tokenizerFile("Text/bpe.json", [("added_tokens", tokens)]))
    let found = tokenizer.encode("x \u{2003}<m> \n<m><m>é b")
    #expect(Array(found.ids.suffix(3)) == [1000, 1001, 1002])
    #expect(found.offsets == [0..<1, 1..<8, 8..<14, 14..<17])
    let text = tokenizer.decode([1002, 1001])
    #expect(text == "é b" && tokenizer.vocabularySize == 1003)
  }
}
