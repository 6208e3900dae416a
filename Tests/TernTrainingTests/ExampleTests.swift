import Tern
import Testing

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

/// What a program writes to train a network, as it stands.
@Suite struct ExampleTests {
  @Test func aClassifierTrainsFromALoader() {
    // An image of class c is bright in the rows 2c and 2c + 1.
    let classes = (0..<40).map { $0 % 10 }
    let pixels = classes.flatMap { c in
      (0..<28).flatMap { row in Array(repeating: row / 2 == c ? Float(1) : 0, count: 28) }
    }
    let train = TensorDataset(Tensor(pixels, shape: [40, 1, 28, 28]), Tensor(classes))
    let losses = Random.with(RandomGenerator(seed: 1)) { lossesOfTraining(train) }
    #expect(losses.count == 8 && losses[7] < losses[0] / 2, "\(losses)")
  }

  private func lossesOfTraining(_ train: TensorDataset<Float, Int>) -> [Float] {
    var losses: [Float] = []
    let model = Classifier()
    let optimizer = SGD(model, learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4)

    for _ in 0..<8 {
      for batch in DataLoader(train, batchSize: 64, shuffle: true) {
        let loss = crossEntropy(model(batch.inputs), batch.labels)
        optimizer.zeroGradients()
        loss.backward()
        optimizer.step()
        losses.append(loss.item)
      }
    }
    return losses
  }
}
