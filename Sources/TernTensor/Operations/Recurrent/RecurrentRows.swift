import TernBackend

/// Where the values of sequences lie in a tensor of all times: those of the first time, then of the second, and so on.
struct RecurrentRows: Sendable {
  /// How many sequences have a value at each time; never rising.
  let sizes: [Int]
  /// How many sequences there are.
  let batch: Int
  /// Where each time begins.
  let offsets: [Int]
  /// All values.
  let count: Int

  init(sizes: [Int], batch: Int) {
    (self.sizes, self.batch) = (sizes, batch)
    var (offsets, end) = ([Int](), 0)
    offsets.reserveCapacity(sizes.count)
    for size in sizes {
      offsets.append(end)
      end += size
    }
    (self.offsets, count) = (offsets, end)
  }

  /// Whether all sequences have all times.
  var isUniform: Bool { sizes.last == batch }

  /// How many sequences have any.
  var present: Int { sizes.first ?? 0 }

  /// Where the value of each sequence that has any lies at which a direction ends.
  func lastRows(reversed: Bool) -> [Int] {
    if reversed || isUniform { return Array(0..<present).map { $0 + (reversed ? 0 : offsets.last ?? 0) } }
    var rows = [Int](repeating: 0, count: present)
    for (time, size) in sizes.enumerated() { for row in 0..<size { rows[row] = offsets[time] + row } }
    return rows
  }

  /// The rows at which a direction ends: of a tensor of all times, followed by the initial ones of sequences without times.
  func ends<Scalar: FloatingScalar>(
    _ output: Tensor<Scalar>, _ initial: Tensor<Scalar>, reversed: Bool
  ) -> Tensor<Scalar> {
    let found =
      reversed || isUniform
      ? output.narrowed(axis: 0, start: reversed ? 0 : offsets.last ?? 0, length: present)
      : output.taking(Tensor<Int>(lastRows(reversed: false)), along: 0)
    if present == batch { return found }
    return concatenate([found, initial.narrowed(axis: 0, start: present, length: batch - present)], along: 0)
  }

  /// The hidden values before each value, [count, H]: of the time before, or the initial ones.
  func before<Scalar: FloatingScalar>(
    _ output: UnsafePointer<Scalar>, row: Int, _ initial: UnsafePointer<Scalar>, _ hidden: Int, reversed: Bool
  ) -> Tensor<Scalar> {
    let result = Tensor<Scalar>(uninitialized: [count, hidden])
    let out = result.mutablePointer
    Workers.run(count: sizes.count, grain: Swift.max(1, 0x10000 / Swift.max(batch * hidden, 1))) { times in
      for time in times {
        let earlier = reversed ? time + 1 : time - 1
        let kept = sizes.indices.contains(earlier) ? Swift.min(sizes[time], sizes[earlier]) : 0
        let target = out + offsets[time] * hidden
        if kept > 0 {
          Scalar.copy2D(
            kept, hidden, target, hidden, 1, output + offsets[earlier] * row, row, 1)
        }
        if kept < sizes[time] {
          Scalar.copy(
            (sizes[time] - kept) * hidden, target + kept * hidden, 1, initial + kept * hidden, 1)
        }
      }
    }
    return result
  }
}
