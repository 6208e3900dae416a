public import CTernKernels

// Kernels of the normalizations. A result may be an operand; coefficients are [outer][inner].

extension FloatingKernelScalar {
  /// Mean and Σ(x − mean)² of every column in Double; nothing cancels however large the mean is.
  @inlinable @inline(__always) package static func blockMoments(
    _ block: NormalizationBlock, _ mean: UnsafeMutablePointer<Double>, _ m2: UnsafeMutablePointer<Double>,
    _ x: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.block_moments(block.outer, block.n, block.inner, block.step, mean, m2, x)
  }

  /// Σ g and Σ g·(x − center) of every column, with g masked by the ReLU that follows: kept where y > 0, or, with
  /// scale and shift, where (x − center)·scale + shift > 0; without either all of g. With y, `masked` receives the masked g.
  @inlinable @inline(__always) package static func productSums(
    _ block: NormalizationBlock, _ sum: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>,
    _ g: UnsafePointer<Self>, _ x: UnsafePointer<Self>, y: UnsafePointer<Self>?,
    masked: UnsafeMutablePointer<Self>?, _ center: UnsafePointer<Self>, scale: UnsafePointer<Self>?,
    shift: UnsafePointer<Self>?
  ) {
    floatingKernels.pointee.product_sums(
      block.outer, block.n, block.inner, block.step, sum, products, g, x, y, masked, center, scale, shift)
  }

  /// `out = (x − center)·scale + shift + r`, then ReLU for `appliesReLU`; `nonTemporal` uses non-temporal stores.
  @inlinable @inline(__always) package static func affine(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    adding r: UnsafePointer<Self>?, _ center: UnsafePointer<Self>, _ scale: UnsafePointer<Self>,
    _ shift: UnsafePointer<Self>, appliesReLU: Bool, nonTemporal: Bool
  ) {
    floatingKernels.pointee.affine(
      block.outer, block.n, block.inner, block.step, out, x, r, center, scale, shift, appliesReLU, nonTemporal)
  }

  /// `out = g·scale + ((x − center)·inputScale + offset)`; with reluScale and reluShift g counts only where
  /// (x − center)·reluScale + reluShift > 0.
  @inlinable @inline(__always) package static func affinePair(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ x: UnsafePointer<Self>, _ center: UnsafePointer<Self>, _ scale: UnsafePointer<Self>,
    _ inputScale: UnsafePointer<Self>, _ offset: UnsafePointer<Self>, reluScale: UnsafePointer<Self>?,
    reluShift: UnsafePointer<Self>?, nonTemporal: Bool
  ) {
    floatingKernels.pointee.affine_pair(
      block.outer, block.n, block.inner, block.step, out, g, x, center, scale, inputScale, offset, reluScale, reluShift,
      nonTemporal)
  }

  /// From mean and Σ(x − mean)² of every channel, NaN of none: 1/√(σ² + ε) and the part of the mean that the scalar type
  /// cannot hold, [2][channels]; coefficients [3][entries] of center, scale and shift of γ·(x − μ)/√(σ² + ε) + β; μ and σ².
  @inlinable @inline(__always) package static func normalizationCoefficients(
    _ entries: ChannelEntries, count: Int, epsilon: Double, _ mean: UnsafePointer<Double>,
    _ m2: UnsafePointer<Double>, gamma: UnsafePointer<Self>?, beta: UnsafePointer<Self>?,
    inverseDeviations: UnsafeMutablePointer<Double>, coefficients: UnsafeMutablePointer<Self>,
    means: UnsafeMutablePointer<Self>,
    variances: UnsafeMutablePointer<Self>
  ) {
    floatingKernels.pointee.normalization_coefficients(
      entries.copies, entries.channels, entries.run, count, epsilon, mean, m2, gamma, beta, inverseDeviations,
      coefficients, means,
      variances)
  }

  /// From Σ g and Σ g·(x − center) of every channel: coefficients [3][entries] of scale, input scale and offset of
  /// γ/√(σ² + ε)·(g − Σ g/n − x̂·Σ(g·x̂)/n), and the gradients of γ and β.
  @inlinable @inline(__always) package static func normalizationGradients(
    _ entries: ChannelEntries, count: Int, gamma: UnsafePointer<Self>?, inverseDeviations: UnsafePointer<Double>,
    _ sums: UnsafePointer<Double>, _ products: UnsafePointer<Double>, coefficients: UnsafeMutablePointer<Self>,
    gammaGradients: UnsafeMutablePointer<Self>, betaGradients: UnsafeMutablePointer<Self>
  ) {
    floatingKernels.pointee.normalization_gradients(
      entries.copies, entries.channels, entries.run, count, gamma, inverseDeviations, sums, products, coefficients,
      gammaGradients,
      betaGradients)
  }

  /// Coefficients [3][entries] of center, scale and shift; 0, 1 and 0 where `nil`.
  @inlinable @inline(__always) package static func affineCoefficients(
    _ entries: ChannelEntries, center: UnsafePointer<Self>?, scale: UnsafePointer<Self>?,
    shift: UnsafePointer<Self>?, coefficients: UnsafeMutablePointer<Self>
  ) {
    floatingKernels.pointee.affine_coefficients(
      entries.copies, entries.channels, entries.run, center, scale, shift, coefficients)
  }

  /// `running = (1 − momentum)·running + momentum·(batch·factor)`
  @inlinable @inline(__always) package static func track(
    _ n: Int, _ running: UnsafeMutablePointer<Self>, _ batch: UnsafePointer<Self>, momentum: Self, factor: Self
  ) {
    floatingKernels.pointee.track(n, running, batch, momentum._bits, factor._bits)
  }

  /// γ·(x − μ)/√(σ² + ε) + β + r of every channel, then ReLU for `appliesReLU`, in one visit each. Inverse deviations,
  /// coefficients, μ and σ² are those of `normalizationCoefficients`, starting at the first of these channels.
  @inlinable @inline(__always) package static func normalizePlanes(
    _ planes: ChannelPlanes, epsilon: Double, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    adding r: UnsafePointer<Self>?, gamma: UnsafePointer<Self>?, beta: UnsafePointer<Self>?,
    inverseDeviations: UnsafeMutablePointer<Double>, coefficients: UnsafeMutablePointer<Self>,
    means: UnsafeMutablePointer<Self>,
    variances: UnsafeMutablePointer<Self>, appliesReLU: Bool, nonTemporal: Bool
  ) {
    floatingKernels.pointee.normalize_planes(
      planes.channels, planes.planes, planes.length, planes.step, planes.total, epsilon, out, x, r, gamma, beta,
      inverseDeviations, coefficients, means, variances, appliesReLU, nonTemporal)
  }

  /// The derivatives of `normalizePlanes` from g = dL/dy. `appliesReLU`: a ReLU follows on the normalized
  /// value. `y`: the result of a ReLU that follows on a sum with another operand; `masked` receives g masked by it.
  @inlinable @inline(__always) package static func normalizePlanesGrad(
    _ planes: ChannelPlanes, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>, _ x: UnsafePointer<Self>,
    y: UnsafePointer<Self>?, masked: UnsafeMutablePointer<Self>?, gamma: UnsafePointer<Self>?,
    inverseDeviations: UnsafePointer<Double>, coefficients: UnsafePointer<Self>,
    gammaGradients: UnsafeMutablePointer<Self>,
    betaGradients: UnsafeMutablePointer<Self>, appliesReLU: Bool, nonTemporal: Bool
  ) {
    floatingKernels.pointee.normalize_planes_grad(
      planes.channels, planes.planes, planes.length, planes.step, planes.total, out, g, x, y, masked, gamma,
      inverseDeviations,
      coefficients, gammaGradients, betaGradients, appliesReLU, nonTemporal)
  }

  /// γ·(x − μ)/√(σ² + ε) + β of every row of x [rows, n] with its own μ and σ² (biased), or, not centered, γ·x/√(mean x² + ε)
  /// + β. Keeps center, inverse and offset of x̂ = (x − center)·inverse + offset for every row.
  @inlinable @inline(__always) package static func normalizeRows(
    _ rows: Int, _ n: Int, epsilon: Double, centered: Bool, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    gamma: UnsafePointer<Self>?, beta: UnsafePointer<Self>?, centers: UnsafeMutablePointer<Self>,
    inverses: UnsafeMutablePointer<Self>, offsets: UnsafeMutablePointer<Self>
  ) {
    floatingKernels.pointee.normalize_rows(
      rows, n, epsilon, centered, out, x, gamma, beta, centers, inverses, offsets)
  }

  /// dL/dx of `normalizeRows` from g = dL/dy, and Σ g·x̂ and Σ g over the rows, where wanted.
  @inlinable @inline(__always) package static func normalizeRowsGrad(
    _ rows: Int, _ n: Int, centered: Bool, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ x: UnsafePointer<Self>, gamma: UnsafePointer<Self>?, centers: UnsafePointer<Self>,
    inverses: UnsafePointer<Self>, offsets: UnsafePointer<Self>, gammaGradients: UnsafeMutablePointer<Self>?,
    betaGradients: UnsafeMutablePointer<Self>?
  ) {
    floatingKernels.pointee.normalize_rows_grad(
      rows, n, centered, out, g, x, gamma, centers, inverses, offsets, gammaGradients, betaGradients)
  }

  /// `out = x·s^(−β)` with s = k + a·Σ x² over a channel's window.
  @inlinable @inline(__always) package static func localResponse(
    _ windows: ChannelWindows, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, a: Self, k: Self, beta: Self
  ) {
    floatingKernels.pointee.local_response(
      windows.outer, windows.channels, windows.n, windows.inner, windows.before, windows.after, out, x, a._bits,
      k._bits, beta._bits)
  }

  /// dL/dx of `localResponse` from g = dL/dy.
  @inlinable @inline(__always) package static func localResponseGrad(
    _ windows: ChannelWindows, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>, _ x: UnsafePointer<Self>,
    a: Self, k: Self, beta: Self
  ) {
    floatingKernels.pointee.local_response_grad(
      windows.outer, windows.channels, windows.n, windows.inner, windows.before, windows.after, out, g, x, a._bits,
      k._bits, beta._bits)
  }
}
