import Tern

/// One whole step: gradients cleared, forward, loss, backward, update.
func step(
  _ model: some Layer<Float>, _ input: Tensor<Float>, _ optimizer: any Optimizer,
  _ loss: @escaping (Tensor<Float>) -> Tensor<Float>
) -> () -> Void {
  {
    optimizer.zeroGradients()
    loss(model(input)).backward()
    optimizer.step()
  }
}

/// A step of a classifier.
private func classification(
  _ model: some Layer<Float>, _ input: Tensor<Float>, _ optimizer: any Optimizer, classes: Int = 10
) -> () -> Void {
  let answers = labels(input.shape[0], classes: classes)
  return step(model, input, optimizer) { crossEntropy($0, answers) }
}

extension Workload {
  /// Training steps of whole networks.
  static var training: [Workload] {
    [
      Workload("train/mlp_tiny_2-20-3-1_b211_sgd") {
        let model = mlp(2, 20, 3, 1)
        let answers = labels(211, classes: 2).cast(to: Float.self).reshaped(211, 1)
        return step(model, random(211, 2), SGD(model, learningRate: 0.01)) { binaryCrossEntropy(logits: $0, answers) }
      },
      Workload("train/mlp_bn_sigmoid_784-100x3-10_b60_sgd") {
        let model = mlp(784, 100, 100, 100, 10, normalized: true, sigmoid: true)
        return classification(model, random(60, 784), SGD(model, learningRate: 0.01))
      },
      Workload("train/mlp_784-512-512-10_b128_momentum") {
        let model = mlp(784, 512, 512, 10)
        return classification(model, random(128, 784), SGD(model, learningRate: 0.01, momentum: 0.9))
      },
      Workload("train/mlp_1024-2048-2048-1000_b256_adam") {
        let model = mlp(1024, 2048, 2048, 1000)
        return classification(model, random(256, 1024), Adam(model), classes: 1000)
      },
      Workload("train/lenet5_b128_momentum") {
        let model = lenet5()
        return classification(model, images(128, 1, 28, 28), SGD(model, learningRate: 0.01, momentum: 0.9))
      },
      Workload("train/fashion_cnn_b64_adam") {
        let model = fashionCNN()
        return classification(model, images(64, 1, 28, 28), Adam(model))
      },
      Workload("train/resnet20_b64_momentum") {
        let model = resnet20()
        let optimizer = SGD(model, learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4)
        return classification(model, images(64, 3, 32, 32), optimizer)
      },
      Workload("train/ghostnet_cifar_b64_momentum") {
        let model = ghostNet()
        let optimizer = SGD(model, learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4)
        return classification(model, images(64, 3, 32, 32), optimizer)
      },
      Workload("train/transformer_block_d256_h8_t128_b16_adamw") {
        let layer = TransformerEncoderLayer(
          256, heads: 8, innerFeatures: 1024, dropout: 0, activation: .gelu, batchFirst: true, normFirst: true)
        let (model, target) = (Sequential { layer }, random(16, 128, 256))
        let optimizer = AdamW(model, learningRate: 1e-3)
        return step(model, random(16, 128, 256), optimizer) { meanSquaredError($0, target) }
      },
    ]
  }
}
