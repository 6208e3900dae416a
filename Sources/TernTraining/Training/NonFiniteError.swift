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
  /// The operation that it began in, where the step was done again and it was found.
  public internal(set) var origin: NonFiniteOrigin?

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

  /// The error of a batch whose loss is not finite, in the state that it met. The loss runs once more, watched, and the model
  /// is put back to what it was.
  func brokenStep(
    _ batch: Source.Batch, _ broken: BrokenLoss, samples: [Int] = [], _ loss: (Source.Batch) throws -> StepLoss
  ) -> NonFiniteError {
    let (layer, cause, origin) = firstBroken(batch, broken.generator, samples, loss)
    var error = NonFiniteError(
      step: completedSteps + 1, epoch: progress.epoch + 1, batch: progress.batch + 1 + broken.index,
      what: "the loss is \(words(broken.value))",
      layer: layer, cause: cause, learningRate: optimizer.learningRate)
    error.origin = origin
    return error
  }

  private func firstBroken(
    _ batch: Source.Batch, _ generator: RandomGenerator.State, _ samples: [Int],
    _ loss: (Source.Batch) throws -> StepLoss
  ) -> (layer: String?, cause: String, origin: NonFiniteOrigin?) {
    let first = FirstBrokenLayer()
    let observations = [first.watch(model, Float.self), first.watch(model, Double.self)]
    let before = model.state
    let tensors = tensors(in: batch)
    let search = NonFiniteSearch(model, batch: tensors, samples: samples, notesNodes: false)
    // What fails now was not what was asked about.
    let found = OperationObservers.with(search) {
      Random.with(RandomGenerator(state: generator)) { try? loss(batch) }
    }
    for observation in observations { observation.cancel() }
    // It is the model's own state, which fits.
    _ = try? model.load(before)
    let origin = search.origin(of: found?.root)
    let words = origin.map { "; \($0)" } ?? ""
    if origin == nil || origin?.kind == .data, let sample = (batch as? any CheckedBatch)?.brokenSample {
      return (nil, "the data is not finite: sample \(sample) of the batch, from 0, is the first\(words)", origin)
    }
    guard let layer = first.value else {
      return (
        origin?.layer, "every layer's output is finite, so that it is the loss function or a label\(words)", origin
      )
    }
    let module = model.namedModules.first { $0.name == layer.path }?.module
    let kind = module.map { String("\(type(of: $0))".prefix { $0 != "<" }) } ?? "layer"
    let name = layer.path.isEmpty ? kind : "\(layer.path) (\(kind))"
    let prefix = layer.path.isEmpty ? "" : layer.path + "."
    let weights = brokenParameters.filter { $0.hasPrefix(prefix) }
    let reason =
      !weights.isEmpty
      ? ", whose \(weights[0].dropFirst(prefix.count)) is not finite since an earlier step"
      : layer.isInputFinite ? ", from an input that is finite" : ""
    return (
      origin == nil ? layer.path : origin?.layer,
      "the first layer whose output is not finite is \(name)\(reason)\(words)", origin
    )
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
  var brokenSample: Int? { get }
}

extension LabeledBatch: CheckedBatch {
  fileprivate var brokenSample: Int? {
    switch inputs {
    case let inputs as Tensor<Float>: firstSampleNotFinite(inputs)
    case let inputs as Tensor<Double>: firstSampleNotFinite(inputs)
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
