import TernBackend
import TernTensor

/// A model whose parameters are an average over those that another model had, as `torch.optim.swa_utils.AveragedModel`.
///
/// ```swift
/// let averaged = AveragedModel(model, average: .exponential(decay: 0.999))
/// for batch in batches {
///   …
///   optimizer.step()
///   averaged.update(with: model)
/// }
/// averaged.updateBatchNorm(over: batches.map(\.inputs))
/// ```
///
/// It holds a copy of the model under the name `module` and counts its updates in `n_averaged`.
public final class AveragedModel<Model: Module>: Module {
  /// How the average goes on.
  public enum Average: Sendable, Equatable {
    /// The mean of all updates: stochastic weight averaging.
    case mean
    /// v ← decay·v + (1 − decay)·new.
    case exponential(decay: Double)
  }

  /// The averaged model.
  public let module: Model
  /// The number of updates so far.
  public let nAveraged = Buffer<Int>(Tensor(0))
  /// How the average goes on.
  public let average: Average
  /// Whether floating buffers are averaged; otherwise they are copied.
  public let averagesBuffers: Bool

  /// Creates an average that starts at the first update. Stops for a decay outside 0 to 1.
  ///
  /// - Parameters:
  ///   - model: the model; it is copied, see ``Module/copy(file:line:)``.
  ///   - average: how the average goes on.
  ///   - averagesBuffers: whether floating buffers are averaged as parameters are; otherwise they are copied.
  public init(
    _ model: Model, average: Average = .mean, averagesBuffers: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if case .exponential(let decay) = average {
      check(decay >= 0 && decay <= 1, "AveragedModel", "a decay of \(decay) (0 to 1)")
    }
    module = model.copy()
    self.average = average
    self.averagesBuffers = averagesBuffers
  }

  /// Takes the values of a model of the same structure into the average; the first update copies them.
  public func update(with model: Model, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let count = nAveraged.value.item
    let decay: Double =
      switch average {
      case .mean: Double(count) / Double(count + 1)
      case .exponential(let decay): count == 0 ? 0 : decay
      }
    ModuleTree(module).blend(
      toward: ModuleTree(model), decay: decay, averagesBuffers: averagesBuffers, "AveragedModel")
    nAveraged.value = Tensor(count + 1)
  }
}

extension AveragedModel: Layer where Model: Layer {
  /// The averaged model's scalar type.
  public typealias Scalar = Model.Scalar

  /// The averaged model's result.
  public func forward(_ input: Tensor<Model.Scalar>) -> Tensor<Model.Scalar> { module(input) }
}

extension Layer {
  /// Works the running statistics of all batch normalizations out anew, as the mean over some batches, as `update_bn`.
  ///
  /// Each is reset, the batches go through the layer in training without gradients, and modes and momenta are put back.
  /// Without batch normalization nothing happens.
  public func updateBatchNorm(
    over batches: some Sequence<Tensor<Scalar>>, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let layers = namedModules.compactMap { $0.module as? BatchNorm<Scalar> }.filter { $0.runningMean != nil }
    if layers.isEmpty { return }
    for layer in layers { layer.resetRunningStatistics() }
    let momenta = layers.map { $0.momentum }
    for layer in layers { layer.momentum = nil }
    defer { for (layer, momentum) in zip(layers, momenta) { layer.momentum = momentum } }
    with(.training) { withoutGradients { for batch in batches { _ = self(batch, file: file, line: line) } } }
  }
}
