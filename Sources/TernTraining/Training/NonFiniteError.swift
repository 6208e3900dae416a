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
  /// The number of the step in its epoch, from 1.
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
    model.namedParameters.compactMap { name, parameter in
      guard !parameter.isFrozen, let parameter = parameter as? Parameter<Model.Scalar> else { return nil }
      return parameter.value.isAllFinite ? nil : name
    }
  }

  /// The error of a model, or of its score, that is not finite at the end of an epoch or where the training stops.
  func brokenModel(_ score: EvaluationScore?) -> NonFiniteError? {
    let broken = brokenParameters
    let isScoreFinite = score?.loss.isFinite ?? true
    if isScoreFinite && broken.isEmpty { return nil }
    return NonFiniteError(
      step: completedSteps, epoch: progress.epoch + 1, batch: progress.batch,
      what: broken.isEmpty
        ? "the test loss is \(words(score?.loss ?? .nan))" : "a step made parameters that are not finite",
      layer: nil,
      cause: broken.isEmpty ? "every parameter is finite" : "the first of them is \(broken[0])",
      learningRate: optimizer.learningRate)
  }

  /// The error of a batch whose loss is not finite. The model runs once more, watched, and is put back to what it was.
  func brokenStep(_ batch: Source.Batch, loss: Double, generator: RandomGenerator.State) -> NonFiniteError {
    let (layer, cause) = firstBroken(batch.inputs, generator)
    return NonFiniteError(
      step: completedSteps + 1, epoch: progress.epoch + 1, batch: progress.batch + 1,
      what: "the loss is \(words(loss))",
      layer: layer, cause: cause, learningRate: optimizer.learningRate)
  }

  private func firstBroken(
    _ inputs: Tensor<Model.Scalar>, _ generator: RandomGenerator.State
  ) -> (layer: String?, cause: String) {
    if let sample = firstSampleNotFinite(inputs) {
      return (nil, "the data is not finite: sample \(sample) of the batch, from 0, is the first")
    }
    let first = Mutex<(path: String, isInputFinite: Bool)?>(nil)
    let observation = model.observe { (call: LayerCall<Model.Scalar>) in
      if call.output.isAllFinite { return }
      let isInputFinite = call.input.isAllFinite
      first.withLock { if $0 == nil { $0 = (call.path, isInputFinite) } }
    }
    let before = model.state
    withoutGradients {
      Random.with(RandomGenerator(state: generator)) { _ = model(inputs) }
    }
    observation.cancel()
    // It is the model's own state, which fits.
    _ = try? model.load(before)
    guard let found = first.withLock({ $0 }) else {
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

/// The index along the first axis of the first sample that has a value which is not finite; `nil` where all are.
package func firstSampleNotFinite<Scalar: FloatingScalar>(_ samples: Tensor<Scalar>) -> Int? {
  guard samples.rank > 0, samples.count > 0 else { return nil }
  let finite = withoutGradients { samples.detached().isFinite().scalars }
  return finite.firstIndex(of: false).map { $0 / (samples.count / samples.shape[0]) }
}

/// The number for a message: NaN has no sign there.
private func words(_ value: Double) -> String { value.isNaN ? "nan" : "\(value)" }
