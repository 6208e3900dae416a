import TernNN
import TernTensor
import TernTestSupport
import Testing

/// Layers in a row, and the block that lists them.
@Suite struct SequentialTests {
  private func network(deep: Bool, depth: Int, kind: Int) -> Sequential<Float> {
    Sequential {
      Dense(3, 4)
      if deep { BatchNorm1d(4) }
      for i in 0..<depth {
        Dense(4, 4)
        if i % 2 == 0 {
          ReLU()
        } else {
          Tanh()
        }
      }
      switch kind {
      case 0: Sigmoid()
      case 1: SiLU()
      default: Identity()
      }
    }
  }

  @Test func aBlockTakesConditionsAndLoops() {
    func types(_ model: Sequential<Float>) -> [String] {
      model.layers.map { "\(type(of: $0))".split(separator: "<")[0] + "" }
    }
    #expect(types(network(deep: true, depth: 0, kind: 0)) == ["Dense", "BatchNorm1d", "Sigmoid"])
    #expect(
      types(network(deep: false, depth: 2, kind: 1)) == ["Dense", "Dense", "ReLU", "Dense", "Tanh", "SiLU"])
    #expect(types(network(deep: false, depth: 0, kind: 2)) == ["Dense", "Identity"])
    #expect(network(deep: true, depth: 3, kind: 0).count == 9)
  }

  @Test func withoutATypeLayersAreFloat() {
    let dense = Dense(784, 10)
    let model = Sequential {
      Conv2D(1, 32, kernelSize: 3, padding: .same, bias: false)
      BatchNorm2d(32)
      ReLU()
      MaxPool2D(2)
      Dropout(0.25)
    }
    #expect(type(of: dense) == Dense<Float>.self)
    #expect(type(of: model) == Sequential<Float>.self)
    #expect(model.namedParameters.map(\.name) == ["0.weight", "1.weight", "1.bias"])
    #expect(model(Tensor(zeros: [2, 1, 28, 28])).shape == [2, 32, 14, 14])
  }

  @Test func insideADoubleSequentialLayersAreDouble() {
    let model = Sequential<Double> {
      Dense(3, 4)
      Sequential {
        BatchNorm1d(4)
        Dropout()
        LeakyReLU()
        GELU()
        Residual { Dense(4, 4) }
        Softmax()
        Flatten()
      }
    }
    #expect(model.parameters.allSatisfy { $0.dtype == .float64 })
    #expect(model(Tensor<Double>(ones: [2, 3])).shape == [2, 4])
  }

  @Test func anEmptyOneGivesItsInput() {
    #expect(Sequential<Float>([])(Tensor([1, 2])).scalars == [1, 2])
  }

  final class Classifier: Layer {
    let features = Sequential {
      Conv2D(1, 32, kernelSize: 3, padding: .same, bias: false)
      BatchNorm2d(32)
      ReLU()
      MaxPool2D(2)
      Dropout(0.25)
    }
    let head = Dense(32 * 14 * 14, 10)

    func forward(_ images: Tensor<Float>) -> Tensor<Float> {
      head(features(images).flattened(from: 1))
    }
  }

  @Test func aClassifierLearnsFromABatch() {
    let generator = RandomGenerator(seed: 3)
    let model = Random.with(generator) { Classifier() }
    let optimizer = SGD(model, learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4)
    let images = Tensor<Float>(randomUniform: [8, 1, 28, 28], generator: generator)
    let labels = Tensor<Int>([0, 1, 2, 3, 4, 5, 6, 7])
    var losses: [Float] = []
    for _ in 0..<8 {
      let loss = Random.with(generator) { crossEntropy(model(images), labels) }
      optimizer.zeroGradients()
      loss.backward()
      optimizer.step()
      losses.append(loss.item)
    }
    #expect(losses[7] < losses[0] / 2, "\(losses)")
    #expect(
      model.state.map(\.name) == [
        "features.0.weight", "features.1.weight", "features.1.bias", "features.1.running_mean",
        "features.1.running_var", "features.1.num_batches_tracked", "head.weight", "head.bias",
      ])
  }
}

/// What `print(model)` shows.
@Suite struct SummaryTests {
  final class Block: Layer {
    let convs = [Conv2D(1, 2, kernelSize: 3), Conv2D(2, 2, kernelSize: 1, bias: false)]
    let norm = BatchNorm2d(2)
    let gain = Parameter(Tensor<Float>(1))
    func forward(_ x: Tensor<Float>) -> Tensor<Float> { norm(convs[1](convs[0](x))) * gain.value }
  }

  @Test func theTreeHasShapesAndCounts() {
    let model = Block()
    model.convs[1].freeze()
    #expect(
      "\(model)" == """
        Block gain [] (29 parameters)
          convs.0: Conv2D weight [2, 1, 3, 3], bias [2] (20)
          convs.1: Conv2D weight [2, 2, 1, 1] frozen (4)
          norm: BatchNorm2d weight [2], bias [2], running_mean, running_var, num_batches_tracked (4)
        """)
    let nested = Sequential<Double> {
      Sequential {
        Dense(1000, 1000, bias: false)
        ReLU()
      }
    }
    #expect(
      nested.summary == """
        Sequential<Double> (1,000,000 parameters)
          0: Sequential<Double> (1,000,000)
            0: Dense<Double> weight [1000, 1000] (1,000,000)
            1: ReLU<Double>
        """)
  }

  @Test func aThousandModulesTakeNoTime() {
    let model = Sequential<Float>((0..<2000).map { _ in Dense(1, 1) })
    let time = ContinuousClock().measure { #expect(model.summary.split(separator: "\n").count == 2001) }
    #expect(time < .seconds(5))
  }
}
