import TernBackend

extension BytePairTokenizer {
  /// A tokenizer that is trained on `texts`: the pair of neighbors that occurs most often becomes a token, again and again,
  /// of equally frequent ones that of the least numbers. The same texts give the same tokens in any order.
  ///
  /// Special tokens have the first numbers, then come the 256 bytes, then what was merged.
  ///
  /// - Parameters:
  ///   - vocabularySize: how many tokens there are in the end, or fewer where no pair is left; at least those of bytes and
  ///     special tokens.
  ///   - minimumFrequency: how often a pair has to occur to be merged.
  ///   - specialTokens: tokens that are found in a text as a whole, such as `<|endoftext|>`.
  ///   - addsPrefixSpace: whether a text's first word is treated as those behind a space.
  ///
  /// Stops for sizes that are too small, and special tokens that are empty, twice there, or a byte's.
  public static func train(
    on texts: some Sequence<String>, vocabularySize: Int = 30_000, minimumFrequency: Int = 2,
    specialTokens: [String] = [], addsPrefixSpace: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> BytePairTokenizer {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "BytePairTokenizer.train"
    let fixed = 256 + specialTokens.count
    check(
      vocabularySize >= fixed, name,
      "vocabularySize \(vocabularySize) is less than the \(fixed) of bytes and special tokens")
    check(minimumFrequency >= 0, name, "minimumFrequency \(minimumFrequency) is negative")
    var spellings: [String] = []
    var ids: [[UInt8]: Int] = [:]
    func add(_ spelling: String) -> Bool {
      spellings.append(spelling)
      return ids.updateValue(spellings.count - 1, forKey: Array(spelling.utf8)) == nil
    }
    for token in specialTokens {
      check(!token.isEmpty, name, "a special token is empty")
      check(add(token), name, "the special token \"\(token)\" is there twice")
    }
    for byte in ByteAlphabet.order {
      let spelling = ByteAlphabet.spelling(of: [byte])
      check(add(spelling), name, "the special token \"\(spelling)\" is that of a byte")
    }
    let byteIDs = ByteAlphabet.scalars.map { Int32(ids[Array(String($0).utf8)]!) }
    var trainer = BytePairTrainer(counting: texts, byteIDs: byteIDs, addsPrefixSpace: addsPrefixSpace)
    var (pairs, results): ([(left: Int32, right: Int32)], [Int32]) = ([], [])
    while spellings.count < vocabularySize, let pair = trainer.next(atLeast: max(minimumFrequency, 1)) {
      let spelling = spellings[Int(pair.left)] + spellings[Int(pair.right)]
      let key = Array(spelling.utf8)
      // Two ways may lead to one token.
      if ids[key] == nil { _ = add(spelling) }
      let id = Int32(ids[key]!)
      trainer.merge(pair, into: id)
      pairs.append(pair)
      results.append(id)
    }
    let added = specialTokens.enumerated().map { AddedTokens.Entry(id: $0.offset, content: $0.element) }
    return BytePairTokenizer(
      model: BytePairModel(
        spellings: spellings, ids: ids, pairs: pairs, results: results, added: AddedTokens(added), frame: TokenFrame(),
        options: BytePairModel.Options(addsPrefixSpace: addsPrefixSpace), postProcessor: nil))
  }
}

/// Words with their frequencies, and the pairs of neighbors in them.
private struct BytePairTrainer {
  typealias Pair = (left: Int32, right: Int32)

  /// A pair that occurs `count` times; the best is the least.
  struct Candidate: Comparable {
    var count: Int
    var key: UInt64

    static func < (a: Candidate, b: Candidate) -> Bool { a.count != b.count ? a.count > b.count : a.key < b.key }
  }

  private var words: [[Int32]] = []
  private var frequencies: [Int] = []
  private var counts: [UInt64: Int] = [:]
  /// The words in which a pair is, or was.
  private var places: [UInt64: [Int32]] = [:]
  private var heap = MinimumHeap<Candidate>()

  init(counting texts: some Sequence<String>, byteIDs: [Int32], addsPrefixSpace: Bool) {
    var found: [[UInt8]: Int] = [:]
    for text in texts {
      var text = addsPrefixSpace && text.utf8.first != 0x20 && !text.isEmpty ? " " + text : text
      text.withUTF8 { text in
        ScalarClass.table.withUnsafeBufferPointer { classes in
          var words = GPT2Words(text, classes: classes.baseAddress!)
          while let word = words.next() { found[Array(text[word]), default: 0] += 1 }
        }
      }
    }
    for (word, frequency) in found where word.count > 1 {
      let symbols = word.map { byteIDs[Int($0)] }
      for (left, right) in zip(symbols, symbols.dropFirst()) {
        let key = BytePairTrainer.key(left, right)
        counts[key, default: 0] += frequency
        places[key, default: []].append(Int32(words.count))
      }
      words.append(symbols)
      frequencies.append(frequency)
    }
    for (key, count) in counts { heap.push(Candidate(count: count, key: key)) }
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(left)) << 32 | UInt64(UInt32(right))
  }

  /// The pair that occurs most often, if it does so `minimum` times.
  mutating func next(atLeast minimum: Int) -> Pair? {
    while let best = heap.pop() {
      let count = counts[best.key] ?? 0
      if count != best.count {
        if count > 0 { heap.push(Candidate(count: count, key: best.key)) }
        continue
      }
      guard count >= minimum else { return nil }
      return (Int32(best.key >> 32), Int32(best.key & 0xFFFF_FFFF))
    }
    return nil
  }

  /// Puts `id` in the place of `pair` everywhere.
  mutating func merge(_ pair: Pair, into id: Int32) {
    let merged = BytePairTrainer.key(pair.left, pair.right)
    var grown: Set<UInt64> = []
    for index in places.removeValue(forKey: merged) ?? [] {
      let frequency = frequencies[Int(index)]
      var word = words[Int(index)]
      words[Int(index)] = []
      func change(_ left: Int32, _ right: Int32, _ sign: Int) {
        let key = BytePairTrainer.key(left, right)
        counts[key, default: 0] += sign * frequency
        if sign > 0, key != merged {
          grown.insert(key)
          if places[key]?.last != index { places[key, default: []].append(index) }
        }
      }
      var (read, write) = (0, 0)
      while read < word.count {
        guard read + 1 < word.count, word[read] == pair.left, word[read + 1] == pair.right else {
          word[write] = word[read]
          (read, write) = (read + 1, write + 1)
          continue
        }
        if write > 0 {
          change(word[write - 1], pair.left, -1)
          change(word[write - 1], id, 1)
        }
        if read + 2 < word.count {
          change(pair.right, word[read + 2], -1)
          change(id, word[read + 2], 1)
        }
        word[write] = id
        (read, write) = (read + 2, write + 1)
      }
      word.removeLast(word.count - write)
      words[Int(index)] = word
    }
    counts[merged] = nil
    for key in grown { heap.push(Candidate(count: counts[key] ?? 0, key: key)) }
  }
}
