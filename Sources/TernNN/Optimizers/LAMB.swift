import Foundation
import TernBackend
import TernTensor

/// LAMB: Adam whose step of each parameter is as long as the parameter, times the rate; for very large batches.
///
/// r = m̂/(√v̂ + ε) + λ·p with the moments of ``Adam``; p ← p − η·‖p‖/‖r‖·r, and p − η·r where one of the norms is 0.
///
/// Source: You et al. 2020, "Large batch optimization for deep learning: training BERT in 76 minutes".
public final class LAMB: AdamVariant {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step in proportion to the parameter, at least 0.
  ///   - betas: β₁ and β₂, the decays of the two moments, at least 0 and below 1.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - weightDecay: λ, added to the direction as λ·p, at least 0.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-6, weightDecay: Double = 0.01, maximize: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model, AdamOptions(learningRate, betas, epsilon, weightDecay, isDecoupled: true, maximize),
      .whole { LAMBUpdate(options: $0) })
  }
}

private struct LAMBUpdate: WholeUpdate {
  let options: AdamOptions

  func apply<Scalar: FloatingScalar>(to slot: ParameterSlot<Scalar>, _ gradient: Tensor<Scalar>) {
    let correction = (1 - pow(options.beta1, Double(slot.steps)), 1 - pow(options.beta2, Double(slot.steps)))
    // The direction is what Adam adds to 0.
    let update = AdamUpdate(
      beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon, decay: 0, shrink: 1,
      stepSize: -1 / correction.0, rootCorrection: correction.1.squareRoot(), maximize: options.maximize)
    slot.parameter.update { value in
      if !value.layout.isContiguous { value = value.contiguous.copied() }
      slot.prepareMoments(2, of: value, start: .value(0))
      let gradient = gradient.contiguous
      let direction = Tensor<Scalar>(zeros: slot.shape).copied()
      let (out, source) = (direction.mutablePointer, gradient.pointer)
      let (first, second) = (slot.moment(0)!, slot.moment(1)!)
      Workers.run(count: gradient.count, grain: StridedLoop.grain) { part in
        let from = part.lowerBound
        Scalar.adam(update, part.count, out + from, source + from, first + from, second + from, nil)
      }
      withExtendedLifetime(gradient) {}
      let step = options.weightDecay == 0 ? direction : direction + value * Scalar(options.weightDecay)
      let (size, length) = (value.norm().item.number, step.norm().item.number)
      let ratio = size > 0 && length > 0 ? size / length : 1
      let factor = Scalar(-options.learningRate * ratio)
      if factor.isFinite {
        value.blend(with: step, 1, factor)
      } else {
        value.blend(with: step / Scalar(length), 1, Scalar(-options.learningRate * size))
      }
    }
  }
}

/// Adam for tables of which a batch touches few rows, as `torch.optim.SparseAdam`: a row whose gradient is 0 is left alone,
/// its moments too.
///
/// Rows are along the first axis; m, v and p of the others move as in ``Adam``, but p ← p − η·√(1 − β₂ᵗ)/(1 − β₁ᵗ)·m/(√v + ε)
/// with t the steps of the whole table.
public final class SparseAdam: AdamVariant {
  /// Creates the optimizer. Stops for values out of range.
  ///
  /// - Parameters:
  ///   - model: a model, or a list of parameters; they are looked up once.
  ///   - learningRate: η, the length of a step, at least 0.
  ///   - betas: β₁ and β₂, the decays of the two moments, at least 0 and below 1.
  ///   - epsilon: ε, added to the denominator, at least 0.
  ///   - maximize: whether steps go up the gradient.
  public init(
    _ model: some ParameterSource, learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, maximize: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    super.init(
      model, AdamOptions(learningRate, betas, epsilon, 0, isDecoupled: false, maximize),
      .whole { SparseAdamUpdate(options: $0) })
  }

  override var changesRows: Bool { true }
}

private struct SparseAdamUpdate: WholeUpdate {
  let options: AdamOptions

  func apply<Scalar: FloatingScalar>(to slot: ParameterSlot<Scalar>, _ gradient: Tensor<Scalar>) {
    let correction = (1 - pow(options.beta1, Double(slot.steps)), 1 - pow(options.beta2, Double(slot.steps)))
    let root = correction.1.squareRoot()
    let update = AdamUpdate(
      beta1: options.beta1, beta2: options.beta2, epsilon: options.epsilon / root, decay: 0, shrink: 1,
      stepSize: options.learningRate / correction.0, rootCorrection: root, maximize: options.maximize)
    let rows = slot.shape.first ?? 1
    let length = rows == 0 ? 0 : gradient.count / rows
    slot.parameter.update { value in
      if !value.layout.isContiguous { value = value.contiguous.copied() }
      slot.prepareMoments(2, of: value, start: .value(0))
      if length == 0 { return }
      let gradient = gradient.contiguous
      let (out, source) = (value.mutablePointer, gradient.pointer)
      let (first, second) = (slot.moment(0)!, slot.moment(1)!)
      Workers.run(count: rows, grain: max(1, StridedLoop.grain / length)) { part in
        for row in part where isTouched(source + row * length, length) {
          let from = row * length
          Scalar.adam(update, length, out + from, source + from, first + from, second + from, nil)
        }
      }
      withExtendedLifetime(gradient) {}
    }
  }
}

/// Whether one of n values is not 0.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func isTouched<Scalar: FloatingScalar>(_ values: UnsafePointer<Scalar>, _ n: Int) -> Bool {
  for i in 0..<n where values[i] != 0 { return true }
  return false
}
