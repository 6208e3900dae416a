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
  }
}
