import TernBackend

extension WinogradConvolution {
  /// The gradient of the kernels, [outputs, channels, 3, 3].
  ///
  /// It is a sum over all tiles, of products of their patches with their gradients. With few weights, chunks of the tiles
  /// have sums of their own; with many, each matrix adds up the blocks one after the other.
  func kernelGradient(
    _ x: OperandPointer, _ gradient: OperandPointer, to out: UnsafeMutablePointer<Float>
  ) {
    let (form, layout, patches, results, tiles) = (form, kernelLayout, patches, results, tiles)
    let size = form.matrices * layout.stride
    // As many chunks as have their sums in the cache, more where there is much to add.
    let chunks =
      parallelizesSteps ? 1 : Swift.max(1, Swift.min(16, Swift.max(4, 600_000 / size, tiles / 1024), tiles / 32))
    let step = evenBlock((tiles + chunks - 1) / chunks)
    let block = block(step)
    func transform(_ first: Int, _ range: Range<Int>, _ values: UnsafeMutablePointer<Float>) {
      form.patches(
        patches, first + range.lowerBound, range.count, block.patches, values + range.lowerBound * block.patches.row, x)
      form.gradients(
        results, first + range.lowerBound, range.count, block.products,
        values + block.offset + range.lowerBound * block.products.row, gradient)
    }
    withScratch(chunks * size, of: Float.self) { sums in
      if parallelizesSteps {
        withScratch(block.size, of: Float.self) { values in
          for first in stride(from: 0, to: tiles, by: step) {
            let count = Swift.min(step, tiles - first)
            Workers.run(count: count, grain: Self.stepChunk) { transform(first, $0, values) }
            Workers.run(chunks: form.matrices) { add($0, count, values, block, adds: first > 0, layout, to: sums) }
          }
        }
      } else {
        Workers.run(chunks: chunks) { chunk in
          let range = PartialSums<Float>.range(chunk, of: chunks, tiles)
          withScratch(block.size, of: Float.self) { values in
            for first in stride(from: range.lowerBound, to: range.upperBound, by: step) {
              let count = Swift.min(step, range.upperBound - first)
              transform(first, 0..<count, values)
              for matrix in 0..<form.matrices {
                add(matrix, count, values, block, adds: first > range.lowerBound, layout, to: sums + chunk * size)
              }
            }
          }
        }
      }
      eachKernels(outputs: outputs, channels: channels) { range in
        form.kernelGradients(channels: channels, range, chunks: chunks, chunk: size, layout, out, sums)
      }
    }
  }

  /// Adds the product of a block's patches, transposed, with its gradients to the sums of one of the matrices.
  private func add(
    _ matrix: Int, _ count: Int, _ values: UnsafePointer<Float>, _ block: Block, adds: Bool, _ layout: PointLayout,
    to sums: UnsafeMutablePointer<Float>
  ) {
    let (m, n) = (channels * form.patchParts(matrix), outputs)
    let patches = values + matrix * block.patches.stride
    let gradients = values + block.offset + matrix * block.products.stride
    let sums = sums + matrix * layout.stride
    // Parts whose gradients stay in the first-level cache.
    let isSmall = m * n * count <= 500_000
    let down = isSmall ? m : Swift.min(64, m)
    let across = isSmall ? n : Swift.min(Swift.max(32, 4096 / count / 16 * 16), n)
    for i in stride(from: 0, to: m, by: down) {
      for j in stride(from: 0, to: n, by: across) {
        BLAS.gemmChunk(
          .transposed, .none, m: Swift.min(down, m - i), n: Swift.min(across, n - j), k: count, alpha: 1, patches + i,
          lda: block.patches.row, gradients + j, ldb: block.products.row, beta: adds ? 1 : 0,
          sums + i * layout.row + j, ldc: layout.row)
      }
    }
  }
}
