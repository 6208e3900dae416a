import TernBackend
import TernTensor

// Losses of numbers as modules, which keep their settings. Each is called with a prediction and a target.

/// (x − y)², see ``meanSquaredError(_:_:reduction:file:line:)``.
public final class MeanSquaredErrorLoss: Module {
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a mean squared error.
  ///
  /// - Parameter reduction: whether the losses are averaged, summed or returned one by one.
  public init(reduction: LossReduction = .mean) { self.reduction = reduction }

  /// The loss; stops where the shapes differ.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    meanSquaredError(prediction, target, reduction: reduction, file: file, line: line)
  }
}

/// |x − y|, see ``meanAbsoluteError(_:_:reduction:file:line:)``.
public final class MeanAbsoluteErrorLoss: Module {
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a mean absolute error.
  ///
  /// - Parameter reduction: whether the losses are averaged, summed or returned one by one.
  public init(reduction: LossReduction = .mean) { self.reduction = reduction }

  /// The loss; stops where the shapes differ.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    meanAbsoluteError(prediction, target, reduction: reduction, file: file, line: line)
  }
}

/// ½(x − y)² up to δ, a straight line beyond, see ``huber(_:_:delta:reduction:file:line:)``.
public final class HuberLoss: Module {
  /// δ, above zero.
  public let delta: Double
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a Huber loss. Stops unless δ is above 0.
  ///
  /// - Parameters:
  ///   - delta: δ, the difference from which the loss is linear, above 0.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(delta: Double = 1, reduction: LossReduction = .mean, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(delta > 0, "HuberLoss", "a delta of \(delta)")
    self.delta = delta
    self.reduction = reduction
  }

  /// The loss; stops where the shapes differ.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    huber(prediction, target, delta: Scalar(delta), reduction: reduction, file: file, line: line)
  }
}

/// Huber's loss divided by β, see ``smoothL1(_:_:beta:reduction:file:line:)``.
public final class SmoothL1Loss: Module {
  /// β, at least zero.
  public let beta: Double
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a smooth L1 loss. Stops for a β below 0.
  ///
  /// - Parameters:
  ///   - beta: β, the difference from which the loss is linear, at least 0.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(beta: Double = 1, reduction: LossReduction = .mean, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(beta >= 0, "SmoothL1Loss", "a beta of \(beta)")
    self.beta = beta
    self.reduction = reduction
  }

  /// The loss; stops where the shapes differ.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ prediction: Tensor<Scalar>, _ target: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    smoothL1(prediction, target, beta: Scalar(beta), reduction: reduction, file: file, line: line)
  }
}
