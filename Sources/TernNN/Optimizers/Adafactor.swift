import Foundation
import TernBackend
import TernTensor

/// The hyperparameters of ``Adafactor``.
public struct AdafactorOptions: OptimizerOptions {
  /// η, the greatest length of a step in proportion to the parameter.
  public var learningRate: Double
  /// The power of t by which the decay of the second moment approaches 1.
  public var beta2Decay: Double
  /// ε₁, the least root of a second moment, and ε₂, the least size of a parameter.
  public var epsilons: (gradient: Double?, parameter: Double)
  /// d, the greatest root mean square of an update.
  public var clipping: Double
  /// λ, the decay apart from the gradient.
  public var weightDecay: Double
  /// Whether the steps go up.
  public var maximize: Bool
}

/// Adafactor, as `torch.optim.Adafactor`: of a matrix's second moments only the means of rows and columns are kept.
///
/// With β = t^decay: R ← R + β(mean of g² over columns − R), C ← C + β(mean over rows − C), V = R·C/mean(R); a vector
/// keeps V itself. u = g/√max(V, ε₁²); p ← p·(1 − ηλ) − max(ε₂, rms(p))·min(η, 1/√t)·u/max(1, rms(u)/d).
///
/// Source: Shazeer & Stern 2018, "Adafactor: adaptive learning rates with sublinear memory cost".
public final class Adafactor: ParameterOptimizer<AdafactorOptions> {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the greatest length of a step in proportion to the parameter, at least 0.
  ///   - beta2Decay: the power of t in the decay of the second moment, at most 0.
  ///   - epsilons: ε₁, the least root of a second moment, by default the distance of 1 to the next number of the
  ///     parameter's type; ε₂, the least size of a parameter; at least 0.
  ///   - clipping: d, the greatest root mean square of an update, at least 1.
  ///   - weightDecay: λ: each step first multiplies the weights by 1 − η·λ; at least 0.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 0.01, beta2Decay: Double = -0.8,
    epsilons: (gradient: Double?, parameter: Double) = (nil, 1e-3), clipping: Double = 1, weightDecay: Double = 0,
    maximize: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model,
      AdafactorOptions(
        learningRate: learningRate, beta2Decay: beta2Decay, epsilons: epsilons, clipping: clipping,
        weightDecay: weightDecay, maximize: maximize),
      .whole { $0 })
  }

  override func check(_ options: AdafactorOptions) {
    super.check(options)
    require(options.beta2Decay <= 0, "a beta2 decay of \(options.beta2Decay), expected at most 0")
    let (first, second) = options.epsilons
    require(first ?? 0 >= 0 && second >= 0, "epsilons \(first ?? 0) and \(second)")
    require(options.clipping >= 1, "a clipping of \(options.clipping), expected at least 1")
    require(options.weightDecay >= 0, "a weight decay of \(options.weightDecay)")
  }

  override func moments(_ options: AdafactorOptions, of shape: [Int]) -> [(name: String, shape: [Int])] {
    shape.count < 2
      ? [("square", shape)] : [("rows", shape.dropLast() + [1]), ("columns", shape.dropLast(2) + [1, shape.last!])]
  }
}

extension AdafactorOptions: WholeUpdate {
  func apply<Scalar: FloatingScalar>(to slot: ParameterSlot<Scalar>, _ gradient: Tensor<Scalar>) {
    if gradient.count == 0 { return }
    var gradient = maximize ? -gradient : gradient
    let new = Scalar(pow(Double(slot.steps), beta2Decay))
    let epsilon = epsilons.gradient.map { Scalar($0) } ?? Scalar.ulpOfOne
    func moved(_ moment: Tensor<Scalar>?, _ mean: Tensor<Scalar>) -> Tensor<Scalar> {
      let before = moment ?? Tensor(zeros: mean.shape)
      return before + (mean - before) * new
    }
    var squares = gradient * gradient
    if squares.hasInfinity {
      // What has no square counts as the greatest that has one.
      let limit = Scalar.greatestFiniteMagnitude.squareRoot() / 2
      gradient = gradient.clamped(min: -limit, max: limit)
      squares = gradient * gradient
    }
    let moments = slot.moments
    var estimate: Tensor<Scalar>
    if gradient.rank < 2 {
      estimate = moved(moments.first, squares)
      slot.keep([estimate])
    } else {
      let rows = moved(moments.first, squares.mean(along: -1, keepingAxes: true))
      let columns = moved(moments.last, squares.mean(along: -2, keepingAxes: true))
      slot.keep([rows, columns])
      let mean = rows.mean(along: -2, keepingAxes: true).clamped(min: epsilon)
      estimate = rows * columns / mean
      if estimate.hasInfinity { estimate = rows / mean * columns }
    }
    estimate = estimate.clamped(min: epsilon * epsilon)
    let update = gradient / estimate.sqrt()
    let length = Double(gradient.count).squareRoot()
    let clipped = max(1, update.norm().item.number / (length * clipping))
    slot.parameter.update { value in
      let rate = min(learningRate, 1 / Double(slot.steps).squareRoot())
      let size = max(epsilons.parameter, value.norm().item.number / length) * rate
      value.blend(with: update.contiguous, Scalar(1 - learningRate * weightDecay), Scalar(-size / clipped))
    }
  }
}
