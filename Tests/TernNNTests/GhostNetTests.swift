import TernData
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Ghost modules of convolutions, batch normalisation and ReLU against PyTorch, in Double: outputs, buffers, gradients.
///
/// Source: Han et al. 2020, "GhostNet: more features from cheap operations".
@Suite struct GhostNetTests {
  /// A few features by a convolution, the rest of them by cheap convolutions of those, cut to `outputs` channels.
  final class GhostModule: Layer {
    let primary: Sequential<Double>
    let cheap: Sequential<Double>
    let outputs: Int

    init(_ inputs: Int, _ outputs: Int, kernelSize: Int = 1, ratio: Int = 2, cheapSize: Int = 3, relu: Bool = true) {
      let first = (outputs + ratio - 1) / ratio
      let rest = first * (ratio - 1)
      self.outputs = outputs
      primary = Sequential<Double> {
        Conv2D(inputs, first, kernelSize: Pair(kernelSize, kernelSize), padding: .same, bias: false)
        BatchNorm2d(first)
        if relu { ReLU() }
      }
      cheap = Sequential<Double> {
        Conv2D(first, rest, kernelSize: Pair(cheapSize, cheapSize), padding: .same, groups: first, bias: false)
        BatchNorm2d(rest)
        if relu { ReLU() }
      }
    }

    func forward(_ x: Tensor<Double>) -> Tensor<Double> {
      let features = primary(x)
      return concatenate([features, cheap(features)], along: 1)[.all, .slice(0, outputs)]
    }
  }

  /// Channels weighted by what the whole image holds.
  final class SqueezeExcitation: Layer {
    let reduce: Conv2D<Double>
    let expand: Conv2D<Double>

    init(_ channels: Int, _ reduced: Int) {
      reduce = Conv2D(channels, reduced, kernelSize: 1)
      expand = Conv2D(reduced, channels, kernelSize: 1)
    }

    func forward(_ x: Tensor<Double>) -> Tensor<Double> {
      let answer = expand(reduce(adaptiveAvgPool2D(x, outputSize: 1)).relu())
      return x * ((answer + 3).clamped(min: 0, max: 6) / 6)
    }
  }

  final class GhostBottleneck: Layer {
    let ghost1: GhostModule
    let dw: Sequential<Double>?
    let se: SqueezeExcitation?
    let ghost2: GhostModule
    let short: Sequential<Double>?

    init(_ inputs: Int, _ middle: Int, _ outputs: Int, kernelSize: Int = 3, stride: Int = 1, reduced: Int? = nil) {
      let (kernel, step) = (Pair(kernelSize, kernelSize), Pair(stride, stride))
      let padding = Padding2D(kernelSize / 2)
      ghost1 = GhostModule(inputs, middle)
      dw =
        stride == 1
        ? nil
        : Sequential<Double> {
          Conv2D(middle, middle, kernelSize: kernel, stride: step, padding: padding, groups: middle, bias: false)
          BatchNorm2d(middle)
        }
      se = reduced.map { SqueezeExcitation(middle, $0) }
      ghost2 = GhostModule(middle, outputs, relu: false)
      short =
        stride == 1 && inputs == outputs
        ? nil
        : Sequential<Double> {
          Conv2D(inputs, inputs, kernelSize: kernel, stride: step, padding: padding, groups: inputs, bias: false)
          BatchNorm2d(inputs)
          Conv2D(inputs, outputs, kernelSize: 1, bias: false)
          BatchNorm2d(outputs)
        }
    }

    func forward(_ x: Tensor<Double>) -> Tensor<Double> {
      var y = ghost1(x)
      if let dw { y = dw(y) }
      if let se { y = se(y) }
      return ghost2(y) + (short.map { $0(x) } ?? x)
    }
  }

  final class GhostNet: Layer {
    let stem = Sequential<Double> {
      Conv2D(3, 8, kernelSize: 3, stride: 2, padding: 1, bias: false)
      BatchNorm2d(8)
      ReLU()
    }
    let blocks = [
      GhostBottleneck(8, 16, 8), GhostBottleneck(8, 24, 12, stride: 2, reduced: 8),
      GhostBottleneck(12, 36, 12, reduced: 12), GhostBottleneck(12, 30, 15, kernelSize: 5, stride: 2),
    ]
    let head = Sequential<Double> {
      Conv2D(15, 32, kernelSize: 1, bias: false)
      BatchNorm2d(32)
      ReLU()
    }
    let fc1 = Dense<Double>(32, 24)
    let fc2 = Dense<Double>(24, 10)

    func forward(_ images: Tensor<Double>) -> Tensor<Double> {
      let features = head(blocks.reduce(stem(images)) { $1($0) })
      return fc2(fc1(adaptiveAvgPool2D(features, outputSize: 1).flattened(from: 1)).relu())
    }
  }

  @Test func aGhostModule() throws { try compare(GhostModule(6, 10), "ghost_module_6_10") }

  @Test func aGhostModuleOfRatioThree() throws {
    try compare(
      GhostModule(5, 7, kernelSize: 3, ratio: 3, cheapSize: 5), "ghost_module_5_7_k3_ratio3_dw5")
  }

  @Test func aBottleneckWithItsInputAsShortcut() throws {
    try compare(GhostBottleneck(8, 16, 8), "ghost_bottleneck_s1_identity")
  }

  @Test func aBottleneckOfStrideTwoWithSqueezeAndExcitation() throws {
    try compare(
      GhostBottleneck(8, 20, 12, kernelSize: 5, stride: 2, reduced: 8), "ghost_bottleneck_s2_se")
  }

  @Test func aSmallGhostNet() throws {
    let file = try fixture("tiny_ghostnet.safetensors")
    let labels: Tensor<Int> = try #require(file["labels"]).tensor()
    try compare(GhostNet(), "tiny_ghostnet") { crossEntropy($0, labels) }
  }

  /// Loads the fixture's parameters and buffers, and compares what it has of outputs, losses, buffers and gradients.
  private func compare<Model: Layer>(
    _ model: Model, _ name: String, loss: ((Tensor<Double>) -> Tensor<Double>)? = nil
  ) throws where Model.Scalar == Double {
    let file = try fixture("\(name).safetensors")
    func stored(_ key: String) throws -> Tensor<Double> { try #require(file[key], "\(key)").tensor() }
    func expectSame(_ actual: Tensor<Double>?, _ key: String) throws {
      let expected = try stored(key)
      let tensor = try #require(actual, "\(key)")
      // A loss is a vector of one value there; a gradient of zero is what rounding left of it.
      let scale = Swift.max(expected.abs().max().item, 1)
      let difference = ((tensor.rank == 0 ? tensor.reshaped([1]) : tensor) - expected).abs().max().item / scale
      #expect(difference < 1e-10, "\(name) \(key): off by \(difference)")
    }
    let counts = model.namedBuffers.filter { $0.name.hasSuffix("num_batches_tracked") }.map(\.name)
    let entries =
      try model.namedParameters.map { StateEntry(name: $0.name, try stored("param.\($0.name)")) }
      + model.namedBuffers.filter { !counts.contains($0.name) }
      .map { StateEntry(name: $0.name, try stored("buffer_before.\($0.name)")) }
    try model.load(entries + counts.map { StateEntry(name: $0, Tensor<Int>(0)) })

    for mode in [Mode.evaluation, .training] {
      let suffix = mode == .training ? "train" : "eval"
      let input = try stored("input").asVariable()
      model.zeroGradients()
      try model.with(mode) {
        let output = model(input)
        try expectSame(output, "output_\(suffix)")
        if let loss {
          let value = loss(output)
          try expectSame(value, "loss_\(suffix)")
          value.backward()
        } else {
          output.backward(try stored("upstream_grad"))
        }
      }
      try expectSame(input.gradient, "grad_\(suffix).input")
      for case (let parameterName, let parameter as Parameter<Double>) in model.namedParameters {
        try expectSame(parameter.gradient, "grad_\(suffix).\(parameterName)")
      }
    }
    for case (let bufferName, let buffer as Buffer<Double>) in model.namedBuffers {
      try expectSame(buffer.value, "buffer_after_train_forward.\(bufferName)")
    }
  }
}
