import TernBackend

/// Sums made in chunks, each in memory of its own, and then added pairwise: the same bits for any number of threads.
struct PartialSums<Scalar: FloatingScalar> {
  let chunks: Int
  let size: Int
  private let memory: Tensor<Scalar>

  init(chunks: Int, size: Int) {
    self.chunks = chunks
    self.size = size
    memory = Tensor(uninitialized: [chunks, size])
  }

  /// How many chunks to split `count` terms of `size` values into: at least `grain` terms in each, at most 16 chunks, and
  /// fewer where the sums are large.
  static func chunks(_ count: Int, grain: Int, size: Int) -> Int {
    let affordable = Swift.max(2, 4_194_304 / Swift.max(size, 1))
    return Swift.max(1, Swift.min(16, affordable, count / grain))
  }

  /// The terms of one chunk.
  static func range(_ chunk: Int, of chunks: Int, _ count: Int) -> Range<Int> {
    chunk * count / chunks..<(chunk + 1) * count / chunks
  }

  /// The memory of one chunk.
  func pointer(_ chunk: Int) -> UnsafeMutablePointer<Scalar> { memory.mutablePointer + chunk * size }

  /// The sum of all chunks; the chunks' memory is used up.
  func total(shape: [Int]) -> Tensor<Scalar> {
    let sum = memory.mutablePointer
    Workers.run(count: size, grain: StridedLoop.grain) { range in
      var step = 1
      while step < chunks {
        for chunk in stride(from: 0, to: chunks - step, by: 2 * step) {
          let target = sum + chunk * size + range.lowerBound
          Scalar.binary(.add, range.count, target, 1, target, 1, target + step * size, 1, 1)
        }
        step *= 2
      }
    }
    return memory.view(Layout(shape))
  }
}
