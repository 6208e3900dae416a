import TernBackend

/// Sums made in pieces, each in memory of its own, and then added pairwise: the same bits for any number of threads.
struct PartialSums<Scalar: FloatingScalar> {
  let pieces: Int
  let size: Int
  private let memory: Tensor<Scalar>

  init(pieces: Int, size: Int) {
    self.pieces = pieces
    self.size = size
    memory = Tensor(uninitialized: [pieces, size])
  }

  /// How many pieces to cut `count` terms of `size` values into: at least `grain` terms in each, at most 16 pieces, and
  /// fewer where the sums are large.
  static func pieces(_ count: Int, grain: Int, size: Int) -> Int {
    let affordable = Swift.max(2, 4_194_304 / Swift.max(size, 1))
    return Swift.max(1, Swift.min(16, affordable, count / grain))
  }

  /// The terms of one piece.
  static func range(_ piece: Int, of pieces: Int, _ count: Int) -> Range<Int> {
    piece * count / pieces..<(piece + 1) * count / pieces
  }

  /// The memory of one piece.
  func pointer(_ piece: Int) -> UnsafeMutablePointer<Scalar> { memory.mutablePointer + piece * size }

  /// The sum of all pieces; the pieces' memory is used up.
  func total(shape: [Int]) -> Tensor<Scalar> {
    let sum = memory.mutablePointer
    Workers.run(count: size, grain: StridedLoop.grain) { range in
      var step = 1
      while step < pieces {
        for piece in stride(from: 0, to: pieces - step, by: 2 * step) {
          let target = sum + piece * size + range.lowerBound
          Scalar.binary(.add, range.count, target, 1, target, 1, target + step * size, 1, 1)
        }
        step *= 2
      }
    }
    return memory.view(Layout(shape))
  }
}
