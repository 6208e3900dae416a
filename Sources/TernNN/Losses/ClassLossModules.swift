import TernBackend
import TernTensor

// Losses of classes as modules, which keep their settings and save their weights.

/// −log softmax(z)[label], see ``crossEntropy(_:_:weight:ignoring:labelSmoothing:reduction:file:line:)``.
public final class CrossEntropyLoss<Scalar: FloatingScalar>: Module {
  /// Weights of the classes, [C]; 1 when `nil`.
  public let weight: Buffer<Scalar>?
  /// Positions with this label count for nothing.
  public let ignoring: Int
  /// The fraction of every target that is spread over all classes.
  public let labelSmoothing: Double
  /// What becomes of the losses of the positions.
  public let reduction: LossReduction

  /// The loss over a scalar type.
  public init(
    weight: Tensor<Scalar>?, ignoring: Int, labelSmoothing: Double, reduction: LossReduction, of _: Scalar.Type,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.weight = weight.map { Buffer($0) }
    self.ignoring = ignoring
    self.labelSmoothing = labelSmoothing
    self.reduction = reduction
  }

  /// The loss.
  public convenience init(
    weight: Tensor<Scalar>? = nil, ignoring: Int = -100, labelSmoothing: Double = 0, reduction: LossReduction = .mean
  ) {
    self.init(weight: weight, ignoring: ignoring, labelSmoothing: labelSmoothing, reduction: reduction, of: Scalar.self)
  }

  /// The loss of logits against class indices.
  public func callAsFunction(
    _ logits: Tensor<Scalar>, _ labels: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    crossEntropy(
      logits, labels, weight: weight?.value, ignoring: ignoring, labelSmoothing: Scalar(labelSmoothing),
      reduction: reduction,
      file: file, line: line)
  }

  /// The loss of logits against probabilities of their shape.
  public func callAsFunction(
    _ logits: Tensor<Scalar>, _ probabilities: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    crossEntropy(
      logits, probabilities, weight: weight?.value, labelSmoothing: Scalar(labelSmoothing), reduction: reduction,
      file: file, line: line)
  }
}

extension CrossEntropyLoss where Scalar == Float {
  /// The loss.
  public convenience init(
    weight: Tensor<Float>? = nil, ignoring: Int = -100, labelSmoothing: Double = 0, reduction: LossReduction = .mean
  ) {
    self.init(weight: weight, ignoring: ignoring, labelSmoothing: labelSmoothing, reduction: reduction, of: Float.self)
  }
}

/// −x[label] of log probabilities, see ``negativeLogLikelihood(_:_:weight:ignoring:reduction:file:line:)``.
public final class NegativeLogLikelihoodLoss<Scalar: FloatingScalar>: Module {
  /// Weights of the classes, [C]; 1 when `nil`.
  public let weight: Buffer<Scalar>?
  /// Positions with this label count for nothing.
  public let ignoring: Int
  /// What becomes of the losses of the positions.
  public let reduction: LossReduction

  /// The loss over a scalar type.
  public init(
    weight: Tensor<Scalar>?, ignoring: Int, reduction: LossReduction, of _: Scalar.Type, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.weight = weight.map { Buffer($0) }
    self.ignoring = ignoring
    self.reduction = reduction
  }

  /// The loss.
  public convenience init(weight: Tensor<Scalar>? = nil, ignoring: Int = -100, reduction: LossReduction = .mean) {
    self.init(weight: weight, ignoring: ignoring, reduction: reduction, of: Scalar.self)
  }

  /// The loss of log probabilities against class indices.
  public func callAsFunction(
    _ logProbabilities: Tensor<Scalar>, _ labels: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    negativeLogLikelihood(
      logProbabilities, labels, weight: weight?.value, ignoring: ignoring, reduction: reduction,
      file: file, line: line)
  }
}

extension NegativeLogLikelihoodLoss where Scalar == Float {
  /// The loss.
  public convenience init(weight: Tensor<Float>? = nil, ignoring: Int = -100, reduction: LossReduction = .mean) {
    self.init(weight: weight, ignoring: ignoring, reduction: reduction, of: Float.self)
  }
}

/// The hinge loss of several classes, see ``multiMargin(_:_:p:margin:weight:reduction:file:line:)``.
public final class MultiMarginLoss<Scalar: FloatingScalar>: Module {
  /// 1 or 2.
  public let p: Int
  /// How much higher the score of the class should be.
  public let margin: Double
  /// Weights of the classes, [C]; 1 when `nil`.
  public let weight: Buffer<Scalar>?
  /// What becomes of the losses of the examples.
  public let reduction: LossReduction

  /// The loss over a scalar type.
  public init(
    p: Int, margin: Double, weight: Tensor<Scalar>?, reduction: LossReduction, of _: Scalar.Type,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(p == 1 || p == 2, "MultiMarginLoss", "p is \(p), 1 or 2 is wanted")
    (self.p, self.margin) = (p, margin)
    self.weight = weight.map { Buffer($0) }
    self.reduction = reduction
  }

  /// The loss; stops unless p is 1 or 2.
  public convenience init(
    p: Int = 1, margin: Double = 1, weight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean
  ) { self.init(p: p, margin: margin, weight: weight, reduction: reduction, of: Scalar.self) }

  /// The loss of scores against class indices.
  public func callAsFunction(
    _ scores: Tensor<Scalar>, _ labels: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    multiMargin(
      scores, labels, p: p, margin: Scalar(margin), weight: weight?.value, reduction: reduction, file: file, line: line)
  }
}

extension MultiMarginLoss where Scalar == Float {
  /// The loss; stops unless p is 1 or 2.
  public convenience init(
    p: Int = 1, margin: Double = 1, weight: Tensor<Float>? = nil, reduction: LossReduction = .mean
  ) { self.init(p: p, margin: margin, weight: weight, reduction: reduction, of: Float.self) }
}

/// The hinge loss of examples with several classes each, see ``multiLabelMargin(_:_:reduction:file:line:)``.
public final class MultiLabelMarginLoss: Module {
  /// What becomes of the losses of the examples.
  public let reduction: LossReduction

  /// The loss.
  public init(reduction: LossReduction = .mean) { self.reduction = reduction }

  /// The loss of scores against lists of class indices.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ scores: Tensor<Scalar>, _ labels: Tensor<Int>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    multiLabelMargin(scores, labels, reduction: reduction, file: file, line: line)
  }
}

/// The binary cross entropies of all classes, see ``multiLabelSoftMargin(_:_:weight:reduction:file:line:)``.
public final class MultiLabelSoftMarginLoss<Scalar: FloatingScalar>: Module {
  /// Weights of the classes, [C]; 1 when `nil`.
  public let weight: Buffer<Scalar>?
  /// What becomes of the losses of the examples.
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

  /// The loss of logits against answers between 0 and 1.
  public func callAsFunction(
    _ logits: Tensor<Scalar>, _ target: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    multiLabelSoftMargin(logits, target, weight: weight?.value, reduction: reduction, file: file, line: line)
  }
}

extension MultiLabelSoftMarginLoss where Scalar == Float {
  /// The loss.
  public convenience init(weight: Tensor<Float>? = nil, reduction: LossReduction = .mean) {
    self.init(weight: weight, reduction: reduction, of: Float.self)
  }
}
