import TernBackend
import TernNN
import TernTensor

/// How every sample of a data set was learned: its loss in each epoch, its mean margin, when it was answered rightly first and
/// how often it was forgotten. It finds samples that are likely to be labeled wrongly.
///
/// ```swift
/// trainer.sampleHistory = SampleHistory(count: train.count)
/// try trainer.run(epochs: 10)
/// for sample in trainer.sampleHistory!.ranked().prefix(20) { print(sample.index, sample.meanLoss) }
/// ```
///
/// In a loop of one's own it is told of each batch by ``record(_:at:epoch:file:line:)``. A sample takes 40 bytes, and 4 more for each
/// epoch. The loss and the margin of a sample are those of the training step that it was in, before the update.
///
/// Sources: mean margins, Pleiss et al. 2020, "Identifying mislabeled data using the area under the margin ranking";
/// forgetting, Toneva et al. 2019, "An empirical study of example forgetting during deep neural network learning".
public struct SampleHistory: TrainingPart, Sendable {
  /// How many samples the data set has.
  public let count: Int
  /// How many epochs there are, the one that runs included.
  public var epochs: Int { losses.count }
  /// The loss by epoch and sample; NaN where the sample was not in the epoch.
  private(set) var losses: [[Float]] = []
  private var visits: [Int32]
  private var lossSums: [Double]
  private var marginSums: [Double]
  /// How often the answer was right.
  private var rights: [Int32]
  /// The epoch of the first right answer, from 1; 0 before.
  private var learned: [Int32]
  /// How often a right answer was followed by a wrong one.
  private var forgotten: [Int32]
  /// The label, and the last answer; −1 where there are no classes. The answer is right where they are equal.
  private var labels: [Int32]
  private var answers: [Int32]

  /// A history of a data set that was not yet trained with.
  ///
  /// - Parameter count: how many samples the data set has, at least 0.
  public init(count: Int, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 0, "SampleHistory", "\(count) samples (at least 0)")
    self.count = count
    (lossSums, marginSums) = (Array(repeating: 0, count: count), Array(repeating: 0, count: count))
    let zeros = [Int32](repeating: 0, count: count)
    (visits, rights, learned, forgotten) = (zeros, zeros, zeros, zeros)
    (labels, answers) = (Array(repeating: -1, count: count), Array(repeating: -1, count: count))
  }

  /// Takes what a batch gave.
  ///
  /// A loss that is not finite is left out. Stops for a sample that is not there, and where there are not as many outcomes as
  /// samples.
  ///
  /// - Parameters:
  ///   - outcomes: what each sample gave.
  ///   - samples: the places of the samples in the data set.
  ///   - epoch: the number of the epoch, from 1.
  public mutating func record(
    _ outcomes: SampleOutcomes, at samples: [Int], epoch: Int, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(epoch >= 1, "SampleHistory", "epoch \(epoch) (at least 1)")
    check(
      outcomes.count == samples.count, "SampleHistory", "\(outcomes.count) outcomes for \(samples.count) samples")
    while losses.count < epoch { losses.append(Array(repeating: .nan, count: count)) }
    let hasClasses = outcomes.labels.count == samples.count && outcomes.answers.count == samples.count
    let hasMargins = outcomes.margins.count == samples.count
    for (row, sample) in samples.enumerated() {
      check(0..<count ~= sample, "SampleHistory", "sample \(sample) is not in 0 ..< \(count)")
      let loss = outcomes.losses[row]
      guard loss.isFinite else { continue }
      if hasClasses {
        let isRight = outcomes.labels[row] == outcomes.answers[row]
        if isRight {
          rights[sample] += 1
          if learned[sample] == 0 { learned[sample] = Int32(clamping: epoch) }
        } else if visits[sample] > 0, labels[sample] == answers[sample], labels[sample] >= 0 {
          forgotten[sample] += 1
        }
        labels[sample] = Int32(clamping: outcomes.labels[row])
        answers[sample] = Int32(clamping: outcomes.answers[row])
      }
      visits[sample] += 1
      lossSums[sample] += loss
      if hasMargins { marginSums[sample] += outcomes.margins[row] }
      losses[epoch - 1][sample] = Float(loss)
    }
  }

  /// What is known of a sample; stops for one that is not there.
  public subscript(_ sample: Int) -> SampleRecord {
    check(0..<count ~= sample, "SampleHistory", "sample \(sample) is not in 0 ..< \(count)")
    let seen = Double(visits[sample])
    let hasClasses = labels[sample] >= 0
    return SampleRecord(
      index: sample, visits: Int(visits[sample]), meanLoss: seen > 0 ? lossSums[sample] / seen : .nan,
      lastLoss: losses.last { !$0[sample].isNaN }.map { Double($0[sample]) } ?? .nan,
      meanMargin: hasClasses && seen > 0 ? marginSums[sample] / seen : nil,
      label: hasClasses ? Int(labels[sample]) : nil, answer: hasClasses ? Int(answers[sample]) : nil,
      rightCount: Int(rights[sample]), learnedEpoch: learned[sample] > 0 ? Int(learned[sample]) : nil,
      forgottenCount: Int(forgotten[sample]))
  }

  /// The losses of a sample by epoch; NaN for an epoch that it was not in. Stops for a sample that is not there.
  public func losses(of sample: Int, file: StaticString = #fileID, line: UInt = #line) -> [Float] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(0..<count ~= sample, "SampleHistory", "sample \(sample) is not in 0 ..< \(count)")
    return losses.map { $0[sample] }
  }

  /// The samples that were seen, those first that are most likely to be labeled wrongly: by their mean margin, from the least;
  /// where there are no classes by their mean loss, from the largest.
  public func ranked() -> [SampleRecord] {
    let seen = (0..<count).filter { visits[$0] > 0 }
    let scores = (0..<count).map { sample in
      let mean = labels[sample] >= 0 ? -marginSums[sample] : lossSums[sample]
      return mean / Double(max(visits[sample], 1))
    }
    return seen.sorted { (scores[$1], $0) < (scores[$0], $1) }.map { self[$0] }
  }

  /// The samples whose answer was right once and wrong later, those first for which that was so most often.
  public func forgottenSamples() -> [SampleRecord] {
    (0..<count).filter { forgotten[$0] > 0 }
      .sorted { (forgotten[$1], lossSums[$1], $0) < (forgotten[$0], lossSums[$0], $1) }.map { self[$0] }
  }

  /// The samples whose answer was never right, those first with the largest mean loss.
  public func neverLearnedSamples() -> [SampleRecord] {
    ranked().filter { $0.label != nil && $0.rightCount == 0 }.sorted {
      ($1.meanLoss, $0.index) < ($0.meanLoss, $1.index)
    }
  }

  // MARK: State

  /// The losses by epoch, and what is known of every sample.
  public var state: PartState {
    var tensors = [
      StateEntry(name: "loss_sums", Tensor(lossSums)), StateEntry(name: "margin_sums", Tensor(marginSums)),
    ]
    for (name, values) in [
      ("visits", visits), ("rights", rights), ("learned", learned), ("forgotten", forgotten), ("labels", labels),
      ("answers", answers),
    ] { tensors.append(StateEntry(name: name, Tensor(values))) }
    for (epoch, values) in losses.enumerated() {
      tensors.append(StateEntry(name: "losses.\(epoch + 1)", Tensor(values)))
    }
    return PartState(tensors: tensors, scalars: ["epochs": Double(epochs)])
  }

  /// Restores a state; on an error nothing has changed.
  ///
  /// - Throws: `StateMismatch` with all that does not fit, such as a history of another number of samples.
  public mutating func load(_ state: PartState) throws(StateMismatch) {
    var reader = StateReader(state)
    func values<Scalar: TensorScalar>(_ name: String, _: Scalar.Type) -> [Scalar] {
      guard let body = reader.tensor(name, [count], Scalar.dtype), body.dtype == Scalar.dtype else { return [] }
      return Tensor<Scalar>(body: body).scalars
    }
    var other = SampleHistory(count: count)
    (other.lossSums, other.marginSums) = (values("loss_sums", Double.self), values("margin_sums", Double.self))
    (other.visits, other.rights) = (values("visits", Int32.self), values("rights", Int32.self))
    (other.learned, other.forgotten) = (values("learned", Int32.self), values("forgotten", Int32.self))
    (other.labels, other.answers) = (values("labels", Int32.self), values("answers", Int32.self))
    // Only as many as there can be entries.
    let number = min(reader.count("epochs"), state.tensors.count)
    other.losses = (0..<number).map { values("losses.\($0 + 1)", Float.self) }
    if other.visits.contains(where: { $0 < 0 }) { reader.refuse("visits below 0") }
    try reader.finish()
    self = other
  }
}

/// How one sample was learned.
public struct SampleRecord: Sendable, Equatable {
  /// Its place in the data set.
  public var index: Int
  /// How often it was trained with.
  public var visits: Int
  /// The mean of its losses.
  public var meanLoss: Double
  /// Its loss in the last epoch that it was in.
  public var lastLoss: Double
  /// The mean of the logit of its label less the largest other one; `nil` where there are no classes.
  public var meanMargin: Double?
  /// Its label; `nil` where there are no classes.
  public var label: Int?
  /// What it was taken for last; `nil` where there are no classes.
  public var answer: Int?
  /// How often the answer was right.
  public var rightCount: Int
  /// The number of the epoch of its first right answer, from 1; `nil` where there was none.
  public var learnedEpoch: Int?
  /// How often a right answer was followed by a wrong one.
  public var forgottenCount: Int
}
