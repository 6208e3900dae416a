/// A normalized text, with where each of its scalars comes from.
struct AlignedText {
  private(set) var scalars: [Unicode.Scalar]
  /// The scalars of the text as it was that each comes from.
  private(set) var origins: [Range<Int32>]

  /// The scalars of `text`, the first of which has the number `start`.
  init(_ text: String, from start: Int) {
    scalars = Array(text.unicodeScalars)
    origins = scalars.indices.map { Int32(start + $0)..<Int32(start + $0 + 1) }
  }

  init(scalars: [Unicode.Scalar], origins: [Range<Int32>]) { (self.scalars, self.origins) = (scalars, origins) }

  var isEmpty: Bool { scalars.isEmpty }
  var isASCII: Bool { scalars.allSatisfy(\.isASCII) }

  /// A scalar that takes the place of others.
  struct Change {
    var scalar: Unicode.Scalar
    /// 1 for one that is added, 0 for one in the place of one, −n for one in the place of n + 1.
    var count: Int
  }

  /// Puts scalars in the place of those that are here: an added one comes from where the one before comes from, one in the
  /// place of several from where the first of those does.
  mutating func change(to new: [Change]) {
    var (scalars, origins): ([Unicode.Scalar], [Range<Int32>]) = ([], [])
    scalars.reserveCapacity(new.count)
    origins.reserveCapacity(new.count)
    var place = 0
    for change in new {
      let isAdded = change.count > 0
      let source = isAdded ? place - 1 : place
      let none: Range<Int32> = 0..<0
      origins.append(self.origins.indices.contains(source) ? self.origins[source] : none)
      scalars.append(change.scalar)
      if !isAdded { place += 1 - change.count }
    }
    (self.scalars, self.origins) = (scalars, origins)
  }

  /// Leaves scalars out.
  mutating func filter(_ isKept: (Unicode.Scalar) -> Bool) {
    let kept = scalars.indices.filter { isKept(scalars[$0]) }
    if kept.count == scalars.count { return }
    (scalars, origins) = (kept.map { scalars[$0] }, kept.map { origins[$0] })
  }

  /// Puts another scalar in the place of each.
  mutating func map(_ body: (Unicode.Scalar) -> Unicode.Scalar) {
    for index in scalars.indices { scalars[index] = body(scalars[index]) }
  }

  /// Puts `content` in the place of ranges, in order; it comes from where the last scalar of each does.
  mutating func replace(_ ranges: [Range<Int>], by content: [Unicode.Scalar]) {
    if ranges.isEmpty { return }
    var (scalars, origins): ([Unicode.Scalar], [Range<Int32>]) = ([], [])
    var done = 0
    for range in ranges {
      scalars += self.scalars[done..<range.lowerBound]
      origins += self.origins[done..<range.lowerBound]
      scalars += content
      origins += [Range<Int32>](repeating: self.origins[range.upperBound - 1], count: content.count)
      done = range.upperBound
    }
    scalars += self.scalars[done...]
    origins += self.origins[done...]
    (self.scalars, self.origins) = (scalars, origins)
  }

  /// Sets scalars before a text that is not empty; they come from where its first one does.
  mutating func prepend(_ content: [Unicode.Scalar]) {
    guard let first = origins.first else { return }
    scalars.insert(contentsOf: content, at: 0)
    origins.insert(contentsOf: content.map { _ in first }, at: 0)
  }

  /// The scalars of a range.
  subscript(range: Range<Int>) -> AlignedText {
    AlignedText(scalars: Array(scalars[range]), origins: Array(origins[range]))
  }
}
