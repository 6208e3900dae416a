import TernBackend
import TernNN
import TernTensor

/// A sum and how much it was summed over: totals of batches of any size add up to the mean of all.
public struct MeanTotal: Sendable, Equatable, Codable {
  /// The sum.
  public var sum: Double
  /// What it was summed over: samples, tokens, or the sum of their weights.
  public var count: Double

  /// A sum over a count; nothing yet where neither is given.
  ///
  /// - Parameters:
  ///   - sum: The sum of the losses.
  ///   - count: The number of samples, or the sum of their weights.
  public init(sum: Double = 0, count: Double = 0) { (self.sum, self.count) = (sum, count) }

  /// sum/count; NaN over nothing.
  public var mean: Double { count == 0 ? .nan : sum / count }

  /// Adds another total.
  public mutating func add(_ other: MeanTotal) {
    sum += other.sum
    count += other.count
  }
}

/// A loss, and other figures, of one batch or of several together.
public struct LossTotal: Sendable, Equatable, Codable {
  /// The loss.
  public var loss = MeanTotal()
  /// Other figures by name, such as `accuracy`.
  public var figures: [String: MeanTotal] = [:]

  /// Nothing yet.
  public init() {}

  /// A total of these.
  ///
  /// - Parameters:
  ///   - loss: The loss.
  ///   - figures: Other figures by name.
  public init(loss: MeanTotal, figures: [String: MeanTotal] = [:]) { (self.loss, self.figures) = (loss, figures) }

  /// Adds another total.
  public mutating func add(_ other: LossTotal) {
    loss.add(other.loss)
    for (name, figure) in other.figures { figures[name, default: MeanTotal()].add(figure) }
  }
}

/// The loss of a batch as a sum and what it was summed over, so that batches of different sizes count for what they are.
///
/// ```swift
/// let squares = (model(batch.inputs) - batch.labels).square()
/// return StepLoss(sum: squares.sum(), count: squares.count)
/// ```
///
/// A step of one batch follows the gradient of sum/count; one of several batches that of Σ sum / Σ count. Positions that are
/// ignored count 0, weighted ones their weight, see ``crossEntropy(_:_:weight:ignoring:labelSmoothing:file:line:)``.
public struct StepLoss {
  /// The numbers: the loss, and figures that are reported beside it.
  public let total: LossTotal
  /// What each sample of the batch gave, where a ``SampleHistory`` asks for it and the loss tells.
  public internal(set) var samples: SampleOutcomes?
  /// What it was made of, the sum or the mean.
  let root: TensorBody
  /// Runs backward from a multiple of the sum; from the mean where there is no factor.
  private let run: (Double?) -> Void

  /// The loss of a batch.
  ///
  /// - Parameters:
  ///   - sum: Σ of the losses, a single value.
  ///   - count: what it was summed over: samples, tokens, or the sum of their weights; at least 0.
  ///   - figures: what is reported beside it, such as `["accuracy": MeanTotal(sum: 61, count: 64)]`.
  public init<Scalar: FloatingScalar>(
    sum: Tensor<Scalar>, count: Double, figures: [String: MeanTotal] = [:], file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(sum.count == 1, "StepLoss", "a sum of shape \(sum.shape) (a single value)")
    check(count >= 0 && count.isFinite, "StepLoss", "a count of \(count) (a finite number from 0)")
    total = LossTotal(loss: MeanTotal(sum: sum.item.number, count: count), figures: figures)
    root = sum.body
    run = { factor in
      guard sum.requiresGradient else { return }
      sum.backward(Tensor(full: sum.shape, factor.map { Scalar($0) } ?? Scalar(1 / count)))
    }
  }

  /// The loss of a batch, over a number of samples.
  ///
  /// - Parameters:
  ///   - sum: The sum of the losses.
  ///   - count: The number of samples, or the sum of their weights.
  ///   - figures: Other figures by name.
  public init<Scalar: FloatingScalar>(
    sum: Tensor<Scalar>, count: Int, figures: [String: MeanTotal] = [:], file: StaticString = #fileID,
    line: UInt = #line
  ) {
    self.init(sum: sum, count: Double(count), figures: figures, file: file, line: line)
  }

  /// The loss of a batch as a mean over `count`: sum = mean·count.
  ///
  /// - Parameters:
  ///   - mean: The mean loss.
  ///   - count: The number of samples, or the sum of their weights.
  ///   - figures: Other figures by name.
  public init<Scalar: FloatingScalar>(
    mean: Tensor<Scalar>, count: Double, figures: [String: MeanTotal] = [:], file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(mean.count == 1, "StepLoss", "a mean of shape \(mean.shape) (a single value)")
    check(count >= 0 && count.isFinite, "StepLoss", "a count of \(count) (a finite number from 0)")
    // A mean over nothing is NaN, and adds nothing.
    let sum = count == 0 ? 0 : mean.item.number * count
    total = LossTotal(loss: MeanTotal(sum: sum, count: count), figures: figures)
    root = mean.body
    run = { factor in
      guard mean.requiresGradient else { return }
      mean.backward(factor.map { Tensor(full: mean.shape, Scalar($0 * count)) })
    }
  }

  /// The loss of a batch as a mean over a number of samples.
  ///
  /// - Parameters:
  ///   - mean: The mean loss.
  ///   - count: The number of samples, or the sum of their weights.
  ///   - figures: Other figures by name.
  public init<Scalar: FloatingScalar>(
    mean: Tensor<Scalar>, count: Int, figures: [String: MeanTotal] = [:], file: StaticString = #fileID,
    line: UInt = #line
  ) {
    self.init(mean: mean, count: Double(count), figures: figures, file: file, line: line)
  }

  /// The mean loss; NaN over nothing.
  public var mean: Double { total.loss.mean }

  /// Adds the gradients of sum/count to the parameters; over nothing there is none.
  public func backward(file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if total.loss.count > 0 { run(nil) }
  }

  /// Adds `factor` times the gradients of the sum to the parameters.
  public func backward(scaledBy factor: Double, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if total.loss.count > 0 { run(factor) }
  }

  /// Runs backward with a gradient of 0, for layers whose derivatives other shards wait for and add to.
  func backwardForOthers() { run(0) }

  /// The cross entropy of logits against classes, over the weights of the labels that count, with the accuracy over those
  /// labels; see `crossEntropy(_:_:weight:ignoring:labelSmoothing:reduction:file:line:)` for what comes in.
  ///
  /// sum = Σ w[yᵢ]·lossᵢ and count = Σ w[yᵢ] over the positions that are not ignored.
  public static func crossEntropy<Scalar: FloatingScalar>(
    _ logits: Tensor<Scalar>, _ labels: Tensor<Int>, weight: Tensor<Scalar>? = nil, ignoring: Int = -100,
    labelSmoothing: Scalar = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> StepLoss {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let sum = TernNN.crossEntropy(
      logits, labels, weight: weight, ignoring: ignoring, labelSmoothing: labelSmoothing, reduction: .sum)
    let classes = withoutGradients { logits.detached().argmax(along: logits.rank == 1 ? 0 : 1).scalars }
    let weights = weight?.detached().scalars.map(\.number)
    var (count, known, right) = (0.0, 0.0, 0.0)
    for (label, found) in zip(labels.scalars, classes) where label != ignoring {
      count += weights?[label] ?? 1
      known += 1
      right += label == found ? 1 : 0
    }
    let loss = StepLoss(sum: sum, count: count, figures: ["accuracy": MeanTotal(sum: right, count: known)])
    return logits.rank == 2 ? loss.withSamples(logits: logits, labels: labels) : loss
  }
}
