import TernBackend
import TernNN
import TernTensor

extension Trainer {
  /// Makes a step; a ledger that there is watches it.
  func watched(_ input: StepInput<Source.Batch>, _ body: () throws -> LossTotal) throws -> LossTotal {
    guard let ledger else { return try body() }
    var settings = LedgerHash()
    let state = generator.state
    settings.add(state.seed)
    settings.add(state.draws)
    for entry in optimizers {
      for rate in entry.optimizer.learningRates { settings.add(rate.bitPattern) }
      for momentum in entry.optimizer.momenta ?? [] { settings.add(momentum.bitPattern) }
    }
    ledger.begin(
      completedSteps + 1, samples: sampleIndices(of: input), batches: input.batches.flatMap { tensors(in: $0) },
      settings: settings, learningRate: optimizer.learningRate)
    do {
      let total = try OperationObservers.with(ledger, body)
      try ledger.end(loss: total.loss.mean)
      return total
    } catch {
      ledger.cancel()
      throw error
    }
  }
}
