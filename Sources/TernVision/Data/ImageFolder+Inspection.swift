import Dispatch
import Synchronization
import TernBackend
import TernData
import TernTensor

extension ImageFolder {
  /// The median of the pictures' heights and that of their widths, each rounded to a multiple of 8, at least 8; only
  /// headers are read.
  ///
  /// - Throws: `DataError` for the first picture whose header cannot be read.
  public static func medianSize(of paths: [String]) throws(DataError) -> (height: Int, width: Int) {
    guard !paths.isEmpty else { return (8, 8) }
    var (heights, widths): ([Int], [Int]) = ([], [])
    for path in paths {
      let size = try Image.size(ofFile: path)
      heights.append(size.height)
      widths.append(size.width)
    }
    func rounded(_ values: [Int]) -> Int {
      let sorted = values.sorted()
      let median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
      return max((median + 4) / 8 * 8, 8)
    }
    return (rounded(heights), rounded(widths))
  }

  /// The mean and deviation of each color over the pictures at this size, without the transform; of more than `limit`
  /// pictures, so many of them at equal distances.
  ///
  /// - Throws: `DataError` for a picture that cannot be read.
  public func measuredStandardization(limit: Int = 512, file: StaticString = #fileID, line: UInt = #line)
    throws(DataError) -> Standardization
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(limit > 0, "measuredStandardization", "a limit of \(limit) pictures (at least 1)")
    let plain = with {}
    let colors = format.isColor ? 3 : 1
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 256), count: colors)
    let used = min(limit, count)
    for number in 0..<used {
      let bytes = try plain.image(at: number * count / used).bytes
      for start in stride(from: 0, to: bytes.count, by: format.channels) {
        for color in 0..<colors { counts[color][Int(bytes[start + color])] += 1 }
      }
    }
    let figures = counts.map { counts -> (mean: Double, deviation: Double) in
      let total = Double(max(counts.reduce(0, +), 1))
      let mean = counts.indices.reduce(0.0) { $0 + Double($1 * counts[$1]) } / total
      let squares = counts.indices.reduce(0.0) { sum, value in
        sum + Double(counts[value]) * (Double(value) - mean) * (Double(value) - mean)
      }
      return (mean / 255, squares > 0 ? (squares / total).squareRoot() / 255 : 1)
    }
    return Standardization(mean: figures.map(\.mean), deviation: figures.map(\.deviation))
  }

  /// These pictures without those that cannot be decoded, and what is wrong with each of those; all are decoded, on so many
  /// threads.
  public func withoutCorrupt(workers: Int = 1, file: StaticString = #fileID, line: UInt = #line)
    -> (sound: ImageFolder, corrupt: [DataError])
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(workers >= 1, "withoutCorrupt", "\(workers) threads (at least 1)")
    let found = Mutex<[Int: DataError]>([:])
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for index in stride(from: worker, to: count, by: workers) {
        do throws(DataError) { _ = try Image(contentsOf: paths[index]) } catch {
          found.withLock { $0[index] = error }
        }
      }
    }
    let corrupt = found.withLock { $0 }
    if corrupt.isEmpty { return (self, []) }
    return (
      selecting((0..<count).filter { corrupt[$0] == nil }), corrupt.sorted { $0.key < $1.key }.map(\.value)
    )
  }

  /// The indices in two parts, of every class `fraction` in the second one: at random by the seed, in order each. A class of
  /// two or more has at least one in both.
  public func splitIndices(fraction: Double, seed: UInt64, file: StaticString = #fileID, line: UInt = #line)
    -> (first: [Int], second: [Int])
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(fraction > 0 && fraction < 1, "splitIndices", "a fraction of \(fraction), expected between 0 and 1")
    var isSecond = [Bool](repeating: false, count: count)
    for label in classNames.indices {
      let members = labels.indices.filter { labels[$0] == label }
      if members.count < 2 { continue }
      let wanted = min(max(Int((fraction * Double(members.count)).rounded()), 1), members.count - 1)
      let generator = RandomGenerator(seed: seed, stream: 0x7370_6C69_7421, counter: UInt64(label))
      for place in generator.permutation(members.count).prefix(wanted) { isSecond[members[place]] = true }
    }
    return (isSecond.indices.filter { !isSecond[$0] }, isSecond.indices.filter { isSecond[$0] })
  }
}
