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
    var rate: Double?
    for entry in optimizers {
      let rates = entry.optimizer.learningRates
      rate = rate ?? rates.first
      for rate in rates { settings.add(rate.bitPattern) }
      for momentum in entry.optimizer.momenta ?? [] { settings.add(momentum.bitPattern) }
    }
    var bodies: [TensorBody] = []
    for batch in input.batches { bodies += tensors(in: batch) }
    ledger.begin(
      completedSteps + 1, samples: sampleIndices(of: input), batches: bodies, settings: settings,
      learningRate: rate ?? .nan)
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
