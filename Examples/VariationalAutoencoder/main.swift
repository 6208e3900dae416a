// A variational autoencoder of the digits (Kingma & Welling 2014): an encoder that gives a normal distribution a picture,
// a decoder that gives the pictures back, and the bound on their likelihood. New pictures are drawn at the end.
import Tern

final class Autoencoder: Module {
  let encoder = Sequential {
    Dense(64, 128)
    ReLU()
  }
  let mean = Dense(128, 8)
  let logDeviation = Dense(128, 8)
  let decoder = Sequential {
    Dense(8, 128)
    ReLU()
    Dense(128, 64)
  }

  /// What the encoder believes of the codes behind pictures [N, 64].
  func posterior(_ pictures: Tensor<Float>) -> NormalDistribution<Float> {
    let features = encoder(pictures)
    return NormalDistribution(mean: mean(features), deviation: logDeviation(features).exp())
  }

  /// −(evidence lower bound) a picture: the cross entropy of its pixels and the divergence of the codes from N(0, 1).
  func loss(_ pictures: Tensor<Float>) -> Tensor<Float> {
    let codes = posterior(pictures)
    let pixels = binaryCrossEntropy(logits: decoder(codes.rsample()), pictures, reduction: .sum)
    let divergence = klDivergence(codes, NormalDistribution(mean: Tensor(0), deviation: Tensor(1))).sum()
    return (pixels + divergence) / Float(pictures.shape[0])
  }
}

Random.seed(1)
let model = Autoencoder()
let optimizer = Adam(model, learningRate: 2e-3)
let digits = Digits.split
for epoch in 1...40 {
  var (total, count) = (0.0, 0)
  for batch in DataLoader(ImageDataset(digits.train), batchSize: 64, shuffle: true) {
    let loss = model.loss(batch.inputs.flattened(from: 1))
    optimizer.zeroGradients()
    loss.backward()
    optimizer.step()
    total += Double(loss.item) * Double(batch.count)
    count += batch.count
  }
  if epoch.isMultiple(of: 10) { print("epoch \(epoch): \(total / Double(count)) nats a picture") }
}

withoutGradients {
  for picture in 0..<2 {
    let pixels = model.decoder(Tensor(randomNormal: [1, 8])).sigmoid().reshaped(8, 8)
    print("drawn picture \(picture + 1):")
    for row in 0..<8 {
      print((0..<8).map { " .:-=+*%#@".at(Double(pixels[row, $0].item)) }.joined())
    }
  }
  let test = ImageDataset(digits.test).batch(Array(0..<digits.test.count))
  print("figure: \(model.loss(test.inputs.flattened(from: 1)).item)")
}

extension String {
  /// The character for a brightness of 0 to 1, twice.
  func at(_ brightness: Double) -> String {
    let symbol = Array(self)[min(count - 1, Int(brightness * Double(count)))]
    return String([symbol, symbol])
  }
}
