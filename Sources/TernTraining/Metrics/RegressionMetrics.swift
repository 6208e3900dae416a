import TernBackend
import TernTensor

/// MAE: the mean of |y − ŷ|, at least 0; not a number of none.
///
/// scikit-learn's `mean_absolute_error`.
public struct MeanAbsoluteError: RegressionSumMetric {
  /// What was counted.
  public var sums: RegressionSums

  /// Sums of nothing yet.
  ///
  /// - Parameter outputs: 1, where all elements count alike, whatever their shape; or the extent of the last axis, of which
  ///   each place has its own number.
  public init(outputs: Int = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    sums = RegressionSums(outputs: outputs)
  }

  /// The mean absolute error of each output.
  public var perOutput: [Double] {
    sums.absoluteErrors.map { $0 / Double(sums.count) }
  }
}

/// MSE: the mean of (y − ŷ)², at least 0; not a number of none.
///
/// scikit-learn's `mean_squared_error`.
public struct MeanSquaredError: RegressionSumMetric {
  /// What was counted.
  public var sums: RegressionSums

  /// Sums of nothing yet.
  ///
  /// - Parameter outputs: 1, where all elements count alike, whatever their shape; or the extent of the last axis, of which
  ///   each place has its own number.
  public init(outputs: Int = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    sums = RegressionSums(outputs: outputs)
  }

  /// The mean squared error of each output.
  public var perOutput: [Double] {
    sums.squaredErrors.map { $0 / Double(sums.count) }
  }
}

/// RMSE: the root of the mean of (y − ŷ)², at least 0; not a number of none.
///
/// scikit-learn's `root_mean_squared_error`: of several outputs the mean of their roots.
public struct RootMeanSquaredError: RegressionSumMetric {
  /// What was counted.
  public var sums: RegressionSums

  /// Sums of nothing yet.
  ///
  /// - Parameter outputs: 1, where all elements count alike, whatever their shape; or the extent of the last axis, of which
  ///   each place has its own number.
  public init(outputs: Int = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    sums = RegressionSums(outputs: outputs)
  }

  /// The root of the mean squared error of each output.
  public var perOutput: [Double] {
    sums.squaredErrors.map { ($0 / Double(sums.count)).squareRoot() }
  }
}

/// R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)², at most 1: the coefficient of determination; not a number of fewer than two.
///
/// scikit-learn's `r2_score`: where all targets are equal it is 1 without errors, and 0 with some.
public struct R2Score: RegressionSumMetric {
  /// What was counted.
  public var sums: RegressionSums

  /// Sums of nothing yet.
  ///
  /// - Parameter outputs: 1, where all elements count alike, whatever their shape; or the extent of the last axis, of which
  ///   each place has its own number.
  public init(outputs: Int = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    sums = RegressionSums(outputs: outputs)
  }

  /// The coefficient of each output.
  public var perOutput: [Double] {
    zip(sums.squaredErrors, sums.targetDeviations).map { sums.count < 2 ? .nan : oneMinus($0, $1) }
  }
}

/// 1 − Var(y − ŷ) / Var(y), at most 1: ``R2Score`` for which a constant error is none; not a number of none.
///
/// scikit-learn's `explained_variance_score`: where all targets are equal it is 1 if all errors are, and 0 otherwise.
public struct ExplainedVariance: RegressionSumMetric {
  /// What was counted.
  public var sums: RegressionSums

  /// Sums of nothing yet.
  ///
  /// - Parameter outputs: 1, where all elements count alike, whatever their shape; or the extent of the last axis, of which
  ///   each place has its own number.
  public init(outputs: Int = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    sums = RegressionSums(outputs: outputs)
  }

  /// The explained variance of each output.
  public var perOutput: [Double] {
    zip(sums.errorDeviations, sums.targetDeviations).map { sums.count < 1 ? .nan : oneMinus($0, $1) }
  }
}

/// 1 − a/b; of 0/0 it is 1, of a/0 it is 0.
private func oneMinus(_ a: Double, _ b: Double) -> Double {
  if a.isNaN || b.isNaN { return .nan }
  return a == 0 ? 1 : b == 0 ? 0 : 1 - a / b
}
