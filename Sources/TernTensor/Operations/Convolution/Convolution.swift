import TernBackend

// The recorded operations. The three passes of a convolution are each linear in both operands, and the derivatives of
// each are the other two, so that gradients of any order are made of the same three.

extension ConvolutionGeometry {
  /// What a pass of two operands keeps: each where the other one's gradient may be asked for.
  private func saving<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Saving {
    (a.node == nil ? [] : Saving.second).union(b.node == nil ? [] : .first).union(.asOperands)
  }

  /// What a pass is called with; padding on the other sides is what the extents leave.
  private func arguments(appliesReLU: Bool) -> [String: OperationArgument] {
    [
      "images": .integers([height, width]), "out": .integers([outHeight, outWidth]),
      "kernel": .integers([kernelHeight, kernelWidth]), "stride": .integers(stride.array),
      "dilation": .integers(dilation.array), "padding": .integers([top, left]), "groups": .integers([groups]),
      "appliesReLU": .flag(appliesReLU),
    ]
  }

  /// The convolution of x with the weights, activated, recorded.
  package func convolved<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil, activation: FusedActivation = .identity
  ) -> Tensor<Scalar> {
    let isBiased = bias != nil
    let saving = saving(x, weight).union(activation == .relu ? .output : [])
    OperationArguments.note("convolution", arguments(appliesReLU: activation == .relu))
    let images = !x.isEmpty && readsBFloat16Images(.forward, of: Scalar.self) ? x.bfloat16Images : nil
    return forward(x, weight, bias: bias, appliesReLU: activation == .relu, images: images)
      .recorded(
        "convolution", fromAll: [x, weight] + (bias.map { [$0] } ?? []), saving: saving, firstOperand: images
      ) { d in
        let gradient = d.gradient(before: activation)
        if sendBFloat16Gradients(d, gradient) {
          // Sent.
        } else if !d.createGraph, d.wants(0), d.wants(1), let both = bothGradients(d.input(0), gradient, d.input(1)) {
          d.send(0) { both.input }
          d.send(1) { both.weight }
        } else {
          d.send(0) { inputGradients(gradient, d.input(1)) }
          d.send(1) { weightGradients(d.input(0), gradient) }
        }
        if isBiased { d.send(2) { gradient.sum(along: 0, 2, 3) } }
      }
  }

  /// The gradient of x for a gradient of the result, recorded; with a bias, a transposed convolution.
  package func inputGradients<Scalar: FloatingScalar>(
    _ gradient: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil
  ) -> Tensor<Scalar> {
    let isBiased = bias != nil
    OperationArguments.note("transposed convolution", arguments(appliesReLU: false))
    return inputGradient(gradient, weight, bias: bias)
      .recorded(
        "transposed convolution", fromAll: [gradient, weight] + (bias.map { [$0] } ?? []),
        saving: saving(gradient, weight)
      ) { d in
        d.send(0) { convolved(d.gradient, d.input(1)) }
        d.send(1) { weightGradients(d.gradient, d.input(0)) }
        if isBiased { d.send(2) { d.gradient.sum(along: 0, 2, 3) } }
      }
  }

  /// The gradient of the weights, recorded.
  package func weightGradients<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> Tensor<Scalar> {
    weightGradient(x, gradient)
      .recorded("convolution weights", from: x, gradient, saving: saving(x, gradient)) { d in
        d.send(0) { inputGradients(d.input(1), d.gradient) }
        d.send(1) { convolved(d.input(0), d.gradient) }
      }
  }
}

/// The convolution of images with kernels:
/// y[n, o, i, j] = b[o] + Σ w[o, c, u, v] · x[n, c, i·stride + u·dilation − padding, j·stride + v·dilation − padding],
/// where x outside the image is zero; then the activation of it.
///
/// Each of `groups` groups of output channels sees its own group of input channels. An output's extent is
/// ⌊(extent + padding on both sides − dilation·(kernel − 1) − 1) / stride⌋ + 1. Stops where channels, groups or bias do
/// not fit, where the kernel is larger than the padded image, and for `.same` with a stride.
///
/// - Parameters:
///   - x: [batch, channels, height, width], or one image [channels, height, width].
///   - weight: [outputs, channels / groups, kernel height, kernel width].
///   - bias: [outputs].
///   - activation: what becomes of the sum.
public func conv2D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil, stride: some PairConvertible = 1,
  padding: some Padding2DConvertible = 0, dilation: some PairConvertible = 1, groups: Int = 1,
  activation: FusedActivation = .identity,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let geometry = ConvolutionArguments(
    operation: "conv2D", input: x.shape, weight: weight.shape, bias: bias?.shape, stride: stride.pair.array,
    padding: padding.padding2D.axes, dilation: dilation.pair.array, groups: groups
  ).geometry
  if x.rank == 4 { return geometry.convolved(x, weight, bias: bias, activation: activation) }
  return geometry.convolved(x.expandedAxis(at: 0), weight, bias: bias, activation: activation).squeezed(0)
}

/// The convolution of sequences with kernels, see ``conv2D(_:_:bias:stride:padding:dilation:groups:activation:file:line:)``.
///
/// - Parameters:
///   - x: [batch, channels, length], or one sequence [channels, length].
///   - weight: [outputs, channels / groups, kernel length].
///   - bias: [outputs].
public func conv1D<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil, stride: Int = 1,
  padding: some Padding1DConvertible = 0, dilation: Int = 1, groups: Int = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let geometry = ConvolutionArguments(
    operation: "conv1D", input: x.shape, weight: weight.shape, bias: bias?.shape, stride: [stride],
    padding: padding.padding1D.axes, dilation: [dilation], groups: groups
  ).geometry
  let images = x.reshaped(geometry.inputShape)
  let result = geometry.convolved(images, weight.expandedAxis(at: 2), bias: bias)
  return x.rank == 3 ? result.squeezed(2) : result.squeezed(0, 2)
}
