import Synchronization
import TernData
import TernNN
import TernTensor

/// A training whose loss, or whose model, is no longer finite: where, and what of the model was so first.
public struct NonFiniteError: Error, Sendable, CustomStringConvertible {
  /// The number of the step, from 1.
  public let step: Int
  /// The number of the epoch, from 1.
  public let epoch: Int
  /// The number of the batch in its epoch, from 1.
  public let batch: Int
  /// What is not finite: `the loss is nan`.
  public let what: String
  /// The path of the first layer whose output was not finite, where one was; empty for the model itself.
  public let layer: String?
  /// What was found in the model, in words.
  public let cause: String
  /// The learning rate of the step.
  public let learningRate: Double

  /// Where and what, without what to try.
  public var finding: String { "step \(step) (epoch \(epoch), batch \(batch)): \(what); \(cause)" }

  /// One line: the step, what is not finite, the layer where it began, and what to try.
  public var description: String {
    "\(finding); try a learning rate smaller than \(learningRate), clip the gradients, or look at the data "
      + "(Trainer.keepsGoing goes on all the same)"
  }
}

extension Trainer {
  /// The parameters that are trained and have a value which is not finite.
  var brokenParameters: [String] {
    model.namedParameters.compactMap { $1.isFrozen || $1.hasFiniteValue ? nil : $0 }
  }

  /// The error of a model, or of its score, that is not finite at the end of an epoch or where the training stops.
  func brokenModel(_ score: MeanTotal?) -> NonFiniteError? {
    let broken = brokenParameters
    let isScoreFinite = score?.mean.isFinite ?? true
    if isScoreFinite && broken.isEmpty { return nil }
    let loss = score?.count == 0 ? "over nothing that counts" : words(score?.mean ?? .nan)
    return NonFiniteError(
      step: completedSteps, epoch: progress.epoch + 1, batch: progress.batch,
      what: broken.isEmpty
        ? "the test loss is \(loss)" : "a step made parameters that are not finite",
      layer: nil,
      cause: broken.isEmpty ? "every parameter is finite" : "the first of them is \(broken[0])",
      learningRate: optimizer.learningRate)
  }

  /// The error of a batch whose loss is not finite. The loss runs once more, watched, and the model is put back to what it
  /// was.
  func brokenStep(
    _ batch: Source.Batch, _ broken: BrokenLoss, _ loss: (Source.Batch) throws -> StepLoss
  ) -> NonFiniteError {
    let (layer, cause) = firstBroken(batch, broken.generator, loss)
    return NonFiniteError(
      step: completedSteps + 1, epoch: progress.epoch + 1, batch: progress.batch + 1 + broken.index,
      what: "the loss is \(words(broken.value))",
      layer: layer, cause: cause, learningRate: optimizer.learningRate)
  }

  private func firstBroken(
    _ batch: Source.Batch, _ generator: RandomGenerator.State, _ loss: (Source.Batch) throws -> StepLoss
  ) -> (layer: String?, cause: String) {
    if let sample = (batch as? any CheckedBatch)?.firstSampleNotFinite {
      return (nil, "the data is not finite: sample \(sample) of the batch, from 0, is the first")
    }
    let first = FirstBrokenLayer()
    let observations = [first.watch(model, Float.self), first.watch(model, Double.self)]
    let before = model.state
    withoutGradients {
      // What fails now was not what was asked about.
      Random.with(RandomGenerator(state: generator)) { _ = try? loss(batch) }
    }
    for observation in observations { observation.cancel() }
    // It is the model's own state, which fits.
    _ = try? model.load(before)
    guard let found = first.value else {
      return (nil, "every layer's output is finite, so that it is the loss function or a label")
    }
    let module = model.namedModules.first { $0.name == found.path }?.module
    let kind = module.map { String("\(type(of: $0))".prefix { $0 != "<" }) } ?? "layer"
    let name = found.path.isEmpty ? kind : "\(found.path) (\(kind))"
    let prefix = found.path.isEmpty ? "" : found.path + "."
    let weights = brokenParameters.filter { $0.hasPrefix(prefix) }
    let origin =
      !weights.isEmpty
      ? ", whose \(weights[0].dropFirst(prefix.count)) is not finite since an earlier step"
      : found.isInputFinite ? ", from an input that is finite" : ""
    return (found.path, "the first layer whose output is not finite is \(name)\(origin)")
  }
}

/// The first layer whose output was not finite.
private final class FirstBrokenLayer: Sendable {
  private let first = Mutex<(path: String, isInputFinite: Bool)?>(nil)

  var value: (path: String, isInputFinite: Bool)? { first.withLock { $0 } }

  func watch<Scalar: FloatingScalar>(_ model: some Module, _: Scalar.Type) -> LayerObservation {
    model.observe { (call: LayerCall<Scalar>) in
      if call.output.isAllFinite { return }
      let isInputFinite = call.input.isAllFinite
      self.first.withLock { if $0 == nil { $0 = (call.path, isInputFinite) } }
    }
  }
}

/// A batch that can tell which of its samples is not finite.
private protocol CheckedBatch {
  var firstSampleNotFinite: Int? { get }
}

extension LabeledBatch: CheckedBatch {
  fileprivate var firstSampleNotFinite: Int? {
    switch inputs {
    case let inputs as Tensor<Float>: TernTraining.firstSampleNotFinite(inputs)
    case let inputs as Tensor<Double>: TernTraining.firstSampleNotFinite(inputs)
    default: nil
    }
  }
}

extension AnyParameter {
  fileprivate var hasFiniteValue: Bool { value(as: Scalar.self).isAllFinite }
}

/// The index along the first axis of the first sample that has a value which is not finite; `nil` where all are.
package func firstSampleNotFinite<Scalar: FloatingScalar>(_ samples: Tensor<Scalar>) -> Int? {
  guard samples.rank > 0, samples.count > 0 else { return nil }
  let finite = withoutGradients { samples.detached().isFinite().scalars }
  return finite.firstIndex(of: false).map { $0 / (samples.count / samples.shape[0]) }
}

/// The number for a message: NaN has no sign there.
private func words(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }
