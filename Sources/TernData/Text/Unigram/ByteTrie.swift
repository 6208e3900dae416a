/// Byte strings by their prefixes: the strings that a text begins with are found in one walk.
struct ByteTrie: Sendable {
  // The children of a node lie side by side, in the order of their bytes; the root is node 0.
  private let bytes: [UInt8]
  private let firstChildren: [Int32]
  private let childCounts: [Int16]
  /// The number of the string that ends at each node, −1 where none does.
  private let values: [Int32]

  /// A trie of different strings, each with its number; an empty one is never found.
  init(_ strings: [(bytes: [UInt8], value: Int)]) {
    let sorted = strings.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    var (bytes, children, counts, values): ([UInt8], [Int32], [Int16], [Int32]) = ([0], [0], [0], [-1])
    // For each node that is without children yet, the strings below it.
    var ranges = [0..<sorted.count]
    var depths = [0]
    var node = 0
    while node < ranges.count {
      let depth = depths[node]
      var (place, end) = (ranges[node].lowerBound, ranges[node].upperBound)
      while place < end, sorted[place].bytes.count == depth {
        values[node] = Int32(sorted[place].value)
        place += 1
      }
      children[node] = Int32(bytes.count)
      while place < end {
        let byte = sorted[place].bytes[depth]
        let start = place
        while place < end, sorted[place].bytes[depth] == byte { place += 1 }
        bytes.append(byte)
        children.append(0)
        counts.append(0)
        values.append(-1)
        counts[node] += 1
        ranges.append(start..<place)
        depths.append(depth + 1)
      }
      end = place
      node += 1
    }
    (self.bytes, firstChildren, childCounts, self.values) = (bytes, children, counts, values)
  }

  /// Calls `body` with the length and the number of each string that `text` begins with at `start`, the shortest first.
  @inline(__always)
  func prefixes(of text: UnsafeBufferPointer<UInt8>, from start: Int, _ body: (Int, Int32) -> Void) {
    bytes.withUnsafeBufferPointer { bytes in
      var (node, place) = (0, start)
      search: while place < text.count {
        let byte = text[place]
        var child = Int(firstChildren[node])
        var end = child + Int(childCounts[node])
        // The half in which the byte is, down to one.
        while end - child > 1 {
          let middle = (child + end) / 2
          if bytes[middle] <= byte { child = middle } else { end = middle }
        }
        guard child < end, bytes[child] == byte else { return }
        node = child
        place += 1
        if values[node] >= 0 { body(place - start, values[node]) }
      }
    }
  }
}
