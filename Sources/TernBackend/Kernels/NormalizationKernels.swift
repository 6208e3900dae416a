import CTernKernels

/// A block of memory read as [outer][n][inner], its rows `step` elements apart; kernels work along the middle axis.
public struct NormalizationBlock: Sendable {
  /// How many times the rows follow each other.
  public var outer: Int
  /// Rows in each.
  public var n: Int
  /// Columns, each with an entry of its own in the coefficients [outer][inner].
  public var inner: Int
  /// Elements from one row to the next, `inner` or more; 1 makes one long row of every n.
  public var step: Int

  /// A block of the given extents.
  public init(outer: Int, n: Int, inner: Int, step: Int) {
    self.outer = outer
    self.n = n
    self.inner = inner
    self.step = step
  }
}

/// How a table of channels is laid out: [copies][channels][run], a channel's value at copies · run places.
public struct ChannelEntries: Sendable {
  /// How many times the channels follow each other.
  public var copies: Int
  /// The number of channels.
  public var channels: Int
  /// Neighboring entries of one channel.
  public var run: Int

  /// Entries of the given extents.
  public init(copies: Int, channels: Int, run: Int) {
    self.copies = copies
    self.channels = channels
    self.run = run
  }

  /// All entries.
  public var count: Int { copies * channels * run }
}

/// Channels stored as planes of `length` values: a channel's planes are `step` apart, the next channel's directly behind them.
public struct ChannelPlanes: Sendable {
  /// How many channels are meant, of how many.
  public var channels: Int, total: Int
  /// Planes of a channel.
  public var planes: Int
  /// Values in a plane.
  public var length: Int
  /// Elements from one plane of a channel to the next.
  public var step: Int

  /// Planes of the given extents.
  public init(channels: Int, total: Int, planes: Int, length: Int, step: Int) {
    (self.channels, self.total, self.planes, self.length, self.step) = (channels, total, planes, length, step)
  }
}

/// Partial results [parts][channels][run] and how many values went into each.
public struct ChannelParts: Sendable {
  /// How many times the channels follow each other.
  public var parts: Int
  /// The number of channels.
  public var channels: Int
  /// Neighboring partial results of one channel.
  public var run: Int
  /// Values in a full part and in a shorter one.
  public var full: Int, tail: Int
  /// Parts and runs from here on are the shorter ones.
  public var tailPart: Int, tailRun: Int

  /// Parts of the given extents.
  public init(parts: Int, channels: Int, run: Int, full: Int, tail: Int, tailPart: Int, tailRun: Int) {
    (self.parts, self.channels, self.run) = (parts, channels, run)
    (self.full, self.tail, self.tailPart, self.tailRun) = (full, tail, tailPart, tailRun)
  }

  /// Mean and Σ(x − mean)² of every channel from those of its parts, merged in order.
  public func mergeMoments(
    _ means: UnsafePointer<Double>, _ squares: UnsafePointer<Double>, _ mean: UnsafeMutablePointer<Double>,
    _ m2: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.merge_moments(
      parts, channels, run, full, tail, tailPart, tailRun, means, squares, mean, m2)
  }

  /// Two sums of every channel from those of its parts, added in order.
  public func mergeSums(
    _ firsts: UnsafePointer<Double>, _ seconds: UnsafePointer<Double>, _ first: UnsafeMutablePointer<Double>,
    _ second: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.merge_sums(parts, channels, run, firsts, seconds, first, second)
  }
}

/// Windows along the channels of memory read as [outer][channels][inner].
public struct ChannelWindows: Sendable {
  /// How many times the channels follow each other.
  public var outer: Int
  /// The number of channels.
  public var channels: Int
  /// Values of a channel that are meant, of `inner` that lie together.
  public var n: Int, inner: Int
  /// Channels in front of the one in question, and behind it, that its window holds, less than there are.
  public var before: Int, after: Int

  /// Windows of the given extents.
  public init(outer: Int, channels: Int, n: Int, inner: Int, before: Int, after: Int) {
    (self.outer, self.channels, self.n, self.inner) = (outer, channels, n, inner)
    (self.before, self.after) = (before, after)
  }
}

/// Kernels of the normalizations. A result may be an operand; coefficients are [outer][inner].
public protocol NormalizationKernelScalar: Sendable {
  /// Mean and Σ(x − mean)² of every column in Double; nothing cancels however large the mean is.
  static func blockMoments(
    _ block: NormalizationBlock, _ mean: UnsafeMutablePointer<Double>, _ m2: UnsafeMutablePointer<Double>,
    _ x: UnsafePointer<Self>)

  /// Σ g and Σ g·(x − center) of every column, with g masked by the ReLU that follows: kept where y > 0, or, with
  /// scale and shift, where (x − center)·scale + shift > 0; without either all of g. With y, `masked` receives the masked g.
  static func productSums(
    _ block: NormalizationBlock, _ sum: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>,
    _ g: UnsafePointer<Self>, _ x: UnsafePointer<Self>, y: UnsafePointer<Self>?,
    masked: UnsafeMutablePointer<Self>?, _ center: UnsafePointer<Self>, scale: UnsafePointer<Self>?,
    shift: UnsafePointer<Self>?)

  /// `out = (x − center)·scale + shift + r`, then ReLU for `appliesReLU`; `nonTemporal` uses non-temporal stores.
  static func affine(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    adding r: UnsafePointer<Self>?, _ center: UnsafePointer<Self>, _ scale: UnsafePointer<Self>,
    _ shift: UnsafePointer<Self>, appliesReLU: Bool, nonTemporal: Bool)

  /// `out = g·scale + ((x − center)·inputScale + offset)`; with reluScale and reluShift g counts only where
  /// (x − center)·reluScale + reluShift > 0.
  static func affinePair(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ x: UnsafePointer<Self>, _ center: UnsafePointer<Self>, _ scale: UnsafePointer<Self>,
    _ inputScale: UnsafePointer<Self>, _ offset: UnsafePointer<Self>, reluScale: UnsafePointer<Self>?,
    reluShift: UnsafePointer<Self>?, nonTemporal: Bool)

  /// From mean and Σ(x − mean)² of every channel, NaN of none: 1/√(σ² + ε) and the part of the mean that the scalar type
  /// cannot hold, [2][channels]; coefficients [3][entries] of center, scale and shift of γ·(x − μ)/√(σ² + ε) + β; μ and σ².
  static func normalizationCoefficients(
    _ entries: ChannelEntries, count: Int, epsilon: Double, _ mean: UnsafePointer<Double>,
    _ m2: UnsafePointer<Double>, gamma: UnsafePointer<Self>?, beta: UnsafePointer<Self>?,
    inverseDeviations: UnsafeMutablePointer<Double>, coefficients: UnsafeMutablePointer<Self>,
    means: UnsafeMutablePointer<Self>,
    variances: UnsafeMutablePointer<Self>)

  /// From Σ g and Σ g·(x − center) of every channel: coefficients [3][entries] of scale, input scale and offset of
  /// γ/√(σ² + ε)·(g − Σ g/n − x̂·Σ(g·x̂)/n), and the gradients of γ and β.
  static func normalizationGradients(
    _ entries: ChannelEntries, count: Int, gamma: UnsafePointer<Self>?, inverseDeviations: UnsafePointer<Double>,
    _ sums: UnsafePointer<Double>, _ products: UnsafePointer<Double>, coefficients: UnsafeMutablePointer<Self>,
    gammaGradients: UnsafeMutablePointer<Self>, betaGradients: UnsafeMutablePointer<Self>)

  /// Coefficients [3][entries] of center, scale and shift; 0, 1 and 0 where `nil`.
  static func affineCoefficients(
    _ entries: ChannelEntries, center: UnsafePointer<Self>?, scale: UnsafePointer<Self>?,
    shift: UnsafePointer<Self>?, coefficients: UnsafeMutablePointer<Self>)

  /// `running = (1 − momentum)·running + momentum·(batch·factor)`
  static func track(
    _ n: Int, _ running: UnsafeMutablePointer<Self>, _ batch: UnsafePointer<Self>, momentum: Self, factor: Self)

  /// γ·(x − μ)/√(σ² + ε) + β + r of every channel, then ReLU for `appliesReLU`, in one visit each. Inverse deviations,
  /// coefficients, μ and σ² are those of `normalizationCoefficients`, starting at the first of these channels.
  static func normalizePlanes(
    _ planes: ChannelPlanes, epsilon: Double, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    adding r: UnsafePointer<Self>?, gamma: UnsafePointer<Self>?, beta: UnsafePointer<Self>?,
    inverseDeviations: UnsafeMutablePointer<Double>, coefficients: UnsafeMutablePointer<Self>,
    means: UnsafeMutablePointer<Self>,
    variances: UnsafeMutablePointer<Self>, appliesReLU: Bool, nonTemporal: Bool)

  /// The derivatives of `normalizePlanes` from g = dL/dy. `appliesReLU`: a ReLU follows on the normalized
  /// value. `y`: the result of a ReLU that follows on a sum with another operand; `masked` receives g masked by it.
  static func normalizePlanesGrad(
    _ planes: ChannelPlanes, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>, _ x: UnsafePointer<Self>,
    y: UnsafePointer<Self>?, masked: UnsafeMutablePointer<Self>?, gamma: UnsafePointer<Self>?,
    inverseDeviations: UnsafePointer<Double>, coefficients: UnsafePointer<Self>,
    gammaGradients: UnsafeMutablePointer<Self>,
    betaGradients: UnsafeMutablePointer<Self>, appliesReLU: Bool, nonTemporal: Bool)

  /// γ·(x − μ)/√(σ² + ε) + β of every row of x [rows, n] with its own μ and σ² (biased), or, not centered, γ·x/√(mean x² + ε)
  /// + β. Keeps center, inverse and offset of x̂ = (x − center)·inverse + offset for every row.
  static func normalizeRows(
    _ rows: Int, _ n: Int, epsilon: Double, centered: Bool, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    gamma: UnsafePointer<Self>?, beta: UnsafePointer<Self>?, centers: UnsafeMutablePointer<Self>,
    inverses: UnsafeMutablePointer<Self>, offsets: UnsafeMutablePointer<Self>)

  /// dL/dx of `normalizeRows` from g = dL/dy, and Σ g·x̂ and Σ g over the rows, where wanted.
  static func normalizeRowsGrad(
    _ rows: Int, _ n: Int, centered: Bool, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ x: UnsafePointer<Self>, gamma: UnsafePointer<Self>?, centers: UnsafePointer<Self>,
    inverses: UnsafePointer<Self>, offsets: UnsafePointer<Self>, gammaGradients: UnsafeMutablePointer<Self>?,
    betaGradients: UnsafeMutablePointer<Self>?)

  /// `out = x·s^(−β)` with s = k + a·Σ x² over a channel's window.
  static func localResponse(
    _ windows: ChannelWindows, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, a: Self, k: Self, beta: Self
  )

  /// dL/dx of `localResponse` from g = dL/dy.
  static func localResponseGrad(
    _ windows: ChannelWindows, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>, _ x: UnsafePointer<Self>,
    a: Self, k: Self, beta: Self)
}
