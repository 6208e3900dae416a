import TernModels
import TernNN
import TernTensor
import TernTestSupport

/// Networks of the collection of hostile sizes.
let hostileModelsTable = makeTable()

/// A size that a network may have, or any number.
private func size(_ n: inout HostileNumbers) -> Int { n.below(3) == 0 ? n.any() : n.one(of: [1, 2, 4, 8]) }
private func sizes(_ n: inout HostileNumbers) -> [Int] { (0..<n.below(5)).map { _ in size(&n) } }

/// A network for images, and its call.
private func use(_ network: some Layer<Float>, _ n: inout HostileNumbers) {
  _ = network(n.below(3) == 0 ? n.floats() : Tensor(ones: [1, 3, 8, 8]))
}

// One statement a row: a literal of closures takes the compiler minutes.
private func makeTable() -> [HostileCase] {
  var table: [HostileCase] = []
  table.add("Autoencoder") { n in use(Autoencoder(channels: size(&n), width: size(&n)), &n) }
  table.add("DCGANGenerator") { n in
    use(DCGANGenerator(noise: size(&n), width: size(&n), channels: size(&n)), &n)
  }
  table.add("DCGANDiscriminator") { n in use(DCGANDiscriminator(width: size(&n), channels: size(&n)), &n) }
  table.add("BERT") { n in
    let bert = BERT(
      BERTConfiguration(
        vocabulary: size(&n), positions: size(&n), kinds: size(&n), features: size(&n), inner: size(&n),
        layers: size(&n),
        heads: size(&n), dropout: n.real(), epsilon: n.real()))
    _ = bert(n.integers(), kinds: n.flag() ? nil : n.integers(), mask: n.flag() ? nil : n.tensor(Bool.self))
  }
  table.add("GPT2") { n in
    let gpt = GPT2(
      GPT2Configuration(
        vocabulary: size(&n), positions: size(&n), features: size(&n), layers: size(&n), heads: size(&n),
        dropout: n.real()))
    _ = n.flag() ? gpt(n.integers()) : Tensor<Float>(1)
    _ = gpt.generate(after: n.integers(), count: n.flag() ? n.below(4) : n.any(), endToken: n.flag() ? nil : n.any())
  }
  table.add("generate") { n in
    let gpt = GPT2(GPT2Configuration(vocabulary: 8, positions: 6, features: 4, layers: 1, heads: 2))
    let tokens = n.flag() ? Tensor<Int>([[1, 2]]) : n.integers()
    _ = gpt.generate(after: tokens, count: n.any(), endToken: n.flag() ? nil : n.any())
  }
  table.add("LSTMLanguageModel") { n in
    let model = LSTMLanguageModel(
      LSTMLanguageModelConfiguration(
        vocabulary: size(&n), features: size(&n), hidden: size(&n), layers: size(&n), dropout: n.real()))
    _ = model(n.integers())
  }
  table.add("ConvNeXt") { n in
    use(
      ConvNeXt(
        ConvNeXtConfiguration(channels: sizes(&n), depths: sizes(&n), stochasticDepth: n.real(), layerScale: n.real()),
        classes: size(&n)), &n)
  }
  table.add("DenseNet") { n in
    use(
      DenseNet(
        DenseNetConfiguration(growth: size(&n), depths: sizes(&n), stem: size(&n), bottleneck: size(&n)),
        classes: size(&n)), &n)
  }
  table.add("EfficientNet") { n in
    let stages = (0..<n.below(3)).map { _ in
      EfficientNetConfiguration.Stage(
        expansion: size(&n), kernel: size(&n), stride: size(&n), channels: size(&n), depth: size(&n))
    }
    use(
      EfficientNet(
        EfficientNetConfiguration(stem: size(&n), stages: stages, dropout: n.real(), stochasticDepth: n.real()),
        classes: size(&n)), &n)
  }
  table.add("MobileNetV2") { n in
    use(MobileNetV2(classes: size(&n), channels: size(&n)), &n)
  }
  table.add("ResNet") { n in
    use(
      ResNet(
        ResNetConfiguration(
          isBottleneck: n.flag(), depths: sizes(&n), widthPerGroup: size(&n), groups: size(&n)), classes: size(&n)), &n)
  }
  return table
}
