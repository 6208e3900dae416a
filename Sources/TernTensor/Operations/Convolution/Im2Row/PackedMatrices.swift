import TernBackend

/// The matrices [K, N] of all groups of a convolution, rounded to bfloat16 and packed as right operands.
final class PackedMatrices: Sendable {
  /// K and N.
  let length: Int, n: Int
  private let groups: [PackedRight]

  /// - Parameter matrix: [groups, K, N].
  init(_ matrix: UnsafePointer<Float>, groups: Int, _ length: Int, _ n: Int) {
    (self.length, self.n) = (length, n)
    self.groups = (0..<groups).map { group in
      PackedRight(length, n, .none, OperandPointer(matrix + group * length * n), n)
    }
  }

  subscript(group: Int) -> UnsafeMutablePointer<UInt32> { groups[group].words }
}

extension Im2Row {
  /// ``multiply(_:by:n:to:)`` with operands rounded to bfloat16.
  func multiplyBFloat16<Scalar: FloatingScalar>(
    _ x: UnsafePointer<Scalar>, by matrices: PackedMatrices, to out: Pixels<Scalar>
  ) {
    let (count, length, n, pixel) = (count, length, matrices.n, groups * matrices.n)
    let tile = tile(Scalar.self)
    let inPlace = out.column == pixel && out.row == columns * pixel && (out.image == rows * out.row || images == 1)
    let leftCount = BFloat16Products.leftCount(tile, length)
    Workers.run(chunks: (count + tile - 1) / tile) { chunk in
      let first = chunk * tile
      let rows = Swift.min(tile, count - first)
      let patchCount = isImage ? 0 : rows * length
      withScratch(patchCount + (inPlace ? 0 : rows * pixel), of: Scalar.self) { scratch in
        let result = inPlace ? out.pointer + first * pixel : scratch + patchCount
        BFloat16Products.withWords(leftCount) { left in
          for group in 0..<groups {
            let (a, lda) = patches(x, group, first, rows, scratch)
            BFloat16Products.packLeft(rows, length, left, .none, OperandPointer(floats(a)), lda)
            BFloat16Products.multiply(
              m: rows, n: n, k: length, alpha: 1, left, matrices[group], beta: 0, floats(result) + group * n,
              ldc: pixel)
          }
        }
        if !inPlace { spread(result, first, rows, pixel, to: out) }
      }
    }
    withExtendedLifetime(matrices) {}
  }
}
