/// Kernels that only training asks for: losses, over rows [rows, n] or over single elements, and dropout.
public protocol LossKernelScalar: Sendable {
  /// ln Σ eˣ − x[label] of every row, 0 where the label is `ignored`; keeps each row's maximum and 1/Σ e^(x − maximum).
  /// Every other label is inside 0 ..< n.
  static func crossEntropy(
    _ rows: Int, _ n: Int, losses: UnsafeMutablePointer<Self>, largest: UnsafeMutablePointer<Self>,
    inverses: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, labels: UnsafePointer<Int>, ignored: Int)

  /// `out = (softmax(x) − 1 at the label)·scale·factor` of every row, 0 where the label is `ignored` or the scale 0; the rows'
  /// scales lie `step` apart.
  static func crossEntropyGrad(
    _ rows: Int, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>,
    largest: UnsafePointer<Self>, inverses: UnsafePointer<Self>, labels: UnsafePointer<Int>, ignored: Int,
    scale: UnsafePointer<Self>, step: Int, factor: Self)

  /// Σ (1 − y)·x + ln(1 + e⁻ˣ)
  static func binaryCrossEntropy(_ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Double

  /// `out = (σ(x) − y)·scale`
  static func binaryCrossEntropyGrad(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, scale: Self)

  /// Σ (x − y)²
  static func squaredError(_ n: Int, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>) -> Double

  /// `out = (x − y)·scale`
  static func scaledDifference(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ x: UnsafePointer<Self>, _ y: UnsafePointer<Self>, scale: Self)

  /// `out = x·scale` where `mask` becomes 1, `x·0` where it becomes 0: with word i of the stream below `bound`.
  static func dropout(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, mask: UnsafeMutablePointer<UInt8>, _ x: UnsafePointer<Self>,
    scale: Self, bound: UInt32, seed: UInt64, stream: UInt64, first: Int)

  /// `out = g·scale` where the mask is 1, `g·0` where it is 0.
  static func dropoutGrad(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, mask: UnsafePointer<UInt8>, _ g: UnsafePointer<Self>, scale: Self)
}
