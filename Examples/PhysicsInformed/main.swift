// A physics-informed network: it learns the solution of u″ = −π²·sin(πx) on 0…1 with u(0) = u(1) = 0 from the equation
// alone (Raissi, Perdikaris & Karniadakis 2019). The solution is sin(πx). The second derivative with respect to the
// input is differentiated once more, with respect to the weights.
import Foundation
import Tern

final class Solution: Layer {
  let network = Sequential<Double> {
    Dense(1, 32)
    Tanh()
    Dense(32, 32)
    Tanh()
    Dense(32, 1)
  }

  /// u(x) = x·(1 − x)·network(x), which is 0 at both ends whatever the weights.
  func forward(_ x: Tensor<Double>) -> Tensor<Double> { x * (1 - x) * network(x) }

  /// The mean square of u″ + π²·sin(πx) at the points `x` [N, 1].
  func residual(_ x: Tensor<Double>) -> Tensor<Double> {
    let points = x.asVariable()
    let slope = gradients(of: self(points).sum(), at: [points], createGraph: true)[0]
    let bend = gradients(of: slope.sum(), at: [points], createGraph: true)[0]
    return (bend + Double.pi * Double.pi * (Double.pi * x).sin()).square().mean()
  }
}

Random.seed(3)
let solution = Solution()
let points = Tensor<Double>(linspace: 0, 1, count: 64).reshaped(64, 1)
let optimizer = Adam(solution, learningRate: 5e-3)
let scheduler = Scheduler(optimizer, CosineSchedule(length: 1500))
for step in 1...1500 {
  let loss = solution.residual(points)
  optimizer.zeroGradients()
  loss.backward()
  optimizer.step()
  scheduler.step()
  if step.isMultiple(of: 300) { print("step \(step): residual \(loss.item)") }
}

let grid = Tensor<Double>(linspace: 0, 1, count: 201).reshaped(201, 1)
let error = withoutGradients { (solution(grid) - (Double.pi * grid).sin()).abs().max() }
print("figure: \(error.item)")
