import TernBackend

/// Stops where a network's numbers of blocks or its sizes are none that a network can have: products of sizes stay within the
/// range of Int, and nothing is allocated before.
///
/// - Parameters:
///   - name: The network.
///   - blocks: How many blocks it has, in all or by stage: 0 to 10,000 each.
///   - sizes: Channels, features, vocabularies and the like, up to 2³⁰ each.
func requireSizes(_ name: String, blocks: [Int] = [], sizes: [Int]) {
  for count in blocks { check(0...10_000 ~= count, name, "\(count) blocks, expected 0 to 10000") }
  for size in sizes {
    check(-(1 << 30)...(1 << 30) ~= size, name, "a size of \(size), expected at most \(1 << 30)")
  }
}
