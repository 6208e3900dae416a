import Foundation
import Tern

/// Two inputs, one hidden layer, one output: the smallest network that can tell XOR.
final class XOR: Layer {
  let hidden = Dense(2, 8)
  let output = Dense(8, 1)

  func forward(_ x: Tensor<Float>) -> Tensor<Float> {
    output(hidden(x).tanh())
  }
}

@main
enum LearnXOR {
  static func main() {
    Random.seed(1)
    let inputs = Tensor<Float>([[0, 0], [0, 1], [1, 0], [1, 1]])
    let answers = Tensor<Float>([[0], [1], [1], [0]])
    let model = XOR()
    let optimizer = Adam(model, learningRate: 0.05)
    for step in 1...500 {
      let loss = binaryCrossEntropy(logits: model(inputs), answers)
      optimizer.zeroGradients()
      loss.backward()
      optimizer.step()
      if step % 100 == 0 { print("step \(step): loss \(loss.item)") }
    }
    let learned = withoutGradients { model(inputs) .> 0 }
    print("answers: \(learned.scalars)")
    exit(learned.scalars == [false, true, true, false] ? 0 : 1)
  }
}
