import TernBackend
import TernData
import TernNN
import TernTensor

extension Trainer {
  /// Makes a step, and what belongs to it; `nil` where it was skipped or taken back.
  func takeStep(_ input: StepInput<Source.Batch>) throws -> LossTotal? {
    let before = generator.state
    let saved = try saveForStep()
    updateCount = 0
    sampleNotes?.clear()
    do {
      if let failure = input.failure { try refuse(failure) }
      let step = TrainingStep(batches: input.batches, number: completedSteps + 1, epoch: progress.epoch + 1) {
        let optimizer = self.optimizer(named: $0)
        if let engine = self.engine { return try self.update(engine, optimizer, input, $1) }
        return try self.update(optimizer, input.batches, $1)
      }
      let total = try watched(input) {
        try Random.with(generator) { try withPrecision(precision) { try makeStep(model, step) } }
      }
      if nonFinite.isRewinding, let error = brokenModel(nil) { throw error }
      exponentialAverage?.update(with: model)
      try recordSamples(input)
      return total
    } catch let error as NonFiniteError {
      if try goOn(after: error, saved, input.count) { return nil }
      generator.state = before
      throw error
    } catch {
      generator.state = before
      throw error
    }
  }

  private func optimizer(named name: String?) -> any Optimizer {
    guard let name else {
      check(optimizers.count == 1, "update", "which of the optimizers \(optimizers.map(\.name)) is not said")
      return optimizer
    }
    guard let found = optimizers.first(where: { $0.name == name }) else {
      fail("update", "there is no optimizer \"\(name)\" among \(optimizers.map(\.name))")
    }
    return found.optimizer
  }

  /// Changes what an optimizer has, against the gradients of some batches. Where a loss is not finite nothing changes,
  /// unless the training keeps going.
  func update(
    _ optimizer: any Optimizer, _ batches: [Source.Batch], _ loss: (Source.Batch) throws -> StepLoss
  ) throws -> LossTotal {
    let start = stepStart
    do {
      return try update(optimizer) { source, isFirst in
        var group = GradientAccumulation(batches.count)
        for (index, batch) in batches.enumerated() {
          let before = Random.generator.state
          let loss = try noted(index, batch, loss)
          if isFirst && !keepsGoing && !loss.total.loss.sum.isFinite {
            throw BrokenLoss(index: index, value: loss.mean, generator: before)
          }
          group.add(loss)
        }
        return group.finish(source)
      }
    } catch let broken as BrokenLoss {
      throw brokenStep(batches, broken, start, loss)
    } catch let broken as BrokenGradient {
      throw brokenStep(batches, broken, start, loss)
    }
  }

  /// Changes what an optimizer has, against the gradients that `gradients` leaves in its parameters, told whether it is asked
  /// for the first time in this step. Where it throws, or a gradient is not finite, nothing changes.
  func update(
    _ optimizer: any Optimizer, gradients: (_ source: ParameterSelection, _ isFirst: Bool) throws -> LossTotal
  ) throws -> LossTotal {
    let source = ParameterSelection(of: optimizer, or: model)
    var first: LossTotal?
    var problem: (any Error)?
    optimizer.step { () -> Tensor<Double> in
      optimizer.zeroGradients()
      if problem != nil { return Tensor<Double>(.nan) }
      do {
        // An optimizer that asks again has moved already: only its first answer can be refused.
        let isFirst = first == nil
        let total = try gradients(source, isFirst)
        if isFirst {
          first = total
          if let name = firstBrokenGradient(source) { throw BrokenGradient(name: name) }
        }
        clipping?.apply(to: source)
        return Tensor<Double>(total.loss.mean)
      } catch {
        problem = error
        // Without gradients no optimizer changes anything.
        optimizer.zeroGradients()
        return Tensor<Double>(.nan)
      }
    }
    if let problem { throw problem }
    return first ?? LossTotal()
  }
}

/// A loss that is not finite, of a batch of a step.
struct BrokenLoss: Error {
  let index: Int
  let value: Double
  /// The random numbers that it was computed with.
  let generator: RandomGenerator.State
}

/// A gradient that is not finite.
struct BrokenGradient: Error {
  let name: String
}

extension ParameterSelection {
  /// The parameters that an optimizer changes; the model's where it does not tell.
  init(of optimizer: any Optimizer, or model: some Module) {
    func sources(_ one: any Optimizer) -> [(any ParameterSource)?] {
      (one as? CombinedOptimizer)?.parts.flatMap(sources) ?? [one as? any ParameterSource]
    }
    let all = sources(optimizer)
    let known = all.compactMap { $0 }
    self.init(
      namedParameters: known.count == all.count ? known.flatMap { $0.namedParameters } : model.namedParameters)
  }

  /// The name of the first parameter with a gradient that is not finite.
  var firstBrokenGradient: String? {
    namedParameters.first { !$0.parameter.hasFiniteGradient }?.name
  }
}
