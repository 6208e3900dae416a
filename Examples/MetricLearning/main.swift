// Metric learning: pictures of the same digit come near each other on a sphere, by the triplet loss with the hardest
// pictures of each batch (Hermans, Beyer & Leibe 2017). What a picture shows is then read off its nearest neighbor.
import Tern

final class Embedder: Layer {
  let layers = Sequential {
    Conv2D(1, 32, kernelSize: 3, padding: 1, bias: false)
    BatchNorm2d(32)
    ReLU()
    MaxPool2D(2)
    Flatten()
    Dense(32 * 4 * 4, 16)
  }

  /// Points on the unit sphere, [N, 16].
  func forward(_ images: Tensor<Float>) -> Tensor<Float> { layers(images).normalized(along: 1) }

  /// For each picture: the farthest of its class should be nearer than the nearest of all others, by 0.2.
  func loss(_ batch: LabeledBatch<Float, Int>) -> Tensor<Float> {
    let points = self(batch.inputs)
    let distances = (2 - 2 * matmul(points, points.transposed())).clamped(min: 1e-6).sqrt()
    let same = batch.labels.expandedAxis(at: 1) .== batch.labels.expandedAxis(at: 0)
    let farthest = distances.filled(with: 0, where: .!same).max(along: 1).values
    let nearest = distances.filled(with: 4, where: same).min(along: 1).values
    return (farthest - nearest + 0.2).relu().mean()
  }
}

Random.seed(13)
let digits = Digits.split
let model = Embedder()
let optimizer = Adam(model, learningRate: 2e-3)
for epoch in 1...12 {
  var last: Float = 0
  for batch in DataLoader(ImageDataset(digits.train), batchSize: 128, shuffle: true, dropLast: true) {
    let loss = model.loss(batch)
    optimizer.zeroGradients()
    loss.backward()
    optimizer.step()
    last = loss.item
  }
  if epoch.isMultiple(of: 4) { print("epoch \(epoch): \(last)") }
}

model.eval()
withoutGradients {
  let known = ImageDataset(digits.train).batch(Array(0..<digits.train.count))
  let asked = ImageDataset(digits.test).batch(Array(0..<digits.test.count))
  let nearest = matmul(model(asked.inputs), model(known.inputs).transposed()).argmax(along: 1)
  let right = known.labels[nearest] .== asked.labels
  print("figure: \(right.cast(to: Double.self).mean().item)")
}
