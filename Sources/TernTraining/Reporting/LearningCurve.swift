import TernData

/// A training's loss and accuracy by epoch, as an SVG that needs nothing else and follows light and dark.
public struct LearningCurve: Sendable {
  /// The epochs it shows.
  public var history: History
  /// What stands above it.
  public var title: String

  /// The curve of `history`.
  public init(_ history: History, title: String = "Training") {
    self.history = history
    self.title = title
  }

  /// The SVG: losses to the left, accuracies, where there are any, to the right; the best test accuracy in words.
  public var svg: String {
    var charts = [chart("Loss", \.trainLoss, \.testLoss, bounds: nil)]
    if history.epochs.contains(where: { $0.trainAccuracy != nil || $0.testAccuracy != nil }) {
      charts.append(chart("Accuracy", \.trainAccuracy, \.testAccuracy, bounds: 0...1))
    }
    let (chartWidth, height) = (470.0, 400.0)
    let width = max(chartWidth * Double(charts.count) + 12, 560)
    let size = "\(Formatting.fixed(width, 0)) \(Formatting.fixed(height, 0))"
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" role="img" aria-label="\(escaped(title))">
      <title>\(escaped(title))</title>
      <style>\(LearningCurve.style)</style>
      <rect class="page" width="100%" height="100%"/>
      <text class="heading" x="24" y="34">\(escaped(title))</text>

      """
    text += legend(right: width - 24)
    if let summary { text += "<text class=\"label\" x=\"24\" y=\"55\">\(summary)</text>\n" }
    for (index, chart) in charts.enumerated() {
      text += chart.svg(x: Double(index) * chartWidth, y: 76, width: chartWidth, height: height - 84)
    }
    return text + "</svg>\n"
  }

  /// Writes the SVG to the file at `path`, whole or not at all.
  ///
  /// - Throws: `DataError` where the file cannot be written.
  public func write(to path: String) throws(DataError) { try FileIO.write(svg, to: path) }

  private func chart(
    _ title: String, _ train: @escaping (History.Epoch) -> Double?, _ test: @escaping (History.Epoch) -> Double?,
    bounds: ClosedRange<Double>?
  ) -> LineChart {
    let series = [("train", train), ("test", test)].map { name, value in
      LineChart.Series(
        name: name, style: name, points: history.epochs.compactMap { epoch in value(epoch).map { (epoch.number, $0) } })
    }
    return LineChart(title: title, xLabel: "epoch", series: series.filter { !$0.points.isEmpty }, bounds: bounds)
  }

  /// How many epochs, how long, and the best of them.
  private var summary: String? {
    guard let last = history.epochs.last else { return nil }
    let seconds = history.epochs.reduce(0) { $0 + $1.seconds }
    var text = "\(last.number) \(last.number == 1 ? "epoch" : "epochs"), \(Formatting.duration(seconds))"
    let scores = history.epochs.compactMap { epoch in epoch.testAccuracy.map { (epoch.number, $0) } }
    if let best = scores.filter({ $0.1.isFinite }).max(by: { $0.1 < $1.1 }) {
      text += " · best test accuracy \(Formatting.fixed(best.1, 4)) in epoch \(best.0)"
    }
    return escaped(text)
  }

  private func legend(right: Double) -> String {
    let hasTest = history.epochs.contains { $0.testLoss != nil || $0.testAccuracy != nil }
    var text = ""
    var x = right
    for name in hasTest ? ["test", "train"] : ["train"] {
      let start = x - 62
      let (from, to) = (Formatting.fixed(start, 0), Formatting.fixed(start + 22, 0))
      text += "<path class=\"line \(name)\" d=\"M\(from) 29L\(to) 29\"/>\n"
      text += "<text class=\"label\" x=\"\(Formatting.fixed(start + 29, 0))\" y=\"33\">\(name)</text>\n"
      x = start - 14
    }
    return text
  }

  /// Colours that differ in lightness too, so that they are told apart without hue; light unless the reader is dark.
  private static let style = """

    text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 12px; }
    .page { fill: #ffffff; }
    .heading { font-size: 18px; font-weight: 600; fill: #1c2128; }
    .title { font-size: 13px; font-weight: 600; fill: #1c2128; }
    .label { fill: #59636e; }
    .grid { stroke: #e4e8ec; fill: none; }
    .axis { stroke: #8c959f; fill: none; }
    .line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
    .end { font-weight: 600; }
    .line.train { stroke: #8fb4dd; }
    .dot.train { fill: #8fb4dd; }
    .end.train { fill: #5b87b8; }
    .line.test { stroke: #c2410c; }
    .dot.test, .end.test { fill: #c2410c; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; }
      .heading, .title { fill: #e6edf3; }
      .label { fill: #9aa4af; }
      .grid { stroke: #262c34; }
      .axis { stroke: #6e7681; }
      .line.train { stroke: #4f81bd; }
      .dot.train { fill: #4f81bd; }
      .end.train { fill: #79a6d8; }
      .line.test { stroke: #ff9e64; }
      .dot.test, .end.test { fill: #ff9e64; }
    }

    """
}
