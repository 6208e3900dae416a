import TernBackend
import TernTensor

/// The base class of instance normalization of sequences and of images: every channel of every example gets mean 0 and
/// variance 1, see ``instanceNorm(_:scale:shift:epsilon:file:line:)``.
///
/// With tracking, the running statistics move in training toward the averages over the examples (the variance unbiased)
/// and take their place in evaluation. Source: Ulyanov, Vedaldi & Lempitsky 2016, "Instance normalization: the missing
/// ingredient for fast stylization".
public class InstanceNorm<Scalar: FloatingScalar>: Layer, ModeDependent {
  /// The number of channels C.
  public let features: Int
  /// ε, inside the root.
  public let epsilon: Double
  /// The weight of the new value: running ← (1 − momentum)·running + momentum·new.
  public let momentum: Double
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
  /// Whether the examples' own statistics are used and the running ones move.
  public var isTraining = true

  /// Creates the normalization of `features` channels.
  ///
  /// - Parameters:
  ///   - features: the number of channels C, at least 1.
  ///   - epsilon: ε, added to the variance inside the root.
  ///   - momentum: the fraction of the new value in the running statistics, 0 to 1.
  ///   - affine: whether γ and β are learned.
  ///   - tracking: whether running statistics are kept.
  public required init(
    _ features: Int, epsilon: Double = 1e-5, momentum: Double = 0.1, affine: Bool = false, tracking: Bool = false,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(features >= 1, "\(Self.self)", "\(features) features")
    (self.features, self.epsilon, self.momentum) = (features, epsilon, momentum)
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
  ///   - momentum: the fraction of the new value in the running statistics, 0 to 1.
  ///   - affine: whether γ and β are learned.
  ///   - tracking: whether running statistics are kept.
  public convenience init(
    _ features: Int, epsilon: Double = 1e-5, momentum: Double = 0.1, affine: Bool = false, tracking: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      features, epsilon: epsilon, momentum: momentum, affine: affine, tracking: tracking, fileID: file, line: line)
  }

  /// The ranks that an input may have, and the layer's name.
  var expected: (ranks: ClosedRange<Int>, name: String) { (3...Int.max, "InstanceNorm") }

  /// The normalized input, of its shape.
  ///
  /// Stops for another rank or number of channels, and for one position where statistics are taken.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    let (ranks, name) = expected
    check(
      ranks ~= input.rank && input.shape[1] == features, name,
      "input \(input.shape) is not of rank \(ranks.lowerBound) with \(features) channels")
    if !isTraining, let runningMean, let runningVar {
      return batchNorm(
        input, mean: runningMean.value, variance: runningVar.value, scale: weight?.value, shift: bias?.value,
        epsilon: Scalar(epsilon))
    }
    let (output, mean, variance, count) = instanceNorm(
      input, scale: weight?.value, shift: bias?.value, epsilon: Scalar(epsilon))
    if isTraining, runningMean != nil, count > 1, input.shape[0] > 0 {
      withoutGradients {
        let unbiased = variance.mean(along: 0) * (Scalar(count) / Scalar(count - 1))
        let mean = mean.mean(along: 0)
        if let scope = ShardScope.current {
          scope.note(self, mean, unbiased, count, isShared: false)
        } else {
          track(mean, unbiased)
        }
      }
    }
    return output
  }

  private func track(_ mean: Tensor<Scalar>, _ variance: Tensor<Scalar>) {
    guard let runningMean, let runningVar else { return }
    numBatchesTracked?.value += 1
    let weight = Scalar(momentum)
    runningMean.value = runningMean.value * (1 - weight) + mean * weight
    runningVar.value = runningVar.value * (1 - weight) + variance * weight
  }
}

extension InstanceNorm: StatisticsTracking {
  package func moveStatistics(_ found: NotedStatistics) {
    withoutGradients { track(Tensor(found.mean.map { Scalar($0) }), Tensor(found.variance.map { Scalar($0) })) }
  }
}

/// Instance normalization of sequences [N, C, L], see ``InstanceNorm``.
public final class InstanceNorm1d<Scalar: FloatingScalar>: InstanceNorm<Scalar> {
  override var expected: (ranks: ClosedRange<Int>, name: String) { (3...3, "InstanceNorm1d") }
}

/// Instance normalization of images [N, C, H, W], see ``InstanceNorm``.
public final class InstanceNorm2d<Scalar: FloatingScalar>: InstanceNorm<Scalar> {
  override var expected: (ranks: ClosedRange<Int>, name: String) { (4...4, "InstanceNorm2d") }
}

/// Instance normalization of volumes [N, C, D, H, W], see ``InstanceNorm``.
public final class InstanceNorm3d<Scalar: FloatingScalar>: InstanceNorm<Scalar> {
  override var expected: (ranks: ClosedRange<Int>, name: String) { (5...5, "InstanceNorm3d") }
}

extension InstanceNorm: SelfCopying {
  func duplicate() -> any Module {
    type(of: self).init(
      features, epsilon: epsilon, momentum: momentum, affine: weight != nil, tracking: runningMean != nil)
  }
}

extension InstanceNorm: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    each(output, runningMean == nil ? statistical(weight, bias) : 2)
  }
}
