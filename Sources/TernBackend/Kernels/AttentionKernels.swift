public import CTernKernels

// Kernels of attention over blocks of scores, [rows][columns] whose rows lie `step` apart; row r sees its first
// `visible` + r columns, the others count for nothing.

extension FloatingKernelScalar {
  /// Scores to e^(score − maximum), the maximum of each row running from block to block; `factor` is what the weights of
  /// the blocks before are to be multiplied by, `sum` already is.
  @inlinable @inline(__always) package static func attentionWeights(
    rows: Int, columns: Int, step: Int, visible: Int, _ scores: UnsafeMutablePointer<Self>,
    maximum: UnsafeMutablePointer<Self>, sum: UnsafeMutablePointer<Self>, factor: UnsafeMutablePointer<Self>
  ) {
    floatingKernels.pointee.attention_weights(rows, columns, step, visible, scores, maximum, sum, factor)
  }

  /// Scores to weights w = e^(score − maximum)·inverse, and gradients of weights to those of scores, w·(gradient − dot).
  @inlinable @inline(__always) package static func attentionGradients(
    rows: Int, columns: Int, step: Int, visible: Int, _ scores: UnsafeMutablePointer<Self>,
    _ gradients: UnsafeMutablePointer<Self>, maximum: UnsafePointer<Self>, inverse: UnsafePointer<Self>,
    dots: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.attention_gradients(
      rows, columns, step, visible, scores, gradients, maximum, inverse, dots)
  }

  /// Every row times a factor of its own.
  @inlinable @inline(__always) package static func scaleRows(
    rows: Int, columns: Int, step: Int, _ x: UnsafeMutablePointer<Self>, _ factor: UnsafePointer<Self>
  ) {
    floatingKernels.pointee.scale_rows(rows, columns, step, x, factor)
  }

  /// `out[r]` = Σ a·b of row r.
  @inlinable @inline(__always) package static func dotRows(
    rows: Int, columns: Int, _ out: UnsafeMutablePointer<Self>, _ a: UnsafePointer<Self>, _ aStep: Int,
    _ b: UnsafePointer<Self>, _ bStep: Int
  ) {
    floatingKernels.pointee.dot_rows(rows, columns, out, a, aStep, b, bStep)
  }
}
