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

/// The gradients of x·Wᵀ + b, for x [N, …, I] and g [N, …, O].
func linearSampleGradients<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ g: Tensor<Scalar>
) -> (weight: () -> Tensor<Scalar>, bias: () -> Tensor<Scalar>) {
  let (inputs, outputs, samples) = (x.shape[x.rank - 1], g.shape[g.rank - 1], x.shape[0])
  return (
    { outer(x.reshaped([samples, -1, inputs]), g.reshaped([samples, -1, outputs])) }, { g.summedBetween(last: 1) }
  )
}

extension Dense: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
    let parts = linearSampleGradients(input, gradient)
    return [(weight, parts.weight), (bias, parts.bias)]
  }
}

/// Extents and distances of a convolution over images or, with one row, sequences.
private struct PatchForm {
  var kernel: [Int], stride: [Int], dilation: [Int], padding: AxisPadding.Axes

  /// x [N, C, H, W] with its padding.
  func padded<Scalar: FloatingScalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let amounts: [(before: Int, after: Int)] =
      switch padding {
      case .same:
        kernel.indices.map {
          let all = dilation[$0] * (kernel[$0] - 1)
          return (all / 2, all - all / 2)
        }
      case .amounts(let amounts): amounts.map { ($0.before, $0.after) }
      }
    let rows = kernel.count == 1 ? [(before: 0, after: 0)] + amounts : amounts
    return x.padded(rows)
  }

  /// Numbers of both axes, of which the first has one row for sequences.
  func both(_ numbers: [Int]) -> (Int, Int) { kernel.count == 1 ? (1, numbers[0]) : (numbers[0], numbers[1]) }

  /// The patches of x [N, C, H, W] that give `positions` results: [N, C·kH·kW, positions].
  func patches<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, positions: [Int]) -> Tensor<Scalar> {
    let padded = padded(x)
    if stride.allSatisfy({ $0 == 1 }) {
      // Views of the image, one for each element of the kernel: faster than to gather patches.
      let (size, step, count) = (both(kernel), both(dilation), both(positions))
      let views = (0..<size.0 * size.1).map { index in
        let (top, left) = (index / size.1 * step.0, index % size.1 * step.1)
        return padded[.all, .all, top..<top + count.0, left..<left + count.1]
      }
      return stack(views, along: 2).reshaped([x.shape[0], -1, count.0 * count.1])
    }
    let columns = padded.unfolded(
      PatchGeometry(kernel: both(kernel), dilation: both(dilation), stride: both(stride)))
    let count = positions.reduce(1, *)
    check(columns.shape[2] == count, "perSampleGradients", "\(columns.shape[2]) patches for \(count) positions")
    return columns
  }
}

/// gₙ·patchesₙᵀ in groups: [N, first, second / groups, kernel…] for rows [N, first, L] and columns [N, second·k, L].
private func groupedProducts<Scalar: FloatingScalar>(
  _ rows: Tensor<Scalar>, _ columns: Tensor<Scalar>, groups: Int, shape: [Int]
) -> Tensor<Scalar> {
  let (samples, positions) = (rows.shape[0], rows.shape[2])
  let left = rows.reshaped([samples, groups, -1, positions])
  let right = columns.reshaped([samples, groups, -1, positions])
  return matmul(left, right.transposed(2, 3)).reshaped([samples] + shape)
}

/// The gradients of a convolution's weights without groups, [N, first, second, kH, kW], for stride 1 and images
/// [N, C, H, W]: the products have the channels last, as layers do, so that nothing large is transposed.
private func channelsLastProducts<Scalar: FloatingScalar>(
  _ fixed: Tensor<Scalar>, _ padded: Tensor<Scalar>, kernel: (Int, Int), dilation: (Int, Int)
) -> Tensor<Scalar> {
  let (samples, rows, columns) = (fixed.shape[0], fixed.shape[2], fixed.shape[3])
  let image = padded.permuted(0, 2, 3, 1)
  let views = (0..<kernel.0 * kernel.1).map { index in
    let (top, left) = (index / kernel.1 * dilation.0, index % kernel.1 * dilation.1)
    return image[.all, top..<top + rows, left..<left + columns]
  }
  let patches = concatenate(views, along: 3).reshaped([samples, rows * columns, -1])
  let gradient = fixed.permuted(0, 2, 3, 1).reshaped([samples, rows * columns, -1])
  return matmul(gradient.transposed(1, 2), patches)
    .reshaped([samples, fixed.shape[1], kernel.0, kernel.1, padded.shape[1]]).permuted(0, 1, 4, 2, 3)
}

/// The gradients of a convolution's weights and biases for each sample; `isTransposed` swaps input and output.
private func convolutionSampleGradients<Scalar: FloatingScalar>(
  _ weight: Parameter<Scalar>, _ bias: Parameter<Scalar>?, _ form: PatchForm, groups: Int, isTransposed: Bool = false,
  _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
  // A single image has no axis of samples.
  guard input.rank == form.kernel.count + 2 else { return [] }
  func image(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.rank == 3 ? x.expandedAxis(at: 2) : x }
  let (slid, fixed) = isTransposed ? (gradient, input) : (input, gradient)
  return [
    (
      weight,
      {
        if groups == 1, form.stride.allSatisfy({ $0 == 1 }) {
          return channelsLastProducts(
            image(fixed), form.padded(image(slid)), kernel: form.both(form.kernel), dilation: form.both(form.dilation)
          ).reshaped([fixed.shape[0]] + weight.shape)
        }
        let columns = form.patches(image(slid), positions: Array(fixed.shape.dropFirst(2)))
        return groupedProducts(
          fixed.reshaped([fixed.shape[0], fixed.shape[1], -1]), columns, groups: groups, shape: weight.shape)
      }
    ),
    (bias, { gradient.sum(along: Array(2..<gradient.rank)) }),
  ]
}

extension Conv2D: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
    let form = PatchForm(
      kernel: Array(weight.shape.suffix(2)), stride: [stride.vertical, stride.horizontal],
      dilation: [dilation.vertical, dilation.horizontal], padding: padding.axes)
    return convolutionSampleGradients(weight, bias, form, groups: groups, input, gradient)
  }
}

extension Conv1D: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
    let form = PatchForm(kernel: [weight.shape[2]], stride: [stride], dilation: [dilation], padding: padding.axes)
    return convolutionSampleGradients(weight, bias, form, groups: groups, input, gradient)
  }
}

extension ConvTranspose2D: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
    let form = PatchForm(
      kernel: Array(weight.shape.suffix(2)), stride: [stride.vertical, stride.horizontal],
      dilation: [dilation.vertical, dilation.horizontal], padding: padding.axes)
    return convolutionSampleGradients(weight, bias, form, groups: groups, isTransposed: true, input, gradient)
  }
}

extension ConvTranspose1D: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
    let form = PatchForm(kernel: [weight.shape[2]], stride: [stride], dilation: [dilation], padding: padding.axes)
    return convolutionSampleGradients(weight, bias, form, groups: groups, isTransposed: true, input, gradient)
  }
}

extension LayerNorm: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
    let kept = normalizedShape.count
    return [
      (
        weight,
        {
          let normalized = layerNorm(
            input, normalizedShape: self.normalizedShape, scale: nil, shift: nil, epsilon: Scalar(self.epsilon))
          return (gradient * normalized).summedBetween(last: kept)
        }
      ), (bias, { gradient.summedBetween(last: kept) }),
    ]
  }
}

extension RMSNorm: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
    [
      (
        weight,
        {
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
) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
  func summed(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.rank == 2 ? x : x.sum(along: Array(2..<x.rank)) }
  return [(weight, { summed(gradient * normalized()) }), (bias, { summed(gradient) })]
}

extension GroupNorm: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
    channelSampleGradients(weight, bias, gradient) {
      groupNorm(input, groups: self.groups, scale: nil, shift: nil, epsilon: Scalar(self.epsilon))
    }
  }
}

extension BatchNorm: SampleDifferentiable {
  func sampleGradients(
    _ input: Tensor<Scalar>, _ gradient: Tensor<Scalar>
  ) -> [(parameter: Parameter<Scalar>?, part: () -> Tensor<Scalar>)] {
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
      let g = Tensor<Scalar>(body: gradient).reshaped([-1, features])
      // Every sample has a table of its own, one below the other.
      let count = indices.count / samples
      let own = indices.reshaped([samples, count]) + Tensor<Int>(0..<samples).reshaped([samples, 1]) * rows
      var table = Tensor<Scalar>(zeros: [samples * rows, features]).adding(g, at: own.flattened())
      if let padding {
        table = table.reshaped([samples, rows, features])
        table[.all, padding < 0 ? padding + rows : padding] = Tensor(0)
      }
      return [(id, table.reshaped([samples, rows, features]).body)]
    }
  }
}
