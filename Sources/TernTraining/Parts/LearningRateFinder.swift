import Foundation
import TernBackend
import TernCharts
import TernData
import TernNN

/// A short run whose learning rate grows from step to step, by which a rate is chosen.
///
/// ```swift
/// let curve = try LearningRateFinder().run(trainer)
/// print(curve.suggestion ?? .nan)
/// try curve.write(to: "rates.svg")
/// ```
///
/// Step i of n has the rate first·(last/first)^(i/(n − 1)); groups keep their ratios. The run ends where the smoothed loss is
/// more than four times its least, or not finite. Model, optimizers, schedules and random numbers are put back afterwards. Source:
/// Smith 2017, "Cyclical learning rates for training neural networks".
public struct LearningRateFinder: Sendable, Equatable {
  /// The rate of the first step.
  public let first: Double
  /// The rate of the last step.
  public let last: Double
  /// How many steps there are at most.
  public let steps: Int
  /// The fraction of the old value in the smoothed loss.
  public let smoothing: Double

  /// A run of so many steps. Stops for rates that are not above 0 and in order, fewer than two steps, and a smoothing outside
  /// 0 to 1.
  ///
  /// - Parameters:
  ///   - first: The first rate.
  ///   - last: The last rate.
  ///   - steps: The number of steps.
  ///   - smoothing: The decay of the average of the loss, 0 to 1.
  public init(
    from first: Double = 1e-7, to last: Double = 10, steps: Int = 100, smoothing: Double = 0.9,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      first > 0 && last > first && last.isFinite, "LearningRateFinder",
      "rates from \(first) to \(last) (above 0, in order)")
    check(steps >= 2, "LearningRateFinder", "\(steps) steps (at least 2)")
    check(smoothing >= 0 && smoothing < 1, "LearningRateFinder", "a smoothing of \(smoothing) (0 to below 1)")
    (self.first, self.last, self.steps, self.smoothing) = (first, last, steps, smoothing)
  }

  /// The rate of a step, from 0.
  public func rate(ofStep index: Int) -> Double { first * pow(last / first, Double(index) / Double(steps - 1)) }

  /// Runs a trainer's steps with growing rates of its first optimizer, from where it is, and puts it back.
  ///
  /// - Throws: what the loss throws, and the `SampleError` of a batch that cannot be read.
  public func run<Model: Module, Source: Dataset>(
    _ trainer: Trainer<Model, Source>, file: StaticString = #fileID, line: UInt = #line
  ) throws -> LearningRateCurve {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let ratios = trainer.optimizer.learningRates.map { $0 / trainer.optimizer.learningRate }
    return try trainer.trying { next in
      try curve { rate in
        trainer.optimizer.learningRates = ratios.map { $0.isFinite ? rate * $0 : rate }
        return try next()
      }
    }
  }

  /// Calls `step` with growing rates; it makes a step with that rate, and returns the loss before it.
  ///
  /// For a loop of one's own, which puts back what the steps change.
  public func curve(
    step: (_ rate: Double) throws -> Double, file: StaticString = #fileID, line: UInt = #line
  ) rethrows -> LearningRateCurve {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var curve = LearningRateCurve()
    var (average, least) = (0.0, Double.infinity)
    for index in 0..<steps {
      let rate = rate(ofStep: index)
      let loss = try step(rate)
      if !loss.isFinite { break }
      average = smoothing * average + (1 - smoothing) * loss
      // What is missing before the first step is divided out.
      let smoothed = average / (1 - pow(smoothing, Double(index + 1)))
      if index > 0 && smoothed > 4 * least && least > 0 { break }
      least = min(least, smoothed)
      curve.points.append(LearningRateCurve.Point(rate: rate, loss: loss, smoothedLoss: smoothed))
    }
    return curve
  }
}

/// What a ``LearningRateFinder`` saw.
public struct LearningRateCurve: Sendable, Equatable {
  /// A step.
  public struct Point: Sendable, Equatable {
    /// Its learning rate.
    public var rate: Double
    /// The loss before it.
    public var loss: Double
    /// The loss, smoothed over the steps.
    public var smoothedLoss: Double
  }

  /// The steps in order.
  public var points: [Point] = []

  /// Nothing yet.
  public init() {}

  /// A tenth of the rate at which the smoothed loss is least: there it still falls fast; `nil` where it never falls.
  public var suggestion: Double? {
    guard let lowest = points.indices.min(by: { points[$0].smoothedLoss < points[$1].smoothedLoss }), lowest > 0 else {
      return nil
    }
    return points[lowest].rate / 10
  }

  /// The losses by the rate.
  public var sheet: ChartSheet {
    func line(_ name: String, _ value: (Point) -> Double) -> Chart.Mark {
      .line(LineSeries(name, points: points.map { ChartPoint($0.rate, value($0)) }))
    }
    let chart = Chart(
      "Loss by learning rate", x: ChartAxis("learning rate", scale: .logarithmic), y: ChartAxis("loss"),
      marks: [line("loss", \.loss), line("smoothed", \.smoothedLoss)])
    let note =
      suggestion.map { "a tenth of the rate of the least loss: \(AxisTicks.text($0, digits: 3))" } ?? "it never falls"
    return ChartSheet("Learning rate", note: note, charts: [chart])
  }

  /// The sheet as an SVG.
  public var svg: String { sheet.svg }

  /// Writes the SVG to the file at `path`, whole or not at all.
  ///
  /// - Throws: `DataError` where the file cannot be written.
  public func write(to path: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try FileIO.write(svg, to: path)
  }
}

extension Trainer {
  /// Gives `body` what makes the following steps one by one, over the epochs from where the training is, without schedules and
  /// averages, and returns their losses; puts everything back.
  func trying<Result>(_ body: (_ next: () throws -> Double) throws -> Result) throws -> Result {
    let before = (modelState, progress, exponentialAverage, nonFinite, generator.state)
    defer {
      // It is the training's own state, which fits.
      _ = try? loadModelState(before.0)
      (progress, exponentialAverage, nonFinite, generator.state) = (before.1, before.2, before.3, before.4)
    }
    model.train()
    frozen?.apply(to: model)
    (exponentialAverage, nonFinite) = (nil, .keepGoing)
    return try body(followingSteps())
  }

  /// Makes the following steps one by one, over the epochs from where the training is, and returns their losses.
  func followingSteps() -> () throws -> Double {
    var next = inputs()
    return {
      var input = try next()
      if input == nil {
        self.progress.epoch += 1
        self.progress.batch = 0
        next = self.inputs()
        input = try next()
      }
      guard let input else { return .nan }
      return try self.takeStep(input)?.loss.mean ?? .nan
    }
  }
}
