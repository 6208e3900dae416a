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

  /// Creates a cross entropy loss.
  ///
  /// - Parameters:
  ///   - weight: weights of the classes, [C]; all 1 when `nil`.
  ///   - ignoring: positions with this label do not count.
  ///   - labelSmoothing: the fraction of every target that is spread over all classes, 0 to 1.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(
    weight: Tensor<Scalar>? = nil, ignoring: Int = -100, labelSmoothing: Double = 0, reduction: LossReduction = .mean,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.weight = weight.map { Buffer($0) }
    self.ignoring = ignoring
    self.labelSmoothing = labelSmoothing
    self.reduction = reduction
  }

  /// Creates a cross entropy loss, with `Float` values.
  ///
  /// - Parameters:
  ///   - weight: weights of the classes, [C]; all 1 when `nil`.
  ///   - ignoring: positions with this label do not count.
  ///   - labelSmoothing: the fraction of every target that is spread over all classes, 0 to 1.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public convenience init(
    weight: Tensor<Scalar>? = nil, ignoring: Int = -100, labelSmoothing: Double = 0, reduction: LossReduction = .mean,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      weight: weight, ignoring: ignoring, labelSmoothing: labelSmoothing, reduction: reduction, fileID: file, line: line
    )
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

/// −x[label] of log probabilities, see ``negativeLogLikelihood(_:_:weight:ignoring:reduction:file:line:)``.
public final class NegativeLogLikelihoodLoss<Scalar: FloatingScalar>: Module {
  /// Weights of the classes, [C]; 1 when `nil`.
  public let weight: Buffer<Scalar>?
  /// Positions with this label count for nothing.
  public let ignoring: Int
  /// What becomes of the losses of the positions.
  public let reduction: LossReduction

  /// Creates a loss of log probabilities.
  ///
  /// - Parameters:
  ///   - weight: weights of the classes, [C]; all 1 when `nil`.
  ///   - ignoring: positions with this label do not count.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(
    weight: Tensor<Scalar>? = nil, ignoring: Int = -100, reduction: LossReduction = .mean,
    fileID file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.weight = weight.map { Buffer($0) }
    self.ignoring = ignoring
    self.reduction = reduction
  }

  /// Creates a loss of log probabilities, with `Float` values.
  ///
  /// - Parameters:
  ///   - weight: weights of the classes, [C]; all 1 when `nil`.
  ///   - ignoring: positions with this label do not count.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public convenience init(
    weight: Tensor<Scalar>? = nil, ignoring: Int = -100, reduction: LossReduction = .mean, file: StaticString = #fileID,
    line: UInt = #line
  ) where Scalar == Float {
    self.init(weight: weight, ignoring: ignoring, reduction: reduction, fileID: file, line: line)
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

  /// Creates a hinge loss of several classes. Stops unless p is 1 or 2.
  ///
  /// - Parameters:
  ///   - p: the exponent of the hinge, 1 or 2.
  ///   - margin: how much higher the score of the class is to be.
  ///   - weight: weights of the classes, [C]; all 1 when `nil`.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(
    p: Int = 1, margin: Double = 1, weight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(p == 1 || p == 2, "MultiMarginLoss", "p is \(p), 1 or 2 is wanted")
    (self.p, self.margin) = (p, margin)
    self.weight = weight.map { Buffer($0) }
    self.reduction = reduction
  }

  /// Creates a hinge loss of several classes, with `Float` values. Stops unless p is 1 or 2.
  ///
  /// - Parameters:
  ///   - p: the exponent of the hinge, 1 or 2.
  ///   - margin: how much higher the score of the class is to be.
  ///   - weight: weights of the classes, [C]; all 1 when `nil`.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public convenience init(
    p: Int = 1, margin: Double = 1, weight: Tensor<Scalar>? = nil, reduction: LossReduction = .mean,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(p: p, margin: margin, weight: weight, reduction: reduction, fileID: file, line: line)
  }

  /// The loss of scores against class indices.
  public func callAsFunction(
    _ scores: Tensor<Scalar>, _ labels: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    multiMargin(
      scores, labels, p: p, margin: Scalar(margin), weight: weight?.value, reduction: reduction, file: file, line: line)
  }
}

/// The hinge loss of examples with several classes each, see ``multiLabelMargin(_:_:reduction:file:line:)``.
public final class MultiLabelMarginLoss: Module {
  /// What becomes of the losses of the examples.
  public let reduction: LossReduction

  /// Creates a hinge loss of examples with several classes.
  ///
  /// - Parameter reduction: whether the losses are averaged, summed or returned one by one.
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
public final class MultiLabelSoftMarginLoss<Scalar: FloatingScalar>: WeightedLoss<Scalar> {
  /// The loss of logits against answers between 0 and 1.
  public func callAsFunction(
    _ logits: Tensor<Scalar>, _ target: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    multiLabelSoftMargin(logits, target, weight: weight?.value, reduction: reduction, file: file, line: line)
  }
}
