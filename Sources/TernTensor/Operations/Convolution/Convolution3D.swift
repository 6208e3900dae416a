import TernBackend

// The passes of a convolution over volumes, recorded as those over images are: each is linear in both operands, and the
// derivatives of each are the other two.

extension VolumeGeometry {
  private func saving<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Saving {
    (a.node == nil ? [] : Saving.second).union(b.node == nil ? [] : .first).union(.asOperands)
  }

  /// What a pass is called with; padding on the other sides is what the extents leave.
  private var arguments: [String: OperationArgument] {
    [
      "images": .integers(images.array), "out": .integers(out.array), "kernel": .integers(kernel.array),
      "stride": .integers(stride.array), "dilation": .integers(dilation.array),
      "padding": .integers([front, top, left]), "groups": .integers([groups]), "appliesReLU": .flag(false),
    ]
  }

  /// The convolution of x with the weights, recorded.
  func convolved<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil
  ) -> Tensor<Scalar> {
    let isBiased = bias != nil
    OperationArguments.note("convolution", arguments)
    return forward(x.detached(), weight.detached(), bias: bias?.detached())
      .recorded(
        "convolution", fromAll: [x, weight] + (bias.map { [$0] } ?? []), saving: saving(x, weight)
      ) { d in
        d.send(0) { inputGradients(d.gradient, d.input(1)) }
        d.send(1) { weightGradients(d.input(0), d.gradient) }
        if isBiased { d.send(2) { d.gradient.sum(along: 0, 2, 3, 4) } }
      }
  }

  /// The gradient of x for a gradient of the result, recorded; with a bias, a transposed convolution.
  func inputGradients<Scalar: FloatingScalar>(
    _ gradient: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil
  ) -> Tensor<Scalar> {
    let isBiased = bias != nil
    OperationArguments.note("transposed convolution", arguments)
    return inputGradient(gradient.detached(), weight.detached(), bias: bias?.detached())
      .recorded(
        "transposed convolution", fromAll: [gradient, weight] + (bias.map { [$0] } ?? []),
        saving: saving(gradient, weight)
      ) { d in
        d.send(0) { convolved(d.gradient, d.input(1)) }
        d.send(1) { weightGradients(d.gradient, d.input(0)) }
        if isBiased { d.send(2) { d.gradient.sum(along: 0, 2, 3, 4) } }
      }
  }

  /// The gradient of the weights, recorded.
  func weightGradients<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ gradient: Tensor<Scalar>) -> Tensor<Scalar> {
    weightGradient(x.detached(), gradient.detached())
      .recorded("convolution weights", from: x, gradient, saving: saving(x, gradient)) { d in
        d.send(0) { inputGradients(d.input(1), d.gradient) }
        d.send(1) { convolved(d.input(0), d.gradient) }
      }
  }

  /// The weights [outputs, channels / groups, depth, height, width] with the taps of the depth as channels, in the order of
  /// ``slices(_:)``.
  private func flattened<Scalar: FloatingScalar>(_ weight: Tensor<Scalar>) -> Tensor<Scalar> {
    weight.permuted(0, 2, 1, 3, 4).reshaped(plane.weightShape)
  }

  private func weights<Scalar: FloatingScalar>(_ weight: Tensor<Scalar>, _ tap: Int, of count: Int) -> Tensor<Scalar> {
    count == 1 ? weight : weight[[.all, .all, .slice(tap, tap + 1)]]
  }

  private func forward<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>?
  ) -> Tensor<Scalar> {
    let taps = taps
    let source = taps.count > 1 ? x.channelsLastVolume : x
    var sum: Tensor<Scalar>?
    for (index, tap) in taps.enumerated() {
      let part = tap.plane.forward(
        tap.slices(source), tap.flattened(weights(weight, index, of: taps.count)), bias: index == 0 ? bias : nil)
      sum = sum.map { $0 + part } ?? part
    }
    return sum!.channelsLast.volumes(batch, depth: out.depth)
  }

  private func inputGradient<Scalar: FloatingScalar>(
    _ gradient: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>?
  ) -> Tensor<Scalar> {
    let taps = taps
    let source = gradient.channelsLastVolume.slices
    var sum: Tensor<Scalar>?
    for (index, tap) in taps.enumerated() {
      let slices = tap.plane.inputGradient(source, tap.flattened(weights(weight, index, of: taps.count)))
      let part = tap.joined(slices)
      sum = sum.map { $0 + part } ?? part
    }
    if let bias, !sum!.isEmpty { sum!.slices.addChannels(bias.contiguous) }
    return sum!
  }

  private func weightGradient<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    let taps = taps
    let source = gradient.channelsLastVolume.slices
    let input = taps.count > 1 ? x.channelsLastVolume : x
    let parts = taps.map { tap in
      tap.plane.weightGradient(tap.slices(input), source)
        .reshaped([outputs, tap.kernel.depth, channels / groups, kernel.vertical, kernel.horizontal])
    }
    let whole = parts.count == 1 ? parts[0] : concatenate(parts, along: 1)
    return whole.permuted(0, 2, 1, 3, 4).contiguous
  }
}

/// The convolution of volumes with kernels, see ``conv2D(_:_:bias:stride:padding:dilation:groups:activation:file:line:)``:
/// y[n, o, i, j, k] = b[o] + Σ w[o, c, t, u, v] · x[n, c, i·stride + t·dilation − padding, j·stride + …, k·stride + …],
/// where x outside the volume is zero.
///
/// Each of `groups` groups of output channels sees its own group of input channels. An output's extent is
/// ⌊(extent + padding on both sides − dilation·(kernel − 1) − 1) / stride⌋ + 1. Stops where channels, groups or bias do
/// not fit, where the kernel is larger than the padded volume, and for `.same` with a stride.
///
/// - Parameters:
///   - x: [batch, channels, depth, height, width], or one volume [channels, depth, height, width].
///   - weight: [outputs, channels / groups, kernel depth, kernel height, kernel width].
///   - bias: [outputs].
public func conv3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil, stride: some TripleConvertible = 1,
  padding: some Padding3DConvertible = 0, dilation: some TripleConvertible = 1, groups: Int = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let geometry = ConvolutionArguments(
    operation: "conv3D", input: x.shape, weight: weight.shape, bias: bias?.shape, stride: stride.triple.array,
    padding: padding.padding3D.axes, dilation: dilation.triple.array, groups: groups
  ).volumeGeometry
  if x.rank == 5 { return geometry.convolved(x, weight, bias: bias) }
  return geometry.convolved(x.expandedAxis(at: 0), weight, bias: bias).squeezed(0)
}

/// The transposed convolution of volumes: every voxel of x spreads the kernels, weighed by it, over the result; see
/// ``transposedConv2D(_:_:bias:stride:padding:outputPadding:dilation:groups:file:line:)``.
///
/// It is the gradient of ``conv3D(_:_:bias:stride:padding:dilation:groups:file:line:)`` with respect to its input. A
/// result's extent is (extent − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1. Stops where channels,
/// groups or bias do not fit, and for an output padding that is not below stride or dilation.
///
/// - Parameters:
///   - x: [batch, channels, depth, height, width], or one volume [channels, depth, height, width].
///   - weight: [channels, outputs / groups, kernel depth, kernel height, kernel width].
///   - bias: [outputs].
///   - padding: what the convolution that this one inverts would put around its volumes; it is cropped here.
///   - outputPadding: what is added at the back, the bottom and the right.
public func transposedConv3D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil, stride: some TripleConvertible = 1,
  padding: some Padding3DConvertible = 0, outputPadding: some TripleConvertible = 0,
  dilation: some TripleConvertible = 1, groups: Int = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let geometry = ConvolutionArguments(
    operation: "transposedConv3D", input: x.shape, weight: weight.shape, bias: bias?.shape, stride: stride.triple.array,
    padding: padding.padding3D.axes, dilation: dilation.triple.array, groups: groups
  ).transposedVolumeGeometry(outputPadding: outputPadding.triple.array)
  if x.rank == 5 { return geometry.inputGradients(x, weight, bias: bias) }
  return geometry.inputGradients(x.expandedAxis(at: 0), weight, bias: bias).squeezed(0)
}
