import Foundation

/// What a view shows of a training: kept up to date by the thread that trains, copied by the one that draws.
struct LiveState: Sendable {
  /// A figure with its course.
  struct Figure: Sendable, Equatable {
    var name: String
    /// Whether it is one of epochs rather than steps.
    var isOfEpochs: Bool
    /// What is shown: of an epoch the last value, of steps a moving mean.
    var value: Double?
    var series = StepSeries()
    /// The weight of the moving mean.
    private var weight = 0.0

    init(_ name: String, isOfEpochs: Bool) { (self.name, self.isOfEpochs) = (name, isOfEpochs) }

    mutating func add(_ new: Double, at step: Int) {
      series.add(new, at: step)
      // A mean of about twenty steps. What is not finite is shown as long as it lasts.
      weight = min(weight + 1, 20)
      if let old = value, !isOfEpochs, old.isFinite, new.isFinite {
        value = old + (new - old) / weight
      } else {
        (value, weight) = (new, 1)
      }
    }

    mutating func add(_ mean: Double, at step: Int, steps: Int) {
      series.add(mean, at: step, steps: steps)
      value = mean
    }
  }

  /// What the training does.
  enum Phase: Sendable, Equatable {
    case starting, training, scoring, paused, saving, stopping
  }

  /// Sums that forget: what was, `span` seconds ago, counts 1/e.
  struct MovingSums: Sendable {
    let span: Double
    private(set) var (seconds, steps, samples) = (0.0, 0.0, 0.0)

    init(span: Double) { self.span = span }

    mutating func add(seconds new: Double, samples: Int) {
      let kept = exp(-max(new, 0) / span)
      seconds = seconds * kept + new
      steps = steps * kept + 1
      self.samples = self.samples * kept + Double(samples)
    }
  }

  var title = ""
  var phase = Phase.starting
  /// The steps that are done.
  var step = 0
  /// The number of the epoch, from 1, and how many batches of it are done.
  var epoch: Int?
  var batch: Int?
  var (epochs, stepsPerEpoch, batchesPerEpoch): (Int?, Int?, Int?)
  var figures: [Figure] = []
  var rates: [Double] = []
  var rateSeries = StepSeries()
  var speedSeries = StepSeries()
  private var recent = MovingSums(span: 2)
  private var course = MovingSums(span: 20)
  /// How long a score takes.
  private var scoreSeconds: Double?
  /// When the training began, and when something was told last, in seconds.
  private var (began, last) = (0.0, 0.0)
  /// Grows with each change.
  private(set) var version = 0

  // MARK: What is told

  mutating func begin(_ start: TrainingStart, title: String, at time: Double) {
    (self.title, began, last) = (title, time, time)
    // Where the same training goes on, all is there already; otherwise its history tells.
    if start.step == 0 || start.step != step {
      (figures, rates, rateSeries, speedSeries) = ([], [], StepSeries(), StepSeries())
      if let steps = start.stepsPerEpoch {
        for epoch in start.history.epochs { takeUp(epoch, stepsPerEpoch: steps) }
      }
    }
    (step, epoch, batch) = (start.step, start.epoch.map { $0 + 1 }, start.batch)
    (epochs, stepsPerEpoch, batchesPerEpoch) = (start.epochs, start.stepsPerEpoch, start.batchesPerEpoch)
    phase = .starting
    version += 1
  }

  private mutating func takeUp(_ epoch: TrainingHistory.Epoch, stepsPerEpoch steps: Int) {
    if epoch.number < 1 { return }
    let start = (epoch.number - 1) * steps
    var means = epoch.trainFigures
    means["loss"] = epoch.trainLoss
    if let accuracy = epoch.trainAccuracy { means["accuracy"] = accuracy }
    for (name, value) in means { figures[place(name, false)].add(value, at: start, steps: steps) }
    rateSeries.add(epoch.learningRate, at: start, steps: steps)
    add(epoch)
  }

  mutating func record(_ step: StepRecord, at time: Double) {
    let index = step.step - 1
    figures[place("loss", false)].add(step.loss, at: index)
    for (name, value) in step.metrics { figures[place(name, false)].add(value, at: index) }
    rates = step.learningRates
    if let rate = rates.first { rateSeries.add(rate, at: index) }
    let seconds = step.seconds ?? (time - last)
    recent.add(seconds: seconds, samples: step.samples ?? 0)
    course.add(seconds: seconds, samples: step.samples ?? 0)
    if let rate = step.samplesPerSecond { speedSeries.add(rate, at: index) }
    (self.step, epoch, batch, last) = (step.step, step.epoch, step.batch, time)
    if phase != .stopping {
      phase = batch != nil && batch == batchesPerEpoch ? .scoring : .training
    }
    version += 1
  }

  mutating func record(_ epoch: TrainingHistory.Epoch, afterSteps steps: Int, at time: Double) {
    add(epoch)
    if epoch.testLoss != nil { scoreSeconds = time - last }
    (step, last) = (steps, time)
    if let epochs, epoch.number < epochs { (self.epoch, batch) = (epoch.number + 1, 0) }
    if phase != .stopping { phase = .training }
    version += 1
  }

  private mutating func add(_ epoch: TrainingHistory.Epoch) {
    var scores = epoch.testFigures
    scores["loss"] = epoch.testLoss
    scores["accuracy"] = epoch.testAccuracy
    for (name, value) in scores { figures[place(name, true)].add(value, at: epoch.number - 1) }
  }

  /// What the time was spent on until now was no step, such as a pause.
  mutating func leaveOut(until time: Double) { last = time }

  mutating func enter(_ phase: Phase) {
    if self.phase != phase { version += 1 }
    self.phase = phase
  }

  /// The place of a figure, which is made where there is none: the loss comes first, of two with one name that of steps.
  private mutating func place(_ name: String, _ isOfEpochs: Bool) -> Int {
    if let found = figures.firstIndex(where: { $0.name == name && $0.isOfEpochs == isOfEpochs }) { return found }
    func key(_ name: String, _ isOfEpochs: Bool) -> (Int, String, Int) {
      (name == "loss" ? 0 : 1, name, isOfEpochs ? 1 : 0)
    }
    let own = key(name, isOfEpochs)
    let index = figures.firstIndex { key($0.name, $0.isOfEpochs) > own } ?? figures.count
    figures.insert(Figure(name, isOfEpochs: isOfEpochs), at: index)
    return index
  }

  // MARK: What follows

  /// All steps of the training.
  var totalSteps: Int? {
    guard let epochs, let stepsPerEpoch else { return nil }
    let (total, isTooLarge) = epochs.multipliedReportingOverflow(by: stepsPerEpoch)
    return isTooLarge ? nil : total
  }

  /// The fraction of the epoch that is done.
  var fraction: Double? {
    guard let batch, let all = batchesPerEpoch, all > 0 else { return nil }
    return min(max(Double(batch) / Double(all), 0), 1)
  }

  var samplesPerSecond: Double? {
    recent.seconds > 0 && recent.samples > 0 ? recent.samples / recent.seconds : nil
  }

  var stepsPerSecond: Double? { recent.seconds > 0 ? recent.steps / recent.seconds : nil }

  /// Seconds since the training began.
  func elapsed(at time: Double) -> Double { max(time - began, 0) }

  /// The seconds until the end: the steps and scores that are to come, at the speed of late.
  func secondsLeft(at time: Double) -> Double? {
    guard let totalSteps, course.steps > 0, let epochs, let epoch else { return nil }
    let steps = Double(max(totalSteps - step, 0)) * course.seconds / course.steps
    let scores = Double(max(epochs - epoch + 1, 0)) * (scoreSeconds ?? 0)
    return max(steps + scores - (phase == .training || phase == .scoring ? max(time - last, 0) : 0), 0)
  }
}
