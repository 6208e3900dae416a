public import CTernKernels

/// What happens at a time of a recurrent layer.
@usableFromInline package typealias RecurrentStepKind = CTernKernels.RecurrentStepKind

/// One direction of a recurrent layer, as its kernels see it.
@usableFromInline package typealias RecurrentDirection = CTernKernels.RecurrentDirection

/// Which sequences and hidden features a call of a recurrent kernel works on.
@usableFromInline package typealias RecurrentRange = CTernKernels.RecurrentRange

// Products with few rows, C [m, n] (+)= A [m, k]·B, and the times of recurrent layers.

extension FloatingKernelScalar {
  /// Columns of a panel.
  @inlinable @inline(__always) package static var panelColumns: Int { floatingKernels.pointee.panel_columns() }

  /// B [k, n], whose rows and columns lie so far apart, as panels of columns, [panel][k][column].
  @inlinable @inline(__always) package static func packPanels(
    _ k: Int, _ n: Int, _ out: UnsafeMutablePointer<Self>, _ b: UnsafePointer<Self>, row: Int, column: Int
  ) {
    floatingKernels.pointee.pack_panels(k, n, out, b, row, column)
  }

  /// For B in panels.
  @inlinable @inline(__always) package static func panelProduct(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ lda: Int, _ panels: UnsafePointer<Self>,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int, adds: Bool
  ) {
    floatingKernels.pointee.panel_product(m, n, k, a, lda, panels, c, ldc, adds)
  }

  /// For Bᵀ [n, k], read row by row.
  @inlinable @inline(__always) package static func rowDots(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int, adds: Bool
  ) {
    floatingKernels.pointee.row_dots(m, n, k, a, lda, b, ldb, c, ldc, adds)
  }

  /// For B [k, n], read row by row.
  @inlinable @inline(__always) package static func rowSums(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Self>, _ lda: Int, _ b: UnsafePointer<Self>, _ ldb: Int,
    _ c: UnsafeMutablePointer<Self>, _ ldc: Int, adds: Bool
  ) {
    floatingKernels.pointee.row_sums(m, n, k, a, lda, b, ldb, c, ldc, adds)
  }

  /// A step forward: gates and states of some sequences and hidden features.
  @inlinable @inline(__always) package static func recurrentForward(
    _ direction: UnsafePointer<RecurrentDirection>, _ range: RecurrentRange, step: Int
  ) {
    floatingKernels.pointee.recurrent_forward(direction, range, step)
  }

  /// The gradients of a step's gates from that of its output.
  @inlinable @inline(__always) package static func recurrentGates(
    _ direction: UnsafePointer<RecurrentDirection>, _ range: RecurrentRange, step: Int
  ) {
    floatingKernels.pointee.recurrent_gates(direction, range, step)
  }

  /// The gradients of the hidden values before a step from those of all its gates.
  @inlinable @inline(__always) package static func recurrentStates(
    _ direction: UnsafePointer<RecurrentDirection>, _ range: RecurrentRange, step: Int
  ) {
    floatingKernels.pointee.recurrent_states(direction, range, step)
  }
}
