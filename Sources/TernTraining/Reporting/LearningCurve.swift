import TernBackend
import TernCharts
import TernData

/// A training's loss and accuracy by epoch, as an SVG that needs nothing else and follows light and dark.
public struct LearningCurve: Sendable {
  /// The epochs it shows.
  public var history: TrainingHistory
  /// What stands above it.
  public var title: String

  /// The curve of `history`.
  ///
  /// - Parameters:
  ///   - history: The history.
  ///   - title: The title.
  public init(_ history: TrainingHistory, title: String = "Training") {
    self.history = history
    self.title = title
  }

  /// The losses to the left, accuracies, where there are any, to the right; the best test accuracy in words.
  public var sheet: ChartSheet {
    var charts = [chart("Loss", \.trainLoss, \.testLoss, limits: nil)]
    if history.epochs.contains(where: { $0.trainAccuracy != nil || $0.testAccuracy != nil }) {
      charts.append(chart("Accuracy", \.trainAccuracy, \.testAccuracy, limits: 0...1))
    }
    return ChartSheet(title, note: summary, charts: charts)
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

  private func chart(
    _ title: String, _ train: @escaping (TrainingHistory.Epoch) -> Double?,
    _ test: @escaping (TrainingHistory.Epoch) -> Double?,
    limits: ClosedRange<Double>?
  ) -> Chart {
    let lines = [("train", train), ("test", test)].compactMap { name, value -> Chart.Mark? in
      let points = history.epochs.compactMap { epoch in value(epoch).map { ChartPoint(Double(epoch.number), $0) } }
      guard let last = points.last else { return nil }
      return .line(
        LineSeries(
          "\(name), at the end \(AxisTicks.text(last.y, digits: 4))", points: points, hasDots: points.count <= 30))
    }
    return Chart(title, x: ChartAxis("epoch", isWhole: true), y: ChartAxis(limits: limits), width: 470, marks: lines)
  }

  /// How many epochs, how long, and the best of them.
  private var summary: String {
    guard let last = history.epochs.last else { return "" }
    let seconds = history.epochs.reduce(0) { $0 + $1.seconds }
    var text = "\(last.number) \(last.number == 1 ? "epoch" : "epochs"), \(Formatting.duration(seconds))"
    let scores = history.epochs.compactMap { epoch in epoch.testAccuracy.map { (epoch.number, $0) } }
    if let best = scores.filter({ $0.1.isFinite }).max(by: { $0.1 < $1.1 }) {
      text += " · best test accuracy \(Formatting.fixed(best.1, 4)) in epoch \(best.0)"
    }
    return text
  }
}
