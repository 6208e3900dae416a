/// Tokens that are found in a text before it is divided into words: those of `added_tokens` in a file.
struct AddedTokens: Sendable {
  struct Entry: Sendable {
    var id: Int
    var content: String
    /// Whether white space before it, behind it, belongs to it.
    var stripsLeft = false
    var stripsRight = false
    /// Whether it is looked for after the others.
    var isNormalized = false
    var isSpecial = true
  }

  let entries: [Entry]
  /// Positions in `entries` by first byte, the longest content first: of those that are looked for first, and of the others.
  private var rounds: [[[Int]]] = []
  private let contents: [[UInt8]]

  init(_ entries: [Entry]) {
    self.entries = entries
    contents = entries.map { Array($0.content.utf8) }
    for isNormalized in [false, true] {
      var table = [[Int]](repeating: [], count: 256)
      var isEmpty = true
      for (index, entry) in entries.enumerated() where entry.isNormalized == isNormalized {
        guard let first = contents[index].first else { continue }
        table[Int(first)].append(index)
        isEmpty = false
      }
      for byte in 0..<256 { table[byte].sort { contents[$0].count > contents[$1].count } }
      if !isEmpty { rounds.append(table) }
    }
  }

  /// Calls `body` with the parts of `text` in their order, each with the entry that it is.
  func split(_ text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>, Entry?) -> Void) {
    split(text, 0..<text.count, round: 0, body)
  }

  private func split(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, round: Int, _ body: (Range<Int>, Entry?) -> Void
  ) {
    guard round < rounds.count else {
      if !range.isEmpty { body(range, nil) }
      return
    }
    let table = rounds[round]
    var (done, place) = (range.lowerBound, range.lowerBound)
    while place < range.upperBound {
      let candidates = table[Int(text[place])]
      guard !candidates.isEmpty, let match = candidates.first(where: { matches(text, range, place, contents[$0]) })
      else {
        place += 1
        continue
      }
      var (start, end) = (place, place + contents[match].count)
      let entry = entries[match]
      if entry.stripsLeft { while let space = spaceBefore(text, start, done) { start -= space } }
      if entry.stripsRight { while let space = spaceBehind(text, end, range.upperBound) { end += space } }
      split(text, done..<start, round: round + 1, body)
      body(start..<end, entry)
      (done, place) = (end, end)
    }
    split(text, done..<range.upperBound, round: round + 1, body)
  }

  private func matches(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ place: Int, _ content: [UInt8]
  ) -> Bool {
    guard content.count <= range.upperBound - place else { return false }
    for index in content.indices where text[place + index] != content[index] { return false }
    return true
  }

  /// How many bytes the white space has that ends at `end`; `nil` where there is none.
  private func spaceBefore(_ text: UnsafeBufferPointer<UInt8>, _ end: Int, _ limit: Int) -> Int? {
    var start = end - 1
    while start > limit, text[start] & 0xC0 == 0x80 { start -= 1 }
    guard start >= limit, start < end else { return nil }
    return isSpace(text[start..<end]) ? end - start : nil
  }

  private func spaceBehind(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ limit: Int) -> Int? {
    guard start < limit else { return nil }
    var end = start + 1
    while end < limit, text[end] & 0xC0 == 0x80 { end += 1 }
    return isSpace(text[start..<end]) ? end - start : nil
  }

  private func isSpace(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.allSatisfy { $0.properties.isWhitespace }
  }
}
