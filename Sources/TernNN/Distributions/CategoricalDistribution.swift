import TernBackend
import TernTensor

/// One of k categories, as its index.
public struct CategoricalDistribution<Scalar: FloatingScalar>: Distribution {
  /// An index.
  public typealias Outcome = Int

  /// The probabilities, [batchShape, k]; they sum to 1.
  public let probabilities: Tensor<Scalar>
  /// Their logarithms.
  public let logProbabilities: Tensor<Scalar>

  /// Distributions in proportion to these weights along the last axis.
  ///
  /// Stops for a weight that is negative or not finite, and where all of a row are 0.
  ///
  /// - Parameter probabilities: The weights, at least 0; each row along the last axis is divided by its sum.
  public init(probabilities: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "CategoricalDistribution"
    check(probabilities.rank > 0, name, "probabilities [] have no axis of categories")
    check(probabilities.shape.last != 0, name, "probabilities \(probabilities.shape) have no categories")
    probabilities.require(name, "a probability", "a finite number, at least 0") { ($0 .>= 0) .&& $0.isFinite() }
    let total = probabilities.sum(along: -1, keepingAxes: true)
    total.requirePositive(name, "the sum of the probabilities")
    self.probabilities = probabilities / total
    logProbabilities = self.probabilities.log()
  }

  /// Distributions whose probabilities are the softmax of these along the last axis. Stops at NaN.
  ///
  /// - Parameter logits: The logits.
  public init(logits: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let name = "CategoricalDistribution"
    check(logits.rank > 0, name, "logits [] have no axis of categories")
    check(logits.shape.last != 0, name, "logits \(logits.shape) have no categories")
    logits.requireNumber(name, "a logit")
    logProbabilities = logits.logSoftmax(along: -1)
    probabilities = logits.softmax(along: -1)
  }

  /// k
  public var categories: Int { probabilities.shape[probabilities.rank - 1] }
  /// The shape of the parameters.
  public var batchShape: [Int] { probabilities.shape.dropLast() }
  /// The shape of one draw.
  public var eventShape: [Int] { [] }
  /// NaN: categories are no numbers.
  public var mean: Tensor<Scalar> { Tensor(full: batchShape, .nan) }
  /// NaN: categories are no numbers.
  public var variance: Tensor<Scalar> { Tensor(full: batchShape, .nan) }
  /// −E[ln p], in nats.
  public var entropy: Tensor<Scalar> { -zeroProduct(probabilities, logProbabilities).sum(along: -1) }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Int> {
    let (count, rows) = (Sizes.product(shape, "sample", "the shape"), batchShape.reduce(1, *))
    if count * rows == 0 { return Tensor(zeros: shape + batchShape) }
    let weights = probabilities.detached().reshaped([rows, categories])
    let drawn = weights.multinomial(count, replacing: true, generator: generator)
    return drawn.transposed().reshaped(shape + batchShape)
  }

  /// ln p of values that broadcast with batchShape + eventShape.
  public func logDensity(at value: Tensor<Int>) -> Tensor<Scalar> {
    let shape = broadcastShape(value.shape, batchShape, "logProbability")
    let index = value.clamped(min: 0, max: categories - 1).broadcast(to: shape).expandedAxis(at: -1)
    let density = logProbabilities.broadcast(to: shape + [categories]).gathered(index, along: -1).squeezed(-1)
    return density.whereSupported((value .>= 0) .&& (value .< categories))
  }
}

/// Σ p·ln(p/q): 0 where p is 0, ∞ where q alone is.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: CategoricalDistribution<Scalar>, _ q: CategoricalDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let terms = zeroProduct(p.probabilities, p.logProbabilities) - zeroProduct(p.probabilities, q.logProbabilities)
  return terms.sum(along: -1)
}

/// One of k categories, as a row of zeros with a one.
///
/// A draw by ``ReparameterizedDistribution/rsample(_:generator:file:line:)`` has the gradients of the probabilities
/// (straight-through, Bengio et al. 2013).
public struct OneHotCategoricalDistribution<Scalar: FloatingScalar>: ReparameterizedDistribution {
  /// The distribution of the indices.
  public let categories: CategoricalDistribution<Scalar>

  /// Distributions in proportion to these weights along the last axis.
  ///
  /// Stops for a weight that is negative or not finite, and where all of a row are 0.
  ///
  /// - Parameter probabilities: The weights, at least 0; each row along the last axis is divided by its sum.
  public init(probabilities: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    categories = CategoricalDistribution(probabilities: probabilities, file: file, line: line)
  }

  /// Distributions whose probabilities are the softmax of these along the last axis. Stops at NaN.
  ///
  /// - Parameter logits: The logits.
  public init(logits: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    categories = CategoricalDistribution(logits: logits, file: file, line: line)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { categories.batchShape }
  /// The shape of one draw.
  public var eventShape: [Int] { [categories.categories] }
  /// The expected value.
  public var mean: Tensor<Scalar> { categories.probabilities }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { mean * (1 - mean) }
  /// −E[ln p], in nats.
  public var entropy: Tensor<Scalar> { categories.entropy }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let drawn = categories.draw(shape, from: generator).oneHot(classes: categories.categories)
    return categories.probabilities.straightThrough(drawn.cast(to: Scalar.self))
  }

  /// ln p of values that broadcast with batchShape + eventShape; −∞ for rows that are no zeros with a one.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isRow = ((value .== 0) .|| (value .== 1)).all(along: -1) .&& (value.detached().sum(along: -1) .== 1)
    return zeroProduct(value, categories.logProbabilities).sum(along: -1).whereSupported(isRow)
  }
}

/// Σ p·ln(p/q), that of the indices.
public func klDivergence<Scalar: FloatingScalar>(
  _ p: OneHotCategoricalDistribution<Scalar>, _ q: OneHotCategoricalDistribution<Scalar>, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return klDivergence(p.categories, q.categories)
}

/// How often each of k categories comes in a number of draws.
public struct MultinomialDistribution<Scalar: FloatingScalar>: Distribution {
  /// The draws.
  public let count: Int
  /// The distribution of one.
  public let categories: CategoricalDistribution<Scalar>

  /// Distributions of counts that sum to `count`, in proportion to these weights along the last axis.
  ///
  /// Stops for a negative count, a weight that is negative or not finite, and where all of a row are 0.
  ///
  /// - Parameters:
  ///   - count: The sum of the counts.
  ///   - probabilities: The weights, at least 0; each row along the last axis is divided by its sum.
  public init(count: Int, probabilities: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    self.init(count, CategoricalDistribution(probabilities: probabilities, file: file, line: line), file, line)
  }

  /// Distributions of counts that sum to `count`, of probabilities that are the softmax of these along the last axis.
  ///
  /// Stops for a negative count and at NaN.
  ///
  /// - Parameters:
  ///   - count: The sum of the counts.
  ///   - logits: The logits.
  public init(count: Int, logits: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    self.init(count, CategoricalDistribution(logits: logits, file: file, line: line), file, line)
  }

  private init(_ count: Int, _ categories: CategoricalDistribution<Scalar>, _ file: StaticString, _ line: UInt) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 0, "MultinomialDistribution", "count is \(count), expected at least 0")
    Sizes.check(count, "MultinomialDistribution", "count")
    (self.count, self.categories) = (count, categories)
  }

  /// The shape of the parameters.
  public var batchShape: [Int] { categories.batchShape }
  /// The shape of one draw.
  public var eventShape: [Int] { [categories.categories] }
  /// The expected value.
  public var mean: Tensor<Scalar> { categories.probabilities * Scalar(count) }
  /// The expected square of the distance from the mean.
  public var variance: Tensor<Scalar> { mean * (1 - categories.probabilities) }
  /// −ln n! − n·Σ p·ln p + Σ E[ln kᵢ!]
  ///
  /// - Complexity: O(n) for every category.
  public var entropy: Tensor<Scalar> {
    let n = Scalar(count)
    let counts = Tensor<Scalar>(rangeFrom: 0, to: n + 1)
    let factorials = (counts + 1).lgamma()
    let p = categories.probabilities.expandedAxis(at: -1)
    let choices = factorials[count] - factorials - factorials.flipped([0])
    let weights = (choices + xlogy(counts, p) + xlog1py(n - counts, -p)).exp()
    let expected = zeroProduct(weights, factorials).sum(along: [-2, -1])
    return categories.entropy * n - factorials[count] + expected
  }

  /// A draw of shape + batchShape + eventShape.
  public func draw(_ shape: [Int], from generator: RandomGenerator?) -> Tensor<Scalar> {
    let (k, total) = (categories.categories, shape + batchShape)
    let rows = Sizes.product(total, "sample", "the shape")
    let drawn = categories.draw([count] + shape, from: generator).reshaped([count, rows])
    let result = Tensor<Scalar>(zeros: [rows, k])
    let ones = Tensor<Scalar>(ones: [rows, count])
    return result.scatterAdding(ones, at: drawn.transposed(), along: 1).reshaped(total + [k])
  }

  /// ln(n!/Π kᵢ!·Π pᵢ^kᵢ); −∞ where counts do not sum to n.
  public func logDensity(at value: Tensor<Scalar>) -> Tensor<Scalar> {
    let isInside = ((value .>= 0) .&& (value .== value.floor())).all(along: -1)
    let sums = withoutGradients { value.detached().sum(along: -1) .== Scalar(count) }
    let factorials = (value.inside(value .>= 0, else: 0) + 1).lgamma().sum(along: -1)
    let powers = zeroProduct(value, categories.logProbabilities).sum(along: -1)
    let whole = Tensor(Scalar(count) + 1).lgamma()
    return (whole - factorials + powers).whereSupported(isInside .&& sums)
  }
}
