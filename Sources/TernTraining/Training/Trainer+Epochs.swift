import TernBackend
import TernData
import TernDistributed
import TernNN
import TernTensor

// An epoch: its steps, and what follows them.
extension Trainer {
  /// The rest of the current epoch; false where it ended before.
  func runEpoch(_ sinks: [any TrainingSink]) throws -> Bool {
    let clock = ContinuousClock()
    var start = clock.now
    let next = inputs()
    while let input = try profiled({ try next() }) {
      let samples = sampleCount(ofBatches: progress.batch..<progress.batch + input.count)
      let total = try profiled { try OperationObservers.section("step") { try takeStep(input) } }
      let now = clock.now
      let seconds = Double((now - start).components.attoseconds) * 1e-18 + Double((now - start).components.seconds)
      progress.seconds += seconds
      start = now
      progress.batch += input.count
      progress.generator = generator.state
      if let total {
        progress.add(total, samples: samples)
        record(total, samples: samples, seconds: seconds, sinks)
        if schedulerStep == .batch { for scheduler in schedulers { scheduler.step(total.loss.mean) } }
      }
      // Writing a profile is no part of a step.
      if try profiling?.finish(afterStep: completedSteps) == true { start = clock.now }
      try afterBatch(self)
      if holdUp(sinks) { start = clock.now }
      if progress.batch < loader.batchCount {
        if engine.map({ $0.joinedFlags & Self.asksToStop != 0 }) ?? isAskedToStop { stopReason = .asked }
        if engine.map({ isLimitReached($0) }) ?? isLimitReached { stopReason = .limit }
        if stopReason != nil { return false }
      }
    }
    try endEpoch(sinks)
    profiling?.skip()
    if try communicator.agree(isAskedToStop, name: "the wish to stop") { stopReason = .asked }
    return stopReason == nil
  }

  /// Does a part of the next step, profiled where that is asked for.
  private func profiled<Result>(_ body: () throws -> Result) rethrows -> Result {
    guard let profiling else { return try body() }
    return try profiling.run(step: completedSteps + 1, model, optimizer, body)
  }

  private func sampleCount(ofBatches numbers: Range<Int>) -> Int {
    let isLast = numbers.upperBound == loader.batchCount
    return (isLast ? numbers.count - 1 : numbers.count) * loader.batchSize + (isLast ? loader.lastBatchSize : 0)
  }

  /// Scores the validation data, and ends the epoch.
  private func endEpoch(_ sinks: [any TrainingSink]) throws {
    let rate = optimizer.learningRate
    try engine?.checkDrift()
    let score = try validate()
    if !keepsGoing, let error = brokenModel(score?.loss) { throw error }
    if let score, let report {
      report.record(["test loss": score.loss.mean])
      for (name, figure) in score.figures.sorted(by: { $0.key < $1.key }) {
        report.record(["test \(name)": figure.mean])
      }
    }
    let figures = TrainingHistory.Epoch(
      progress, score, hasAccuracy: progress.countsAccuracy ?? (progress.seen > 0), learningRate: rate)
    if schedulerStep == .epoch { for scheduler in schedulers { scheduler.step(figures.testLoss ?? figures.trainLoss) } }
    history.epochs.append(figures)
    progress = TrainingProgress(afterEpoch: progress, generator.state, scheduleState)
    for sink in sinks { sink.record(figures, afterSteps: completedSteps) }
    stochasticAverage?.update(with: model, afterEpoch: figures.number)
    if let figure = earlyStopping?.figure { earlyStopping?.update(figure.value(in: figures) ?? .nan) }
    if var best = bestCheckpoints {
      try best.update(
        best.figure.value(in: figures) ?? .nan, epoch: figures.number, removes: communicator.isRoot
      ) { path, kept in
        let before = bestCheckpoints
        bestCheckpoints = kept
        let checkpoint = checkpoint
        if !communicator.isRoot { return }
        do { try checkpoint.write(to: path) } catch {
          bestCheckpoints = before
          throw error
        }
      }
      bestCheckpoints = best
    }
    try afterEpoch(self, figures)
  }

  private func validate() throws -> LossTotal? {
    guard let validation, let validationLoss else { return nil }
    // What the loss draws is the same for every training, and takes nothing from its random numbers.
    let draws = RandomGenerator(seed: loader.seed, stream: UInt64(progress.epoch), counter: 0)
    func score(_ data: some Dataset<Source.Batch>) throws -> LossTotal {
      try Random.with(draws) {
        try withPrecision(precision) {
          try evaluate(model, on: data, communicator: communicator, loss: validationLoss)
        }
      }
    }
    guard let exponentialAverage, !exponentialAverage.isEmpty else { return try score(validation) }
    return try exponentialAverage.with(model) { try score(validation) }
  }
}
