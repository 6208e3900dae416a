import TernBackend

/// Patches of images as the rows of a matrix, tile by tile: the whole matrix is never in memory.
///
/// Every pass of a convolution is a product with such a matrix. With P patches of K values each, `multiply` computes
/// [P, K] · [K, N], `multiplyTransposed` [K, P] · [P, N]; each group has its own columns of the images and its own product.
/// The work is split by size alone, so that the results do not depend on the number of threads.
struct Im2Row {
  let images: Int, height: Int, width: Int
  /// Channels that one group reads.
  let channels: Int
  let groups: Int
  /// The patches of an image are at rows × columns, `step` pixels apart.
  let rows: Int, columns: Int
  let step: Pair
  /// Offsets of the pixels of a patch from its position.
  let down: [Int], across: [Int]

  /// The number of patches.
  var count: Int { images * rows * columns }
  /// The values of a patch in one group.
  var length: Int { down.count * across.count * channels }

  /// Patches are the pixels themselves, in order: the images are the matrix.
  var isImage: Bool {
    down == [0] && across == [0] && step == 1 && rows == height && columns == width
  }

  /// Patches in a tile: as many as stay in the second-level cache, at least eight tiles where there are enough. Of long
  /// patches more, since the other matrix is read, and packed by OpenBLAS, once for every tile.
  func tile<Scalar>(_: Scalar.Type) -> Int {
    let fitting = Swift.max(524_288 / MemoryLayout<Scalar>.stride / Swift.max(length, 1), 192)
    let sharing = (count / 8 + 15) / 16 * 16
    return Swift.max(16, Swift.min(fitting / 8 * 8, Swift.max(sharing, 64), 2048))
  }

  /// c = a · b for the rows of a tile, in blocks of at most 10⁶ multiplications where that leaves some rows: OpenBLAS
  /// does not pack such products and is up to a fifth faster for it (240 for 205 GF/s a core).
  private func multiplyTile<Scalar: FloatingScalar>(
    _ rows: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Scalar>, _ lda: Int, _ b: UnsafePointer<Scalar>,
    _ c: UnsafeMutablePointer<Scalar>, _ ldc: Int
  ) {
    let block = 1_000_000 / Swift.max(n * k, 1) / 8 * 8
    let step = block >= 16 ? Swift.min(block, rows) : rows
    for row in stride(from: 0, to: rows, by: step) {
      BLAS.gemmChunk(
        .none, .none, m: Swift.min(step, rows - row), n: n, k: k, alpha: 1, a + row * lda, lda: lda, b, ldb: n,
        beta: 0, c + row * ldc, ldc: ldc)
    }
  }

  /// The pixels of results: where the product's row for patch (r, c) of image n goes.
  struct Pixels<Scalar> {
    let pointer: UnsafeMutablePointer<Scalar>
    let image: Int, row: Int, column: Int
  }

  /// [patches, K] · [K, N] for every group; a result's pixel holds the groups' N values one after the other.
  ///
  /// - Parameters:
  ///   - matrix: [groups, K, N].
  ///   - n: N.
  func multiply<Scalar: FloatingScalar>(
    _ x: UnsafePointer<Scalar>, by matrix: UnsafePointer<Scalar>, n: Int,
    to out: Pixels<Scalar>
  ) {
    if FloatPrecision.multipliesBFloat16(Scalar.self) {
      return multiplyBFloat16(x, by: PackedMatrices(floats(matrix), groups: groups, length, n), to: out)
    }
    let (count, length, pixel) = (count, length, groups * n)
    let tile = tile(Scalar.self)
    let inPlace = out.column == pixel && out.row == columns * pixel && (out.image == rows * out.row || images == 1)
    Workers.run(chunks: (count + tile - 1) / tile) { chunk in
      let first = chunk * tile
      let rows = Swift.min(tile, count - first)
      withScratch((isImage ? 0 : rows * length) + (inPlace ? 0 : rows * pixel), of: Scalar.self) { scratch in
        let result = inPlace ? out.pointer + first * pixel : scratch + (isImage ? 0 : rows * length)
        for group in 0..<groups {
          let (a, lda) = patches(x, group, first, rows, scratch)
          multiplyTile(rows, n, length, a, lda, matrix + group * length * n, result + group * n, pixel)
        }
        if !inPlace { spread(result, first, rows, pixel, to: out) }
      }
    }
  }

  /// [K, patches] · [patches, N] for every group: the sum over all patches of patch · gradient pixel, [groups, K, N]; or,
  /// with operands in bfloat16, its transpose [groups, N, K], since patches are packed faster on the right.
  ///
  /// Chunks of some hundred patches are added pairwise.
  func multiplyTransposed<Scalar: FloatingScalar>(
    _ x: UnsafePointer<Scalar>, by gradient: UnsafePointer<Scalar>, n: Int
  ) -> Tensor<Scalar> {
    let (count, length, pixel) = (count, length, groups * n)
    let size = groups * length * n
    let chunks = PartialSums<Scalar>.chunks(count, grain: 256, size: size)
    let sums = PartialSums<Scalar>(chunks: chunks, size: size)
    let tile = tile(Scalar.self)
    let inBFloat16 = FloatPrecision.multipliesBFloat16(Scalar.self)
    Workers.run(chunks: chunks) { chunk in
      let range = PartialSums<Scalar>.range(chunk, of: chunks, count)
      let sum = sums.pointer(chunk)
      withScratch(isImage ? 0 : tile * length, of: Scalar.self) { scratch in
        for first in stride(from: range.lowerBound, to: range.upperBound, by: tile) {
          let rows = Swift.min(tile, range.upperBound - first)
          for group in 0..<groups {
            let (a, lda) = patches(x, group, first, rows, scratch)
            let (g, beta) = (gradient + first * pixel + group * n, first == range.lowerBound ? 0 : 1 as Scalar)
            let target = sum + group * length * n
            if inBFloat16 {
              BLAS.gemmChunk(
                .transposed, .none, m: n, n: length, k: rows, alpha: 1, g, lda: pixel, a, ldb: lda, beta: beta, target,
                ldc: length, inBFloat16: true)
            } else {
              BLAS.gemmChunk(
                .transposed, .none, m: length, n: n, k: rows, alpha: 1, a, lda: lda, g, ldb: pixel, beta: beta, target,
                ldc: n)
            }
          }
        }
      }
    }
    return sums.total(shape: inBFloat16 ? [groups, n, length] : [groups, length, n])
  }

  /// [N, patches of an image] · [patches of an image, K] for every image and group: the sums over an image's patches of gradient
  /// pixel · patch, [images, groups, N, K].
  func multiplyEachTransposed<Scalar: FloatingScalar>(
    _ x: UnsafePointer<Scalar>, by gradient: UnsafePointer<Scalar>, n: Int
  ) -> Tensor<Scalar> {
    let (each, length, pixel) = (rows * columns, length, groups * n)
    let tile = Swift.min(tile(Scalar.self), each)
    return Tensor(shape: [images, groups, n, length]) { out in
      Workers.run(chunks: images) { image in
        withScratch(isImage ? 0 : tile * length, of: Scalar.self) { scratch in
          for first in stride(from: 0, to: each, by: tile) {
            let (rows, start) = (Swift.min(tile, each - first), image * each + first)
            for group in 0..<groups {
              let (a, lda) = patches(x, group, start, rows, scratch)
              BLAS.gemmChunk(
                .transposed, .none, m: n, n: length, k: rows, alpha: 1, gradient + start * pixel + group * n,
                lda: pixel,
                a, ldb: lda, beta: first == 0 ? 0 : 1, out + (image * groups + group) * n * length, ldc: length)
            }
          }
        }
      }
    }
  }

  /// Some patches as rows: the image itself where that is what they are, else made in `scratch`.
  func patches<Scalar: FloatingScalar>(
    _ x: UnsafePointer<Scalar>, _ group: Int, _ first: Int, _ count: Int, _ scratch: UnsafeMutablePointer<Scalar>
  ) -> (UnsafePointer<Scalar>, stride: Int) {
    let pixel = groups * channels
    let start = x + group * channels
    if isImage { return (start + first * pixel, pixel) }
    down.withUnsafeBufferPointer { down in
      across.withUnsafeBufferPointer { across in
        let grid = PatchGrid(
          height: height, width: width, pixel: pixel, channels: channels, rows: rows, columns: columns,
          rowStep: step.vertical, columnStep: step.horizontal, tapsDown: down.count, tapsAcross: across.count,
          down: down.baseAddress!, across: across.baseAddress!)
        Scalar.patches(grid, first, count, scratch, start)
      }
    }
    return (UnsafePointer(scratch), length)
  }

  /// Copies a tile's pixels to where they belong, a line of the image at a time.
  func spread<Scalar: FloatingScalar>(
    _ tile: UnsafePointer<Scalar>, _ first: Int, _ count: Int, _ pixel: Int, to out: Pixels<Scalar>
  ) {
    var at = first
    while at < first + count {
      let (line, column) = at.quotientAndRemainder(dividingBy: columns)
      let (image, row) = line.quotientAndRemainder(dividingBy: rows)
      let run = Swift.min(columns - column, first + count - at)
      Scalar.copy2D(
        run, pixel, out.pointer + image * out.image + row * out.row + column * out.column, out.column, 1,
        tile + (at - first) * pixel, pixel, 1)
      at += run
    }
  }
}

/// Memory from the pool for the duration of a closure.
func withScratch<Scalar, Result>(
  _ count: Int, of: Scalar.Type, _ body: (UnsafeMutablePointer<Scalar>) throws -> Result
) rethrows -> Result {
  let bytes = count * MemoryLayout<Scalar>.stride
  let pointer = MemoryPool.allocate(byteCount: bytes)
  defer { MemoryPool.release(pointer, byteCount: bytes) }
  return try body(pointer.bindMemory(to: Scalar.self, capacity: count))
}
