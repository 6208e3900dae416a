import Tern
import TernBench
import TernModels

/// One training step of a network: gradients cleared, forward, loss, backward, update.
private func step(_ model: any Module, _ loss: @escaping () -> Tensor<Float>) -> () -> Void {
  let optimizer = SGD(model, learningRate: 0.01)
  return {
    optimizer.zeroGradients()
    loss().backward()
    optimizer.step()
  }
}

private func images(_ model: some Layer<Float>, batch: Int, trains: Bool) -> () -> Void {
  let input = Tensor<Float>(randomNormal: [batch, 224, 224, 3]).permuted(0, 3, 1, 2)
  let labels = Tensor<Int>(randomIntegers: [batch], in: 0..<1000)
  if trains { return step(model) { crossEntropy(model(input), labels) } }
  model.eval()
  return { withoutGradients { _ = model(input) } }
}

private func tokens(_ model: some TokenModel<Float>, batch: Int, trains: Bool) -> () -> Void {
  let (length, vocabulary) = (64, model.vocabulary)
  let input = Tensor<Int>(randomIntegers: [batch, length], in: 0..<vocabulary)
  func scores() -> Tensor<Float> { model(input, file: #fileID, line: #line) }
  if trains {
    let next = input[.all, .slice(1, nil)].reshaped([batch * (length - 1)])
    return step(model) {
      crossEntropy(scores()[.all, .slice(nil, -1)].reshaped([batch * (length - 1), vocabulary]), next)
    }
  }
  model.eval()
  return { withoutGradients { _ = scores() } }
}

extension Workload {
  /// Inference and training steps of whole networks of the collection, on images of 224×224 or 64 tokens, and tokens that
  /// GPT-2 adds one by one.
  static var collection: [Workload] {
    let names = ["resnet18", "mobilenet_v2", "efficientnet_b0", "convnext_tiny", "vit_tiny_patch16_224", "gpt2"]
    let networks = names.flatMap { name in
      [false, true].flatMap { trains in
        [1, 16].map { batch in
          Workload("models/\(name)_b\(batch)_\(trains ? "train" : "infer")") {
            switch ModelCollection[name]!.make(of: Float.self) {
            case .layer(let model): images(model, batch: batch, trains: trains)
            case .tokens(let model): tokens(model, batch: batch, trains: trains)
            }
          }
        }
      }
    }
    let generation = Workload("models/gpt2_b1_generate64") {
      let model = GPT2(.small)
      let prompt = Tensor<Int>(randomIntegers: [1, 32], in: 0..<model.vocabulary)
      return { _ = model.generate(after: prompt, count: 64) }
    }
    return networks + [generation]
  }
}
