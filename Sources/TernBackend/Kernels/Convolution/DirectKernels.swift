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

  private static var bfloat16: tern_bfloat16_convolutions {
    @inline(__always) get { tern_bfloat16_convolution_kernels()!.pointee }
  }

  /// Pixels of Float as images of bfloat16.
  package static func images(
    _ pixels: Int, _ channels: Int, _ out: UnsafeMutablePointer<BFloat16>, _ x: UnsafePointer<Float>
  ) {
    out.withMemoryRebound(to: UInt16.self, capacity: pixels * (channels + 1)) {
      bfloat16.images(pixels, channels, $0, x)
    }
  }

  /// Packs one panel of weights, [kernel height][kernel width][channels][panel]; for images of bfloat16 with pairs of
  /// channels in place of channels.
  package static func pack(
    _ layout: DirectWeightsLayout, _ panel: Int, _ out: UnsafeMutablePointer<Float>, _ weights: UnsafePointer<Float>,
    inBFloat16: Bool = false
  ) {
    withUnsafePointer(to: layout) { layout in
      if inBFloat16 {
        bfloat16.pack(layout, panel, UnsafeMutableRawPointer(out).assumingMemoryBound(to: UInt32.self), weights)
      } else {
        tern_kernels().pointee.direct_pack(layout, panel, out, weights)
      }
    }
  }

  /// A part of a convolution's results; bias is padded to whole panels, `scratch` holds the part's pixels where some of
  /// them lie outside the image. For images of bfloat16, the grid counts pairs of channels.
  package static func convolution(
    _ grid: DirectGrid, _ part: DirectPart, _ out: UnsafeMutablePointer<Float>, _ x: OperandPointer,
    _ panels: UnsafePointer<Float>, bias: UnsafePointer<Float>?, appliesReLU: Bool,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: grid) { grid in
      withUnsafePointer(to: part) { part in
        if x.inBFloat16 {
          bfloat16.convolution(
            grid, part, out, x.halves, UnsafeRawPointer(panels).assumingMemoryBound(to: UInt32.self), bias, appliesReLU,
            UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt32.self))
        } else {
          tern_kernels().pointee.direct_convolution(grid, part, out, x.floats, panels, bias, appliesReLU, scratch)
        }
      }
    }
  }

  /// Whether the weights' gradient is faster with outputs before taps and channels.
  package static func swaps(_ grid: DirectGrid) -> Bool {
    withUnsafePointer(to: grid) { tern_kernels().pointee.direct_swaps($0) }
  }

  /// Values of scratch that ``weights(_:_:swaps:copies:adds:_:_:_:_:)`` needs for parts of so many rows and columns of
  /// images of bfloat16.
  package static func weightsScratch(_ grid: DirectGrid, rows: Int, columns: Int) -> Int {
    withUnsafePointer(to: grid) { bfloat16.weights_scratch($0, rows, columns) }
  }

  /// The weights' gradient from a part of the results' gradient, which is of the same type as the images.
  ///
  /// Vectors reach past the last channel of a pixel into the next pixel; a part that too few pixels follow `copies`
  /// what it reads.
  package static func weights(
    _ grid: DirectGrid, _ part: DirectPart, swaps: Bool, copies: Bool, adds: Bool, _ sums: UnsafeMutablePointer<Float>,
    _ x: OperandPointer, _ gradient: OperandPointer, _ scratch: UnsafeMutablePointer<Float>
  ) {
    withUnsafePointer(to: grid) { grid in
      withUnsafePointer(to: part) { part in
        if x.inBFloat16 {
          bfloat16.weights(
            grid, part, swaps, adds, sums, x.halves, gradient.halves,
            UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt32.self))
        } else {
          tern_kernels().pointee.direct_weights(
            grid, part, swaps, copies, adds, sums, x.floats, gradient.floats, scratch)
        }
      }
    }
  }

  /// Sums of the weights' gradient, which are not swapped, of some outputs as weights [outputs][channels][taps].
  package static func unpack(
    taps: Int, channels: Int, outputs: Int, tapStep: Int, line: Int, _ out: UnsafeMutablePointer<Float>,
    _ sums: UnsafePointer<Float>
  ) {
    tern_kernels().pointee.direct_unpack(taps, channels, outputs, tapStep, line, out, sums)
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
    _ grid: DirectGrid, _ part: DirectPart, _ out: UnsafeMutablePointer<Float>, _ x: OperandPointer,
    _ weights: UnsafePointer<Float>, bias: UnsafePointer<Float>?, appliesReLU: Bool
  ) {
    withUnsafePointer(to: grid) { grid in
      withUnsafePointer(to: part) { part in
        if x.inBFloat16 {
          bfloat16.depthwise(grid, part, out, x.halves, weights, bias, appliesReLU)
        } else {
          tern_kernels().pointee.depthwise_convolution(grid, part, out, x.floats, weights, bias, appliesReLU)
        }
      }
    }
  }

  /// The gradient of its weights from a part of the results' gradient, which is of the same type as the images.
  package static func depthwiseWeights(
    _ grid: DirectGrid, _ part: DirectPart, adds: Bool, _ sums: UnsafeMutablePointer<Float>,
    _ x: OperandPointer, _ gradient: OperandPointer
  ) {
    withUnsafePointer(to: grid) { grid in
      withUnsafePointer(to: part) { part in
        if x.inBFloat16 {
          bfloat16.depthwise_weights(grid, part, adds, sums, x.halves, gradient.halves)
        } else {
          tern_kernels().pointee.depthwise_weights(grid, part, adds, sums, x.floats, gradient.floats)
        }
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
