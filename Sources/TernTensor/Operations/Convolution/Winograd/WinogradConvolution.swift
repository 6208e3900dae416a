import TernBackend

/// A 3×3 convolution by Winograd's algorithm: a tile of 4×4 pixels takes 36 products instead of 144, with a stride of 2
/// one of 2×2 takes 25 instead of 36.
///
/// Patches and kernels are turned into matrices; each is a product over the channels for many tiles at once; and the
/// products are turned back into pixels. With few weights a block of tiles goes all the way on one thread while it is in
/// its cache. With many, the kernels' matrices are what does not fit: then each step takes all threads, and every matrix
/// of kernels is read once for as many tiles as the third-level cache holds.
/// Lavin, Gray: Fast algorithms for convolutional neural networks, 2016.
struct WinogradConvolution {
  let form: WinogradForm
  let images: Int
  /// The images that are read.
  let height: Int, width: Int, channels: Int
  /// The results.
  let outHeight: Int, outWidth: Int, outputs: Int
  /// How far patches reach above and to the left of their tiles.
  let top: Int, left: Int
  /// How far the first tile lies outside the results.
  var cropTop = 0, cropLeft = 0

  /// The most multiplications of a product that OpenBLAS does without packing, by which it is a fifth faster.
  private static let unpacked = 999_000
  /// The longest sum within a product: longer ones lose more than they save.
  private static let longest = 128
  /// Tiles of a block where each step takes all threads, and of a chunk of such a step.
  static let stepBlock = 128, stepChunk = 8
  /// The values of a block that stay in the second-level cache.
  private static let cached = 300_000

  var rows: Int { (outHeight + cropTop + form.resultStep - 1) / form.resultStep }
  var columns: Int { (outWidth + cropLeft + form.resultStep - 1) / form.resultStep }
  var tiles: Int { images * rows * columns }

  /// Whether each step takes all threads, for matrices of more than about 96² weights.
  var parallelizesSteps: Bool { channels * outputs > 12_000 }

  var patches: TileGrid {
    TileGrid(
      height: height, width: width, channels: channels, rows: rows, columns: columns, step: form.patchStep, top: top,
      left: left)
  }
  var results: TileGrid {
    TileGrid(
      height: outHeight, width: outWidth, channels: outputs, rows: rows, columns: columns, step: form.resultStep,
      top: cropTop, left: cropLeft)
  }

  /// Matrices an odd number of cache lines apart, or they would all want the same places in the cache.
  private func layout(rows: Int, columns: Int) -> PointLayout {
    PointLayout(stride: ((rows * columns + 15) / 16 | 1) * 16, row: columns)
  }

  var kernelLayout: PointLayout {
    layout(rows: channels * form.patchParts, columns: outputs * form.productParts)
  }

  /// Values of all transformed kernels.
  var kernelCount: Int { form.matrices * kernelLayout.stride }

  /// Transforms the kernels.
  func transformKernels(_ weights: UnsafePointer<Float>, to kernels: UnsafeMutablePointer<Float>) {
    let (stored, inner, layout) = (
      form.isGradient ? channels : outputs, form.isGradient ? outputs : channels, kernelLayout
    )
    eachKernels(outputs: stored, channels: inner) { range in
      form.kernels(channels: inner, range, layout, kernels, weights)
    }
  }

  /// Patches and products of `tiles` tiles, one after the other in memory.
  struct Block {
    let patches: PointLayout, products: PointLayout
    /// Where the products begin, and where they end.
    let offset: Int, size: Int
  }

  func block(_ tiles: Int) -> Block {
    let patches = layout(rows: tiles, columns: channels * form.patchParts)
    let products = layout(rows: tiles, columns: outputs * form.productParts)
    let offset = form.matrices * patches.stride
    return Block(patches: patches, products: products, offset: offset, size: offset + form.matrices * products.stride)
  }

  /// How many tiles make a block: what the second-level cache holds, and eight blocks where there are tiles for that.
  private var most: Int {
    if parallelizesSteps { return Self.stepBlock }
    let fitting = Self.cached / (form.patchValues * channels + form.productValues * outputs)
    return Swift.min(Swift.max(32, Swift.min(96, fitting)), Swift.max(16, (tiles + 7) / 8))
  }

  /// The tiles of a block where `count` are split evenly.
  func evenBlock(_ count: Int) -> Int { even(count, most) }

  /// `count` split evenly into parts of at most `most`.
  private func even(_ count: Int, _ most: Int) -> Int {
    let parts = Swift.max(1, (count + most - 1) / Swift.max(most, 1))
    return (count + parts - 1) / parts
  }

  /// Calls `body` with ranges of at least 16 outputs, by which kernels [outputs, channels, 3, 3] are transformed.
  func eachKernels(outputs: Int, channels: Int, _ body: (Range<Int>) -> Void) {
    let blocks = outputs / 16
    let grain = Swift.max(1, 128 / channels)
    let chunks = (blocks + grain - 1) / grain
    Workers.run(chunks: chunks) { chunk in
      body(chunk * grain * 16..<(chunk == chunks - 1 ? outputs : (chunk + 1) * grain * 16))
    }
  }

  /// The convolution.
  ///
  /// - Parameters:
  ///   - weights: [outputs, channels, 3, 3]; [channels, outputs, 3, 3] for the gradient of an input.
  ///   - kept: the transformed kernels, where they are there already: then the weights are not read.
  ///   - bias: added to each pixel, [outputs].
  ///   - appliesReLU: whether a ReLU is applied in this pass.
  func convolve(
    _ x: OperandPointer, _ weights: UnsafePointer<Float>, kernels kept: OwnedMemory? = nil,
    bias: UnsafePointer<Float>? = nil, appliesReLU: Bool = false, to out: UnsafeMutablePointer<Float>
  ) {
    defer { withExtendedLifetime(kept) {} }
    let (form, layout, patches, results) = (form, kernelLayout, patches, results)
    let (tiles, step) = (tiles, evenBlock(tiles))
    let block = block(step)
    withScratch(kept == nil ? kernelCount : 0, of: Float.self) { scratch in
      let kernels = kept?.pointer.assumingMemoryBound(to: Float.self) ?? scratch
      if kept == nil { transformKernels(weights, to: kernels) }
      func transform(_ first: Int, _ range: Range<Int>, _ values: UnsafeMutablePointer<Float>) {
        form.patches(
          patches, first + range.lowerBound, range.count, block.patches, values + range.lowerBound * block.patches.row,
          x)
      }
      func write(_ first: Int, _ range: Range<Int>, _ values: UnsafePointer<Float>) {
        form.pixels(
          results, first + range.lowerBound, range.count, block.products, out,
          values + block.offset + range.lowerBound * block.products.row, bias: bias, appliesReLU: appliesReLU)
      }
      if !parallelizesSteps {
        Workers.run(count: tiles, grain: step) { range in
          withScratch(block.size, of: Float.self) { values in
            transform(range.lowerBound, 0..<range.count, values)
            for matrix in 0..<form.matrices { multiply(matrix, range.count, kernels, layout, values, block) }
            write(range.lowerBound, 0..<range.count, values)
          }
        }
        return
      }
      withScratch(block.size, of: Float.self) { values in
        for first in stride(from: 0, to: tiles, by: step) {
          let count = Swift.min(step, tiles - first)
          Workers.run(count: count, grain: Self.stepChunk) { transform(first, $0, values) }
          Workers.run(chunks: form.matrices) { multiply($0, count, kernels, layout, values, block) }
          Workers.run(count: count, grain: Self.stepChunk) { write(first, $0, values) }
        }
      }
    }
  }

  /// The product of a block's patches with the kernels, for one of the matrices.
  private func multiply(
    _ matrix: Int, _ count: Int, _ kernels: UnsafePointer<Float>, _ layout: PointLayout,
    _ values: UnsafeMutablePointer<Float>, _ block: Block
  ) {
    let (k, n) = (channels * form.patchParts(matrix), outputs * form.productParts(matrix))
    let patches = UnsafePointer(values) + matrix * block.patches.stride
    let kernels = kernels + matrix * layout.stride
    let products = values + block.offset + matrix * block.products.stride
    let depth = even(k, Self.longest)
    let isSmall = count * n * depth <= Self.unpacked
    let across = isSmall ? n : Swift.min(64, n)
    let down = isSmall ? count : even(count, Self.unpacked / (depth * across))
    for j in stride(from: 0, to: n, by: across) {
      for i in stride(from: 0, to: count, by: down) {
        for l in stride(from: 0, to: k, by: depth) {
          BLAS.gemmChunk(
            .none, .none, m: Swift.min(down, count - i), n: Swift.min(across, n - j), k: Swift.min(depth, k - l),
            alpha: 1, patches + i * block.patches.row + l, lda: block.patches.row, kernels + l * layout.row + j,
            ldb: layout.row, beta: l == 0 ? 0 : 1, products + i * block.products.row + j, ldc: block.products.row)
        }
      }
    }
  }
}
