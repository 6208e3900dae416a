import TernData
import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Ghost modules of convolutions, batch normalization and ReLU against PyTorch, in Double: outputs, buffers, gradients.
///
/// Source: Han et al. 2020, "GhostNet: more features from cheap operations".
@Suite struct GhostNetTests {
  /// The network of the reference.
  final class GhostNet: Layer {
    let stem = Sequential<Double> {
      Conv2D(3, 8, kernelSize: 3, stride: 2, padding: 1, bias: false)
      BatchNorm2d(8)
      ReLU()
    }
    let blocks = [
      GhostBottleneck<Double>(8, 16, 8), GhostBottleneck(8, 24, 12, stride: 2, squeeze: 0.25),
      GhostBottleneck(12, 36, 12, kernelSize: 5, squeeze: 0.25), GhostBottleneck(12, 30, 15, kernelSize: 5, stride: 2),
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

  @Test func aGhostModule() throws { try compare(GhostModule<Double>(6, 10), "ghost_module_6_10") }

  @Test func aGhostModuleOfRatioThree() throws {
    try compare(
      GhostModule<Double>(5, 7, ratio: 3, kernelSize: 3, cheapKernelSize: 5), "ghost_module_5_7_k3_ratio3_dw5")
  }

  @Test func aBottleneckWithItsInputAsShortcut() throws {
    try compare(GhostBottleneck<Double>(8, 16, 8), "ghost_bottleneck_s1_identity")
  }

  @Test func aBottleneckOfStrideTwoWithSqueezeAndExcitation() throws {
    try compare(
      GhostBottleneck<Double>(8, 20, 12, kernelSize: 5, stride: 2, squeeze: 0.25), "ghost_bottleneck_s2_se")
  }

  @Test func aSmallGhostNet() throws {
    let file = try fixture("tiny_ghostnet.safetensors")
    let labels: Tensor<Int> = try #require(file["labels"]).tensor()
    var losses: [Double] = []
    try compare(GhostNet(), "tiny_ghostnet") {
      let loss = crossEntropy($0, labels)
      losses.append(loss.item)
      return loss
    }
    #expect(abs(losses[0] - 2.374187180641564) < 1e-12 && abs(losses[1] - 2.376211180595381) < 1e-12, "\(losses)")
    #expect(GhostNet().parameterCount == 7183)
  }

  @Test func layersRunAsOneAndApart() {
    let model = Sequential {
      GhostModule(3, 10, ratio: 3, stride: 2)
      GhostBottleneck(10, 12, 7, stride: 2, squeeze: 0.5)
      GhostBottleneck(7, 12, 7)
    }
    let input = Tensor<Float>(randomNormal: [3, 3, 17, 15], generator: RandomGenerator(seed: 4))
    func results(watched: Bool) -> [Tensor<Float>] {
      let observation = watched ? model.observe { (_: LayerCall<Float>) in } : nil
      return withExtendedLifetime(observation) {
        [model(input)] + model.with(.evaluation) { [model(input), withoutGradients { model(input) }] }
      }
    }
    for buffer in model.namedBuffers { (buffer.buffer as? Buffer<Float>)?.value = Tensor(ones: buffer.buffer.shape) }
    let apart = results(watched: true)
    for buffer in model.namedBuffers { (buffer.buffer as? Buffer<Float>)?.value = Tensor(ones: buffer.buffer.shape) }
    for (fused, apart) in zip(results(watched: false), apart) {
      #expect(fused.shape == [3, 7, 5, 4])
      #expect(relativeDifference(fused, apart) < 1e-5)
    }
  }

  @Test func sharesOfSqueezedChannelsAreMultiplesOfFour() {
    for (channels, share, reduced) in [
      (20, 0.25, 8), (24, 0.25, 8), (36, 0.25, 12), (72, 0.25, 20), (8, 0.25, 4), (480, 0.25, 120), (16, 1, 16),
    ] {
      #expect(SqueezeExcitation(channels, share: share).reduce.weight.shape[0] == reduced, "\(channels) \(share)")
    }
    #expect(SqueezeExcitation(5, reduced: 3).expand.weight.shape == [5, 3, 1, 1])
  }

  @Test func activationsAreThoseAskedFor() {
    let plain = GhostModule(4, 6, activation: nil)
    #expect(plain.primary.count == 2 && plain.cheap.count == 2)
    let curved = GhostModule(4, 6, activation: { HardSwish() })
    #expect(curved.primary[2] is HardSwish<Float> && curved.cheap[2] is HardSwish<Float>)
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

    for mode in [ModuleMode.evaluation, .training] {
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
