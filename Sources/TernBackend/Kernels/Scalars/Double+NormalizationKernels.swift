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
    _ g: UnsafePointer<Double>, _ x: UnsafePointer<Double>, y: UnsafePointer<Double>?,
    masked: UnsafeMutablePointer<Double>?, _ center: UnsafePointer<Double>, scale: UnsafePointer<Double>?,
    shift: UnsafePointer<Double>?
  ) {
    tern_kernels().pointee.product_sums_f64(
      block.outer, block.n, block.inner, block.step, sum, products, g, x, y, masked, center, scale, shift)
  }

  public static func affine(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>,
    adding r: UnsafePointer<Double>?, _ center: UnsafePointer<Double>, _ scale: UnsafePointer<Double>,
    _ shift: UnsafePointer<Double>, appliesReLU: Bool, nonTemporal: Bool
  ) {
    tern_kernels().pointee.affine_f64(
      block.outer, block.n, block.inner, block.step, out, x, r, center, scale, shift, appliesReLU, nonTemporal)
  }

  public static func affinePair(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ x: UnsafePointer<Double>, _ center: UnsafePointer<Double>, _ scale: UnsafePointer<Double>,
    _ inputScale: UnsafePointer<Double>, _ offset: UnsafePointer<Double>, reluScale: UnsafePointer<Double>?,
    reluShift: UnsafePointer<Double>?, nonTemporal: Bool
  ) {
    tern_kernels().pointee.affine_pair_f64(
      block.outer, block.n, block.inner, block.step, out, g, x, center, scale, inputScale, offset, reluScale, reluShift,
      nonTemporal)
  }

  public static func normalizationCoefficients(
    _ entries: ChannelEntries, count: Int, epsilon: Double, _ mean: UnsafePointer<Double>,
    _ m2: UnsafePointer<Double>, gamma: UnsafePointer<Double>?, beta: UnsafePointer<Double>?,
    inverseDeviations: UnsafeMutablePointer<Double>, coefficients: UnsafeMutablePointer<Double>,
    means: UnsafeMutablePointer<Double>,
    variances: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.normalization_coefficients_f64(
      entries.copies, entries.channels, entries.run, count, epsilon, mean, m2, gamma, beta, inverseDeviations,
      coefficients, means,
      variances)
  }

  public static func normalizationGradients(
    _ entries: ChannelEntries, count: Int, gamma: UnsafePointer<Double>?, inverseDeviations: UnsafePointer<Double>,
    _ sums: UnsafePointer<Double>, _ products: UnsafePointer<Double>, coefficients: UnsafeMutablePointer<Double>,
    gammaGradients: UnsafeMutablePointer<Double>, betaGradients: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.normalization_gradients_f64(
      entries.copies, entries.channels, entries.run, count, gamma, inverseDeviations, sums, products, coefficients,
      gammaGradients,
      betaGradients)
  }

  public static func affineCoefficients(
    _ entries: ChannelEntries, center: UnsafePointer<Double>?, scale: UnsafePointer<Double>?,
    shift: UnsafePointer<Double>?, coefficients: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.affine_coefficients_f64(
      entries.copies, entries.channels, entries.run, center, scale, shift, coefficients)
  }

  public static func track(
    _ n: Int, _ running: UnsafeMutablePointer<Double>, _ batch: UnsafePointer<Double>, momentum: Double, factor: Double
  ) {
    tern_kernels().pointee.track_f64(n, running, batch, momentum, factor)
  }

  public static func normalizeRows(
    _ rows: Int, _ n: Int, epsilon: Double, centered: Bool, _ out: UnsafeMutablePointer<Double>,
    _ x: UnsafePointer<Double>, gamma: UnsafePointer<Double>?, beta: UnsafePointer<Double>?,
    centers: UnsafeMutablePointer<Double>, inverses: UnsafeMutablePointer<Double>, offsets: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.normalize_rows_f64(
      rows, n, epsilon, centered, out, x, gamma, beta, centers, inverses, offsets)
  }

  public static func normalizeRowsGrad(
    _ rows: Int, _ n: Int, centered: Bool, _ out: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ x: UnsafePointer<Double>, gamma: UnsafePointer<Double>?, centers: UnsafePointer<Double>,
    inverses: UnsafePointer<Double>, offsets: UnsafePointer<Double>, gammaGradients: UnsafeMutablePointer<Double>?,
    betaGradients: UnsafeMutablePointer<Double>?
  ) {
    tern_kernels().pointee.normalize_rows_grad_f64(
      rows, n, centered, out, g, x, gamma, centers, inverses, offsets, gammaGradients, betaGradients)
  }

  public static func normalizePlanes(
    _ planes: ChannelPlanes, epsilon: Double, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>,
    adding r: UnsafePointer<Double>?, gamma: UnsafePointer<Double>?, beta: UnsafePointer<Double>?,
    inverseDeviations: UnsafeMutablePointer<Double>, coefficients: UnsafeMutablePointer<Double>,
    means: UnsafeMutablePointer<Double>,
    variances: UnsafeMutablePointer<Double>, appliesReLU: Bool, nonTemporal: Bool
  ) {
    tern_kernels().pointee.normalize_planes_f64(
      planes.channels, planes.planes, planes.length, planes.step, planes.total, epsilon, out, x, r, gamma, beta,
      inverseDeviations, coefficients, means, variances, appliesReLU, nonTemporal)
  }

  public static func normalizePlanesGrad(
    _ planes: ChannelPlanes, _ out: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ x: UnsafePointer<Double>,
    y: UnsafePointer<Double>?, masked: UnsafeMutablePointer<Double>?, gamma: UnsafePointer<Double>?,
    inverseDeviations: UnsafePointer<Double>, coefficients: UnsafePointer<Double>,
    gammaGradients: UnsafeMutablePointer<Double>,
    betaGradients: UnsafeMutablePointer<Double>, appliesReLU: Bool, nonTemporal: Bool
  ) {
    tern_kernels().pointee.normalize_planes_grad_f64(
      planes.channels, planes.planes, planes.length, planes.step, planes.total, out, g, x, y, masked, gamma,
      inverseDeviations,
      coefficients, gammaGradients, betaGradients, appliesReLU, nonTemporal)
  }

  public static func localResponse(
    _ windows: ChannelWindows, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>, a: Double, k: Double,
    beta: Double
  ) {
    tern_kernels().pointee.local_response_f64(
      windows.outer, windows.channels, windows.n, windows.inner, windows.before, windows.after, out, x, a, k, beta)
  }

  public static func localResponseGrad(
    _ windows: ChannelWindows, _ out: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ x: UnsafePointer<Double>,
    a: Double, k: Double, beta: Double
  ) {
    tern_kernels().pointee.local_response_grad_f64(
      windows.outer, windows.channels, windows.n, windows.inner, windows.before, windows.after, out, g, x, a, k, beta)
  }
}
