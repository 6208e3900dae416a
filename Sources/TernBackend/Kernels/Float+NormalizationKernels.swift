// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocol says what each of these does.

import CTernKernels

extension Float: NormalizationKernelScalar {
  public static func blockMoments(
    _ block: NormalizationBlock, _ mean: UnsafeMutablePointer<Double>, _ m2: UnsafeMutablePointer<Double>,
    _ x: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.block_moments_f32(block.outer, block.n, block.inner, block.step, mean, m2, x)
  }

  public static func productSums(
    _ block: NormalizationBlock, _ sum: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>,
    _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, _ centre: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.product_sums_f32(
      block.outer, block.n, block.inner, block.step, sum, products, g, x, centre)
  }

  public static func affine(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    _ centre: UnsafePointer<Float>, _ scale: UnsafePointer<Float>, _ shift: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.affine_f32(
      block.outer, block.n, block.inner, block.step, out, x, centre, scale, shift)
  }

  public static func affinePair(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ x: UnsafePointer<Float>, _ centre: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
    _ slope: UnsafePointer<Float>, _ shift: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.affine_pair_f32(
      block.outer, block.n, block.inner, block.step, out, g, x, centre, scale, slope, shift)
  }
}
