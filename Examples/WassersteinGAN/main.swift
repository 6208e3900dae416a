// A Wasserstein GAN with gradient penalty (Gulrajani et al. 2017) that learns eight clusters on a circle. The penalty is a
// function of the critic's gradient at its inputs, and is itself differentiated.
import Tern

Random.seed(2)
let angles = Tensor<Float>(rangeFrom: 0, to: 8) * (Float.pi / 4)
let centers = 2 * stack([angles.cos(), angles.sin()], along: 1)

/// Points around `centers`, [count, 2].
func real(_ count: Int, around centers: Tensor<Float>) -> Tensor<Float> {
  let chosen = Tensor<Int>(randomIntegers: [count], in: 0..<8)
  return centers[chosen] + Tensor(randomNormal: [count, 2], deviation: 0.05)
}

let generator = Sequential {
  Dense(2, 128)
  ReLU()
  Dense(128, 128)
  ReLU()
  Dense(128, 2)
}
let critic = Sequential {
  Dense(2, 128)
  ReLU()
  Dense(128, 128)
  ReLU()
  Dense(128, 1)
}
let generatorOptimizer = Adam(generator, learningRate: 1e-3, betas: (0.5, 0.9))
let criticOptimizer = Adam(critic, learningRate: 1e-3, betas: (0.5, 0.9))

/// (‖∇critic‖ − 1)²/10 at points between real and generated ones.
func penalty(of critic: Sequential<Float>, _ real: Tensor<Float>, _ generated: Tensor<Float>) -> Tensor<Float> {
  let share = Tensor<Float>(randomUniform: [real.shape[0], 1])
  let points = (share * real + (1 - share) * generated).detached().asVariable()
  let slope = gradients(of: critic(points).sum(), at: [points], createGraph: true)[0]
  return 0.1 * (slope.norm(along: 1) - 1).square().mean()
}

var distance: Float = 0
for step in 1...1500 {
  for _ in 0..<3 {
    let points = real(128, around: centers)
    let generated = withoutGradients { generator(Tensor(randomNormal: [128, 2])) }
    let difference = critic(points).mean() - critic(generated).mean()
    let loss = penalty(of: critic, points, generated) - difference
    criticOptimizer.zeroGradients()
    loss.backward()
    criticOptimizer.step()
    distance = difference.item
  }
  let loss = -critic(generator(Tensor(randomNormal: [128, 2]))).mean()
  generatorOptimizer.zeroGradients()
  loss.backward()
  generatorOptimizer.step()
  if step.isMultiple(of: 500) { print("step \(step): Wasserstein distance \(distance)") }
}

// How far generated points lie from the nearest center, and how many of the centers have at least 3 in 100 of them.
withoutGradients {
  let points = generator(Tensor(randomNormal: [2000, 2]))
  let distances = allDistances(points, centers)
  let nearest = distances.argmin(along: 1)
  let found = nearest.binCounts(minimumLength: 8) .>= 60
  print("clusters found: \(found.cast(to: Int.self).sum().item) of 8")
  print("figure: \(distances.min(along: 1).values.mean().item)")
}
