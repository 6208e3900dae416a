package import CTernKernels

/// One group of a convolution for the direct kernels: where it reads and where its results go.
package typealias DirectGrid = CTernKernels.DirectGrid

/// Rows and columns of one image of results.
package typealias DirectPart = CTernKernels.DirectPart

/// Where the weights of a pass lie.
package typealias DirectWeightsLayout = CTernKernels.DirectWeightsLayout

/// Convolutions by register tiles: no matrix of patches, no matrix products. In Float; images lie as
/// [height][width][channels].
package enum DirectKernels {
  /// Outputs of one panel of packed weights.
  package static let panel = Int(TERN_DIRECT_PANEL)
  /// Values that sums and padded channels are multiples of.
  package static let lanes = Int(TERN_DIRECT_LANES)

  /// Packs one panel of weights, [kernel height][kernel width][channels][panel].
  package static func pack(
    _ layout: DirectWeightsLayout, _ panel: Int, _ out: UnsafeMutablePointer<Float>, _ weights: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: layout) { tern_kernels().pointee.direct_pack($0, panel, out, weights) }
  }

  /// A part of a convolution's results; bias is padded to whole panels, `scratch` holds the part's pixels where some of
  /// them lie outside the image.
  package static func convolution(
    _ grid: DirectGrid, _ part: DirectPart, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    _ panels: UnsafePointer<Float>, bias: UnsafePointer<Float>?, appliesReLU: Bool,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: grid) { grid in
      withUnsafePointer(to: part) { part in
        tern_kernels().pointee.direct_convolution(grid, part, out, x, panels, bias, appliesReLU, scratch)
      }
    }
  }

  /// Whether the weights' gradient is faster with outputs before taps and channels.
  package static func swaps(_ grid: DirectGrid) -> Bool {
    withUnsafePointer(to: grid) { tern_kernels().pointee.direct_swaps($0) }
  }

  /// The weights' gradient from a part of the results' gradient.
  ///
  /// Vectors reach past the last channel of a pixel into the next pixel; a part that too few pixels follow `copies`
  /// what it reads.
  package static func weights(
    _ grid: DirectGrid, _ part: DirectPart, swaps: Bool, copies: Bool, adds: Bool, _ sums: UnsafeMutablePointer<Float>,
    _ x: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>, _ scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: grid) { grid in
      withUnsafePointer(to: part) { part in
        tern_kernels().pointee.direct_weights(grid, part, swaps, copies, adds, sums, x, gradient, scratch)
      }
    }
  }

  /// Values of the line that ``scatter(_:image:_:_:to:_:_:bias:_:)`` works in.
  package static func scatterLine(_ grid: DirectGrid) -> Int {
    withUnsafePointer(to: grid) { tern_kernels().pointee.direct_scatter_line($0) } + lanes
  }

  /// Some rows of the gradient of an image of few channels, from the results' gradient.
  ///
  /// - Parameters:
  ///   - weights: [kernel height][outputs][kernel width · channels], the last extent rounded up to `lanes`.
  ///   - bias: of the channels.
  ///   - line: room for `scatterLine` values.
  package static func scatter(
    _ grid: DirectGrid, image: Int, _ first: Int, _ count: Int, to out: UnsafeMutablePointer<Float>,
    _ gradient: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    _ line: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: grid) {
      tern_kernels().pointee.direct_scatter($0, image, first, count, out, gradient, weights, bias, line)
    }
  }

  /// A part of the results of a convolution channel by channel; the channels of weights and bias are padded to `lanes`.
  package static func depthwise(
    _ grid: DirectGrid, _ part: DirectPart, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>,
    _ weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, appliesReLU: Bool
  ) {
    withUnsafePointer(to: grid) { grid in
      withUnsafePointer(to: part) { part in
        tern_kernels().pointee.depthwise_convolution(grid, part, out, x, weights, bias, appliesReLU)
      }
    }
  }

  /// The gradient of its weights from a part of the results' gradient.
  package static func depthwiseWeights(
    _ grid: DirectGrid, _ part: DirectPart, adds: Bool, _ sums: UnsafeMutablePointer<Float>,
    _ x: UnsafePointer<Float>, _ gradient: UnsafePointer<Float>
  ) {
    withUnsafePointer(to: grid) { grid in
      withUnsafePointer(to: part) { part in
        tern_kernels().pointee.depthwise_weights(grid, part, adds, sums, x, gradient)
      }
    }
  }
}

extension CTernKernels.DirectGrid {
  /// The patches of all results lie inside the image.
  package var isInside: Bool { withUnsafePointer(to: self) { tern_direct_is_inside($0) } }
  /// The taps of a row are read in one run with their channels.
  package var hasRuns: Bool { withUnsafePointer(to: self) { tern_direct_has_runs($0) } }

  /// Rows of the image under some rows of the results.
  package func height(of rows: Int) -> Int { withUnsafePointer(to: self) { tern_direct_height($0, rows) } }
  /// Columns of the image under some columns of the results.
  package func width(of columns: Int) -> Int { withUnsafePointer(to: self) { tern_direct_width($0, columns) } }
}
