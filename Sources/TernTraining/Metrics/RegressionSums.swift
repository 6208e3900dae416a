import TernBackend
import TernTensor

/// What errors add up to, for each output: of these are the mean errors, R² and explained variance.
///
/// Deviations are accumulated by Welford's formulas, merged by Chan's, from the first number on, so that a large mean costs
/// no digits; sums keep what rounding loses.
public struct RegressionSums: Sendable {
  /// How many outputs a row has.
  public let outputs: Int
  /// How many rows counted; with a single output, how many elements.
  public private(set) var count = 0
  private var absolute: [CompensatedSum]
  private var squared: [CompensatedSum]
  private var targets: [Deviations]
  private var errors: [Deviations]

  /// The mean of numbers, as what is beyond the first of them, and the sum of squared deviations from it.
  private struct Deviations: Sendable {
    var first = 0.0
    var mean = 0.0
    var squares = 0.0

    mutating func add(_ x: Double, count: Int) {
      if count == 1 { first = x }
      let distance = (x - first) - mean
      mean += distance / Double(count)
      squares += distance * ((x - first) - mean)
    }

    mutating func merge(_ other: Deviations, _ own: Int, _ others: Int) {
      if own == 0 {
        self = other
        return
      }
      let (own, others) = (Double(own), Double(others))
      let distance = (other.first - first) + (other.mean - mean)
      mean += distance * (others / (own + others))
      squares += other.squares + distance * distance * (own * others / (own + others))
    }

    /// The numbers, as a state has them.
    var parts: [Double] { [first, mean, squares] }
  }

  /// Sums of nothing yet.
  ///
  /// - Parameter outputs: 1, where all elements count alike, whatever their shape; or the extent of the last axis, of which
  ///   each place has its own number, and the metric is their mean.
  public init(outputs: Int = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(outputs >= 1 && outputs <= 1 << 28, "RegressionSums", "\(outputs) outputs, 1 to \(1 << 28) are possible")
    self.outputs = outputs
    absolute = [CompensatedSum](repeating: CompensatedSum(), count: outputs)
    squared = absolute
    targets = [Deviations](repeating: Deviations(), count: outputs)
    errors = targets
  }

  /// Σ |e| of each output, e being target − prediction.
  public var absoluteErrors: [Double] { absolute.map(\.value) }
  /// Σ e² of each output.
  public var squaredErrors: [Double] { squared.map(\.value) }
  /// Σ (e − ē)² of each output.
  public var errorDeviations: [Double] { errors.map(\.squares) }
  /// Σ (y − ȳ)² of each output, y being the targets.
  public var targetDeviations: [Double] { targets.map(\.squares) }

  mutating func update(_ batch: RegressionBatch, _ metric: String) {
    RunningScope.enter(batch.file, batch.line)
    defer { RunningScope.leave() }
    if outputs > 1 {
      check(batch.width > 0, metric, "the mask takes single elements out of rows of \(outputs) outputs")
      check(batch.width == outputs, metric, "the last axis has \(batch.width) elements, \(outputs) outputs are wanted")
    }
    for (place, (prediction, target)) in zip(batch.predictions, batch.targets).enumerated() {
      let output = outputs == 1 ? 0 : place % outputs
      if output == 0 { count += 1 }
      let error = target - prediction
      absolute[output].add(abs(error))
      squared[output].add(error * error)
      targets[output].add(target, count: count)
      errors[output].add(error, count: count)
    }
  }

  mutating func merge(_ other: RegressionSums, _ metric: String) {
    check(outputs == other.outputs, metric, "\(outputs) outputs cannot be merged with \(other.outputs)")
    if other.count == 0 { return }
    for index in 0..<outputs {
      absolute[index].add(other.absolute[index])
      squared[index].add(other.squared[index])
      targets[index].merge(other.targets[index], count, other.count)
      errors[index].merge(other.errors[index], count, other.count)
    }
    count += other.count
  }

  var state: [String: Tensor<Double>] {
    func rows(_ numbers: [[Double]]) -> Tensor<Double> {
      Tensor(numbers.flatMap { $0 }, shape: [outputs, numbers[0].count])
    }
    return [
      "count": countTensor([count]), "absolute": rows(absolute.map(\.parts)), "squared": rows(squared.map(\.parts)),
      "targets": rows(targets.map(\.parts)), "errors": rows(errors.map(\.parts)),
    ]
  }

  mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) {
    var new = RegressionSums(outputs: outputs)
    new.count = try state.counts("count", count: 1)[0]
    let absolute = try state.numbers("absolute", count: 2 * outputs, "a number") { _ in true }
    let squared = try state.numbers("squared", count: 2 * outputs, "a number") { _ in true }
    let targets = try state.numbers("targets", count: 3 * outputs, "a number") { _ in true }
    let errors = try state.numbers("errors", count: 3 * outputs, "a number") { _ in true }
    for index in 0..<outputs {
      new.absolute[index] = CompensatedSum(sum: absolute[2 * index], lost: absolute[2 * index + 1])
      new.squared[index] = CompensatedSum(sum: squared[2 * index], lost: squared[2 * index + 1])
      let (first, mean, squares) = (3 * index, 3 * index + 1, 3 * index + 2)
      new.targets[index] = Deviations(first: targets[first], mean: targets[mean], squares: targets[squares])
      new.errors[index] = Deviations(first: errors[first], mean: errors[mean], squares: errors[squares])
    }
    self = new
  }
}

/// A metric of ``RegressionSums``: one of your own needs `perOutput` and nothing else.
public protocol RegressionSumMetric: Metric where Batch == RegressionBatch, Value == Double {
  /// What was counted.
  var sums: RegressionSums { get set }
  /// The metric of each output.
  var perOutput: [Double] { get }
}

extension RegressionSumMetric {
  /// The mean of the outputs' numbers.
  public var value: Double { perOutput.reduce(0, +) / Double(sums.outputs) }
  /// Counts a batch.
  public mutating func update(_ batch: RegressionBatch) { sums.update(batch, "\(Self.self)") }
  /// Forgets what was counted.
  public mutating func reset() { sums = RegressionSums(outputs: sums.outputs) }
  /// Counts what `other` has counted.
  public mutating func merge(_ other: Self) { sums.merge(other.sums, "\(Self.self)") }
  /// The sums and means.
  public var state: [String: Tensor<Double>] { sums.state }
  /// Takes a saved state in place of what was counted.
  public mutating func restore(_ state: [String: Tensor<Double>]) throws(MetricStateError) { try sums.restore(state) }
}
