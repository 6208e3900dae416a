import TernBackend

/// What of a view goes where on a terminal of some size: the most important rows where it is small, taller charts where there
/// is room.
struct LiveLayout {
  /// What the machine tells.
  struct Machine: Sendable, Equatable {
    var resident = 0
    var pool = 0
    var poolCached = 0
    var threads = 1
  }

  let state: LiveState
  let machine: Machine
  /// Said in place of the keys.
  let message: String?
  /// Whether a checkpoint can be asked for.
  let hasCheckpoints: Bool
  let time: Double
  let columns: Int
  let isUnicode: Bool

  /// The most rows that a view has on a terminal of so many: some are left to what the program prints; none where there is
  /// no room at all.
  static func mostRows(of terminal: Int) -> Int {
    terminal < 3 ? 0 : terminal - max(2, min(terminal / 3, 8))
  }

  /// The rows on a terminal of so many, from the top.
  func rows(ofTerminal terminal: Int) -> [LiveRow] {
    let most = Self.mostRows(of: terminal)
    if most < 1 || columns < 1 { return [] }
    // What stays where there is little room comes first; on the screen the order is another one.
    var charts = state.figures.map { Chart($0) }
    charts += [Chart.rate(state), Chart.speed(state)].compactMap { $0 }
    var chosen: [(place: Int, chart: Chart?, row: LiveRow?)] = [(1, nil, progress)]
    var others: [(place: Int, chart: Chart?, row: LiveRow?)] = []
    for (index, chart) in charts.enumerated() { others.append((2 + index, chart, nil)) }
    // The loss, then the keys, then the other charts, the machine and the title.
    others.insert((1_000_001, nil, keys), at: min(1, others.count))
    others += [(1_000_000, nil, memory), (0, nil, title)]
    chosen += others.prefix(most - 1)
    chosen.sort { $0.place < $1.place }
    let heights = chartHeights(chosen.compactMap { $0.chart }, rows: chosen.count, terminal: terminal)
    let labels = labelWidth(charts)
    var result: [LiveRow] = []
    var chartIndex = 0
    for entry in chosen {
      if let row = entry.row { result.append(row) }
      guard let chart = entry.chart else { continue }
      result += self.rows(chart, labels: labels, height: heights[chartIndex])
      chartIndex += 1
    }
    return result
  }

  /// A figure that is drawn.
  private struct Chart {
    var name: String
    var value: String
    var series: StepSeries
    var isLoss: Bool
    var format: (Double) -> String = LiveLayout.number

    init(_ figure: LiveState.Figure) {
      name = (figure.isOfEpochs ? "test " : "") + figure.name
      value = figure.value.map(LiveLayout.number) ?? ""
      series = figure.series
      isLoss = figure.name.hasSuffix("loss")
    }

    private init(
      _ name: String, _ value: String, _ series: StepSeries, format: @escaping (Double) -> String = LiveLayout.number
    ) {
      (self.name, self.value, self.series, isLoss, self.format) = (name, value, series, false, format)
    }

    static func rate(_ state: LiveState) -> Chart? {
      state.rates.isEmpty
        ? nil : Chart("rate", state.rates.prefix(2).map(LiveLayout.number).joined(separator: " "), state.rateSeries)
    }

    static func speed(_ state: LiveState) -> Chart? {
      state.samplesPerSecond.map { Chart("samples/s", Formatting.rate($0), state.speedSeries, format: Formatting.rate) }
    }
  }

  /// Rows of each chart: where half of the terminal is not used, the first gets up to eight, the others up to three.
  private func chartHeights(_ charts: [Chart], rows: Int, terminal: Int) -> [Int] {
    var heights = charts.map { _ in 1 }
    if columns < 30 { return heights }
    var spare = min(terminal / 2, Self.mostRows(of: terminal)) - rows
    for (index, most) in zip(heights.indices, [terminal < 40 ? 3 : 8] + [Int](repeating: 3, count: heights.count)) {
      // Charts of two rows tell less than they take.
      let added = min(spare, most - 1)
      if added < 2 { break }
      heights[index] += added
      spare -= added
    }
    return heights
  }

  private func labelWidth(_ charts: [Chart]) -> Int {
    min(charts.map { TernTraining.columns(of: $0.name) }.max() ?? 0, max(columns / 3, 8), 24)
  }

  private func rows(_ chart: Chart, labels: Int, height: Int) -> [LiveRow] {
    var first = LiveRow()
    first.add(clipped(chart.name, columns: labels), .faint)
    first.pad(to: labels + 1)
    first.add(chart.value, .bold)
    let start = labels + 1 + max(9, min(TernTraining.columns(of: chart.value) + 1, 16))
    let extentWidth = columns >= 60 ? 22 : 0
    let room = columns - start - extentWidth
    guard room >= 4 else { return [first] }
    let line = Sparkline(chart.series.values(columns: room), allowsLogarithm: chart.isLoss)
    var result: [LiveRow] = []
    for (index, text) in line.rows(height: height, isUnicode: isUnicode).enumerated() {
      var row = index == 0 ? first : LiveRow()
      row.pad(to: start)
      row.add(text, .colored)
      if index == 0, extentWidth > 0, let extent = line.extent {
        row.pad(to: start + room)
        let dash = isUnicode ? "…" : ".."
        row.add(
          " \(chart.format(extent.lowerBound))\(dash)\(chart.format(extent.upperBound))"
            + (line.isLogarithmic ? " log" : ""), .faint)
      }
      result.append(row)
    }
    return result
  }

  private var title: LiveRow {
    let bar = isUnicode ? "─" : "-"
    var row = LiveRow()
    row.add("\(bar)\(bar) ", .faint)
    row.add(state.title.isEmpty ? "training" : state.title, .bold)
    row.add(" ")
    row.add(String(repeating: bar, count: max(columns - row.width, 0)), .faint)
    return row
  }

  /// Epoch, bar, percentage, step, time left and what is done now; what does not fit is left out.
  private var progress: LiveRow {
    var parts: [(text: String, style: LiveRow.Style, rank: Int)] = []
    if let epoch = state.epoch {
      parts.append(("epoch \(epoch)" + (state.epochs.map { "/\($0)" } ?? ""), .bold, 0))
    }
    if let fraction = state.fraction {
      let percent = Formatting.fixed((fraction * 100).rounded(.down), 0)
      parts.append((String(repeating: " ", count: 3 - percent.count) + percent + " %", .plain, 2))
    }
    let step = Self.count(state.step)
    parts.append(
      ("step \(step)" + (state.totalSteps.map { "/" + Self.count($0) } ?? ""), .plain, state.epoch == nil ? 0 : 4))
    if let left = state.secondsLeft(at: time) {
      parts.append((Formatting.duration(left) + " left", .plain, 3))
    } else {
      parts.append((Formatting.duration(state.elapsed(at: time)), .plain, 3))
    }
    parts.append((phase, state.phase == .training ? .faint : .inverse, 1))
    func length() -> Int { parts.reduce(0) { $0 + $1.text.count } + 2 * (parts.count - 1) }
    while parts.count > 1, length() > columns, let last = parts.indices.max(by: { parts[$0].rank < parts[$1].rank }) {
      parts.remove(at: last)
    }
    var row = LiveRow()
    for (index, part) in parts.enumerated() {
      if index > 0 { row.add("  ") }
      row.add(part.text, part.style)
      let room = min(columns - length() - 2, 40)
      if index == 0, let fraction = state.fraction, room >= 8 {
        row.add("  ")
        row.add(bar(fraction, room), .colored)
      }
    }
    return row
  }

  private var phase: String {
    switch state.phase {
    case .starting: "starting"
    case .training: "training"
    case .scoring: "scoring"
    case .paused: "paused"
    case .saving: "saving"
    case .stopping: "stopping"
    }
  }

  private func bar(_ fraction: Double, _ width: Int) -> String {
    guard isUnicode else {
      let full = Int(fraction * Double(width))
      return String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
    }
    let halves = Int(fraction * Double(width * 2))
    let half = halves.isMultiple(of: 2) ? "" : "╸"
    return String(repeating: "━", count: halves / 2) + half
      + String(repeating: "─", count: width - halves / 2 - half.count)
  }

  private var memory: LiveRow {
    var row = LiveRow()
    let parts = [
      ("memory", Self.bytes(machine.resident)), ("tensors", Self.bytes(machine.pool)),
      ("kept", Self.bytes(machine.poolCached)), ("threads", "\(machine.threads)"),
      ("elapsed", Formatting.duration(state.elapsed(at: time))),
    ]
    for (name, value) in parts {
      let length = name.count + value.count + 1 + (row.width == 0 ? 0 : 2)
      if row.width > 0 && row.width + length > columns { break }
      if row.width > 0 { row.add("  ") }
      row.add(name + " ", .faint)
      row.add(value)
    }
    return row
  }

  private var keys: LiveRow {
    var row = LiveRow()
    if let message {
      row.add(message, .bold)
      return row
    }
    var keys = [("p", state.phase == .paused ? "go on" : "pause")]
    if hasCheckpoints { keys.append(("c", "checkpoint")) }
    keys.append(("q", "stop"))
    for (key, name) in keys {
      if row.width > 0 { row.add("  ") }
      row.add(key, .bold)
      row.add(" " + name, .faint)
    }
    return row
  }

  // MARK: Numbers

  /// A number with about four digits.
  static func number(_ value: Double) -> String {
    let size = value.magnitude
    if !value.isFinite { return Formatting.fixed(value, 0) }
    if size == 0 { return "0" }
    if size >= 0.01 && size < 99_999.5 {
      let digits = size < 9.99995 ? 4 : size < 99.9995 ? 3 : size < 999.995 ? 2 : size < 9999.95 ? 1 : 0
      return Formatting.fixed(value, digits)
    }
    // Shortest where it is one that people write, as 0.001.
    let short = "\(value)"
    if short.count <= 7 { return short }
    var (mantissa, exponent) = (size, 0)
    while mantissa >= 9.995 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    while mantissa < 0.9995 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    return (value < 0 ? "-" : "") + Formatting.fixed(mantissa, 2) + "e\(exponent)"
  }

  /// A count with commas.
  static func count(_ value: Int) -> String {
    var digits = Array(String(value))
    for place in stride(from: digits.count - 3, to: value < 0 ? 1 : 0, by: -3) { digits.insert(",", at: place) }
    return String(digits)
  }

  /// Bytes as `12 MB`, of 1,048,576.
  static func bytes(_ value: Int) -> String {
    let units = ["KB", "MB", "GB", "TB"]
    var (size, unit) = (Double(max(value, 0)) / 1024, 0)
    while size >= 999.5 && unit < 3 { (size, unit) = (size / 1024, unit + 1) }
    return Formatting.fixed(size, size < 9.95 && unit > 0 ? 1 : 0) + " " + units[unit]
  }
}
