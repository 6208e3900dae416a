// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocol says what each of these does.

import CTernKernels

extension Double: NormalizationKernelScalar {
  public static func blockMoments(
    _ block: NormalizationBlock, _ mean: UnsafeMutablePointer<Double>, _ m2: UnsafeMutablePointer<Double>,
    _ x: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.block_moments_f64(block.outer, block.n, block.inner, block.step, mean, m2, x)
  }

  public static func productSums(
    _ block: NormalizationBlock, _ sum: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>,
    _ g: UnsafePointer<Double>, _ x: UnsafePointer<Double>, _ centre: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.product_sums_f64(
      block.outer, block.n, block.inner, block.step, sum, products, g, x, centre)
  }

  public static func affine(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>,
    _ centre: UnsafePointer<Double>, _ scale: UnsafePointer<Double>, _ shift: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.affine_f64(
      block.outer, block.n, block.inner, block.step, out, x, centre, scale, shift)
  }

  public static func affinePair(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ x: UnsafePointer<Double>, _ centre: UnsafePointer<Double>, _ scale: UnsafePointer<Double>,
    _ slope: UnsafePointer<Double>, _ shift: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.affine_pair_f64(
      block.outer, block.n, block.inner, block.step, out, g, x, centre, scale, slope, shift)
  }
}
