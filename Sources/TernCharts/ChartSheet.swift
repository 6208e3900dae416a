/// Charts beside each other under one title, as one SVG that needs nothing else.
public struct ChartSheet: Sendable, Hashable {
  /// What stands above them.
  public var title: String
  /// What is said below the title; nothing where empty.
  public var note: String
  /// The charts from left to right, each as wide as it is.
  public var charts: [Chart]

  /// A sheet of `charts`.
  ///
  /// - Parameters:
  ///   - title: The title.
  ///   - note: A line below the title.
  ///   - charts: The charts in their order.
  public init(_ title: String, note: String = "", charts: [Chart]) {
    self.title = title
    self.note = note
    self.charts = charts
  }

  /// The sheet as an SVG as wide as there is room, with its own colors for light and dark.
  public var svg: String {
    let (margin, title, note) = (10.0, 18.0, 12.0)
    let layouts = charts.map { ($0, ChartLayout($0)) }
    let width = max(layouts.reduce(0) { $0 + $1.1.width }, 240)
    var labels: [ChartLayout.Label] = []
    var y = margin
    func write(_ text: String, _ style: String, size: Double, isBold: Bool) {
      for line in TextMetrics.lines(text, room: width - 2 * margin, size: size, isBold: isBold) {
        labels.append(
          ChartLayout.Label(
            text: line, style: style, x: margin, y: y + size * 0.8, anchor: .start, size: size, isBold: isBold))
        y += size * 1.35
      }
    }
    write(self.title, "tc-heading", size: title, isBold: true)
    write(self.note, "tc-label", size: note, isBold: false)
    var content = Chart.texts(labels)
    var x = 0.0
    for (chart, layout) in layouts {
      let box = attributes(ChartBox(x: x, y: y, width: layout.width, height: layout.height))
      content += "<svg \(box)>\n\(chart.content(layout))</svg>\n"
      x += layout.width
    }
    let height = y + (layouts.map(\.1.height).max() ?? 0)
    return Chart.page(self.title, width: width, height: height, content)
  }
}
