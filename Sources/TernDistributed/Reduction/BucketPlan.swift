/// Which gradients travel together: runs of the parameters in the order in which they are ready, each as long as goes into
/// `limit` bytes, the first one into `first`, so that something travels soon. A parameter is not divided.
package struct BucketPlan: Sendable, Equatable {
  /// Runs of parameters.
  package let buckets: [Range<Int>]

  /// The runs for gradients of so many bytes.
  package init(byteCounts: [Int], limit: Int = 25 << 20, first: Int = 1 << 20) {
    var buckets: [Range<Int>] = []
    var (start, bytes) = (0, 0)
    for (index, count) in byteCounts.enumerated() {
      if index > start, bytes + count > (buckets.isEmpty ? first : limit) {
        buckets.append(start..<index)
        (start, bytes) = (index, 0)
      }
      bytes += count
    }
    if start < byteCounts.count { buckets.append(start..<byteCounts.count) }
    self.buckets = buckets
  }
}
