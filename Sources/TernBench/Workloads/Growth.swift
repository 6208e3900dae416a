import Tern

extension Workload {
  /// Training steps of the same network at growing sizes, one size at a time: how the time grows with batch, depth, width,
  /// and the length of sequences. Names end with the size: `growth/mlp_batch/64`. The grid of recurrent networks follows.
  package static var growth: [Workload] {
    let batches = [1, 2, 4, 16, 64, 256, 1024]
    let lengths = [16, 32, 64, 128, 256]
    return batches.map { batch in classifier("mlp_batch", batch, [256, 512, 512, 10], batch: batch) }
      + [1, 2, 4, 8, 16, 32].map { depth in
        classifier("mlp_depth", depth, Array(repeating: 256, count: depth + 1), batch: 64)
      }
      + [16, 64, 256, 1024, 2048].map { width in
        classifier("mlp_width", width, [width, width, width, width], batch: 64)
      }
      + batches.dropLast(2).map(convolutional) + [4, 16, 64, 256, 512].map(transformer) + lengths.map(lstm) + recurrent
  }

  private static func classifier(_ name: String, _ size: Int, _ features: [Int], batch: Int) -> Workload {
    Workload("growth/\(name)/\(size)") {
      let model = Sequential<Float> {
        for index in 1..<features.count {
          Dense(features[index - 1], features[index])
          if index + 1 < features.count { ReLU() }
        }
      }
      let answers = labels(batch, classes: features.last!)
      return step(model, random(batch, features[0]), SGD(model, learningRate: 0.01, momentum: 0.9)) {
        crossEntropy($0, answers)
      }
    }
  }

  private static func convolutional(batch: Int) -> Workload {
    Workload("growth/cnn_batch/\(batch)") {
      let model = fashionCNN()
      let answers = labels(batch)
      return step(model, images(batch, 1, 28, 28), SGD(model, learningRate: 0.01, momentum: 0.9)) {
        crossEntropy($0, answers)
      }
    }
  }

  private static func transformer(length: Int) -> Workload {
    Workload("growth/transformer_length/\(length)") {
      let layer = TransformerEncoderLayer(
        128, heads: 4, innerFeatures: 512, dropout: 0, activation: .gelu, batchFirst: true, normFirst: true)
      let (model, target) = (Sequential { layer }, random(4, length, 128))
      return step(model, random(4, length, 128), SGD(model, learningRate: 0.01, momentum: 0.9)) {
        meanSquaredError($0, target)
      }
    }
  }

  private static func lstm(length: Int) -> Workload {
    Workload("growth/lstm_length/\(length)") {
      let model = LSTM(64, 128, batchFirst: true)
      let target = random(16, length, 128)
      return step(model, random(16, length, 64), SGD(model, learningRate: 0.01, momentum: 0.9)) {
        meanSquaredError($0, target)
      }
    }
  }
}
