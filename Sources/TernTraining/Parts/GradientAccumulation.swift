import TernBackend
import TernNN
import TernTensor

/// Gradients of several batches that make one step, as one batch of all of them would: Σ ∇sumᵢ / Σ countᵢ.
///
/// ```swift
/// var accumulation = GradientAccumulation(4)
/// for batch in loader {
///   if accumulation.isEmpty { optimizer.zeroGradients() }
///   accumulation.add(StepLoss.crossEntropy(model(batch.inputs), batch.labels))
///   if accumulation.isFull || batch.isLast {
///     let total = accumulation.finish(model)
///     optimizer.step()
///   }
/// }
/// ```
///
/// The last group of an epoch may have fewer batches, and its batches fewer samples: what counts is how much was summed over.
/// Layers that mix the samples of a batch, as batch normalization does, still see one batch at a time.
public struct GradientAccumulation {
  /// How many batches make a step.
  public let batches: Int
  /// How many are there.
  public private(set) var count = 0
  /// What they gave.
  public private(set) var total = LossTotal()

  /// Steps of some batches each, at least 1.
  ///
  /// - Parameter batches: The number of batches per step.
  public init(_ batches: Int, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(batches >= 1, "GradientAccumulation", "\(batches) batches (at least 1)")
    self.batches = batches
  }

  /// Whether no batch is there.
  public var isEmpty: Bool { count == 0 }
  /// Whether all batches of a step are there.
  public var isFull: Bool { count >= batches }

  /// Adds the gradients of a batch to the parameters.
  public mutating func add(_ loss: StepLoss, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    // Alone it is the plain gradient of the mean.
    if batches == 1 { loss.backward() } else { loss.backward(scaledBy: 1) }
    total.add(loss.total)
    count += 1
  }

  /// Divides the gradients by what the losses were summed over, and begins anew; returns what the batches gave.
  ///
  /// - Parameter source: the parameters that the batches gave gradients to, or those of them that a step is for.
  @discardableResult
  public mutating func finish(
    _ source: some ParameterSource, file: StaticString = #fileID, line: UInt = #line
  ) -> LossTotal {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let result = total
    if batches > 1, result.loss.count > 0 {
      for parameter in source.parameters { parameter.divideGradient(by: result.loss.count) }
    }
    (count, total) = (0, LossTotal())
    return result
  }
}

extension AnyParameter {
  fileprivate func divideGradient(by count: Double) {
    guard let gradient = typed.gradient else { return }
    typed.gradient = withoutGradients { gradient.detached() / Scalar(count) }
  }
}
