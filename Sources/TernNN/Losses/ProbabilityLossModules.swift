import TernBackend
import TernTensor

// Losses of probabilities as modules, which keep their settings.

/// The base class of losses whose only setting is a weight.
public class WeightedLoss<Scalar: FloatingScalar>: Module {
  /// Weights of the losses, which broadcast, or of the classes, [C]; 1 when `nil`.
  public let weight: Buffer<Scalar>?
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a loss.
  ///
  /// - Parameters:
  ///   - weight: weights of the losses, which broadcast, or of the classes, [C]; all 1 when `nil`.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(
    weight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean, fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.weight = weight.map { Buffer($0) }
    self.reduction = reduction
  }

  /// Creates a loss, with `Float` values.
  ///
  /// - Parameters:
  ///   - weight: weights of the losses, which broadcast, or of the classes, [C]; all 1 when `nil`.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public convenience init(
    weight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float { self.init(weight: weight, reduction: reduction, fileID: file, line: line) }
}

/// Binary cross entropy of probabilities, see ``binaryCrossEntropy(_:_:weight:reduction:file:line:)``.
public final class BinaryCrossEntropyLoss<Scalar: FloatingScalar>: WeightedLoss<Scalar> {
  /// The loss of probabilities against answers between 0 and 1.
  public func callAsFunction(
    _ probabilities: Tensor<Scalar>, _ target: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    binaryCrossEntropy(probabilities, target, weight: weight?.value, reduction: reduction, file: file, line: line)
  }
}

/// Binary cross entropy of logits, see ``binaryCrossEntropy(logits:_:weight:positiveWeight:reduction:file:line:)``.
public final class BinaryCrossEntropyWithLogitsLoss<Scalar: FloatingScalar>: Module {
  /// Weights of the losses, which broadcast; 1 when `nil`.
  public let weight: Buffer<Scalar>?
  /// Weights of the positive answers, which broadcast; 1 when `nil`. Saved as `pos_weight`.
  public let positiveWeight: Buffer<Scalar>?
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a binary cross entropy loss of logits.
  ///
  /// - Parameters:
  ///   - weight: weights of the losses, which broadcast; all 1 when `nil`.
  ///   - positiveWeight: weights of the positive targets, which broadcast; all 1 when `nil`.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(
    weight: Tensor<Scalar>? = nil, positiveWeight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.weight = weight.map { Buffer($0) }
    self.positiveWeight = positiveWeight.map { Buffer($0) }
    self.reduction = reduction
  }

  /// Creates a binary cross entropy loss of logits, with `Float` values.
  ///
  /// - Parameters:
  ///   - weight: weights of the losses, which broadcast; all 1 when `nil`.
  ///   - positiveWeight: weights of the positive targets, which broadcast; all 1 when `nil`.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public convenience init(
    weight: Tensor<Scalar>? = nil, positiveWeight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(weight: weight, positiveWeight: positiveWeight, reduction: reduction, fileID: file, line: line)
  }

  /// PyTorch's name of the positive weight.
  public var savedNames: [String: String] { ["positiveWeight": "pos_weight"] }

  /// The loss of logits against answers between 0 and 1.
  public func callAsFunction(
    _ logits: Tensor<Scalar>, _ target: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    binaryCrossEntropy(
      logits: logits, target, weight: weight?.value, positiveWeight: positiveWeight?.value, reduction: reduction,
      file: file, line: line)
  }
}

/// y·(log y − x) of log probabilities x, see ``klDivergence(_:_:targetIsLogarithm:reduction:file:line:)``.
public final class KLDivergenceLoss: Module {
  /// Whether the target is log y.
  public let targetIsLogarithm: Bool
  /// What becomes of the terms of the elements.
  public let reduction: LossReduction

  /// Creates a Kullback–Leibler divergence.
  ///
  /// - Parameters:
  ///   - targetIsLogarithm: whether the target holds log probabilities.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(targetIsLogarithm: Bool = false, reduction: LossReduction = .mean) {
    self.targetIsLogarithm = targetIsLogarithm
    self.reduction = reduction
  }

  /// The loss of log probabilities against probabilities or their logarithms.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ logProbabilities: Tensor<Scalar>, _ target: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    klDivergence(
      logProbabilities, target, targetIsLogarithm: targetIsLogarithm, reduction: reduction, file: file, line: line)
  }
}

/// eˣ − y·x of counts y, see ``poissonNLL(_:_:isLogarithm:full:epsilon:reduction:file:line:)``.
public final class PoissonNLLLoss: Module {
  /// Whether x is the logarithm of the rate.
  public let isLogarithm: Bool
  /// Whether Stirling's approximation of log y! is added.
  public let full: Bool
  /// Keeps the logarithm of a rate of 0 finite.
  public let epsilon: Double
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a Poisson loss of counts.
  ///
  /// - Parameters:
  ///   - isLogarithm: whether the prediction is the logarithm of the rate.
  ///   - full: whether Stirling's approximation of log y! is added.
  ///   - epsilon: added to a rate before its logarithm.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(
    isLogarithm: Bool = true, full: Bool = false, epsilon: Double = 1e-8, reduction: LossReduction = .mean
  ) {
    (self.isLogarithm, self.full) = (isLogarithm, full)
    self.epsilon = epsilon
    self.reduction = reduction
  }

  /// The loss of rates, or their logarithms, against counts.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    poissonNLL(
      prediction, target, isLogarithm: isLogarithm, full: full, epsilon: Scalar(epsilon), reduction: reduction,
      file: file, line: line)
  }
}

/// ½(log v + (x − y)²/v), see ``gaussianNLL(_:_:variance:full:epsilon:reduction:file:line:)``.
public final class GaussianNLLLoss: Module {
  /// Whether ½·log 2π is added.
  public let full: Bool
  /// The least variance that counts, above 0.
  public let epsilon: Double
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a Gaussian loss. Stops unless ε is above 0.
  ///
  /// - Parameters:
  ///   - full: whether ½·log 2π is added.
  ///   - epsilon: the smallest variance that is used, above 0.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(
    full: Bool = false, epsilon: Double = 1e-6, reduction: LossReduction = .mean, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(epsilon > 0, "GaussianNLLLoss", "an epsilon of \(epsilon)")
    self.full = full
    self.epsilon = epsilon
    self.reduction = reduction
  }

  /// The loss of means and variances against values.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>, variance: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    gaussianNLL(
      prediction, target, variance: variance, full: full, epsilon: Scalar(epsilon), reduction: reduction,
      file: file, line: line)
  }
}

/// −log of the probability of all alignments, see
/// ``ctcLoss(_:_:inputLengths:targetLengths:blank:zeroInfinity:reduction:file:line:)``.
public final class CTCLoss: Module {
  /// The class that stands for none.
  public let blank: Int
  /// Whether a target longer than its sequence can say costs 0.
  public let zeroInfinity: Bool
  /// What becomes of the losses of the sequences.
  public let reduction: LossReduction

  /// Creates a connectionist temporal classification loss.
  ///
  /// - Parameters:
  ///   - blank: the class that stands for no label.
  ///   - zeroInfinity: whether a target that is too long for its sequence costs 0, not infinity.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(blank: Int = 0, zeroInfinity: Bool = false, reduction: LossReduction = .mean) {
    self.blank = blank
    self.zeroInfinity = zeroInfinity
    self.reduction = reduction
  }

  /// The loss of log probabilities against classes.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ logProbabilities: Tensor<Scalar>, _ targets: Tensor<Int>, inputLengths: [Int], targetLengths: [Int],
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    ctcLoss(
      logProbabilities, targets, inputLengths: inputLengths, targetLengths: targetLengths, blank: blank,
      zeroInfinity: zeroInfinity, reduction: reduction,
      file: file, line: line)
  }
}
