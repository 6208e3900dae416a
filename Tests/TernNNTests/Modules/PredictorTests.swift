import Foundation
import Synchronization
import TernNN
import TernTensor
import Testing

private func network() -> Sequential<Float> {
  Sequential {
    Conv2D(1, 8, kernelSize: 3, padding: .same)
    BatchNorm2d(8)
    ReLU()
    MaxPool2D(2)
    Dropout(0.5)
    Flatten()
    Dense(8 * 4 * 4, 10)
  }
}

/// A network of the user's own that says how it is copied.
private final class Copied: Layer, CopyableModule {
  let body = network()
  let scale = Parameter(Tensor<Float>([2]))
  init() {}
  convenience init(copying other: Copied) { self.init() }
  func forward(_ x: Tensor<Float>) -> Tensor<Float> { body(x) * scale }
}

/// One that does not, and takes indices.
private final class Reader: Module {
  let table = Embedding(20, 6)
  let head = Dense(6, 3)
  let drop = Dropout(0.5)
  func scores(_ words: Tensor<Int>) -> Tensor<Float> { head(drop(table(words))) }
}

@Suite struct PredictorTests {
  private let images = (0..<8).map { Tensor<Float>(randomNormal: [4, 1, 8, 8], generator: RandomGenerator(seed: $0)) }

  /// A model that has trained a little, so that running statistics are not those of the start.
  private func trained<Model: Layer<Float>>(_ model: Model) -> Model {
    let optimizer = SGD(model, learningRate: 0.05)
    for x in images {
      let loss = crossEntropy(model(x), Tensor([1, 2, 3, 4]))
      optimizer.zeroGradients()
      loss.backward()
      optimizer.step()
    }
    return model
  }

  private func answers(_ model: some Layer<Float>) -> [[Float]] {
    images.map { x in model.with(.evaluation) { withoutGradients { model(x).scalars } } }
  }

  @Test func eightTasksGetTheModelsBits() async {
    let model = trained(network())
    let expected = answers(model)
    let predictor = Predictor(model)
    let images = images
    await withTaskGroup(of: (Int, [Float]).self) { group in
      for task in 0..<8 {
        group.addTask {
          var last: [Float] = []
          for _ in 0..<10 { last = predictor(images[task]).scalars }
          return (task, last)
        }
      }
      for await (task, scores) in group { #expect(scores == expected[task], "task \(task)") }
    }
  }

  @Test func threadsGetTheModelsBits() {
    let model = trained(Copied())
    let (expected, predictor, images) = (answers(model), Predictor(model), images)
    let found = Mutex<[Int: [Float]]>([:])
    let threads = (0..<8).map { index in
      Thread {
        let scores = predictor(images[index]).scalars
        found.withLock { $0[index] = scores }
      }
    }
    for thread in threads { thread.start() }
    while threads.contains(where: { !$0.isFinished }) { usleep(1000) }
    #expect(found.withLock { $0 } == Dictionary(uniqueKeysWithValues: expected.enumerated().map { ($0, $1) }))
  }

  @Test func trainingTheModelAfterwardsChangesNothing() {
    let model = network()
    let predictor = Predictor(model)
    let before = predictor(images[0]).scalars
    _ = trained(model)
    #expect(predictor(images[0]).scalars == before)
    #expect(answers(model)[0] != before)
    #expect(Predictor(model)(images[0]).scalars == answers(model)[0])
  }

  @Test func theModelIsLeftAsItWas() {
    let model = network()
    _ = Predictor(model)
    #expect(model[1, as: BatchNorm2d.self].isTraining && model[4, as: Dropout.self].isTraining)
    #expect(model.namedParameters.allSatisfy { !$0.parameter.isFrozen })
  }

  @Test func nothingIsRecorded() {
    let (model, x) = (network(), images[0].asVariable())
    let predictor = Predictor(model)
    let score = withGradients { predictor(x).sum() } * x.sum()
    score.backward()
    #expect(model.typedParameters.allSatisfy { $0.gradient == nil })
    // d(s·Σx)/dx = s, for s is a constant.
    #expect(Set(x.gradient!.scalars).count == 1)
  }

  @Test func aLayerOfATypeKnownLater() {
    let layers: [any Layer<Float>] = [trained(network()), trained(Copied())]
    for layer in layers {
      let predictor = Predictor(layer)
      let scores = layer.with(.evaluation) { withoutGradients { predictor.run { $0(images[0]) }.scalars } }
      #expect(scores == answers(layer)[0])
      #expect(predictor(images[0]).scalars == scores)
    }
  }

  @Test func aModuleThatIsGivenOrHandedOver() async {
    let words = Tensor<Int>([3, 17, 3])
    let reader = Reader()
    let expected = reader.with(.evaluation) { reader.scores(words).scalars }
    let copied = Predictor(reader, into: Reader())
    reader.head.weight.value = reader.head.weight.value * 0
    let found = await Task.detached { copied.run { $0.scores(words).scalars } }.value
    #expect(found == expected)

    let taken = Predictor(taking: made())
    let (a, b) = (taken.run { $0.scores(words).scalars }, taken.run { $0.scores(words).scalars })
    // No dropout.
    #expect(a == b)
  }

  private func made() -> sending Reader { Reader() }
}
