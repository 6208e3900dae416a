import CTernKernels

/// A block of memory read as [outer][n][inner], its rows `step` elements apart; kernels work along the middle axis.
public struct NormalizationBlock: Sendable {
  /// How many times the rows follow each other.
  public var outer: Int
  /// Rows in each.
  public var n: Int
  /// Columns, each with an entry of its own in the tables [outer][inner].
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

/// How a table of channels is laid out: [copies][channels][run], a channel's number at copies · run places.
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

/// Channels that lie as planes of `length` values: a channel's planes `step` apart, its neighbor's right behind them.
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
  /// Values in a whole part, and in one cut short.
  public var full: Int, tail: Int
  /// Parts and runs from here on are cut short.
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

/// Kernels of the normalizations. A result may be an operand; tables are [outer][inner].
public protocol NormalizationKernelScalar: Sendable {
  /// Mean and Σ(x − mean)² of every column in Double; nothing cancels however large the mean is.
  static func blockMoments(
    _ block: NormalizationBlock, _ mean: UnsafeMutablePointer<Double>, _ m2: UnsafeMutablePointer<Double>,
    _ x: UnsafePointer<Self>)

  /// Σ g and Σ g·(x − center) of every column, of the gradients that pass a ReLU behind: where y is above 0, or, with
  /// scale and shift, where (x − center)·scale + shift is; of all without. `passed`, with y, takes those gradients.
  static func productSums(
    _ block: NormalizationBlock, _ sum: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>,
    _ g: UnsafePointer<Self>, _ x: UnsafePointer<Self>, y: UnsafePointer<Self>?,
    passed: UnsafeMutablePointer<Self>?, _ center: UnsafePointer<Self>, scale: UnsafePointer<Self>?,
    shift: UnsafePointer<Self>?)

  /// `out = (x − center)·scale + shift + r`, cut off below 0 for `relu`; `streaming` keeps it out of the cache.
  static func affine(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    adding r: UnsafePointer<Self>?, _ center: UnsafePointer<Self>, _ scale: UnsafePointer<Self>,
    _ shift: UnsafePointer<Self>, relu: Bool, streaming: Bool)

  /// `out = g·scale + ((x − center)·slope + rest)`, g counting only where (x − center)·cutScale + cutShift is above 0
  /// when these are given.
  static func affinePair(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ x: UnsafePointer<Self>, _ center: UnsafePointer<Self>, _ scale: UnsafePointer<Self>,
    _ slope: UnsafePointer<Self>, _ rest: UnsafePointer<Self>, cutScale: UnsafePointer<Self>?,
    cutShift: UnsafePointer<Self>?, streaming: Bool)

  /// From mean and Σ(x − mean)² of every channel, NaN of none: 1/√(σ² + ε) and what the mean has beyond the scalar type,
  /// [2][channels]; tables [3][entries] of center, scale and shift of γ·(x − μ)/√(σ² + ε) + β; μ and σ².
  static func standardTables(
    _ entries: ChannelEntries, count: Int, epsilon: Double, _ mean: UnsafePointer<Double>,
    _ m2: UnsafePointer<Double>, gamma: UnsafePointer<Self>?, beta: UnsafePointer<Self>?,
    numbers: UnsafeMutablePointer<Double>, tables: UnsafeMutablePointer<Self>, means: UnsafeMutablePointer<Self>,
    variances: UnsafeMutablePointer<Self>)

  /// From Σ g and Σ g·(x − center) of every channel: tables [3][entries] of scale, slope and rest of
  /// γ/√(σ² + ε)·(g − Σ g/n − x̂·Σ(g·x̂)/n), and the gradients of γ and β.
  static func standardSlopes(
    _ entries: ChannelEntries, count: Int, gamma: UnsafePointer<Self>?, numbers: UnsafePointer<Double>,
    _ sums: UnsafePointer<Double>, _ products: UnsafePointer<Double>, tables: UnsafeMutablePointer<Self>,
    gammaSlopes: UnsafeMutablePointer<Self>, betaSlopes: UnsafeMutablePointer<Self>)

  /// Tables [3][entries] of center, scale and shift; 0, 1 and 0 where `nil`.
  static func affineTables(
    _ entries: ChannelEntries, center: UnsafePointer<Self>?, scale: UnsafePointer<Self>?,
    shift: UnsafePointer<Self>?, tables: UnsafeMutablePointer<Self>)

  /// `running = (1 − share)·running + share·(batch·factor)`
  static func track(
    _ n: Int, _ running: UnsafeMutablePointer<Self>, _ batch: UnsafePointer<Self>, share: Self, factor: Self)

  /// γ·(x − μ)/√(σ² + ε) + β + r of every channel, cut off below 0 for `relu`, in one visit each; numbers, tables, μ and
  /// σ² as of `standardTables`, of the first of the channels on.
  static func standardizePlanes(
    _ planes: ChannelPlanes, epsilon: Double, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    adding r: UnsafePointer<Self>?, gamma: UnsafePointer<Self>?, beta: UnsafePointer<Self>?,
    numbers: UnsafeMutablePointer<Double>, tables: UnsafeMutablePointer<Self>, means: UnsafeMutablePointer<Self>,
    variances: UnsafeMutablePointer<Self>, relu: Bool, streaming: Bool)

  /// The derivatives of `standardizePlanes` from g = dL/dy. `cut` where a ReLU follows on the normalized value; y where
  /// one follows on something else, and `passed` takes the gradients that pass it.
  static func standardizePlanesGrad(
    _ planes: ChannelPlanes, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>, _ x: UnsafePointer<Self>,
    y: UnsafePointer<Self>?, passed: UnsafeMutablePointer<Self>?, gamma: UnsafePointer<Self>?,
    numbers: UnsafePointer<Double>, tables: UnsafePointer<Self>, gammaSlopes: UnsafeMutablePointer<Self>,
    betaSlopes: UnsafeMutablePointer<Self>, cut: Bool, streaming: Bool)

  /// γ·(x − μ)/√(σ² + ε) + β of every row of x [rows, n] with its own μ and σ² (biased), or, not centered, γ·x/√(mean x² + ε)
  /// + β. Keeps x̂ = (x − center)·inverse + rest as three numbers a row.
  static func standardizeRows(
    _ rows: Int, _ n: Int, epsilon: Double, centered: Bool, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    gamma: UnsafePointer<Self>?, beta: UnsafePointer<Self>?, centers: UnsafeMutablePointer<Self>,
    inverses: UnsafeMutablePointer<Self>, rests: UnsafeMutablePointer<Self>)

  /// dL/dx of `standardizeRows` from g = dL/dy, and Σ g·x̂ and Σ g over the rows, where wanted.
  static func standardizeRowsGrad(
    _ rows: Int, _ n: Int, centered: Bool, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ x: UnsafePointer<Self>, gamma: UnsafePointer<Self>?, centers: UnsafePointer<Self>,
    inverses: UnsafePointer<Self>, rests: UnsafePointer<Self>, gammaSlopes: UnsafeMutablePointer<Self>?,
    betaSlopes: UnsafeMutablePointer<Self>?)

  /// `out = x·s^(−β)` with s = k + a·Σ x² over a channel's window.
  static func localResponse(
    _ windows: ChannelWindows, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, a: Self, k: Self, beta: Self
  )

  /// dL/dx of `localResponse` from g = dL/dy.
  static func localResponseGrad(
    _ windows: ChannelWindows, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>, _ x: UnsafePointer<Self>,
    a: Self, k: Self, beta: Self)
}
