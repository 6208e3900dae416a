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
    passed: UnsafeMutablePointer<Double>?, _ center: UnsafePointer<Double>, scale: UnsafePointer<Double>?,
    shift: UnsafePointer<Double>?
  ) {
    tern_kernels().pointee.product_sums_f64(
      block.outer, block.n, block.inner, block.step, sum, products, g, x, y, passed, center, scale, shift)
  }

  public static func affine(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>,
    adding r: UnsafePointer<Double>?, _ center: UnsafePointer<Double>, _ scale: UnsafePointer<Double>,
    _ shift: UnsafePointer<Double>, relu: Bool, streaming: Bool
  ) {
    tern_kernels().pointee.affine_f64(
      block.outer, block.n, block.inner, block.step, out, x, r, center, scale, shift, relu, streaming)
  }

  public static func affinePair(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ x: UnsafePointer<Double>, _ center: UnsafePointer<Double>, _ scale: UnsafePointer<Double>,
    _ slope: UnsafePointer<Double>, _ rest: UnsafePointer<Double>, cutScale: UnsafePointer<Double>?,
    cutShift: UnsafePointer<Double>?, streaming: Bool
  ) {
    tern_kernels().pointee.affine_pair_f64(
      block.outer, block.n, block.inner, block.step, out, g, x, center, scale, slope, rest, cutScale, cutShift,
      streaming)
  }

  public static func standardTables(
    _ entries: ChannelEntries, count: Int, epsilon: Double, _ mean: UnsafePointer<Double>,
    _ m2: UnsafePointer<Double>, gamma: UnsafePointer<Double>?, beta: UnsafePointer<Double>?,
    numbers: UnsafeMutablePointer<Double>, tables: UnsafeMutablePointer<Double>, means: UnsafeMutablePointer<Double>,
    variances: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.standard_tables_f64(
      entries.copies, entries.channels, entries.run, count, epsilon, mean, m2, gamma, beta, numbers, tables, means,
      variances)
  }

  public static func standardSlopes(
    _ entries: ChannelEntries, count: Int, gamma: UnsafePointer<Double>?, numbers: UnsafePointer<Double>,
    _ sums: UnsafePointer<Double>, _ products: UnsafePointer<Double>, tables: UnsafeMutablePointer<Double>,
    gammaSlopes: UnsafeMutablePointer<Double>, betaSlopes: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.standard_slopes_f64(
      entries.copies, entries.channels, entries.run, count, gamma, numbers, sums, products, tables, gammaSlopes,
      betaSlopes)
  }

  public static func affineTables(
    _ entries: ChannelEntries, center: UnsafePointer<Double>?, scale: UnsafePointer<Double>?,
    shift: UnsafePointer<Double>?, tables: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.affine_tables_f64(
      entries.copies, entries.channels, entries.run, center, scale, shift, tables)
  }

  public static func track(
    _ n: Int, _ running: UnsafeMutablePointer<Double>, _ batch: UnsafePointer<Double>, share: Double, factor: Double
  ) {
    tern_kernels().pointee.track_f64(n, running, batch, share, factor)
  }

  public static func standardizeRows(
    _ rows: Int, _ n: Int, epsilon: Double, centered: Bool, _ out: UnsafeMutablePointer<Double>,
    _ x: UnsafePointer<Double>, gamma: UnsafePointer<Double>?, beta: UnsafePointer<Double>?,
    centers: UnsafeMutablePointer<Double>, inverses: UnsafeMutablePointer<Double>, rests: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.standardize_rows_f64(
      rows, n, epsilon, centered, out, x, gamma, beta, centers, inverses, rests)
  }

  public static func standardizeRowsGrad(
    _ rows: Int, _ n: Int, centered: Bool, _ out: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ x: UnsafePointer<Double>, gamma: UnsafePointer<Double>?, centers: UnsafePointer<Double>,
    inverses: UnsafePointer<Double>, rests: UnsafePointer<Double>, gammaSlopes: UnsafeMutablePointer<Double>?,
    betaSlopes: UnsafeMutablePointer<Double>?
  ) {
    tern_kernels().pointee.standardize_rows_grad_f64(
      rows, n, centered, out, g, x, gamma, centers, inverses, rests, gammaSlopes, betaSlopes)
  }

  public static func standardizePlanes(
    _ planes: ChannelPlanes, epsilon: Double, _ out: UnsafeMutablePointer<Double>, _ x: UnsafePointer<Double>,
    adding r: UnsafePointer<Double>?, gamma: UnsafePointer<Double>?, beta: UnsafePointer<Double>?,
    numbers: UnsafeMutablePointer<Double>, tables: UnsafeMutablePointer<Double>, means: UnsafeMutablePointer<Double>,
    variances: UnsafeMutablePointer<Double>, relu: Bool, streaming: Bool
  ) {
    tern_kernels().pointee.standardize_planes_f64(
      planes.channels, planes.planes, planes.length, planes.step, planes.total, epsilon, out, x, r, gamma, beta,
      numbers, tables, means, variances, relu, streaming)
  }

  public static func standardizePlanesGrad(
    _ planes: ChannelPlanes, _ out: UnsafeMutablePointer<Double>, _ g: UnsafePointer<Double>,
    _ x: UnsafePointer<Double>,
    y: UnsafePointer<Double>?, passed: UnsafeMutablePointer<Double>?, gamma: UnsafePointer<Double>?,
    numbers: UnsafePointer<Double>, tables: UnsafePointer<Double>, gammaSlopes: UnsafeMutablePointer<Double>,
    betaSlopes: UnsafeMutablePointer<Double>, cut: Bool, streaming: Bool
  ) {
    tern_kernels().pointee.standardize_planes_grad_f64(
      planes.channels, planes.planes, planes.length, planes.step, planes.total, out, g, x, y, passed, gamma, numbers,
      tables, gammaSlopes, betaSlopes, cut, streaming)
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
