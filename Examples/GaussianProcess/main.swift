// A Gaussian process for regression: its length scale, its amplitude and its noise are found by gradients of the log
// marginal likelihood, through the Cholesky factor of the kernel matrix (Rasmussen & Williams 2006, algorithm 2.1).
import Foundation
import Tern

Random.seed(5)
func truth(_ x: Tensor<Double>) -> Tensor<Double> { (2 * x).sin() + 0.3 * x }
let x = Tensor<Double>(randomUniform: [60], in: -3..<3)
let y = truth(x) + Tensor(randomNormal: [60], deviation: 0.1)

final class Process: Module {
  /// The logarithms of length scale, amplitude and noise.
  let logarithms = Parameter<Double>([0, 0, -1])
  /// Length scale, amplitude and noise, [3].
  var values: Tensor<Double> { logarithms.value.exp() }

  /// amplitude²·exp(−(a − b)²/(2·scale²)) of all pairs, [a, b].
  func kernel(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Tensor<Double> {
    let difference = (a.expandedAxis(at: -1) - b.expandedAxis(at: 0)) / values[0]
    return values[1].square() * (-0.5 * difference.square()).exp()
  }

  /// The Cholesky factor of K + noise²·I at the points `x`, and (K + noise²·I)⁻¹·y.
  func factored(_ x: Tensor<Double>, _ y: Tensor<Double>) throws -> (factor: Tensor<Double>, weights: Tensor<Double>) {
    let covariance = kernel(x, x) + values[2].square() * Tensor<Double>(eye: x.count)
    let factor = try covariance.choleskyFactor()
    return (factor, try solveCholesky(factor, y.expandedAxis(at: -1)))
  }
}
let process = Process()

let optimizer = Adam(process, learningRate: 0.05)
for step in 1...200 {
  let (factor, weights) = try process.factored(x, y)
  let fit = 0.5 * (y.expandedAxis(at: -1) * weights).sum()
  let loss = fit + factor.diagonal().log().sum() + 0.5 * Double(x.count) * log(2 * Double.pi)
  optimizer.zeroGradients()
  loss.backward()
  optimizer.step()
  if step.isMultiple(of: 50) { print("step \(step): −log likelihood \(loss.item), \(process.values)") }
}

try withoutGradients {
  let grid = Tensor<Double>(linspace: -3, 3, count: 121)
  let (factor, weights) = try process.factored(x, y)
  let cross = process.kernel(grid, x)
  let mean = matmul(cross, weights).squeezed(1)
  let explained = try solveTriangular(factor, cross.transposed(), .lower).square().sum(along: 0)
  let deviation = (process.values[1].square() - explained).sqrt()
  let error = (mean - truth(grid)).abs()
  let covered = (error .<= 2 * deviation).cast(to: Double.self).mean()
  print("within two deviations: \(covered.item)")
  print("figure: \(error.square().mean().sqrt().item)")
}
