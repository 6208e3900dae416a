import TernBackend
import TernTensor

extension Tensor where Scalar: FloatingScalar {
  /// The sum of all between the first axis and those that are kept at the end.
  fileprivate func summedBetween(last kept: Int) -> Tensor {
    let axes = rank - kept > 1 ? Array(1..<rank - kept) : []
    return axes.isEmpty ? self : sum(along: axes)
  }
}

/// xₙᵀ·gₙ for samples [N, T, I] and [N, T, O]: [N, O, I].
private func outer<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ g: Tensor<Scalar>) -> Tensor<Scalar> {
  if x.shape[1] == 1 { return g.reshaped([g.shape[0], g.shape[2], 1]) * x }
  return matmul(g.transposed(1, 2), x)
}

/// The squares of the norms of xₙᵀ·gₙ, [N]: Σₜₛ (xₜ·xₛ)·(gₜ·gₛ), without the products (Goodfellow, 2015).
private func outerSquaredNorms<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ g: Tensor<Scalar>) -> Tensor<Scalar> {
  if x.shape[1] == 1 { return x.squaredNormsOfSamples * g.squaredNormsOfSamples }
  return (matmul(x, x.transposed(1, 2)) * matmul(g, g.transposed(1, 2))).sum(along: 1, 2)
}

/// The gradients of x·Wᵀ + b, for x [N, …, I] and g [N, …, O].
func linearSampleGradients<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ g: Tensor<Scalar>
) -> (weight: SamplePart, bias: SamplePart) {
  let (inputs, outputs, samples) = (x.shape[x.rank - 1], g.shape[g.rank - 1], x.shape[0])
  let steps = x.shape[1..<x.rank - 1].reduce(1, *)
  func rows(_ tensor: Tensor<Scalar>, _ features: Int) -> Tensor<Scalar> {
    tensor.reshaped([samples, steps, features])
  }
  let isShort = 2 * Double(steps) * Double(steps) <= Double(inputs) * Double(outputs)
  return (
    SamplePart(
      { outer(rows(x, inputs), rows(g, outputs)) },
      squaredNorms: isShort ? { outerSquaredNorms(rows(x, inputs), rows(g, outputs)) } : nil),
    SamplePart { g.summedBetween(last: 1) }
  )
}

extension Dense: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
    let parts = linearSampleGradients(input, gradient)
    return [(weight, parts.weight), (bias, parts.bias)]
  }
}

/// Extents and distances of a convolution over images or, with one row, sequences.
private struct PatchForm {
  var kernel: [Int], stride: [Int], dilation: [Int], padding: AxisPadding.Axes

  /// Padding in front of an axis.
  private func before(_ axis: Int) -> Int {
    switch padding {
    case .same: dilation[axis] * (kernel[axis] - 1) / 2
    case .amounts(let amounts): amounts[axis].before
    }
  }

  /// Numbers of both axes, of which the first has one row for sequences.
  private func both(_ numbers: [Int], _ single: Int) -> (Int, Int) {
    kernel.count == 1 ? (single, numbers[0]) : (numbers[0], numbers[1])
  }

  /// The gradients of the weights of each sample, [N, fixed's channels, slid's / groups, kH, kW], for images or sequences that
  /// kernels slide over, and what is fixed at each position.
  func weightGradients<Scalar: FloatingScalar>(
    _ slid: Tensor<Scalar>, _ fixed: Tensor<Scalar>, groups: Int
  ) -> Tensor<Scalar> {
    func image(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.rank == 3 ? x.expandedAxis(at: 2) : x }
    let (step, spread) = (both(stride, 1), both(dilation, 1))
    return convolutionSampleGradients(
      image(slid), image(fixed), kernel: both(kernel, 1), stride: [step.0, step.1], dilation: [spread.0, spread.1],
      padding: kernel.count == 1 ? (0, before(0)) : (before(0), before(1)), groups: groups)
  }
}

/// The gradients of a convolution's weights and biases for each sample; `isTransposed` swaps input and output.
private func convolutionSampleGradients<Scalar: FloatingScalar>(
  _ weight: Parameter<Scalar>, _ bias: Parameter<Scalar>?, _ form: PatchForm, groups: Int, isTransposed: Bool = false,
  _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
  // A single image has no axis of samples.
  guard input.rank == form.kernel.count + 2 else { return [] }
  let (slid, fixed) = isTransposed ? (gradient, input) : (input, gradient)
  return [
    (
      weight, SamplePart { form.weightGradients(slid, fixed, groups: groups).reshaped([fixed.shape[0]] + weight.shape) }
    ),
    (bias, SamplePart { gradient.sum(along: Array(2..<gradient.rank)) }),
  ]
}

extension Conv2D: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
    let form = PatchForm(
      kernel: Array(weight.shape.suffix(2)), stride: [stride.vertical, stride.horizontal],
      dilation: [dilation.vertical, dilation.horizontal], padding: padding.axes)
    return convolutionSampleGradients(weight, bias, form, groups: groups, input, gradient)
  }
}

extension Conv1D: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
    let form = PatchForm(kernel: [weight.shape[2]], stride: [stride], dilation: [dilation], padding: padding.axes)
    return convolutionSampleGradients(weight, bias, form, groups: groups, input, gradient)
  }
}

extension ConvTranspose2D: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
    let form = PatchForm(
      kernel: Array(weight.shape.suffix(2)), stride: [stride.vertical, stride.horizontal],
      dilation: [dilation.vertical, dilation.horizontal], padding: padding.axes)
    return convolutionSampleGradients(weight, bias, form, groups: groups, isTransposed: true, input, gradient)
  }
}

extension ConvTranspose1D: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
    let form = PatchForm(kernel: [weight.shape[2]], stride: [stride], dilation: [dilation], padding: padding.axes)
    return convolutionSampleGradients(weight, bias, form, groups: groups, isTransposed: true, input, gradient)
  }
}

extension LayerNorm: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
    let kept = normalizedShape.count
    return [
      (
        weight,
        SamplePart {
          let normalized = layerNorm(
            input, normalizedShape: self.normalizedShape, scale: nil, shift: nil, epsilon: Scalar(self.epsilon))
          return (gradient * normalized).summedBetween(last: kept)
        }
      ), (bias, SamplePart { gradient.summedBetween(last: kept) }),
    ]
  }
}

extension RMSNorm: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
    [
      (
        weight,
        SamplePart {
          let normalized = rmsNorm(
            input, normalizedShape: self.normalizedShape, scale: nil, epsilon: self.epsilon.map { Scalar($0) })
          return (gradient * normalized).summedBetween(last: self.normalizedShape.count)
        }
      )
    ]
  }
}

/// The gradients of scale and shift by channels, [N, C].
private func channelSampleGradients<Scalar: FloatingScalar>(
  _ weight: Parameter<Scalar>?, _ bias: Parameter<Scalar>?, _ gradient: Tensor<Scalar>,
  normalized: @escaping () -> Tensor<Scalar>
) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
  func summed(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.rank == 2 ? x : x.sum(along: Array(2..<x.rank)) }
  return [(weight, SamplePart { summed(gradient * normalized()) }), (bias, SamplePart { summed(gradient) })]
}

extension GroupNorm: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
    channelSampleGradients(weight, bias, gradient) {
      groupNorm(input, groups: self.groups, scale: nil, shift: nil, epsilon: Scalar(self.epsilon))
    }
  }
}

extension BatchNorm: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: SamplePart)] {
    guard let runningMean, let runningVar else { return [] }
    let shape = input.shape.indices.map { $0 == 1 ? features : 1 }
    return channelSampleGradients(weight, bias, gradient) {
      let deviation = (runningVar.value + Scalar(self.epsilon)).rsqrt().reshaped(shape)
      return (input - runningMean.value.reshaped(shape)) * deviation
    }
  }
}

extension Embedding {
  /// Notes a call for the gradients of each sample.
  func note(_ tape: SampleTape, _ indices: Tensor<Int>, _ output: Tensor<Scalar>) {
    let (rows, features, padding) = (weight.shape[0], weight.shape[1], paddingIndex)
    let isPlain = !scalesByFrequency && maxNorm == nil
    let id = ObjectIdentifier(weight)
    tape.note(output.body, from: []) { gradient, samples in
      guard isPlain, indices.rank >= 1, indices.shape[0] == samples else { return [(id, nil)] }
      let count = indices.count / samples
      let (g, indices) = (Tensor<Scalar>(body: gradient), indices.reshaped([samples, count]))
      let row = padding.map { $0 < 0 ? $0 + rows : $0 }
      let part = SamplePart {
        // Every sample has a table of its own, one below the other.
        let own = indices + Tensor<Int>(0..<samples).reshaped([samples, 1]) * rows
        var table = Tensor<Scalar>(zeros: [samples * rows, features])
          .adding(g.reshaped([-1, features]), at: own.flattened()).reshaped([samples, rows, features])
        if let row { table[.all, row] = Tensor(0) }
        return table
      } squaredNorms: {
        // Σ gₜ·gₛ over the places t and s of one index.
        let g = g.reshaped([samples, count, features])
        var same = indices.expandedAxis(at: 2) .== indices.expandedAxis(at: 1)
        if let row { same = same .&& (indices .!= row).expandedAxis(at: 2) }
        return select(same, matmul(g, g.transposed(1, 2)), 0).sum(along: 1, 2)
      }
      return [(id, part)]
    }
  }
}
