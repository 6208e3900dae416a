/// A figure over the steps of a training in bounded memory: means of buckets of as many steps each, which grow in pairs.
struct StepSeries: Sendable, Equatable {
  /// The most buckets.
  static let capacity = 512

  struct Bucket: Sendable, Equatable {
    /// Of finite values.
    var sum = 0.0
    var count = 0.0
    /// The least and the greatest of them.
    var least = Double.infinity, most = -Double.infinity
    /// Whether a value was not finite.
    var isBroken = false

    init() {}

    /// A value of so many steps.
    init(_ value: Double, count: Double) { (sum, self.count, least, most) = (value * count, count, value, value) }

    /// The mean, of equal values exactly theirs; NaN where a value was not finite, `nil` where there was none.
    var value: Double? { isBroken ? .nan : count > 0 ? least == most ? least : sum / count : nil }

    mutating func add(_ other: Bucket) {
      sum += other.sum
      count += other.count
      (least, most) = (min(least, other.least), max(most, other.most))
      isBroken = isBroken || other.isBroken
    }
  }

  /// Steps of a bucket.
  private(set) var width = 1
  private(set) var buckets: [Bucket] = []

  /// Adds a value of `steps` steps, of which the first has `step` steps before it.
  mutating func add(_ value: Double, at step: Int, steps: Int = 1) {
    if step < 0 || steps < 1 { return }
    let end = step + steps
    while (end - 1) / width >= Self.capacity { merge() }
    let last = (end - 1) / width
    while buckets.count <= last { buckets.append(Bucket()) }
    for index in step / width...last {
      let count = min(end, (index + 1) * width) - max(step, index * width)
      if value.isFinite {
        buckets[index].add(Bucket(value, count: Double(count)))
      } else {
        buckets[index].isBroken = true
      }
    }
  }

  private mutating func merge() {
    width *= 2
    for index in 0..<(buckets.count + 1) / 2 {
      var sum = buckets[2 * index]
      if 2 * index + 1 < buckets.count { sum.add(buckets[2 * index + 1]) }
      buckets[index] = sum
    }
    buckets.removeLast(buckets.count / 2)
  }

  /// The series in at most so many columns, the first step on the left; `nil` where nothing is known.
  func values(columns: Int) -> [Double?] {
    let count = buckets.count
    if columns < 1 { return [] }
    if count <= columns { return buckets.map(\.value) }
    return (0..<columns).map { column in
      var sum = Bucket()
      for index in column * count / columns..<(column + 1) * count / columns { sum.add(buckets[index]) }
      return sum.value
    }
  }
}
