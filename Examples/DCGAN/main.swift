// A deep convolutional GAN (Radford, Metz & Chintala 2016) of the 8×8 digits: two networks, two optimizers, one loop.
// A classifier of real digits looks at the result: a good generator draws all ten, and draws them clearly.
import Tern

Random.seed(4)
let generator = Sequential {
  Dense(32, 64 * 2 * 2, bias: false)
  Unflatten(1, to: [64, 2, 2])
  BatchNorm2d(64)
  ReLU()
  ConvTranspose2D(64, 32, kernelSize: 4, stride: 2, padding: 1, bias: false)
  BatchNorm2d(32)
  ReLU()
  ConvTranspose2D(32, 1, kernelSize: 4, stride: 2, padding: 1)
  Sigmoid()
}
let discriminator = Sequential {
  Conv2D(1, 32, kernelSize: 4, stride: 2, padding: 1)
  LeakyReLU(slope: 0.2)
  Conv2D(32, 64, kernelSize: 4, stride: 2, padding: 1, bias: false)
  BatchNorm2d(64)
  LeakyReLU(slope: 0.2)
  Flatten()
  Dense(64 * 2 * 2, 1)
}
let generatorOptimizer = Adam(generator, learningRate: 1e-3, betas: (0.5, 0.999))
let discriminatorOptimizer = Adam(discriminator, learningRate: 5e-4, betas: (0.5, 0.999))

/// −log of the probability that the discriminator's logits give to pictures being real, or not.
func cost(_ logits: Tensor<Float>, areReal: Bool) -> Tensor<Float> {
  binaryCrossEntropy(logits: logits, Tensor(full: logits.shape, areReal ? 1 : 0))
}

let digits = ImageDataset(Digits.split.train)
for epoch in 1...30 {
  var (first, second) = (0.0, 0.0)
  for batch in DataLoader(digits, batchSize: 64, shuffle: true, dropLast: true) {
    let drawn = generator(Tensor(randomNormal: [64, 32]))

    let discriminatorLoss =
      cost(discriminator(batch.inputs), areReal: true) + cost(discriminator(drawn.detached()), areReal: false)
    discriminatorOptimizer.zeroGradients()
    discriminatorLoss.backward()
    discriminatorOptimizer.step()

    let generatorLoss = cost(discriminator(drawn), areReal: true)
    generatorOptimizer.zeroGradients()
    generatorLoss.backward()
    generatorOptimizer.step()

    (first, second) = (Double(discriminatorLoss.item), Double(generatorLoss.item))
  }
  if epoch.isMultiple(of: 10) { print("epoch \(epoch): discriminator \(first), generator \(second)") }
}

// The judge: a small classifier of real digits.
let judge = Sequential {
  Flatten()
  Dense(64, 64)
  ReLU()
  Dense(64, 10)
}
let judgeOptimizer = Adam(judge, learningRate: 5e-3)
for _ in 1...20 {
  for batch in DataLoader(digits, batchSize: 64, shuffle: true) {
    let loss = crossEntropy(judge(batch.inputs), batch.labels)
    judgeOptimizer.zeroGradients()
    loss.backward()
    judgeOptimizer.step()
  }
}

withoutGradients {
  let drawn = generator.with(.evaluation) { generator(Tensor(randomNormal: [500, 32])) }
  let probabilities = judge(drawn).softmax(along: 1)
  let kinds = probabilities.argmax(along: 1).binCounts(minimumLength: 10)
  print("drawn of each digit: \(kinds)")
  print("clearness: \(probabilities.max(along: 1).values.mean().item)")
  print("figure: \((kinds .>= 5).cast(to: Int.self).sum().item)")
}
