import TernBackend
import TernTensor

// Losses of probabilities as modules, which keep their settings.

/// Binary cross entropy of probabilities, see ``binaryCrossEntropy(_:_:weight:reduction:file:line:)``.
public final class BinaryCrossEntropyLoss<Scalar: FloatingScalar>: Module {
  /// Weights of the losses, which broadcast; 1 when `nil`.
  public let weight: Buffer<Scalar>?
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// The loss over a scalar type.
  public init(
    weight: Tensor<Scalar>?, reduction: LossReduction, of _: Scalar.Type, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.weight = weight.map { Buffer($0) }
    self.reduction = reduction
  }

  /// The loss.
  public convenience init(weight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean) {
    self.init(weight: weight, reduction: reduction, of: Scalar.self)
  }

  /// The loss of probabilities against answers between 0 and 1.
  public func callAsFunction(
    _ probabilities: Tensor<Scalar>, _ target: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    binaryCrossEntropy(probabilities, target, weight: weight?.value, reduction: reduction, file: file, line: line)
  }
}

extension BinaryCrossEntropyLoss where Scalar == Float {
  /// The loss.
  public convenience init(weight: Tensor<Float>? = nil, reduction: LossReduction = .mean) {
    self.init(weight: weight, reduction: reduction, of: Float.self)
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

  /// The loss over a scalar type.
  public init(
    weight: Tensor<Scalar>?, positiveWeight: Tensor<Scalar>?, reduction: LossReduction, of _: Scalar.Type,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.weight = weight.map { Buffer($0) }
    self.positiveWeight = positiveWeight.map { Buffer($0) }
    self.reduction = reduction
  }

  /// The loss.
  public convenience init(
    weight: Tensor<Scalar>? = nil, positiveWeight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean
  ) { self.init(weight: weight, positiveWeight: positiveWeight, reduction: reduction, of: Scalar.self) }

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

extension BinaryCrossEntropyWithLogitsLoss where Scalar == Float {
  /// The loss.
  public convenience init(
    weight: Tensor<Float>? = nil, positiveWeight: Tensor<Float>? = nil, reduction: LossReduction = .mean
  ) { self.init(weight: weight, positiveWeight: positiveWeight, reduction: reduction, of: Float.self) }
}

/// y·(log y − x) of log probabilities x, see ``klDivergence(_:_:targetIsLogarithm:reduction:file:line:)``.
public final class KLDivergenceLoss: Module {
  /// Whether the target is log y.
  public let targetIsLogarithm: Bool
  /// What becomes of the terms of the elements.
  public let reduction: LossReduction

  /// The loss.
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

  /// The loss.
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

  /// The loss; stops unless ε is above zero.
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

  /// The loss.
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
