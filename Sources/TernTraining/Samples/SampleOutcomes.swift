import Foundation
import TernBackend
import TernNN
import TernTensor

/// What each sample of a batch gave: its loss, and of a classifier what it was taken for.
public struct SampleOutcomes: Sendable, Equatable {
  /// The loss of each sample.
  public var losses: [Double]
  /// The logit of each sample's label less the largest of the others: below 0 where the answer is wrong; empty where
  /// there are no classes.
  public var margins: [Double] = []
  /// The labels; empty where there are no classes.
  public var labels: [Int] = []
  /// The classes with the largest logits; empty where there are no classes.
  public var answers: [Int] = []

  /// Whether anybody wants to know, on this task.
  @TaskLocal static var isAsked = false

  /// Samples with losses alone.
  ///
  /// - Parameter losses: The loss of each sample.
  public init(losses: [Double]) { self.losses = losses }

  /// The cross entropies, margins and answers of logits [N, C] for labels [N].
  ///
  /// A label outside 0 ..< C, such as one to ignore, has a loss that is NaN, which a ``SampleHistory`` leaves out. Stops
  /// for other shapes.
  ///
  /// - Parameters:
  ///   - logits: The logits.
  ///   - labels: The labels.
  public init<Scalar: FloatingScalar>(
    logits: Tensor<Scalar>, labels: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      logits.rank == 2 && logits.shape[1] > 0 && labels.shape == [logits.shape[0]], "SampleOutcomes",
      "logits \(logits.shape), labels \(labels.shape), expected [N, C] and [N]")
    let classes = logits.shape[1]
    self.labels = labels.scalars
    losses = []
    withoutGradients { logits.detached().contiguous }.withUnsafeScalars { scalars in
      for (row, label) in self.labels.enumerated() {
        let values = scalars[row * classes..<(row + 1) * classes]
        var (best, other, answer) = (-Double.infinity, -Double.infinity, 0)
        for (index, value) in values.enumerated() {
          let number = value.number
          if number > best || index == 0 { (best, answer) = (number, index) }
          if index != label, number > other { other = number }
        }
        answers.append(answer)
        guard 0..<classes ~= label else {
          losses.append(.nan)
          margins.append(.nan)
          continue
        }
        let own = values[values.startIndex + label].number
        let sum = values.reduce(0) { $0 + exp($1.number - best) }
        losses.append(best - own + log(sum))
        margins.append(own - other)
      }
    }
  }

  /// How many samples there are.
  public var count: Int { losses.count }
}

extension StepLoss {
  /// The loss with those of the batch's samples, which are worked out only where a ``SampleHistory`` asks for them.
  ///
  /// ```swift
  /// let errors = (model(batch.inputs) - batch.labels).square().mean(along: 1)
  /// return StepLoss(sum: errors.sum(), count: errors.count).withSamples(losses: errors)
  /// ```
  ///
  /// - Parameter losses: one for each sample of the batch, in its order.
  public func withSamples<Scalar: FloatingScalar>(losses: @autoclosure () -> Tensor<Scalar>) -> StepLoss {
    with { SampleOutcomes(losses: losses().detached().scalars.map(\.number)) }
  }

  /// The loss with the cross entropies, margins and answers of the batch's samples, which are worked out only where a
  /// ``SampleHistory`` asks for them.
  ///
  /// - Parameters:
  ///   - logits: [N, C].
  ///   - labels: [N].
  public func withSamples<Scalar: FloatingScalar>(
    logits: Tensor<Scalar>, labels: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
  ) -> StepLoss {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return with { SampleOutcomes(logits: logits, labels: labels) }
  }

  private func with(_ outcomes: () -> SampleOutcomes) -> StepLoss {
    guard SampleOutcomes.isAsked else { return self }
    var loss = self
    loss.samples = outcomes()
    return loss
  }
}

extension Parcel {
  mutating func add(_ outcomes: SampleOutcomes) {
    add(outcomes.losses)
    add(outcomes.margins)
    add(outcomes.labels.map(Double.init))
    add(outcomes.answers.map(Double.init))
  }
}

extension ParcelReader {
  mutating func outcomes() -> SampleOutcomes {
    var outcomes = SampleOutcomes(losses: doubles())
    outcomes.margins = doubles()
    outcomes.labels = doubles().map { Int($0) }
    outcomes.answers = doubles().map { Int($0) }
    return outcomes
  }
}
