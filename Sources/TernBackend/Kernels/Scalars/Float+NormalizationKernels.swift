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
    passed: UnsafeMutablePointer<Float>?, _ center: UnsafePointer<Float>, scale: UnsafePointer<Float>?,
    shift: UnsafePointer<Float>?
  ) {
    tern_kernels().pointee.product_sums_f32(
      block.outer, block.n, block.inner, block.step, sum, products, g, x, y, passed, center, scale, shift)
  }

  public static func affine(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    adding r: UnsafePointer<Float>?, _ center: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
    _ shift: UnsafePointer<Float>, relu: Bool, streaming: Bool
  ) {
    tern_kernels().pointee.affine_f32(
      block.outer, block.n, block.inner, block.step, out, x, r, center, scale, shift, relu, streaming)
  }

  public static func affinePair(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ x: UnsafePointer<Float>, _ center: UnsafePointer<Float>, _ scale: UnsafePointer<Float>,
    _ slope: UnsafePointer<Float>, _ rest: UnsafePointer<Float>, cutScale: UnsafePointer<Float>?,
    cutShift: UnsafePointer<Float>?, streaming: Bool
  ) {
    tern_kernels().pointee.affine_pair_f32(
      block.outer, block.n, block.inner, block.step, out, g, x, center, scale, slope, rest, cutScale, cutShift,
      streaming)
  }

  public static func standardTables(
    _ entries: ChannelEntries, count: Int, epsilon: Double, _ mean: UnsafePointer<Double>,
    _ m2: UnsafePointer<Double>, gamma: UnsafePointer<Float>?, beta: UnsafePointer<Float>?,
    numbers: UnsafeMutablePointer<Double>, tables: UnsafeMutablePointer<Float>, means: UnsafeMutablePointer<Float>,
    variances: UnsafeMutablePointer<Float>
  ) {
    tern_kernels().pointee.standard_tables_f32(
      entries.copies, entries.channels, entries.run, count, epsilon, mean, m2, gamma, beta, numbers, tables, means,
      variances)
  }

  public static func standardSlopes(
    _ entries: ChannelEntries, count: Int, gamma: UnsafePointer<Float>?, numbers: UnsafePointer<Double>,
    _ sums: UnsafePointer<Double>, _ products: UnsafePointer<Double>, tables: UnsafeMutablePointer<Float>,
    gammaSlopes: UnsafeMutablePointer<Float>, betaSlopes: UnsafeMutablePointer<Float>
  ) {
    tern_kernels().pointee.standard_slopes_f32(
      entries.copies, entries.channels, entries.run, count, gamma, numbers, sums, products, tables, gammaSlopes,
      betaSlopes)
  }

  public static func affineTables(
    _ entries: ChannelEntries, center: UnsafePointer<Float>?, scale: UnsafePointer<Float>?,
    shift: UnsafePointer<Float>?, tables: UnsafeMutablePointer<Float>
  ) {
    tern_kernels().pointee.affine_tables_f32(
      entries.copies, entries.channels, entries.run, center, scale, shift, tables)
  }

  public static func track(
    _ n: Int, _ running: UnsafeMutablePointer<Float>, _ batch: UnsafePointer<Float>, share: Float, factor: Float
  ) {
    tern_kernels().pointee.track_f32(n, running, batch, share, factor)
  }

  public static func standardizeRows(
    _ rows: Int, _ n: Int, epsilon: Double, centered: Bool, _ out: UnsafeMutablePointer<Float>,
    _ x: UnsafePointer<Float>, gamma: UnsafePointer<Float>?, beta: UnsafePointer<Float>?,
    centers: UnsafeMutablePointer<Float>, inverses: UnsafeMutablePointer<Float>, rests: UnsafeMutablePointer<Float>
  ) {
    tern_kernels().pointee.standardize_rows_f32(
      rows, n, epsilon, centered, out, x, gamma, beta, centers, inverses, rests)
  }

  public static func standardizeRowsGrad(
    _ rows: Int, _ n: Int, centered: Bool, _ out: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>,
    _ x: UnsafePointer<Float>, gamma: UnsafePointer<Float>?, centers: UnsafePointer<Float>,
    inverses: UnsafePointer<Float>, rests: UnsafePointer<Float>, gammaSlopes: UnsafeMutablePointer<Float>?,
    betaSlopes: UnsafeMutablePointer<Float>?
  ) {
    tern_kernels().pointee.standardize_rows_grad_f32(
      rows, n, centered, out, g, x, gamma, centers, inverses, rests, gammaSlopes, betaSlopes)
  }

  public static func standardizePlanes(
    _ planes: ChannelPlanes, epsilon: Double, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    adding r: UnsafePointer<Float>?, gamma: UnsafePointer<Float>?, beta: UnsafePointer<Float>?,
    numbers: UnsafeMutablePointer<Double>, tables: UnsafeMutablePointer<Float>, means: UnsafeMutablePointer<Float>,
    variances: UnsafeMutablePointer<Float>, relu: Bool, streaming: Bool
  ) {
    tern_kernels().pointee.standardize_planes_f32(
      planes.channels, planes.planes, planes.length, planes.step, planes.total, epsilon, out, x, r, gamma, beta,
      numbers, tables, means, variances, relu, streaming)
  }

  public static func standardizePlanesGrad(
    _ planes: ChannelPlanes, _ out: UnsafeMutablePointer<Float>, _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    y: UnsafePointer<Float>?, passed: UnsafeMutablePointer<Float>?, gamma: UnsafePointer<Float>?,
    numbers: UnsafePointer<Double>, tables: UnsafePointer<Float>, gammaSlopes: UnsafeMutablePointer<Float>,
    betaSlopes: UnsafeMutablePointer<Float>, cut: Bool, streaming: Bool
  ) {
    tern_kernels().pointee.standardize_planes_grad_f32(
      planes.channels, planes.planes, planes.length, planes.step, planes.total, out, g, x, y, passed, gamma, numbers,
      tables, gammaSlopes, betaSlopes, cut, streaming)
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
