import TernBackend

/// A 3×3 convolution of stride 1 by Winograd's algorithm: 36 products make a tile of 4×4 pixels, for 144.
///
/// Patches and kernels are turned into values at 36 points; at each, a matrix product over the channels for many tiles at
/// once; and the products back into pixels. With few weights a block of tiles goes all the way on one thread while it
/// is in its cache. With many, the kernels' points are what does not fit: then each step takes all threads, and every
/// matrix of kernels is read once for as many tiles as the third-level cache holds.
/// Lavin, Gray: Fast algorithms for convolutional neural networks, 2016.
struct WinogradConvolution {
  let images: Int
  /// The images that are read, and their padding.
  let height: Int, width: Int, channels: Int, top: Int, left: Int
  /// The results.
  let outHeight: Int, outWidth: Int, outputs: Int

  /// The most multiplications of a product that OpenBLAS does without packing, by which it is a fifth faster.
  static let unpacked = 999_000
  /// The longest sum within a product: longer ones lose more than they save.
  static let longest = 128
  /// Tiles of a block where each step takes all threads, and of a piece of such a step.
  static let sharedBlock = 128, sharedPiece = 8

  private static let points = WinogradKernels.points

  var rows: Int { (outHeight + WinogradKernels.side - 1) / WinogradKernels.side }
  var columns: Int { (outWidth + WinogradKernels.side - 1) / WinogradKernels.side }
  var tiles: Int { images * rows * columns }

  /// Whether each step takes all threads, for matrices of more than 96² weights.
  var shares: Bool { channels * outputs > 12_000 }

  private var patches: TileGrid {
    TileGrid(height: height, width: width, channels: channels, rows: rows, columns: columns, top: top, left: left)
  }
  private var results: TileGrid {
    TileGrid(height: outHeight, width: outWidth, channels: outputs, rows: rows, columns: columns, top: 0, left: 0)
  }

  /// A matrix for every point: an odd number of cache lines apart, or they would all want the same places in the cache.
  private func layout(rows: Int, columns: Int) -> PointLayout {
    PointLayout(stride: ((rows * columns + 15) / 16 | 1) * 16, row: columns)
  }

  /// How many tiles make a block: what keeps patches and products in the second-level cache, and eight blocks where
  /// there are tiles for that.
  private var block: Int {
    if shares { return Swift.min(Self.sharedBlock, tiles) }
    let fitting = Swift.max(32, Swift.min(96, 8192 / (channels + outputs), Self.unpacked / (channels * outputs)))
    return Swift.min(fitting, Swift.max(16, (tiles + 7) / 8))
  }

  /// `count` cut evenly into parts of at most `most`.
  private static func even(_ count: Int, _ most: Int) -> Int {
    let parts = (count + most - 1) / most
    return (count + parts - 1) / Swift.max(parts, 1)
  }

  /// The ranges of at least 16 outputs that kernels are transformed by.
  private static func run(outputs: Int, channels: Int, _ body: (Range<Int>) -> Void) {
    let blocks = outputs / 16
    let grain = Swift.max(1, 128 / channels)
    let pieces = (blocks + grain - 1) / grain
    Workers.run(pieces: pieces) { piece in
      body(piece * grain * 16..<(piece == pieces - 1 ? outputs : (piece + 1) * grain * 16))
    }
  }

  /// The convolution.
  ///
  /// - Parameters:
  ///   - weights: [outputs, channels, 3, 3]; mirrored, [channels, outputs, 3, 3], for the gradient of an input.
  ///   - bias: added to each pixel, [outputs].
  ///   - rectifies: negative results become zero.
  func convolve(
    _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, mirrors: Bool, bias: UnsafePointer<Float>? = nil,
    rectifies: Bool = false, to out: UnsafeMutablePointer<Float>
  ) {
    let layout = layout(rows: channels, columns: outputs)
    withScratch(Self.points * layout.stride, of: Float.self) { kernels in
      let (stored, inner) = mirrors ? (channels, outputs) : (outputs, channels)
      Self.run(outputs: stored, channels: inner) { range in
        WinogradKernels.kernels(channels: inner, range, mirrors: mirrors, layout, kernels, weights)
      }
      if shares {
        convolveShared(x, kernels, layout, bias, rectifies, to: out)
      } else {
        convolveBlocks(x, kernels, layout, bias, rectifies, to: out)
      }
    }
  }

  private func convolveBlocks(
    _ x: UnsafePointer<Float>, _ kernels: UnsafePointer<Float>, _ layout: PointLayout, _ bias: UnsafePointer<Float>?,
    _ rectifies: Bool, to out: UnsafeMutablePointer<Float>
  ) {
    let (patches, results, tiles, block) = (patches, results, tiles, Self.even(tiles, block))
    let (inside, outside) = (self.layout(rows: block, columns: channels), self.layout(rows: block, columns: outputs))
    Workers.run(count: tiles, grain: block) { range in
      withScratch(Self.points * (inside.stride + outside.stride), of: Float.self) { values in
        let products = values + Self.points * inside.stride
        WinogradKernels.patches(patches, range.lowerBound, range.count, inside, values, x)
        for point in 0..<Self.points {
          BLAS.gemm(
            .none, .none, m: range.count, n: outputs, k: channels, alpha: 1, values + point * inside.stride,
            lda: inside.row, kernels + point * layout.stride, ldb: layout.row, beta: 0,
            products + point * outside.stride, ldc: outside.row)
        }
        WinogradKernels.pixels(
          results, range.lowerBound, range.count, outside, out, products, bias: bias, rectifies: rectifies)
      }
    }
  }

  private func convolveShared(
    _ x: UnsafePointer<Float>, _ kernels: UnsafePointer<Float>, _ layout: PointLayout, _ bias: UnsafePointer<Float>?,
    _ rectifies: Bool, to out: UnsafeMutablePointer<Float>
  ) {
    let (patches, results, tiles, block) = (patches, results, tiles, Self.even(tiles, block))
    let (inside, outside) = (self.layout(rows: block, columns: channels), self.layout(rows: block, columns: outputs))
    let depth = Self.even(channels, Self.longest)
    let across = Swift.min(64, outputs)
    withScratch(Self.points * (inside.stride + outside.stride), of: Float.self) { values in
      let products = values + Self.points * inside.stride
      for first in stride(from: 0, to: tiles, by: block) {
        let count = Swift.min(block, tiles - first)
        let down = Self.even(count, Swift.max(Self.unpacked / (depth * across), 1))
        Workers.run(count: count, grain: Self.sharedPiece) { range in
          WinogradKernels.patches(
            patches, first + range.lowerBound, range.count, inside, values + range.lowerBound * inside.row, x)
        }
        Workers.run(pieces: Self.points) { point in
          for j in stride(from: 0, to: outputs, by: across) {
            for i in stride(from: 0, to: count, by: down) {
              for k in stride(from: 0, to: channels, by: depth) {
                BLAS.gemm(
                  .none, .none, m: Swift.min(down, count - i), n: Swift.min(across, outputs - j),
                  k: Swift.min(depth, channels - k), alpha: 1, values + point * inside.stride + i * inside.row + k,
                  lda: inside.row, kernels + point * layout.stride + k * layout.row + j, ldb: layout.row,
                  beta: k == 0 ? 0 : 1, products + point * outside.stride + i * outside.row + j, ldc: outside.row)
              }
            }
          }
        }
        Workers.run(count: count, grain: Self.sharedPiece) { range in
          WinogradKernels.pixels(
            results, first + range.lowerBound, range.count, outside, out, products + range.lowerBound * outside.row,
            bias: bias, rectifies: rectifies)
        }
      }
    }
  }

  /// The gradient of the kernels, [outputs, channels, 3, 3].
  func kernelGradient(
    _ x: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>
  ) {
    let layout = layout(rows: channels, columns: outputs)
    let size = Self.points * layout.stride
    // Each piece has sums of its own: as many as stay in the cache, more where there is much to add.
    let pieces = shares ? 1 : Swift.max(1, Swift.min(16, Swift.max(4, 600_000 / size, tiles / 1024), tiles / 32))
    withScratch(pieces * size, of: Float.self) { sums in
      if shares {
        sumShared(x, gradient, layout, to: sums)
      } else {
        sumPieces(x, gradient, layout, pieces: pieces, size: size, to: sums)
      }
      Self.run(outputs: outputs, channels: channels) { range in
        WinogradKernels.kernelGradients(channels: channels, range, pieces: pieces, piece: size, layout, out, sums)
      }
    }
  }

  private func sumPieces(
    _ x: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, _ layout: PointLayout, pieces: Int, size: Int,
    to sums: UnsafeMutablePointer<Float>
  ) {
    let (patches, results, tiles) = (patches, results, tiles)
    let block = Self.even((tiles + pieces - 1) / pieces, block)
    let (inside, outside) = (self.layout(rows: block, columns: channels), self.layout(rows: block, columns: outputs))
    Workers.run(pieces: pieces) { piece in
      let range = PartialSums<Float>.range(piece, of: pieces, tiles)
      withScratch(Self.points * (inside.stride + outside.stride), of: Float.self) { values in
        let gradients = values + Self.points * inside.stride
        for first in stride(from: range.lowerBound, to: range.upperBound, by: block) {
          let count = Swift.min(block, range.upperBound - first)
          WinogradKernels.patches(patches, first, count, inside, values, x)
          WinogradKernels.gradients(results, first, count, outside, gradients, gradient)
          for point in 0..<Self.points {
            BLAS.gemm(
              .transposed, .none, m: channels, n: outputs, k: count, alpha: 1, values + point * inside.stride,
              lda: inside.row, gradients + point * outside.stride, ldb: outside.row,
              beta: first == range.lowerBound ? 0 : 1, sums + piece * size + point * layout.stride, ldc: layout.row)
          }
        }
      }
    }
  }

  private func sumShared(
    _ x: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, _ layout: PointLayout,
    to sums: UnsafeMutablePointer<Float>
  ) {
    let (patches, results, tiles, block) = (patches, results, tiles, Self.even(tiles, block))
    let (inside, outside) = (self.layout(rows: block, columns: channels), self.layout(rows: block, columns: outputs))
    let (down, across) = (Swift.min(64, channels), Swift.min(32, outputs))
    withScratch(Self.points * (inside.stride + outside.stride), of: Float.self) { values in
      let gradients = values + Self.points * inside.stride
      for first in stride(from: 0, to: tiles, by: block) {
        let count = Swift.min(block, tiles - first)
        Workers.run(count: count, grain: Self.sharedPiece) { range in
          WinogradKernels.patches(
            patches, first + range.lowerBound, range.count, inside, values + range.lowerBound * inside.row, x)
          WinogradKernels.gradients(
            results, first + range.lowerBound, range.count, outside, gradients + range.lowerBound * outside.row,
            gradient)
        }
        Workers.run(pieces: Self.points) { point in
          for i in stride(from: 0, to: channels, by: down) {
            for j in stride(from: 0, to: outputs, by: across) {
              BLAS.gemm(
                .transposed, .none, m: Swift.min(down, channels - i), n: Swift.min(across, outputs - j), k: count,
                alpha: 1, values + point * inside.stride + i, lda: inside.row,
                gradients + point * outside.stride + j, ldb: outside.row, beta: first == 0 ? 0 : 1,
                sums + point * layout.stride + i * layout.row + j, ldc: layout.row)
            }
          }
        }
      }
    }
  }
}
