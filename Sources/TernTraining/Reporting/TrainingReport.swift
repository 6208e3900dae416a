import TernBackend
import TernCharts
import TernData
import TernNN
import TernTensor

/// What happened inside a network while it was trained: loss and metrics, learning rate, the spread of activations,
/// saturated and dead units, gradient norms and update-to-weight ratios, as a page with figures and numbers.
///
/// In a loop of one's own it is told of every step, between the optimizer's and the next `zeroGradients()`:
///
/// ```swift
/// let report = TrainingReport(model, optimizer: optimizer, every: 20)
/// for batch in loader {
///   let loss = crossEntropy(model(batch.inputs), batch.labels)
///   optimizer.zeroGradients()
///   loss.backward()
///   optimizer.step()
///   report.record(loss: loss)
/// }
/// try report.write(to: "runs/mine/report")
/// ```
///
/// A ``Trainer`` tells it everything by itself: `trainer.report = TrainingReport(model, optimizer: optimizer)`.
///
/// It looks inside at the first step and at every `interval`th after it; the others only leave their loss. While it
/// looks, layers run one by one instead of fused and the step copies the parameters; in between nothing watches, and
/// a step costs what it costs without a report.
public final class TrainingReport {
  /// What stands above the page.
  public var title: String
  /// How many steps lie between two at which it looks inside.
  public let interval: Int
  /// The number of the step that comes next, from 0.
  public private(set) var step = 0

  /// What else is told of every step that this report is told of, such as a ``JSONLog``. One that cannot begin says so on
  /// standard error and is left out.
  public var sinks: [any TrainingSink] = []

  /// Whether the sinks know that the training began.
  private var hasBegun = false
  private let model: any Module
  private let optimizer: (any Optimizer)?
  private let activations: ActivationMonitor
  /// Values before the step that is looked at.
  private var updates: UpdateMonitor?
  private(set) var trace: Trace

  /// What was seen, in the order of steps.
  struct Trace {
    var losses: [(step: Int, loss: Double)] = []
    var metrics: [(name: String, points: [(step: Int, value: Double)])] = []
    /// The rate of every group of parameters.
    var rates: [(step: Int, rates: [Double])] = []
    var activations: [(step: Int, layers: [ActivationStatistics])] = []
    var gradients: [(step: Int, norms: [ParameterStatistic])] = []
    var updates: [(step: Int, ratios: [ParameterStatistic])] = []
    let percentages: [Double]
  }

  /// A report that looks at `model` from the next step on.
  ///
  /// - Parameters:
  ///   - optimizer: whose learning rate is drawn; none where `nil`.
  ///   - interval: how many steps lie between two at which it looks inside, at least 1.
  ///   - percentiles: the percentages of the activations' percentiles, 0…100, from low to high.
  ///   - saturation: where layers are flat, by path; the library's own activations are known.
  ///   - isWatched: whose outputs are looked at; where not given the layers that have parameters of their own, and the
  ///     activations with flat ends.
  public init(
    _ model: some Module, optimizer: (any Optimizer)? = nil, title: String = "Training", every interval: Int = 10,
    percentiles: [Double] = [15, 50, 85], saturation: [String: Saturation] = [:],
    layers isWatched: ((String, any Module) -> Bool)? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.title = title
    self.interval = max(interval, 1)
    self.model = model
    self.optimizer = optimizer
    let owners = Set(model.namedParameters.map { $0.name.split(separator: ".").dropLast().joined(separator: ".") })
    activations = ActivationMonitor(
      model, side: .output, percentiles: percentiles, saturation: saturation, onlyWhileRecording: true
    ) { name, module in
      isWatched?(name, module) ?? (owners.contains(name) || saturation[name] != nil || Saturation(of: module) != nil)
    }
    trace = Trace(percentages: percentiles)
    look()
  }

  /// Whether it looks inside during the step that comes next.
  public var isLooking: Bool { updates != nil }

  /// Whether it is between ``begin(atStep:)``, or the first step, and ``end()``.
  package private(set) var isRunning = true

  /// Watches the step that comes next.
  private func look() {
    activations.reset()
    activations.isWatching = true
    updates = UpdateMonitor(model)
  }

  /// Looks inside no more until ``begin(atStep:)``: what runs from now on is no step. The sinks are told of the end.
  public func end() {
    if hasBegun { for sink in sinks { sink.end(TrainingEnd(step: step)) } }
    (hasBegun, isRunning) = (false, false)
    activations.isWatching = false
    updates = nil
  }

  /// Goes on at the step of this number, which is looked at: for a training that does not begin at its beginning.
  public func begin(atStep step: Int) {
    self.step = step
    isRunning = true
    look()
  }

  /// Tells of a step that was made.
  ///
  /// - Parameters:
  ///   - loss: what the step was made for.
  ///   - metrics: other numbers of it, by name; one whose name ends in "loss" is drawn with the loss.
  public func record(
    loss: Double, metrics: KeyValuePairs<String, Double> = [:], file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    record(loss: loss, metrics: metrics, tellsSinks: true)
  }

  func record(loss: Double, metrics: KeyValuePairs<String, Double> = [:], tellsSinks: Bool) {
    trace.losses.append((step, loss))
    record(metrics)
    if let updates {
      activations.isWatching = false
      trace.activations.append((step, activations.statistics))
      trace.gradients.append((step, gradientNorms(of: model)))
      trace.updates.append((step, updates.ratios))
      if let optimizer { trace.rates.append((step, optimizer.learningRates)) }
      self.updates = nil
    }
    step += 1
    if tellsSinks && !sinks.isEmpty { tellSinks(loss, metrics) }
    if step.isMultiple(of: interval) { look() }
  }

  private func tellSinks(_ loss: Double, _ metrics: KeyValuePairs<String, Double>) {
    if !hasBegun {
      let start = TrainingStart(step: step - 1, model: model)
      for (index, sink) in sinks.enumerated().reversed() {
        do { try sink.begin(start) } catch {
          AppendedFile.note("\(error)")
          sinks.remove(at: index)
        }
      }
      hasBegun = true
    }
    let figures = Dictionary(metrics.map { ($0.key, $0.value) }) { $1 }
    let record = StepRecord(step, loss: loss, metrics: figures, learningRates: optimizer?.learningRates ?? [])
    for sink in sinks {
      sink.record(record)
      _ = sink.holdsUp()
    }
  }

  /// Tells of a step that was made for `loss`, a tensor of one value.
  public func record<Scalar: FloatingScalar>(
    loss: Tensor<Scalar>, metrics: KeyValuePairs<String, Double> = [:], file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    record(loss: loss.item.number, metrics: metrics)
  }

  /// Tells of numbers at the step that comes next, such as a score of the test data.
  ///
  /// One whose name ends in "loss" is drawn with the loss.
  public func record(_ metrics: KeyValuePairs<String, Double>) {
    for (name, value) in metrics {
      if let index = trace.metrics.firstIndex(where: { $0.name == name }) {
        trace.metrics[index].points.append((step, value))
      } else {
        trace.metrics.append((name, [(step, value)]))
      }
    }
  }

  /// Writes page, figures and numbers into `folder`, made where need be, as ``Report/write(to:file:line:)`` does.
  ///
  /// - Throws: `DataError` where the folder or a file cannot be written.
  public func write(to folder: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try report.write(to: folder)
  }
}
