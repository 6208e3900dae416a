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

/// Kernels of the normalisations. A result may be an operand; tables are [outer][inner].
public protocol NormalizationKernelScalar: Sendable {
  /// Mean and Σ(x − mean)² of every column in Double; nothing cancels however large the mean is.
  static func blockMoments(
    _ block: NormalizationBlock, _ mean: UnsafeMutablePointer<Double>, _ m2: UnsafeMutablePointer<Double>,
    _ x: UnsafePointer<Self>)

  /// Σ g and Σ g·(x − centre) of every column.
  static func productSums(
    _ block: NormalizationBlock, _ sum: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>,
    _ g: UnsafePointer<Self>, _ x: UnsafePointer<Self>, _ centre: UnsafePointer<Self>)

  /// `out = (x − centre)·scale + shift`
  static func affine(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    _ centre: UnsafePointer<Self>, _ scale: UnsafePointer<Self>, _ shift: UnsafePointer<Self>)

  /// `out = g·scale + ((x − centre)·slope + shift)`
  static func affinePair(
    _ block: NormalizationBlock, _ out: UnsafeMutablePointer<Self>, _ g: UnsafePointer<Self>,
    _ x: UnsafePointer<Self>, _ centre: UnsafePointer<Self>, _ scale: UnsafePointer<Self>,
    _ slope: UnsafePointer<Self>, _ shift: UnsafePointer<Self>)
}
