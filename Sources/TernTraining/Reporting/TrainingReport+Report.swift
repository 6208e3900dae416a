import TernCharts

extension TrainingReport {
  /// The page as it is so far.
  public var report: Report {
    TrainingPage(trace, title: title).report(
      summary: "\(trace.losses.count) \(trace.losses.count == 1 ? "step" : "steps"), the inside looked at every "
        + "\(interval == 1 ? "step" : "\(interval) steps").")
  }
}

/// Draws what a training's report has seen.
private struct TrainingPage {
  private typealias Points = [(step: Int, value: Double)]

  private let trace: TrainingReport.Trace
  private let title: String

  /// How many points a line has at most.
  private let pointLimit = 300
  /// How many lines a chart has at most.
  private let lineLimit = 8
  /// How many charts of one kind the page has at most: the numbers have the rest.
  private let chartLimit = 24

  init(_ trace: TrainingReport.Trace, title: String) {
    self.trace = trace
    self.title = title
  }

  func report(summary: String) -> Report {
    var report = Report(title, summary: summary)
    section("Loss and metrics", losses, in: &report)
    section(
      "Activations", text: "What the layers answer: the middle one of the percentiles as a line, the others as a band.",
      percentiles, in: &report)
    section(
      "Saturated and dead units",
      text: "The share of answers in the flat ends of the activation (for ReLU those that are 0), and of units that "
        + "are there for every sample of the batch.",
      shares("saturated", "Saturated values", \.saturated) + shares("dead", "Dead units", \.dead), in: &report)
    section(
      "Gradients and updates",
      text: "The length of each parameter's gradient, and how far a step moves the parameter in proportion to its own "
        + "length; a ratio near 0.001 is common.",
      parameters("gradients", "Gradient norm", trace.gradients.map { ($0.step, $0.norms) })
        + parameters("updates", "Update-to-weight ratio", trace.updates.map { ($0.step, $0.ratios) }),
      in: &report)
    for table in [layerTable, parameterTable] where !table.rows.isEmpty { report.add(.table(table)) }
    report.data = data
    return report
  }

  private func section(_ heading: String, text: String = "", _ figures: [ReportFigure], in report: inout Report) {
    if figures.isEmpty { return }
    report.add(.heading(heading))
    if !text.isEmpty { report.add(.text(text)) }
    for figure in figures.prefix(chartLimit) { report.add(.figure(figure)) }
    if figures.count > chartLimit {
      report.add(.text("\(figures.count - chartLimit) more are left out here; the numbers beside this page have all."))
    }
  }

  // MARK: Lines

  /// A line of at most ``pointLimit`` points: means of so many neighbors, with a band from the least to the largest.
  private func line(_ name: String, _ points: Points, color: Int? = nil) -> Chart.Mark {
    let size = (points.count + pointLimit - 1) / pointLimit
    guard size > 1 else {
      return .line(LineSeries(name, points: points.map { ChartPoint(Double($0.step), $0.value) }, color: color))
    }
    let parts = stride(from: 0, to: points.count, by: size).map { points[$0..<min($0 + size, points.count)] }
    var means: [ChartPoint] = []
    var band: [LineSeries.Spread] = []
    for part in parts {
      let step = Double(part.reduce(0) { $0 + $1.step }) / Double(part.count)
      let values = part.map(\.value)
      means.append(ChartPoint(step, values.reduce(0) { $0 + $1 / Double(values.count) }))
      band.append(LineSeries.Spread(step, low: values.min() ?? .nan, high: values.max() ?? .nan))
    }
    return .line(LineSeries(name, points: means, band: band, color: color))
  }

  /// So many of `points` that a chart has use for, evenly chosen.
  private func thinned<Element>(_ points: [Element]) -> [Element] {
    let size = max((points.count + pointLimit - 1) / pointLimit, 1)
    return stride(from: 0, to: points.count, by: size).map { points[$0] }
  }

  private func chart(_ title: String, _ label: String, _ marks: [Chart.Mark], scale: ChartAxis.Scale = .linear) -> Chart
  {
    Chart(title, x: ChartAxis("step"), y: ChartAxis(label, scale: scale), marks: marks)
  }

  // MARK: Figures

  private var losses: [ReportFigure] {
    var figures: [ReportFigure] = []
    let belong = trace.metrics.filter { $0.name.lowercased().hasSuffix("loss") }
    let others = trace.metrics.filter { !$0.name.lowercased().hasSuffix("loss") }
    if !trace.losses.isEmpty {
      let marks =
        [line(belong.isEmpty ? "" : "batch", trace.losses.map { ($0.step, $0.loss) })]
        + belong.map { line($0.name, $0.points) }
      figures.append(
        ReportFigure(
          "loss", chart("Loss", "loss", marks), caption: caption("The loss that each step was made for", marks)))
    }
    if !others.isEmpty {
      let marks = others.map { line($0.name, $0.points) }
      figures.append(ReportFigure("metrics", chart("Metrics", "", marks), caption: caption("Metrics", marks)))
    }
    let groups = trace.rates.map(\.rates.count).max() ?? 0
    if groups > 0 {
      let marks = (0..<groups).map { group in
        line(
          groups == 1 ? "" : "group \(group)",
          thinned(trace.rates).filter { $0.rates.count > group }.map { ($0.step, $0.rates[group]) })
      }
      figures.append(
        ReportFigure("learning-rate", chart("Learning rate", "rate", marks), caption: "The length of a step."))
    }
    return figures
  }

  /// What a figure shows, and what its bands are where it has some.
  private func caption(_ text: String, _ marks: [Chart.Mark]) -> String {
    let hasBand = marks.contains { if case .line(let line) = $0 { !line.band.isEmpty } else { false } }
    return hasBand ? "\(text): means of neighboring steps, with bands from the least to the largest." : "\(text)."
  }

  private var percentiles: [ReportFigure] {
    let percentages = trace.percentages
    guard !percentages.isEmpty else { return [] }
    let middle = percentages.count / 2
    return paths.map { path in
      let points = thinned(layer(path))
      func value(_ index: Int) -> (_ point: (step: Int, statistics: ActivationStatistics)) -> Double {
        { $0.statistics.percentiles[index] }
      }
      let band = points.map {
        LineSeries.Spread(Double($0.step), low: value(0)($0), high: value(percentages.count - 1)($0))
      }
      let line = LineSeries(
        "", points: points.map { ChartPoint(Double($0.step), value(middle)($0)) }, band: band.filter(\.isDrawable))
      let shown = percentages.map { AxisTicks.text($0, digits: 4) }
      return ReportFigure(
        "activations-\(fileName(path))", chart(label(path), "output", [.line(line)]),
        caption: "Percentiles \(shown.joined(separator: ", ")) of what it answers.")
    }
  }

  /// The layers that were seen, in the order of the first time.
  private var paths: [String] {
    var seen: Set<String> = []
    return trace.activations.flatMap { $0.layers.map(\.path) }.filter { seen.insert($0).inserted }
  }

  private func layer(_ path: String) -> [(step: Int, statistics: ActivationStatistics)] {
    trace.activations.compactMap { step, layers in layers.first { $0.path == path }.map { (step, $0) } }
  }

  private func shares(_ file: String, _ title: String, _ share: (ActivationStatistics) -> Double?) -> [ReportFigure] {
    let lines = paths.compactMap { path -> (name: String, points: Points)? in
      let points: Points = thinned(layer(path)).compactMap { point in
        share(point.statistics).map { (point.step, $0) }
      }
      return points.isEmpty ? nil : (label(path), points)
    }
    return grouped(file, title, "share", lines, scale: .linear)
  }

  private func parameters(_ file: String, _ title: String, _ seen: [(Int, [ParameterStatistic])]) -> [ReportFigure] {
    var names: Set<String> = []
    let order = seen.flatMap { $0.1.map(\.name) }.filter { names.insert($0).inserted }
    let points = thinned(seen)
    let lines = order.map { name in
      (
        name: name,
        points: points.compactMap { point in point.1.first { $0.name == name }.map { (point.0, $0.value) } } as Points
      )
    }
    return grouped(file, title, "", lines, scale: .logarithmic)
  }

  /// Charts of at most ``lineLimit`` lines each.
  private func grouped(
    _ file: String, _ title: String, _ label: String, _ lines: [(name: String, points: Points)], scale: ChartAxis.Scale
  ) -> [ReportFigure] {
    stride(from: 0, to: lines.count, by: lineLimit).enumerated().map { number, start in
      let part = lines[start..<min(start + lineLimit, lines.count)]
      let marks = part.map {
        Chart.Mark.line(LineSeries($0.name, points: $0.points.map { ChartPoint(Double($0.step), $0.value) }))
      }
      let isWhole = lines.count <= lineLimit
      return ReportFigure(
        isWhole ? file : "\(file)-\(number + 1)",
        chart(isWhole ? title : "\(title), part \(number + 1)", label, marks, scale: scale))
    }
  }

  /// A layer's kind and path: `Conv2D 0`.
  private func label(_ path: String) -> String {
    let kind = layer(path).last?.statistics.kind ?? ""
    return path.isEmpty ? kind : "\(kind) \(path)"
  }

  private func name(_ path: String) -> String { path.isEmpty ? "model" : path }
  private func fileName(_ path: String) -> String { name(path).replacing("/", with: "_") }

  // MARK: Tables

  private func cell(_ value: Double?) -> ReportTable.Cell { value.map { .number($0) } ?? .text("") }

  private var percentileColumns: [String] {
    trace.percentages.map { "p\(AxisTicks.text($0, digits: 6))" }
  }

  private var layerTable: ReportTable {
    ReportTable(
      "layers", caption: "Layers when they were last looked at",
      columns: ["layer", "kind"] + percentileColumns + ["saturated", "dead"],
      rows: paths.compactMap { path in
        guard let last = layer(path).last?.statistics else { return nil }
        return [.text(name(path)), .text(last.kind)] + last.percentiles.map { .number($0) } + [
          cell(last.saturated), cell(last.dead),
        ]
      })
  }

  private var parameterTable: ReportTable {
    let (norms, ratios) = (trace.gradients.last?.norms ?? [], trace.updates.last?.ratios ?? [])
    var names: Set<String> = []
    return ReportTable(
      "parameters", caption: "Parameters when they were last looked at",
      columns: ["parameter", "gradient norm", "update ratio"],
      rows: (norms + ratios).map(\.name).filter { names.insert($0).inserted }.map { name in
        [
          .text(name), cell(norms.first { $0.name == name }?.value), cell(ratios.first { $0.name == name }?.value),
        ]
      })
  }

  /// Everything that was seen.
  private var data: [ReportTable] {
    [
      ReportTable(
        "losses", columns: ["step", "loss"], rows: trace.losses.map { [.integer($0.step), .number($0.loss)] }),
      ReportTable(
        "metrics", columns: ["step", "metric", "value"],
        rows: trace.metrics.flatMap { metric in
          metric.points.map { [.integer($0.step), .text(metric.name), .number($0.value)] }
        }),
      ReportTable(
        "rates", columns: ["step", "group", "rate"],
        rows: trace.rates.flatMap { step, rates in
          rates.enumerated().map { [.integer(step), .integer($0), .number($1)] }
        }),
      ReportTable(
        "activations", columns: ["step", "layer", "kind", "count"] + percentileColumns + ["saturated", "dead"],
        rows: trace.activations.flatMap { step, layers in
          layers.map { layer in
            [.integer(step), .text(name(layer.path)), .text(layer.kind), .integer(layer.count)]
              + layer.percentiles.map { .number($0) } + [cell(layer.saturated), cell(layer.dead)]
          }
        }),
      ReportTable(
        "gradients", columns: ["step", "parameter", "norm"], rows: rows(trace.gradients.map { ($0.step, $0.norms) })),
      ReportTable(
        "updates", columns: ["step", "parameter", "ratio"], rows: rows(trace.updates.map { ($0.step, $0.ratios) })),
    ].filter { !$0.rows.isEmpty }
  }

  private func rows(_ seen: [(Int, [ParameterStatistic])]) -> [[ReportTable.Cell]] {
    seen.flatMap { step, values in values.map { [.integer(step), .text($0.name), .number($0.value)] } }
  }
}

extension LineSeries.Spread {
  /// Whether both edges are finite.
  fileprivate var isDrawable: Bool { low.isFinite && high.isFinite }
}
