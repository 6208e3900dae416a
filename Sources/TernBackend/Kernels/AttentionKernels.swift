// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The protocol says what each of these does.

import CTernKernels

/// Kernels of attention over blocks of scores, [rows][columns] whose rows lie `step` apart; row r sees its first
/// `visible` + r columns, the others count for nothing.
public protocol AttentionKernelScalar: Sendable {
  /// Scores to e^(score − maximum), the maximum of each row running from block to block; `factor` is what the weights of
  /// the blocks before are to be multiplied by, `sum` already is.
  static func attentionWeights(
    rows: Int, columns: Int, step: Int, visible: Int, _ scores: UnsafeMutablePointer<Self>,
    maximum: UnsafeMutablePointer<Self>, sum: UnsafeMutablePointer<Self>, factor: UnsafeMutablePointer<Self>)

  /// Scores to weights w = e^(score − maximum)·inverse, and gradients of weights to those of scores, w·(gradient − dot).
  static func attentionGradients(
    rows: Int, columns: Int, step: Int, visible: Int, _ scores: UnsafeMutablePointer<Self>,
    _ gradients: UnsafeMutablePointer<Self>, maximum: UnsafePointer<Self>, inverse: UnsafePointer<Self>,
    dots: UnsafePointer<Self>)

  /// Every row times a factor of its own.
  static func scaleRows(
    rows: Int, columns: Int, step: Int, _ x: UnsafeMutablePointer<Self>, _ factor: UnsafePointer<Self>)

  /// `out[r]` = Σ a·b of row r.
  static func dotRows(
    rows: Int, columns: Int, _ out: UnsafeMutablePointer<Self>, _ a: UnsafePointer<Self>, _ aStep: Int,
    _ b: UnsafePointer<Self>, _ bStep: Int)
}

extension Float: AttentionKernelScalar {
  public static func attentionWeights(
    rows: Int, columns: Int, step: Int, visible: Int, _ scores: UnsafeMutablePointer<Float>,
    maximum: UnsafeMutablePointer<Float>, sum: UnsafeMutablePointer<Float>, factor: UnsafeMutablePointer<Float>
  ) {
    tern_kernels().pointee.attention_weights_f32(rows, columns, step, visible, scores, maximum, sum, factor)
  }

  public static func attentionGradients(
    rows: Int, columns: Int, step: Int, visible: Int, _ scores: UnsafeMutablePointer<Float>,
    _ gradients: UnsafeMutablePointer<Float>, maximum: UnsafePointer<Float>, inverse: UnsafePointer<Float>,
    dots: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.attention_gradients_f32(
      rows, columns, step, visible, scores, gradients, maximum, inverse, dots)
  }

  public static func scaleRows(
    rows: Int, columns: Int, step: Int, _ x: UnsafeMutablePointer<Float>, _ factor: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.scale_rows_f32(rows, columns, step, x, factor)
  }

  public static func dotRows(
    rows: Int, columns: Int, _ out: UnsafeMutablePointer<Float>, _ a: UnsafePointer<Float>, _ aStep: Int,
    _ b: UnsafePointer<Float>, _ bStep: Int
  ) {
    tern_kernels().pointee.dot_rows_f32(rows, columns, out, a, aStep, b, bStep)
  }
}

extension Double: AttentionKernelScalar {
  public static func attentionWeights(
    rows: Int, columns: Int, step: Int, visible: Int, _ scores: UnsafeMutablePointer<Double>,
    maximum: UnsafeMutablePointer<Double>, sum: UnsafeMutablePointer<Double>, factor: UnsafeMutablePointer<Double>
  ) {
    tern_kernels().pointee.attention_weights_f64(rows, columns, step, visible, scores, maximum, sum, factor)
  }

  public static func attentionGradients(
    rows: Int, columns: Int, step: Int, visible: Int, _ scores: UnsafeMutablePointer<Double>,
    _ gradients: UnsafeMutablePointer<Double>, maximum: UnsafePointer<Double>, inverse: UnsafePointer<Double>,
    dots: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.attention_gradients_f64(
      rows, columns, step, visible, scores, gradients, maximum, inverse, dots)
  }

  public static func scaleRows(
    rows: Int, columns: Int, step: Int, _ x: UnsafeMutablePointer<Double>, _ factor: UnsafePointer<Double>
  ) {
    tern_kernels().pointee.scale_rows_f64(rows, columns, step, x, factor)
  }

  public static func dotRows(
    rows: Int, columns: Int, _ out: UnsafeMutablePointer<Double>, _ a: UnsafePointer<Double>, _ aStep: Int,
    _ b: UnsafePointer<Double>, _ bStep: Int
  ) {
    tern_kernels().pointee.dot_rows_f64(rows, columns, out, a, aStep, b, bStep)
  }
}
