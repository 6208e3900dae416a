import TernBackend

/// The extents of a convolution, checked: from images [batch, channels, height, width] to
/// [batch, outputs, outHeight, outWidth].
///
/// Sequences are images of height 1. A transposed convolution is the gradient of the convolution with its geometry.
package struct ConvolutionGeometry: Hashable, Sendable {
  package var batch: Int, channels: Int, height: Int, width: Int
  package var outputs: Int, outHeight: Int, outWidth: Int
  package var kernelHeight: Int, kernelWidth: Int
  package var stride: Pair, dilation: Pair
  /// Padding above and on the left; what is below and on the right shows in the output's extents.
  package var top: Int, left: Int
  package var groups: Int

  package var inputShape: [Int] { [batch, channels, height, width] }
  package var outputShape: [Int] { [batch, outputs, outHeight, outWidth] }
  package var weightShape: [Int] { [outputs, channels / groups, kernelHeight, kernelWidth] }

  /// Every channel has kernels of its own.
  package var isDepthwise: Bool { groups == channels && groups > 1 }
}

/// The arguments of a convolution as its caller gave them, of one to three axes, for checks and messages.
struct ConvolutionArguments {
  let operation: String
  let input: [Int]
  let weight: [Int]
  let bias: [Int]?
  let stride: [Int]
  let padding: AxisPadding.Axes
  let dilation: [Int]
  let groups: Int

  private var axes: Int { stride.count }
  private var kernel: [Int] { Array(weight.suffix(axes)) }
  private var images: [Int] { Array(input.suffix(axes)) }

  /// The batch, or 1 where the input has none.
  private var batch: Int { input.count == axes + 2 ? input[0] : 1 }
  private var channels: Int { input[input.count - axes - 1] }

  private func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    check(condition, operation, message())
  }

  private func checkNumbers(weightForm: String) {
    let names = axisNames(axes)
    require(
      input.count == axes + 2 || input.count == axes + 1,
      "input \(input) is neither [batch, channels, \(names)] nor [channels, \(names)]")
    require(weight.count == axes + 2, "weight \(weight) is not [\(weightForm), \(names)]")
    require(!kernel.contains { $0 < 1 }, "weight \(weight) has an empty kernel")
    require(!stride.contains { $0 < 1 }, "stride \(extents(stride)) is not positive")
    require(!dilation.contains { $0 < 1 }, "dilation \(extents(dilation)) is not positive")
    require(groups >= 1, "\(groups) groups")
    Sizes.check(stride + dilation + [groups], operation, "an extent, distance or number of groups of")
    if case .amounts(let amounts) = padding {
      require(
        !amounts.contains { $0.before < 0 || $0.after < 0 },
        "padding \(extents(amounts.map { Swift.min($0.before, $0.after) })) is negative")
      Sizes.check(amounts.flatMap { [$0.before, $0.after] }, operation, "padding")
    }
  }

  private func checkBias(_ outputs: Int) {
    if let bias { require(bias == [outputs], "bias \(bias) for \(outputs) output channels") }
  }

  /// The kernels' extents with what dilation puts between their taps.
  private var reach: [Int] {
    (0..<axes).map { axis in
      Sizes.product([kernel[axis] - 1, dilation[axis]], operation, "the reach of a kernel") + 1
    }
  }

  /// The geometry of a convolution over images or sequences; stops where the arguments do not fit.
  var geometry: ConvolutionGeometry { flatGeometry(fitted) }

  /// The geometry of a convolution over volumes; stops where the arguments do not fit.
  var volumeGeometry: VolumeGeometry { volumeGeometry(fitted) }

  /// The geometry whose gradient is the transposed convolution; stops where the arguments do not fit.
  func transposedGeometry(outputPadding: [Int]) -> ConvolutionGeometry {
    flatGeometry(transposedExtents(outputPadding: outputPadding))
  }

  /// The same for volumes.
  func transposedVolumeGeometry(outputPadding: [Int]) -> VolumeGeometry {
    volumeGeometry(transposedExtents(outputPadding: outputPadding))
  }

  /// The extents of a convolution with these arguments; stops where they do not fit.
  private var fitted: Extents {
    checkNumbers(weightForm: "outputs, channels / groups")
    require(
      channels == Sizes.saturated(weight[1], times: groups),
      "input \(input) has \(channels) channels, weight \(weight) wants \(Sizes.saturated(weight[1], times: groups))"
        + (groups > 1 ? " in \(groups) groups" : ""))
    require(
      weight[0] % groups == 0, "weight \(weight) has \(weight[0]) outputs, which \(groups) groups do not divide")
    checkBias(weight[0])
    let amounts: [AxisPadding]
    switch padding {
    case .amounts(let given): amounts = given
    case .same:
      require(stride.allSatisfy { $0 == 1 }, "padding .same with a stride of \(extents(stride)) keeps no extents")
      amounts = reach.map { AxisPadding(before: ($0 - 1) / 2, after: $0 / 2) }
    }
    let padded: [Int] = images.indices.map { axis in images[axis] + amounts[axis].before + amounts[axis].after }
    let spread = dilation.allSatisfy { $0 == 1 } ? "" : " with dilation \(extents(dilation))"
    require(
      zip(reach, padded).allSatisfy { $0 <= $1 },
      "kernel \(extents(kernel))\(spread) is larger than the padded input (\(extents(reach)) > \(extents(padded)))")
    let out: [Int] = padded.indices.map { axis in (padded[axis] - reach[axis]) / stride[axis] + 1 }
    return checked(Extents(channels: channels, outputs: weight[0], images: images, out: out, padding: amounts))
  }

  /// The extents of the convolution whose gradient is the transposed one; stops where the arguments do not fit.
  private func transposedExtents(outputPadding: [Int]) -> Extents {
    checkNumbers(weightForm: "channels, outputs / groups")
    require(
      channels == weight[0], "input \(input) has \(channels) channels, weight \(weight) wants \(weight[0])")
    require(channels % groups == 0, "input \(input) has \(channels) channels, which \(groups) groups do not divide")
    let outputs = Sizes.product([weight[1], groups], operation, "the output channels of")
    checkBias(outputs)
    guard case .amounts(let amounts) = padding else {
      fail(operation, "padding .same has no meaning for a transposed convolution")
    }
    for axis in 0..<axes {
      let limit = Swift.max(stride[axis], dilation[axis])
      require(
        outputPadding[axis] >= 0 && outputPadding[axis] < limit,
        "output padding \(extents(outputPadding)) is not below stride or dilation (\(outputPadding[axis]) ≥ \(limit))")
    }
    let out: [Int] = (0..<axes).map { axis in
      let steps = Sizes.product([Swift.max(images[axis] - 1, 0), stride[axis]], operation, "strides over the input of")
      let whole = steps + reach[axis] + outputPadding[axis]
      return whole - amounts[axis].before - amounts[axis].after
    }
    require(
      !images.contains { $0 < 1 } && !out.contains { $0 < 1 },
      "input \(input) would become images of \(extents(out))")
    return checked(Extents(channels: outputs, outputs: channels, images: out, out: images, padding: amounts))
  }

  /// What a convolution goes from and to: channels and outputs, the extents of the images and of the result.
  private struct Extents {
    let channels: Int, outputs: Int
    let images: [Int], out: [Int]
    let padding: [AxisPadding]
  }

  /// The extents, none of which reaches far beyond memory.
  private func checked(_ given: Extents) -> Extents {
    // What a kernel slides over, and its patches: far beyond memory nothing is reckoned with.
    let padded = (0..<axes).map { axis in given.images[axis] + given.padding[axis].before + given.padding[axis].after }
    let (channels, outputs, out) = (given.channels, given.outputs, given.out)
    for shape in [[batch, channels] + padded, [batch, outputs] + out, [batch, channels] + out + kernel] {
      require(
        Layout.holds(shape),
        "input \(input) with padding and kernel reaches over \(extents(shape)), more than 2⁴⁸")
    }
    return given
  }

  private func flatGeometry(_ given: Extents) -> ConvolutionGeometry {
    let flat = axes == 1
    let (images, out) = (given.images, given.out)
    return ConvolutionGeometry(
      batch: batch, channels: given.channels, height: flat ? 1 : images[0], width: images[axes - 1],
      outputs: given.outputs, outHeight: flat ? 1 : out[0], outWidth: out[axes - 1],
      kernelHeight: flat ? 1 : kernel[0], kernelWidth: kernel[axes - 1],
      stride: Pair(flat ? 1 : stride[0], stride[axes - 1]),
      dilation: Pair(flat ? 1 : dilation[0], dilation[axes - 1]),
      top: flat ? 0 : given.padding[0].before, left: given.padding[axes - 1].before, groups: groups)
  }

  private func volumeGeometry(_ given: Extents) -> VolumeGeometry {
    VolumeGeometry(
      batch: batch, channels: given.channels, images: Triple(given.images), outputs: given.outputs,
      out: Triple(given.out), kernel: Triple(kernel), stride: Triple(stride), dilation: Triple(dilation),
      front: given.padding[0].before, top: given.padding[1].before, left: given.padding[2].before, groups: groups)
  }
}

/// The names of the last axes of sequences, images and volumes, for messages.
func axisNames(_ axes: Int) -> String {
  switch axes {
  case 1: "length"
  case 2: "height, width"
  default: "depth, height, width"
  }
}

extension Triple {
  /// From a list of three numbers.
  init(_ numbers: [Int]) { self.init(numbers[0], numbers[1], numbers[2]) }
}
