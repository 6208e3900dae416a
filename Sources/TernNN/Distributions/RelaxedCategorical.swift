import TernBackend
import TernTensor

extension Tensor where Scalar: FloatingScalar {
  /// The values of `other` with the gradients of these.
  func straightThrough(_ other: Tensor) -> Tensor {
    guard requiresGradient else { return other }
    // The difference is 0, unless one of both is infinite.
    return withoutGradients { other.detached() } + (self - detached())
  }
}

/// A draw of a category by its logits, relaxed to weights that have gradients: softmax((logits + g)/temperature) of Gumbel
/// numbers g.
///
/// - Parameters:
///   - logits: logarithms of probabilities, up to a constant.
///   - temperature: above 0: small ones give almost zeros and ones, large ones almost equal weights.
///   - isHard: gives zeros and a one, with the gradients of the weights (straight-through).
///   - axis: that of the categories.
///   - generator: where the numbers come from; the task's or the global one when `nil`.
///
/// Stops for a temperature not above 0. Source: Jang, Gu and Poole 2016, "Categorical reparameterization with
/// Gumbel-softmax".
public func gumbelSoftmax<Scalar: FloatingScalar>(
  _ logits: Tensor<Scalar>, temperature: Scalar = 1, isHard: Bool = false, along axis: Int = -1,
  generator: RandomGenerator? = nil, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(temperature > 0, "gumbelSoftmax", "temperature is \(temperature), expected a number above 0")
  let noise = Tensor<Scalar>(randomExponential: logits.shape, generator: generator).log()
  let soft = ((logits - noise) / temperature).softmax(along: axis)
  return isHard ? soft.straightThrough(soft.hardened(along: axis)) : soft
}

extension Tensor where Scalar: FloatingScalar {
  /// Zeros with a one where the greatest value along an axis stands.
  fileprivate func hardened(along axis: Int) -> Tensor {
    withoutGradients {
      let index = detached().argmax(along: axis, keepingAxes: true)
      return Tensor(zerosLike: self).scattering(1, at: index, along: axis)
    }
  }
}

/// Categories relaxed to weights that sum to 1 and have gradients (Gumbel-softmax, or Concrete).
///
/// Sources: Jang, Gu and Poole 2016; Maddison, Mnih and Teh 2016, "The Concrete distribution".
public struct RelaxedOneHotCategoricalDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution {
  /// Small ones give almost zeros and ones.
  public let temperature: Tensor<Scalar>
  /// The categories that are relaxed.
  public let categories: CategoricalDistribution<Scalar>

  /// Distributions of this temperature, of the softmax of these logits along the last axis.
  ///
  /// Stops for a temperature not above 0, and at NaN.
  ///
  /// - Parameters:
  ///   - temperature: The temperature.
  ///   - logits: The logits.
  public init(
    temperature: Tensor<Scalar>, logits: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(temperature, CategoricalDistribution(logits: logits, file: file, line: line), file, line)
  }

  /// Distributions of this temperature, in proportion to these weights along the last axis.
  ///
  /// Stops for a temperature not above 0, a weight that is negative or not finite, and where all of a row are 0.
  ///
  /// - Parameters:
  ///   - temperature: The temperature.
  ///   - probabilities: The weights, at least 0; each row along the last axis is divided by its sum.
  public init(
    temperature: Tensor<Scalar>, probabilities: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(temperature, CategoricalDistribution(probabilities: probabilities, file: file, line: line), file, line)
  }

  private init(
    _ temperature: Tensor<Scalar>, _ categories: CategoricalDistribution<Scalar>, _ file: StaticString, _ line: UInt
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "RelaxedOneHotCategoricalDistribution"
    check(temperature.count == 1, name, "temperature \(temperature.shape) is not a single number")
    temperature.requirePositive(name, "temperature")
    (self.temperature, self.categories) = (temperature.reshaped([]), categories)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { categories.batchShape }
  /// The shape of one draw.
  public var eventShape: [Int] { [categories.categories] }
  /// NaN: there is no closed form.
  public var mean: Tensor<Scalar> { Tensor(full: batchShape + eventShape, .nan) }
  /// NaN: there is no closed form.
  public var variance: Tensor<Scalar> { mean }
  /// NaN: there is no closed form.
  public var entropy: Tensor<Scalar> { Tensor(full: batchShape, .nan) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let noise = Tensor<Scalar>(randomExponential: shape + batchShape + eventShape, generator: generator).log()
    return ((categories.logProbabilities - noise) / temperature).softmax(along: -1)
  }

  /// ln((k − 1)!·τ^(k − 1)·Π pᵢ·xᵢ^(−τ − 1)/(Σ pᵢ·xᵢ^(−τ))ᵏ)
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let k = Scalar(categories.categories)
    let logarithms = value.log()
    let scores = categories.logProbabilities - logarithms * temperature
    let normalized = scores.logSoftmax(along: -1).sum(along: -1) - logarithms.sum(along: -1)
    return normalized + temperature.log() * (k - 1) + Tensor(k).lgamma()
  }
}
