import TernBackend
import TernTensor

/// Batch normalization of any number of axes; the base class of `BatchNorm1d`, `BatchNorm2d` and `BatchNorm3d`.
///
/// Training: y = γ·(x − μ)/√(σ² + ε) + β with the batch's own mean μ and biased variance σ² of every channel, and the
/// running statistics move toward μ and the unbiased variance σ²·n/(n − 1). Evaluation: the running statistics take the
/// place of the batch's; without tracking, the batch's own are used there too.
///
/// Source: Ioffe & Szegedy 2015, "Batch normalization: accelerating deep network training by reducing internal
/// covariate shift".
public class BatchNorm<Scalar: FloatingScalar>: Layer, ModeDependent {
  /// The number of channels C.
  public let features: Int
  /// ε, inside the root.
  public let epsilon: Double
  /// The weight of the new value: running ← (1 − momentum)·running + momentum·new; `nil` is the average of all batches.
  public internal(set) var momentum: Double?
  /// γ, [C], starts at 1; `nil` where not affine.
  public let weight: Parameter<Scalar>?
  /// β, [C], starts at 0; `nil` where not affine.
  public let bias: Parameter<Scalar>?
  /// The running mean, [C], starts at 0; `nil` where not tracked.
  public let runningMean: Buffer<Scalar>?
  /// The running variance (unbiased), [C], starts at 1; `nil` where not tracked.
  public let runningVar: Buffer<Scalar>?
  /// How many batches went into the running statistics; `nil` where not tracked.
  public let numBatchesTracked: Buffer<Int>?
  /// Whether the batch's own statistics are used and the running ones move.
  public var isTraining = true
  /// The ranks whose batches are normalized together in training; `nil` where each is normalized by itself.
  package var synchronization: RankStatistics?

  /// Creates the normalization of `features` channels.
  ///
  /// - Parameters:
  ///   - features: the number of channels C, at least 1.
  ///   - epsilon: ε, added to the variance inside the root.
  ///   - momentum: the fraction of the new value in the running statistics, 0 to 1; `nil` averages over all batches.
  ///   - affine: whether γ and β are learned.
  ///   - tracking: whether running statistics are kept.
  public required init(
    _ features: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true, tracking: Bool = true,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(features >= 1, "\(Self.self)", "\(features) features")
    self.features = features
    self.epsilon = epsilon
    self.momentum = momentum
    weight = affine ? Parameter(Tensor(ones: [features])) : nil
    bias = affine ? Parameter(Tensor(zeros: [features])) : nil
    runningMean = tracking ? Buffer(Tensor(zeros: [features])) : nil
    runningVar = tracking ? Buffer(Tensor(ones: [features])) : nil
    numBatchesTracked = tracking ? Buffer(Tensor(0)) : nil
  }

  /// Creates the normalization of `features` channels, with `Float` values.
  ///
  /// - Parameters:
  ///   - features: the number of channels C, at least 1.
  ///   - epsilon: ε, added to the variance inside the root.
  ///   - momentum: the fraction of the new value in the running statistics, 0 to 1; `nil` averages over all batches.
  ///   - affine: whether γ and β are learned.
  ///   - tracking: whether running statistics are kept.
  public convenience init(
    _ features: Int, epsilon: Double = 1e-5, momentum: Double? = 0.1, affine: Bool = true, tracking: Bool = true,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      features, epsilon: epsilon, momentum: momentum, affine: affine, tracking: tracking, fileID: file, line: line)
  }

  /// Stops for a shape that the layer does not take; this one takes every shape [N, C, …].
  func checkInput(_ shape: [Int]) {
    check(shape.count >= 2, name, "input \(shape) is not [N, C, …]")
  }

  /// The normalized input, of its shape.
  ///
  /// Stops for another rank or number of channels, and in training for one value per channel.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    var input = input
    return forward(&input, adding: nil, activation: .identity)
  }

  /// The normalized input, plus a residual, activated; may reuse the input's memory where nothing else references it.
  func forward(
    _ input: inout Tensor<Scalar>, adding residual: Tensor<Scalar>?, activation: FusedActivation
  ) -> Tensor<Scalar> {
    checkInput(input.shape)
    check(
      input.shape[1] == features, name, "input \(input.shape) has \(input.shape[1]) channels, the layer \(features)")
    let epsilon = Scalar(epsilon)
    if !isTraining, let runningMean, let runningVar {
      return batchNorm(
        consuming: &input, mean: runningMean.value, variance: runningVar.value, scale: weight?.value,
        shift: bias?.value, epsilon: epsilon, adding: residual, activation: activation)
    }
    if isTraining, let exchange = sharedExchange {
      let (output, mean, variance, count) = batchNorm(
        input, over: exchange, scale: weight?.value, shift: bias?.value, epsilon: epsilon, adding: residual,
        activation: activation)
      note(mean, variance, count, isShared: true)
      return output
    }
    let (output, mean, variance, count) = batchNorm(
      input, scale: weight?.value, shift: bias?.value, epsilon: epsilon, adding: residual, activation: activation)
    if isTraining { note(mean, variance, count, isShared: false) }
    return output
  }

  /// What it normalizes together with, where there is anything.
  private var sharedExchange: (any StatisticsExchange)? {
    guard let synchronization else { return nil }
    if let scope = ShardScope.current { return scope.exchange }
    return synchronization.communicator.count > 1 ? synchronization : nil
  }

  /// Moves the running statistics, or leaves that to the step whose shard this is.
  private func note(_ mean: Tensor<Scalar>, _ variance: Tensor<Scalar>, _ count: Int, isShared: Bool) {
    guard let scope = ShardScope.current else { return track(mean, variance, count) }
    if runningMean != nil { scope.note(self, mean, variance, count, isShared: isShared) }
  }

  private func track(_ mean: Tensor<Scalar>, _ variance: Tensor<Scalar>, _ count: Int) {
    guard let runningMean, let runningVar, let numBatchesTracked, count > 1 else { return }
    var batches = 0
    numBatchesTracked.update {
      $0[0] += 1
      batches = $0[0]
    }
    let newWeight = Scalar(momentum ?? 1 / Double(batches))
    let unbiased = Scalar(count) / Scalar(count - 1)
    runningMean.update { Scalar.track(features, $0, mean.pointer, momentum: newWeight, factor: 1) }
    runningVar.update { Scalar.track(features, $0, variance.pointer, momentum: newWeight, factor: unbiased) }
    withExtendedLifetime((mean, variance)) {}
  }

  /// Lets the running statistics start again: mean 0, variance 1, no batches.
  func resetRunningStatistics() {
    runningMean?.value = Tensor(zeros: [features])
    runningVar?.value = Tensor(ones: [features])
    numBatchesTracked?.value = Tensor(0)
  }

  /// The layer's name, for messages.
  var name: String { "BatchNorm" }
}

/// Batch normalization of features [N, C] or of sequences [N, C, L], see ``BatchNorm``.
public final class BatchNorm1d<Scalar: FloatingScalar>: BatchNorm<Scalar> {
  override var name: String { "BatchNorm1d" }

  override func checkInput(_ shape: [Int]) {
    check(shape.count == 2 || shape.count == 3, name, "input \(shape) is neither [N, C] nor [N, C, L]")
  }
}

/// Batch normalization of images [N, C, H, W], see ``BatchNorm``.
///
/// ```swift
/// let block = Sequential { Conv2D(3, 16, kernelSize: 3, bias: false) ; BatchNorm2d(16) ; ReLU() }
/// let y = block(Tensor(randomNormal: [8, 3, 32, 32]))  // with the batch's statistics; moves the running ones
/// block.eval()
/// let z = block(Tensor(randomNormal: [1, 3, 32, 32]))  // with the running statistics
/// ```
public final class BatchNorm2d<Scalar: FloatingScalar>: BatchNorm<Scalar> {
  override var name: String { "BatchNorm2d" }

  override func checkInput(_ shape: [Int]) {
    check(shape.count == 4, name, "input \(shape) is not [N, C, H, W]")
  }
}

/// Batch normalization of volumes [N, C, D, H, W], see ``BatchNorm``.
public final class BatchNorm3d<Scalar: FloatingScalar>: BatchNorm<Scalar> {
  override var name: String { "BatchNorm3d" }

  override func checkInput(_ shape: [Int]) {
    check(shape.count == 5, name, "input \(shape) is not [N, C, D, H, W]")
  }
}

extension BatchNorm: SelfCopying {
  func duplicate() -> any Module {
    let copy = type(of: self).init(
      features, epsilon: epsilon, momentum: momentum, affine: weight != nil, tracking: runningMean != nil)
    copy.synchronization = synchronization
    return copy
  }
}

extension BatchNorm: StatisticsTracking {
  package func moveStatistics(_ found: NotedStatistics) {
    track(Tensor(found.mean.map { Scalar($0) }), Tensor(found.variance.map { Scalar($0) }), found.count)
  }
}

extension BatchNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, runningMean == nil ? statistical(weight, bias) : 2)
  }
}
