import TernBackend

/// A pass of a convolution by the direct kernels: every group's results from its own channels and weights.
struct DirectPass {
  /// Of the first group; the next lies `grid.channels` and `grid.outputs` further. Pairs of channels in bfloat16.
  let grid: DirectGrid
  let images: Int
  let groups: Int
  /// Weight (u, v, c, o) of a group, from `origin` on.
  let weights: DirectWeightsLayout
  let origin: Int
  /// From a group's weights to the next's.
  let groupWeights: Int

  private var panelsOfGroup: Int { (grid.outputs + DirectKernels.panel - 1) / DirectKernels.panel }
  private var panel: Int { grid.kernelHeight * grid.kernelWidth * grid.channels * DirectKernels.panel }

  /// Computes out = bias + Σ weights · x; ReLU for `appliesReLU`.
  ///
  /// - Parameter source: the weights' memory, with which their panels may be kept.
  func run(
    _ x: OperandPointer, _ weight: UnsafePointer<Float>, source: TensorMemory? = nil, bias: UnsafePointer<Float>?,
    appliesReLU: Bool = false, to out: UnsafeMutablePointer<Float>
  ) {
    let (panels, panel, channels) = (panelsOfGroup, panel, x.inBFloat16 ? 2 * grid.channels : grid.channels)
    let padded = panels * DirectKernels.panel
    let tiling = DirectTiling(
      grid, images: images, products: grid.kernelHeight * grid.kernelWidth * grid.channels * grid.outputs * groups)
    let (packedCount, biasCount) = (groups * panels * panel, bias == nil ? 0 : groups * padded)
    func pack(_ packed: UnsafeMutablePointer<Float>) {
      Workers.run(count: groups * panels, grain: Swift.max(1, StridedLoop.grain / Swift.max(1, panel))) { range in
        for index in range {
          let (group, at) = index.quotientAndRemainder(dividingBy: panels)
          DirectKernels.pack(
            weights, at, packed + index * panel, weight + origin + group * groupWeights, inBFloat16: x.inBFloat16)
        }
      }
    }
    let kept: OwnedMemory? = source?.derived(.directPanels(groups: groups, inBFloat16: x.inBFloat16)) {
      let memory = OwnedMemory(byteCount: packedCount * MemoryLayout<Float>.stride)
      pack(memory.pointer.bindMemory(to: Float.self, capacity: packedCount))
      return memory
    }
    withScratch(biasCount + (kept == nil ? packedCount : 0), of: Float.self) { scratch in
      let packed = kept?.pointer.assumingMemoryBound(to: Float.self) ?? scratch + biasCount
      if kept == nil { pack(packed) }
      var paddedBias: UnsafeMutablePointer<Float>?
      if let bias {
        let target = scratch
        for group in 0..<groups {
          for o in 0..<padded { target[group * padded + o] = o < grid.outputs ? bias[group * grid.outputs + o] : 0 }
        }
        paddedBias = target
      }
      let bias = paddedBias
      Workers.run(chunks: tiling.count) { chunk in
        withScratch(grid.isInside ? 0 : tiling.pixelValues, of: Float.self) { scratch in
          for group in 0..<groups {
            DirectKernels.convolution(
              grid, tiling[chunk], out + group * grid.outputs, x.advanced(by: group * channels),
              packed + group * panels * panel, bias: bias.map { UnsafePointer($0 + group * padded) },
              appliesReLU: appliesReLU, scratch)
          }
        }
      }
    }
    withExtendedLifetime(kept) {}
  }
}

extension ConvolutionGeometry {
  /// The grid of the forward pass. Pixels that are read where they are, one for one, are a single row.
  var directGrid: DirectGrid { grid(flat: isPointwise) }

  /// The grid of the forward pass, image by image.
  var forwardGrid: DirectGrid { grid(flat: false) }

  private func grid(flat: Bool) -> DirectGrid {
    let (rows, columns) = flat ? (1, batch * outHeight * outWidth) : (outHeight, outWidth)
    return DirectGrid(
      height: flat ? 1 : height, width: flat ? columns : width, pixel: channels, channels: channels / groups,
      rows: rows, columns: columns, outputs: outputs / groups, kernelHeight: kernelHeight, kernelWidth: kernelWidth,
      rowStride: stride.vertical, columnStride: stride.horizontal, rowDilation: dilation.vertical,
      columnDilation: dilation.horizontal, top: top, left: left, outImage: rows * columns * outputs,
      outRow: columns * outputs, outColumn: outputs)
  }

  /// Images that the direct grid counts.
  var directImages: Int { isPointwise ? 1 : batch }

  /// The forward pass.
  ///
  /// - Parameter source: the weights' memory, with which their panels may be kept.
  func directForward(
    _ x: OperandPointer, _ weight: UnsafePointer<Float>, source: TensorMemory? = nil, bias: UnsafePointer<Float>?,
    appliesReLU: Bool, to out: UnsafeMutablePointer<Float>
  ) {
    let (taps, inputs) = (kernelHeight * kernelWidth, channels / groups)
    var grid = directGrid
    if x.inBFloat16 { (grid.pixel, grid.channels) = ((channels + 1) / 2, (inputs + 1) / 2) }
    DirectPass(
      grid: grid, images: directImages, groups: groups,
      weights: DirectWeightsLayout(
        kernelHeight: kernelHeight, kernelWidth: kernelWidth, channels: inputs, outputs: outputs / groups,
        row: kernelWidth, column: 1, channel: taps, output: inputs * taps),
      origin: 0, groupWeights: outputs / groups * inputs * taps
    ).run(x, weight, source: source, bias: bias, appliesReLU: appliesReLU, to: out)
  }

  /// The input's gradient: every phase of its pixels in turn.
  func directInputGradient(
    _ gradient: OperandPointer, _ weight: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    to out: UnsafeMutablePointer<Float>
  ) {
    let columns = columnPhases
    for row in rowPhases {
      for column in columns { directInputGradient(row, column, gradient, weight, bias: bias, to: out) }
    }
  }

  /// The input's gradient for the pixels of one phase: a convolution of the gradient, each result at its position.
  private func directInputGradient(
    _ rows: StridePhase, _ columns: StridePhase, _ gradient: OperandPointer, _ weight: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, to out: UnsafeMutablePointer<Float>
  ) {
    let (taps, inputs) = (kernelHeight * kernelWidth, channels / groups)
    // Pixels that no output has used, on either axis, have the bias alone.
    let isEmpty = rows.taps.isEmpty || columns.taps.isEmpty
    var grid = DirectGrid(
      height: outHeight, width: outWidth, pixel: outputs, channels: outputs / groups, rows: rows.count,
      columns: columns.count, outputs: inputs, kernelHeight: isEmpty ? 0 : rows.taps.count,
      kernelWidth: isEmpty ? 0 : columns.taps.count, rowStride: 1, columnStride: 1,
      rowDilation: isEmpty ? 1 : rows.spacing,
      columnDilation: isEmpty ? 1 : columns.spacing, top: isEmpty ? 0 : -rows.offsets[0],
      left: isEmpty ? 0 : -columns.offsets[0],
      outImage: height * width * channels, outRow: stride.vertical * width * channels,
      outColumn: stride.horizontal * channels)
    var images = batch
    if isPointwise {
      (grid.width, grid.columns) = (batch * outHeight * outWidth, batch * height * width)
      (grid.height, grid.rows, images) = (1, 1, 1)
    }
    if gradient.inBFloat16 { (grid.pixel, grid.channels) = ((outputs + 1) / 2, (outputs / groups + 1) / 2) }
    DirectPass(
      grid: grid, images: images, groups: groups,
      weights: DirectWeightsLayout(
        kernelHeight: grid.kernelHeight, kernelWidth: grid.kernelWidth, channels: outputs / groups, outputs: inputs,
        row: rows.tapStep * kernelWidth, column: columns.tapStep, channel: inputs * taps, output: taps),
      origin: (rows.taps.first ?? 0) * kernelWidth + (columns.taps.first ?? 0),
      groupWeights: outputs / groups * inputs * taps
    ).run(
      gradient, weight, bias: bias,
      to: out + (rows.remainder * width + columns.remainder) * channels)
  }
}
