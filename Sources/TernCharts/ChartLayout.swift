/// A rectangle in a chart's coordinates, y downwards.
package struct ChartBox: Hashable {
  package var x: Double
  package var y: Double
  package var width: Double
  package var height: Double

  package init(x: Double, y: Double, width: Double, height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  package func overlaps(_ other: ChartBox) -> Bool {
    x < other.x + other.width && other.x < x + width && y < other.y + other.height && other.y < y + height
  }

  package func contains(_ other: ChartBox) -> Bool {
    other.x >= x && other.y >= y && other.x + other.width <= x + width && other.y + other.height <= y + height
  }
}

/// Where everything around a chart's marks lies.
package struct ChartLayout {
  /// A text with its place.
  package struct Label {
    package enum Anchor: String { case start, middle, end }

    package var text: String
    package var style: String
    /// Where the anchor is, and the line the letters stand on.
    package var x: Double
    package var y: Double
    package var anchor: Anchor
    package var size: Double
    package var isBold = false

    /// The room it takes at most.
    package var box: ChartBox {
      let width = TextMetrics.width(text, size: size, isBold: isBold)
      let left = anchor == .start ? x : anchor == .end ? x - width : x - width / 2
      return ChartBox(x: left, y: y - size * 0.8, width: width, height: size)
    }
  }

  /// A mark's sample in the legend.
  package struct Swatch {
    package var mark: Int
    /// Which of a field's contours it is.
    package var level: Int?
    package var box: ChartBox
  }

  package let width: Double
  package private(set) var height = 0.0
  package private(set) var plot = ChartBox(x: 0, y: 0, width: 0, height: 0)
  package private(set) var labels: [Label] = []
  package private(set) var swatches: [Swatch] = []
  package let xExtent: AxisExtent
  package let yExtent: AxisExtent
  package private(set) var xTicks: AxisTicks
  package let yTicks: AxisTicks

  private static let size = 12.0
  private static let margin = 10.0

  package init(_ chart: Chart) {
    width = chart.width
    let values = chart.extremes
    let hasField = chart.marks.contains { if case .field = $0 { true } else { false } }
    let isCloud = !hasField && chart.marks.contains { if case .scatter = $0 { true } else { false } }
    xExtent = AxisExtent(chart.x, values: values.x, isLoose: isCloud)
    yExtent = AxisExtent(chart.y, values: values.y, isLoose: !hasField)
    yTicks = AxisTicks(yExtent, count: max(Int(chart.plotHeight / 32), 2))
    xTicks = AxisTicks(xExtent, count: 8)
    var y = ChartLayout.margin
    func place(_ text: String, _ style: String, size: Double, isBold: Bool = false) {
      for line in TextMetrics.lines(text, room: width - 2 * ChartLayout.margin, size: size, isBold: isBold) {
        labels.append(
          Label(
            text: line, style: style, x: ChartLayout.margin, y: y + size * 0.8, anchor: .start, size: size,
            isBold: isBold))
        y += size * 1.35
      }
    }
    place(chart.title, "tc-title", size: 14, isBold: true)
    y += 3
    y = legend(chart, from: y)
    place(chart.y.label, "tc-label", size: ChartLayout.size)
    y += ChartLayout.size * 0.7

    let tickWidth = yTicks.texts.map { TextMetrics.width($0, size: ChartLayout.size) }.max() ?? 0
    let left = ChartLayout.margin + tickWidth + 7
    plot = ChartBox(
      x: left, y: y, width: max(width - left - ChartLayout.margin - 6, 40), height: chart.plotHeight)
    for (value, text) in zip(yTicks.values, yTicks.texts) {
      labels.append(
        Label(
          text: text, style: "tc-label", x: left - 7, y: verticalPlace(value) + 4, anchor: .end,
          size: ChartLayout.size))
    }
    y = plot.y + plot.height
    labels += horizontalLabels(baseline: y + 19)
    y += 19 + ChartLayout.size * 0.5
    for line in TextMetrics.lines(chart.x.label, room: width - 2 * ChartLayout.margin, size: ChartLayout.size) {
      let half = TextMetrics.width(line, size: ChartLayout.size) / 2
      let middle = min(max(plot.x + plot.width / 2, half + 2), width - half - 2)
      labels.append(
        Label(
          text: line, style: "tc-label", x: middle, y: y + ChartLayout.size, anchor: .middle, size: ChartLayout.size))
      y += ChartLayout.size * 1.35
    }
    height = (y + ChartLayout.margin).rounded(.up)
  }

  /// Where a value of the y axis is, from the top of the chart.
  package func verticalPlace(_ value: Double) -> Double {
    plot.y + (1 - (yExtent.fraction(value) ?? 0)) * plot.height
  }

  /// Where a value of the x axis is, from the left of the chart.
  package func horizontalPlace(_ value: Double) -> Double { plot.x + (xExtent.fraction(value) ?? 0) * plot.width }

  /// The legend's rows from `y` down; returns where they end.
  private mutating func legend(_ chart: Chart, from top: Double) -> Double {
    let (size, sample, row) = (ChartLayout.size, 22.0, 17.0)
    var (x, y) = (ChartLayout.margin, top)
    var isEmpty = true
    let entries = chart.marks.enumerated().flatMap { index, mark in mark.legend.map { (index, $0.level, $0.text) } }
    for (index, level, text) in entries {
      let lines = TextMetrics.lines(text, room: width - 2 * ChartLayout.margin - sample - 6, size: size)
      let entry = sample + 6 + (lines.map { TextMetrics.width($0, size: size) }.max() ?? 0)
      if !isEmpty, x + entry > width - ChartLayout.margin { (x, y) = (ChartLayout.margin, y + row) }
      swatches.append(Swatch(mark: index, level: level, box: ChartBox(x: x, y: y + 1, width: sample, height: size - 2)))
      for (number, line) in lines.enumerated() {
        if number > 0 { y += row }
        labels.append(
          Label(text: line, style: "tc-label", x: x + sample + 6, y: y + size * 0.8, anchor: .start, size: size))
      }
      x += entry + 16
      if lines.count > 1 { x = width }
      isEmpty = false
    }
    return isEmpty ? y : y + row + 4
  }

  /// As many ticks' labels as have room beside each other, shifted inwards where the chart ends.
  private mutating func horizontalLabels(baseline: Double) -> [Label] {
    for count in [8, 6, 5, 4, 3, 2, 1] {
      let ticks = AxisTicks(xExtent, count: count)
      let labels = zip(ticks.values, ticks.texts).map { value, text in
        let half = TextMetrics.width(text, size: ChartLayout.size) / 2
        return Label(
          text: text, style: "tc-label", x: min(max(horizontalPlace(value), half + 2), width - half - 2), y: baseline,
          anchor: .middle, size: ChartLayout.size)
      }
      let hasRoom = zip(labels, labels.dropFirst()).allSatisfy { $0.box.x + $0.box.width + 8 <= $1.box.x }
      if hasRoom {
        xTicks = ticks
        return labels
      }
    }
    xTicks = AxisTicks(xExtent, count: 1)
    return []
  }
}

extension Chart {
  /// The coordinates that the axes have to hold.
  var extremes: (x: [Double], y: [Double]) {
    var (x, y): ([Double], [Double]) = ([], [])
    for mark in marks {
      switch mark {
      case .line(let line):
        x += line.points.map(\.x) + line.band.map(\.x)
        y += line.points.map(\.y) + line.band.flatMap { [$0.low, $0.high] }
      case .scatter(let scatter):
        x += scatter.points.map(\.x)
        y += scatter.points.map(\.y)
      case .histogram(let histogram):
        x += histogram.bins.flatMap { [$0.range.lowerBound, $0.range.upperBound] }
        y += [0] + histogram.bins.map { Double($0.count) }
      case .field(let field):
        x += [field.xRange.lowerBound, field.xRange.upperBound]
        y += [field.yRange.lowerBound, field.yRange.upperBound]
      }
    }
    return (x, y)
  }
}

extension Chart.Mark {
  private var name: String {
    switch self {
    case .line(let line): line.name
    case .scatter(let scatter): scatter.name
    case .histogram(let histogram): histogram.name
    case .field(let field): field.name
    }
  }

  /// The legend's entries, none for what has no name: a heat map's tells its ends, and each contour has one.
  var legend: [(text: String, level: Int?)] {
    guard case .field(let field) = self else { return name.isEmpty ? [] : [(name, nil)] }
    switch field.style {
    case .contours:
      return field.levels.enumerated().map { index, level in
        let text = AxisTicks.text(level, digits: 4)
        return (index == 0 && !name.isEmpty ? "\(name): \(text)" : text, index)
      }
    case .heat:
      let values = field.values.filter(isDrawable)
      guard !name.isEmpty, let low = values.min(), let high = values.max() else {
        return name.isEmpty ? [] : [(name, nil)]
      }
      return [("\(name): \(AxisTicks.text(low, digits: 3)) to \(AxisTicks.text(high, digits: 3))", nil)]
    case .regions: return name.isEmpty ? [] : [(name, nil)]
    }
  }

  /// The color asked for.
  var color: Int? {
    switch self {
    case .line(let line): line.color
    case .scatter(let scatter): scatter.color
    case .histogram(let histogram): histogram.color
    case .field: 0
    }
  }
}
