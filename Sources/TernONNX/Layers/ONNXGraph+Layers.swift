import TernBackend
import TernNN
import TernTensor

extension ONNXGraph {
  /// Adds what a layer does in evaluation.
  public func layer<L: Layer>(_ layer: L, _ x: ONNXValue) -> ONNXValue {
    if let own = layer as? any ONNXExportable { return own.export(x, into: self) }
    if let result = container(layer, x) ?? linear(layer, x) { return result }
    if let result = recurrent(layer, x) ?? ghost(layer, x) ?? attention(layer, x) { return result }
    if let result = activation(layer, x) ?? pooling(layer, x) ?? normalization(layer, x) { return result }
    return refuse(layer, "no exporter for this layer, nor is it ONNXExportable", x, shape: shape(of: layer, x))
  }

  /// The shape of the layer's result, as it is when it runs.
  func shape<L: Layer>(of layer: L, _ x: ONNXValue) -> [Int] { layer(Tensor<L.Scalar>(zeros: x.shape)).shape }

  /// Layers that hold others, and those that do nothing in evaluation.
  private func container<L: Layer>(_ layer: L, _ x: ONNXValue) -> ONNXValue? {
    typealias Scalar = L.Scalar
    switch layer {
    case let sequence as Sequential<Scalar>: return sequential(sequence, x)
    case let residual as Residual<Scalar>:
      let inner = self.layer(residual.body, x)
      let around = residual.shortcut.map { self.layer($0, x) } ?? x
      return node("Add", [inner, around], shape: inner.shape)
    case is DropoutLayer<Scalar>, is Identity<Scalar>: return x
    case let flatten as Flatten<Scalar>:
      let shape = shape(of: layer, x)
      guard flatten.first != 0, flatten.first != -x.shape.count else {
        return refuse(layer, "the batch is flattened too", x, shape: shape)
      }
      return reshaped(x, to: shape)
    case let unflatten as Unflatten<Scalar>:
      let shape = shape(of: layer, x)
      guard unflatten.axis != 0, unflatten.axis != -x.shape.count else {
        return refuse(layer, "the batch is unflattened", x, shape: shape)
      }
      return reshaped(x, to: shape)
    default: return nil
    }
  }

  /// One layer after the other; batch normalization behind a convolution is folded into it.
  private func sequential<Scalar>(_ sequence: Sequential<Scalar>, _ x: ONNXValue) -> ONNXValue {
    var x = x
    var index = 0
    while index < sequence.count {
      let layer = sequence.layers[index]
      if index + 1 < sequence.count, let norm = sequence.layers[index + 1] as? BatchNorm<Scalar>,
        let folded = convolution(layer, x, normalizedBy: norm)
      {
        x = folded
        index += 2
      } else {
        x = self.layer(layer, x)
        index += 1
      }
    }
    return x
  }

  /// A convolution with the normalization behind it: w·γ/√(σ² + ε) and (b − μ)·γ/√(σ² + ε) + β, in double precision.
  private func convolution<Scalar>(
    _ layer: any Layer<Scalar>, _ x: ONNXValue, normalizedBy norm: BatchNorm<Scalar>
  ) -> ONNXValue? {
    guard let form = convolutionForm(layer), form.isPlain, let mean = norm.runningMean?.value.cast(to: Double.self),
      let variance = norm.runningVar?.value.cast(to: Double.self)
    else { return nil }
    let count = norm.features
    let weight = form.weight.value.cast(to: Double.self)
    guard weight.shape[0] == count else { return nil }
    var scale = 1 / (variance + norm.epsilon).sqrt()
    if let gamma = norm.weight { scale = scale * gamma.value.cast(to: Double.self) }
    var shift = -mean * scale
    if let bias = form.bias { shift = shift + bias.value.cast(to: Double.self) * scale }
    if let beta = norm.bias { shift = shift + beta.value.cast(to: Double.self) }
    let factors = scale.reshaped([count] + Array(repeating: 1, count: weight.shape.count - 1))
    let name = name(of: form.weight) ?? fresh("weight")
    let folded = [
      x, foldedState(weight * factors, name: name),
      foldedState(shift, name: name.hasSuffix("weight") ? name.dropLast(6) + "bias" : name + "_bias"),
    ]
    return node("Conv", folded, shape: shape(of: layer, x), form.attributes)
  }

  /// Products with weights.
  private func linear<L: Layer>(_ layer: L, _ x: ONNXValue) -> ONNXValue? {
    if let form = convolutionForm(layer) {
      let shape = shape(of: layer, x)
      guard form.isExact else {
        return refuse(layer, "its padding has no form in ONNX", x, shape: shape)
      }
      let inputs = [x, state(form.weight)] + (form.bias.map { [state($0)] } ?? [])
      return node(form.isPlain ? "Conv" : "ConvTranspose", inputs, shape: shape, form.attributes)
    }
    guard let dense = layer as? Dense<L.Scalar> else { return nil }
    let shape = Array(x.shape.dropLast()) + [dense.weight.shape[0]]
    if x.shape.count == 2 {
      let inputs = [x, state(dense.weight)] + (dense.bias.map { [state($0)] } ?? [])
      return node("Gemm", inputs, shape: shape, ["transB": .int(1)])
    }
    let weight = node(
      "Transpose", [state(dense.weight)], shape: dense.weight.shape.reversed(), ["perm": .ints([1, 0])])
    let product = node("MatMul", [x, weight], shape: shape)
    return dense.bias.map { node("Add", [product, state($0)], shape: shape) } ?? product
  }
}

/// What ONNX wants of a convolution.
private struct ConvolutionForm<Scalar: FloatingScalar> {
  let weight: Parameter<Scalar>
  let bias: Parameter<Scalar>?
  var attributes: [String: ONNXAttribute]
  /// Not transposed.
  let isPlain: Bool
  let isExact: Bool

  init(
    _ weight: Parameter<Scalar>, _ bias: Parameter<Scalar>?, stride: [Int], padding: AxisPadding.Axes, dilation: [Int],
    groups: Int, outputPadding: [Int]? = nil
  ) {
    (self.weight, self.bias) = (weight, bias)
    isPlain = outputPadding == nil
    let kernel = Array(weight.shape.dropFirst(2))
    attributes = [
      "kernel_shape": .ints(kernel), "strides": .ints(stride), "dilations": .ints(dilation), "group": .int(groups),
    ]
    switch padding {
    case .amounts(let amounts):
      attributes["pads"] = .ints(amounts.map(\.before) + amounts.map(\.after))
      isExact = true
    case .same:
      // What is odd goes to the end, as PyTorch's "same".
      let totals = zip(kernel, dilation).map { ($0 - 1) * $1 }
      attributes["pads"] = .ints(totals.map { $0 / 2 } + totals.map { $0 - $0 / 2 })
      isExact = isPlain
    }
    if let outputPadding { attributes["output_padding"] = .ints(outputPadding) }
  }
}

private func convolutionForm<L: Layer>(_ layer: L) -> ConvolutionForm<L.Scalar>? {
  switch layer {
  case let layer as Conv1D<L.Scalar>:
    ConvolutionForm(
      layer.weight, layer.bias, stride: [layer.stride], padding: layer.padding.axes, dilation: [layer.dilation],
      groups: layer.groups)
  case let layer as Conv2D<L.Scalar>:
    ConvolutionForm(
      layer.weight, layer.bias, stride: layer.stride.array, padding: layer.padding.axes, dilation: layer.dilation.array,
      groups: layer.groups)
  case let layer as ConvTranspose1D<L.Scalar>:
    ConvolutionForm(
      layer.weight, layer.bias, stride: [layer.stride], padding: layer.padding.axes, dilation: [layer.dilation],
      groups: layer.groups, outputPadding: [layer.outputPadding])
  case let layer as ConvTranspose2D<L.Scalar>:
    ConvolutionForm(
      layer.weight, layer.bias, stride: layer.stride.array, padding: layer.padding.axes, dilation: layer.dilation.array,
      groups: layer.groups, outputPadding: layer.outputPadding.array)
  default: nil
  }
}
