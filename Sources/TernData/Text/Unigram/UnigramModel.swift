/// A vocabulary with the tokens' scores, and how a file wants texts to be treated.
final class UnigramModel: Sendable {
  let normalizer: TextNormalizer
  let division: WordDivision
  let decoder: TokenDecoder
  let frame: TokenFrame
  let added: AddedTokens
  let specialIDs: Set<Int>
  /// How files spell the tokens, by number.
  let spellings: [String?]
  /// Numbers by the UTF-8 of spellings.
  let ids: [[UInt8]: Int]
  /// The logarithms of the tokens' probabilities; added ones have none.
  let scores: [Double]
  let unknownID: Int
  let fallsBackToBytes: Bool
  /// The file's own parts.
  let parts: [JSON.Member]

  private let unknownScore: Double
  private let trie: ByteTrie
  /// The number of the token that stands for each byte, −1 where none does.
  private let byteIDs: [Int]
  /// How many bytes and scalars each token has.
  private let lengths: [(bytes: Int32, scalars: Int32)]
  private let caches = WordCachePool()

  init(
    spellings: [String?], ids: [[UInt8]: Int], scores: [Double], unknownID: Int, fallsBackToBytes: Bool,
    added: AddedTokens, frame: TokenFrame, normalizer: TextNormalizer, division: WordDivision, decoder: TokenDecoder,
    parts: [JSON.Member]
  ) {
    (self.spellings, self.ids, self.scores, self.unknownID) = (spellings, ids, scores, unknownID)
    (self.fallsBackToBytes, self.added, self.frame, self.parts) = (fallsBackToBytes, added, frame, parts)
    (self.normalizer, self.division, self.decoder) = (normalizer, division, decoder)
    specialIDs = Set(added.entries.filter(\.isSpecial).map(\.id))
    // As SentencePiece has it: ten below the least likely.
    unknownScore = (scores.min() ?? 0) - 10
    let tokens = spellings[..<scores.count].map { Array(($0 ?? "").utf8) }
    trie = ByteTrie(tokens.enumerated().map { (bytes: $1, value: $0) })
    lengths = tokens.map { bytes in
      (Int32(bytes.count), Int32(bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }))
    }
    var byteIDs = [Int](repeating: -1, count: 256)
    for byte in 0..<256 {
      let digits = String(byte, radix: 16, uppercase: true)
      let spelling = "<0x\(byte < 16 ? "0" : "")\(digits)>"
      if let id = ids[Array(spelling.utf8)], id < scores.count { byteIDs[byte] = id }
    }
    self.byteIDs = byteIDs
  }

  func encode(_ text: String, to result: inout TokenizedText) {
    var text = text
    text.withUTF8 { text in
      caches.with { cache in
        var scratch = Scratch()
        var scalar = 0
        added.split(text) { range, entry in
          let part = UnsafeBufferPointer(rebasing: text[range])
          let count = part.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
          if let entry {
            result.append(entry.id, scalar..<scalar + count)
          } else {
            var aligned = AlignedText(String(decoding: part, as: UTF8.self), from: scalar)
            normalizer(&aligned)
            for word in division.words(of: WordDivision.Part(text: aligned, start: scalar)) {
              append(word.text, cache, &scratch, &result)
            }
          }
          scalar += count
        }
      }
    }
  }

  /// Memory that one word leaves to the next.
  private struct Scratch {
    var bytes: [UInt8] = []
    /// For each place in a word the best way there: its score, where its last token begins, and which that is.
    var scores: [Double] = []
    var starts: [Int32] = []
    var ids: [Int32] = []
    /// The tokens of a word, the last first, with where they begin and end.
    var found: [(id: Int32, start: Int, end: Int)] = []
  }

  /// Appends the tokens of a word.
  private func append(_ word: AlignedText, _ cache: WordCache, _ scratch: inout Scratch, _ result: inout TokenizedText)
  {
    scratch.bytes.removeAll(keepingCapacity: true)
    for scalar in word.scalars { scratch.bytes += UTF8.encode(scalar)! }
    let count = scratch.bytes.count
    let hash =
      count <= WordCache.longest ? scratch.bytes.withUnsafeBufferPointer { WordCache.hash($0.baseAddress!, count) } : 0
    var place = 0
    func add(_ id: Int, scalars: Int) {
      let (first, last) = (word.origins[place].lowerBound, word.origins[place + scalars - 1].upperBound)
      result.append(id, Int(first)..<max(Int(first), Int(last)))
    }
    if count <= WordCache.longest,
      let tokens = scratch.bytes.withUnsafeBufferPointer({ cache.find($0.baseAddress!, count, hash) })
    {
      for token in tokens {
        let scalars = Int(lengths[Int(token)].scalars)
        add(Int(token), scalars: scalars)
        place += scalars
      }
      return
    }
    findBest(&scratch)
    var isPlain = true
    for token in scratch.found.reversed() {
      let bytes = scratch.bytes[token.start..<token.end]
      let scalars = bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
      if token.id >= 0 {
        add(Int(token.id), scalars: scalars)
      } else {
        isPlain = false
        if let id = ids[Array(bytes)], id < self.scores.count {
          add(id, scalars: scalars)
        } else if fallsBackToBytes, bytes.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
          for byte in bytes { add(byteIDs[Int(byte)], scalars: scalars) }
        } else {
          add(unknownID, scalars: scalars)
        }
      }
      place += scalars
    }
    guard isPlain, count <= WordCache.longest else { return }
    let tokens = scratch.found.reversed().map(\.id)
    scratch.bytes.withUnsafeBufferPointer { cache.insert($0.baseAddress!, count, hash, tokens) }
  }

  /// The tokens of the scratch's bytes with the largest sum of scores (Viterbi); unknown ones, −1, side by side are one.
  private func findBest(_ scratch: inout Scratch) {
    let count = scratch.bytes.count
    scratch.found.removeAll(keepingCapacity: true)
    if scratch.starts.count <= count {
      scratch.scores = [Double](repeating: 0, count: count + 1)
      scratch.starts = [Int32](repeating: -1, count: count + 1)
      scratch.ids = [Int32](repeating: -1, count: count + 1)
    } else {
      for place in 0...count { scratch.starts[place] = -1 }
    }
    scratch.scores[0] = 0
    scratch.bytes.withUnsafeBufferPointer { bytes in
      scratch.scores.withUnsafeMutableBufferPointer { best in
        scratch.starts.withUnsafeMutableBufferPointer { starts in
          scratch.ids.withUnsafeMutableBufferPointer { ids in
            scores.withUnsafeBufferPointer { scores in
              var start = 0
              while start < count {
                let here = best[start]
                let width = Self.width(of: bytes[start])
                var isKnown = false
                trie.prefixes(of: bytes, from: start) { length, id in
                  let (end, score) = (start + length, scores[Int(id)] + here)
                  if starts[end] < 0 || score > best[end] {
                    (best[end], starts[end], ids[end]) = (score, Int32(start), id)
                  }
                  if length == width { isKnown = true }
                }
                if !isKnown {
                  let (end, score) = (start + width, unknownScore + here)
                  if starts[end] < 0 || score > best[end] {
                    (best[end], starts[end], ids[end]) = (score, Int32(start), Int32(unknownID))
                  }
                }
                start += width
              }
            }
          }
        }
      }
    }
    var end = count
    while end > 0 {
      let start = Int(scratch.starts[end])
      let isUnknown = Int(scratch.ids[end]) == unknownID
      if isUnknown, let last = scratch.found.last, last.id < 0 {
        scratch.found[scratch.found.count - 1].start = start
      } else {
        scratch.found.append((isUnknown ? -1 : scratch.ids[end], start, end))
      }
      end = start
    }
  }

  /// How many bytes the scalar has that begins with a byte.
  @inline(__always)
  private static func width(of byte: UInt8) -> Int { byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4 }
}
