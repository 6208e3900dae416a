import Tern

private func answer(_ model: some Layer<Float>, _ input: Tensor<Float>) -> () -> Void {
  model.eval()
  return unrecorded { _ = model(input) }
}

extension Workload {
  /// Forward passes in evaluation.
  static var inference: [Workload] {
    [1, 64].map { batch in
      Workload("infer/resnet20_b\(batch)") { answer(resnet20(), images(batch, 3, 32, 32)) }
    }
      + [1, 256].map { batch in
        Workload("infer/mlp_784-512-512-10_b\(batch)") { answer(mlp(784, 512, 512, 10), random(batch, 784)) }
      }
      + [1, 256].map { batch in
        Workload("infer/mlp_1024-2048-2048-1000_b\(batch)") {
          answer(mlp(1024, 2048, 2048, 1000), random(batch, 1024))
        }
      }
      + [1, 16].map { batch in
        Workload("infer/transformer_block_d256_h8_t128_b\(batch)") {
          answer(
            TransformerEncoderLayer(
              256, heads: 8, innerFeatures: 1024, dropout: 0, activation: .gelu, batchFirst: true, normFirst: true),
            random(batch, 128, 256))
        }
      }
  }
}
