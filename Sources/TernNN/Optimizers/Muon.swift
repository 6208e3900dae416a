import Foundation
import TernBackend
import TernTensor

/// The hyperparameters of ``Muon``.
public struct MuonOptions: OptimizerOptions {
  /// How the length of a step goes with the shape [A, B] of a matrix.
  public enum RateAdjustment: Sendable {
    /// η·√max(1, A/B).
    case original
    /// η·0.2·√max(A, B): steps as long as those of ``AdamW`` usually are, so that its rates and decays can be used.
    case matchingAdamW
  }

  /// η, the length of a step.
  public var learningRate: Double
  /// λ, the decay apart from the gradient.
  public var weightDecay: Double
  /// μ, the decay of the running mean.
  public var momentum: Double
  /// Whether the step looks ahead along the mean.
  public var nesterov: Bool
  /// a, b and c of the iteration X ← aX + b(XXᵀ)X + c(XXᵀ)²X.
  public var coefficients: (Double, Double, Double)
  /// ε, the least norm that a matrix is divided by.
  public var epsilon: Double
  /// How often the iteration is applied.
  public var iterations: Int
  /// How the length of a step goes with the shape.
  public var rateAdjustment: RateAdjustment
  /// The precision of the iteration's products of `Float`; those of `Double` are exact to its digits.
  public var precision: FloatPrecision
}

/// Muon, as `torch.optim.Muon`: momentum whose direction is brought close to an orthogonal matrix.
///
/// m ← μm + (1 − μ)∇L; d = μm + (1 − μ)∇L after Nesterov, else m; O is d/‖d‖ after some Newton–Schulz iterations
/// X ← aX + b(XXᵀ)X + c(XXᵀ)²X, which bring all singular values near 1; p ← p·(1 − ηλ) − η'·O, where η' goes with the
/// matrix's shape. For the matrices of hidden layers: give vectors, embeddings and heads to another optimizer with
/// ``CombinedOptimizer``.
///
/// The products of the iterations of `Float` are of bfloat16, three digits, as the source has them and PyTorch; in `Float`
/// where `precision` says so. Those of `Double` are in `Double`.
///
/// Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"; Liu et al. 2025, "Muon is
/// scalable for LLM training".
public final class Muon: ParameterOptimizer<MuonOptions> {
  /// Creates the optimizer. Stops for values out of range, and where a parameter is not a matrix.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - weightDecay: λ: each step first multiplies the weights by 1 − η·λ; at least 0.
  ///   - momentum: μ, the fraction of the old mean that is kept, at least 0 and below 1.
  ///   - nesterov: whether the step looks ahead along the mean.
  ///   - coefficients: a, b and c of the iteration X ← aX + b(XXᵀ)X + c(XXᵀ)²X.
  ///   - epsilon: ε, the smallest norm that a matrix is divided by.
  ///   - iterations: how often the iteration is applied.
  ///   - rateAdjustment: how the length of a step depends on the matrix's shape.
  ///   - precision: that of the products in the iterations, where parameters are of `Float`.
  public init(
    _ model: some ParameterSource, learningRate: Double = 1e-3, weightDecay: Double = 0.1, momentum: Double = 0.95,
    nesterov: Bool = true, coefficients: (Double, Double, Double) = (3.4445, -4.7750, 2.0315), epsilon: Double = 1e-7,
    iterations: Int = 5, rateAdjustment: MuonOptions.RateAdjustment = .original,
    precision: FloatPrecision = .bfloat16,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model,
      MuonOptions(
        learningRate: learningRate, weightDecay: weightDecay, momentum: momentum, nesterov: nesterov,
        coefficients: coefficients, epsilon: epsilon, iterations: iterations, rateAdjustment: rateAdjustment,
        precision: precision),
      .whole { $0 })
    for slot in slots {
      require(slot.shape.count == 2, "\(slot.name) of shape \(slot.shape) is no matrix")
    }
  }

  override func check(_ options: MuonOptions) {
    super.check(options)
    require(options.momentum >= 0 && options.momentum < 1, "momentum \(options.momentum) outside 0..<1")
    require(options.weightDecay >= 0, "weight decay \(options.weightDecay)")
    require(
      options.iterations >= 0 && options.iterations < 100 && options.epsilon >= 0,
      "\(options.iterations) iterations outside 0..<100, epsilon \(options.epsilon)")
  }

  override var momentum: WritableKeyPath<MuonOptions, Double>? { \.momentum }

  override func momentNames(_ options: MuonOptions) -> [String] { ["momentum"] }
}

extension MuonOptions: WholeUpdate {
  func apply<Scalar: FloatingScalar>(to slot: ParameterSlot<Scalar>, _ gradient: Tensor<Scalar>) {
    let mean = (slot.moments.first ?? Tensor(zeros: slot.shape)).lerp(gradient, 1 - momentum)
    slot.keep([mean])
    let direction = nesterov ? gradient.lerp(mean, momentum) : mean
    let update = orthogonalized(direction) * Scalar(rate(of: slot.shape))
    slot.parameter.update { $0 = $0 * Scalar(1 - learningRate * weightDecay) - update }
  }

  /// A matrix with the same singular vectors, whose singular values are near 1.
  private func orthogonalized<Scalar: FloatingScalar>(_ direction: Tensor<Scalar>) -> Tensor<Scalar> {
    let (a, b, c) = coefficients
    let isTall = direction.shape[0] > direction.shape[1]
    var x = isTall ? direction.transposed() : direction
    var length = x.norm().item
    if length == .infinity {
      // A norm beyond the range of numbers within it: they are brought to at most 1 first.
      x = x / x.abs().max().item
      length = x.norm().item
    }
    let divisor = Scalar(Swift.max(Double(length), epsilon))
    x = divisor == 0 ? x : x / divisor
    withPrecision(precision) {
      for _ in 0..<iterations {
        let gram = symmetricProduct(x, x.transposed())
        let polynomial = gram * Scalar(b) + symmetricProduct(gram, gram) * Scalar(c)
        x = x * Scalar(a) + mm(polynomial, x)
      }
    }
    return isTall ? x.transposed() : x
  }

  /// η', the length of a step of a matrix.
  private func rate(of shape: [Int]) -> Double {
    let (rows, columns) = (Double(shape[0]), Double(shape[1]))
    switch rateAdjustment {
    case .original: return learningRate * Swift.max(1, rows / columns).squareRoot()
    case .matchingAdamW: return learningRate * 0.2 * Swift.max(rows, columns).squareRoot()
    }
  }
}

extension Tensor where Scalar: FloatingScalar {
  fileprivate func lerp(_ other: Tensor, _ weight: Double) -> Tensor { self + (other - self) * Scalar(weight) }
}

/// A product that is symmetric: of what lies below the diagonal nothing is computed.
private func symmetricProduct<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  let n = a.shape[0]
  if n < 512 { return mm(a, b) }
  let half = n / 2
  let corner = mm(a[..<half], b[.all, half...])
  let first = symmetricProduct(a[..<half], b[.all, ..<half])
  let second = symmetricProduct(a[half...], b[.all, half...])
  return concatenate([concatenate([first, corner], along: 1), concatenate([corner.transposed(), second], along: 1)])
}
