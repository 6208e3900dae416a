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
    _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, y: UnsafePointer<Float>?,
    masked: UnsafeMutablePointer<Float>?, _ center: UnsafePointer<Float>, scale: UnsafePointer<Float>?,
    shift: UnsafePointer<Float>?
  ) {
    tern_kernels().pointee.product_sums_f32(
      block.outer, block.n, block.inner, block.step, sum, products, g, x, y, masked, center, scale, shift)
  }

  public static func affine(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    adding r: UnsafePointer<Float>?, _ center: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
    _ shift: UnsafePointer<Float>, appliesReLU: Bool, nonTemporal: Bool
  ) {
    tern_kernels().pointee.affine_f32(
      block.outer, block.n, block.inner, block.step, out, x, r, center, scale, shift, appliesReLU, nonTemporal)
  }

  public static func affinePair(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ x: UnsafePointer<Float>, _ center: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
    _ inputScale: UnsafePointer<Float>, _ offset: UnsafePointer<Float>, reluScale: UnsafePointer<Float>?,
    reluShift: UnsafePointer<Float>?, nonTemporal: Bool
  ) {
    tern_kernels().pointee.affine_pair_f32(
      block.outer, block.n, block.inner, block.step, out, g, x, center, scale, inputScale, offset, reluScale, reluShift,
      nonTemporal)
  }

  public static func normalizationCoefficients(
    _ entries: ChannelEntries, count: Int, epsilon: Double, _ mean: UnsafePointer<Double>,
    _ m2: UnsafePointer<Double>, gamma: UnsafePointer<Float>?, beta: UnsafePointer<Float>?,
    inverseDeviations: UnsafeMutablePointer<Double>, coefficients: UnsafeMutablePointer<Float>,
    means: UnsafeMutablePointer<Float>,
    variances: UnsafeMutablePointer<Float>
  ) {
    tern_kernels().pointee.normalization_coefficients_f32(
      entries.copies, entries.channels, entries.run, count, epsilon, mean, m2, gamma, beta, inverseDeviations,
      coefficients, means,
      variances)
  }

  public static func normalizationGradients(
    _ entries: ChannelEntries, count: Int, gamma: UnsafePointer<Float>?, inverseDeviations: UnsafePointer<Double>,
    _ sums: UnsafePointer<Double>, _ products: UnsafePointer<Double>, coefficients: UnsafeMutablePointer<Float>,
    gammaGradients: UnsafeMutablePointer<Float>, betaGradients: UnsafeMutablePointer<Float>
  ) {
    tern_kernels().pointee.normalization_gradients_f32(
      entries.copies, entries.channels, entries.run, count, gamma, inverseDeviations, sums, products, coefficients,
      gammaGradients,
      betaGradients)
  }

  public static func affineCoefficients(
    _ entries: ChannelEntries, center: UnsafePointer<Float>?, scale: UnsafePointer<Float>?,
    shift: UnsafePointer<Float>?, coefficients: UnsafeMutablePointer<Float>
  ) {
    tern_kernels().pointee.affine_coefficients_f32(
      entries.copies, entries.channels, entries.run, center, scale, shift, coefficients)
  }

  public static func track(
    _ n: Int, _ running: UnsafeMutablePointer<Float>, _ batch: UnsafePointer<Float>, momentum: Float, factor: Float
  ) {
    tern_kernels().pointee.track_f32(n, running, batch, momentum, factor)
  }

  public static func normalizeRows(
    _ rows: Int, _ n: Int, epsilon: Double, centered: Bool, _ out: UnsafeMutablePointer<Float>,
    _ x: UnsafePointer<Float>, gamma: UnsafePointer<Float>?, beta: UnsafePointer<Float>?,
    centers: UnsafeMutablePointer<Float>, inverses: UnsafeMutablePointer<Float>, offsets: UnsafeMutablePointer<Float>
  ) {
    tern_kernels().pointee.normalize_rows_f32(
      rows, n, epsilon, centered, out, x, gamma, beta, centers, inverses, offsets)
  }

  public static func normalizeRowsGrad(
    _ rows: Int, _ n: Int, centered: Bool, _ out: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ x: UnsafePointer<Float>, gamma: UnsafePointer<Float>?, centers: UnsafePointer<Float>,
    inverses: UnsafePointer<Float>, offsets: UnsafePointer<Float>, gammaGradients: UnsafeMutablePointer<Float>?,
    betaGradients: UnsafeMutablePointer<Float>?
  ) {
    tern_kernels().pointee.normalize_rows_grad_f32(
      rows, n, centered, out, g, x, gamma, centers, inverses, offsets, gammaGradients, betaGradients)
  }

  public static func normalizePlanes(
    _ planes: ChannelPlanes, epsilon: Double, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    adding r: UnsafePointer<Float>?, gamma: UnsafePointer<Float>?, beta: UnsafePointer<Float>?,
    inverseDeviations: UnsafeMutablePointer<Double>, coefficients: UnsafeMutablePointer<Float>,
    means: UnsafeMutablePointer<Float>,
    variances: UnsafeMutablePointer<Float>, appliesReLU: Bool, nonTemporal: Bool
  ) {
    tern_kernels().pointee.normalize_planes_f32(
      planes.channels, planes.planes, planes.length, planes.step, planes.total, epsilon, out, x, r, gamma, beta,
      inverseDeviations, coefficients, means, variances, appliesReLU, nonTemporal)
  }

  public static func normalizePlanesGrad(
    _ planes: ChannelPlanes, _ out: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    y: UnsafePointer<Float>?, masked: UnsafeMutablePointer<Float>?, gamma: UnsafePointer<Float>?,
    inverseDeviations: UnsafePointer<Double>, coefficients: UnsafePointer<Float>,
    gammaGradients: UnsafeMutablePointer<Float>,
    betaGradients: UnsafeMutablePointer<Float>, appliesReLU: Bool, nonTemporal: Bool
  ) {
    tern_kernels().pointee.normalize_planes_grad_f32(
      planes.channels, planes.planes, planes.length, planes.step, planes.total, out, g, x, y, masked, gamma,
      inverseDeviations,
      coefficients, gammaGradients, betaGradients, appliesReLU, nonTemporal)
  }

  public static func localResponse(
    _ windows: ChannelWindows, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, a: Float, k: Float,
    beta: Float
  ) {
    tern_kernels().pointee.local_response_f32(
      windows.outer, windows.channels, windows.n, windows.inner, windows.before, windows.after, out, x, a, k, beta)
  }

  public static func localResponseGrad(
    _ windows: ChannelWindows, _ out: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    a: Float, k: Float, beta: Float
  ) {
    tern_kernels().pointee.local_response_grad_f32(
      windows.outer, windows.channels, windows.n, windows.inner, windows.before, windows.after, out, g, x, a, k, beta)
  }
}
