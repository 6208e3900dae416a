import TernBackend
import TernTensor

/// The elements of several buffers as if they lay in a row: a pass over many small ones is as quick as over one large.
struct JoinedBuffers {
  private var ends: [Int] = []

  /// The elements of all.
  var count: Int { ends.last ?? 0 }

  /// Adds a buffer.
  mutating func append(_ count: Int) { ends.append(self.count + count) }

  /// Calls `body` on the workers with every buffer's number and a range of its elements; all ranges together are all elements.
  func run(_ body: (_ index: Int, _ range: Range<Int>) -> Void) {
    Workers.run(count: count, grain: StridedLoop.grain) { chunk in
      var index = first(chunk.lowerBound)
      while index < ends.count {
        let start = index == 0 ? 0 : ends[index - 1]
        if start >= chunk.upperBound { return }
        let range = max(chunk.lowerBound, start) - start..<min(chunk.upperBound, ends[index]) - start
        if !range.isEmpty { body(index, range) }
        index += 1
      }
    }
  }

  /// The buffer that holds an element of all in a row.
  private func first(_ element: Int) -> Int {
    var (low, high) = (0, ends.count)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] <= element { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
