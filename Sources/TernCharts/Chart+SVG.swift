import Foundation

extension Chart {
  /// The chart as an SVG as wide as there is room, with its own colors for light and dark.
  public var svg: String {
    let layout = ChartLayout(self)
    return Chart.page(title, width: layout.width, height: layout.height, content(layout))
  }

  /// An SVG of this size with the charts' rules and page around `content`; `title` is what readers of screens hear.
  static func page(_ title: String, width: Double, height: Double, _ content: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(place(width)) \(place(height))" width="100%" role="img" \
    aria-label="\(markup(title))" class="tc-chart">
    <style>\(style)</style>
    <rect class="tc-page" width="100%" height="100%"/>
    \(content)</svg>

    """
  }

  /// Everything on the page.
  func content(_ layout: ChartLayout) -> String {
    var text = grid(layout)
    // The part inside the axes clips what lies beyond them, with room for a point that lies on one.
    let (plot, edge) = (layout.plot, 5.0)
    let box = ChartBox(
      x: plot.x - edge, y: plot.y - edge, width: plot.width + 2 * edge, height: plot.height + 2 * edge)
    text +=
      "<svg \(attributes(box)) viewBox=\"\(place(box.x)) \(place(box.y)) \(place(box.width)) \(place(box.height))\">\n"
    let drawing = ChartDrawing(layout: layout)
    for (index, mark) in marks.enumerated() {
      switch mark {
      case .line(let line): text += drawing.line(line, style(index))
      case .scatter(let scatter): text += drawing.scatter(scatter, style(index))
      case .histogram(let histogram): text += drawing.histogram(histogram, style(index))
      case .field(let field): text += drawing.field(field)
      }
    }
    text += "</svg>\n"
    for swatch in layout.swatches { text += sample(swatch) }
    text += Chart.texts(layout.labels)
    if !hasMarks {
      let (x, y) = (plot.x + plot.width / 2, plot.y + plot.height / 2)
      text +=
        "<text class=\"tc-label\" x=\"\(place(x))\" y=\"\(place(y))\" text-anchor=\"middle\">no values to draw</text>\n"
    }
    return text
  }

  /// Labels at their places.
  static func texts(_ labels: [ChartLayout.Label]) -> String {
    labels.map { label in
      let anchor = label.anchor == .start ? "" : " text-anchor=\"\(label.anchor.rawValue)\""
      let spot = "x=\"\(place(label.x))\" y=\"\(place(label.y))\""
      return "<text class=\"\(label.style)\" \(spot)\(anchor)>\(markup(label.text))</text>\n"
    }.joined()
  }

  /// Whether any value has a place.
  private var hasMarks: Bool {
    let (x, y) = extremes
    return x.contains(where: isDrawable) && y.contains(where: isDrawable)
  }

  /// The number of the color of a mark: its own, else the next in the order of the marks.
  private func style(_ index: Int) -> Int {
    let number = marks[index].color ?? marks[..<index].count { if case .field = $0 { false } else { true } }
    return (number % 8 + 8) % 8
  }

  private func grid(_ layout: ChartLayout) -> String {
    let plot = layout.plot
    var lines = ""
    for value in layout.yTicks.values {
      let y = place(layout.verticalPlace(value))
      lines += "M\(place(plot.x)) \(y)H\(place(plot.x + plot.width))"
    }
    for value in layout.xTicks.values {
      let x = place(layout.horizontalPlace(value))
      lines += "M\(x) \(place(plot.y))V\(place(plot.y + plot.height))"
    }
    let corner = "M\(place(plot.x)) \(place(plot.y))V\(place(plot.y + plot.height))H\(place(plot.x + plot.width))"
    return "<path class=\"tc-grid\" d=\"\(lines)\"/>\n<path class=\"tc-axis\" d=\"\(corner)\"/>\n"
  }

  /// A mark's sample in the legend.
  private func sample(_ swatch: ChartLayout.Swatch) -> String {
    let box = swatch.box
    let (middle, number) = (place(box.y + box.height / 2), style(swatch.mark))
    switch marks[swatch.mark] {
    case .line(let line):
      let dash = line.isDashed ? " tc-dashed" : ""
      return "<path class=\"tc-line tc-s\(number)\(dash)\" d=\"M\(place(box.x)) \(middle)h\(place(box.width))\"/>\n"
    case .scatter:
      return
        "<circle class=\"tc-dot tc-f\(number)\" cx=\"\(place(box.x + box.width / 2))\" cy=\"\(middle)\" r=\"3.5\"/>\n"
    case .histogram: return "<rect class=\"tc-bar tc-f\(number)\" \(attributes(box))/>\n"
    case .field(let field):
      guard case .heat = field.style else {
        let style = swatch.level.map { Chart.contourStyle($0, of: field.levels.count) } ?? "tc-contour"
        return "<path class=\"\(style)\" d=\"M\(place(box.x)) \(middle)h\(place(box.width))\"/>\n"
      }
      return (0..<9).map { level in
        let part = ChartBox(
          x: box.x + box.width * Double(level) / 9, y: box.y, width: box.width / 9, height: box.height)
        return "<rect class=\"tc-h\(level)\" \(attributes(part))/>\n"
      }.joined()
    }
  }
}

/// A coordinate to a tenth.
func place(_ value: Double) -> String {
  let text = String(format: "%.1f", value)
  let short = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  return short == "-0" ? "0" : short
}

/// A rectangle as attributes.
func attributes(_ box: ChartBox) -> String {
  "x=\"\(place(box.x))\" y=\"\(place(box.y))\" width=\"\(place(box.width))\" height=\"\(place(box.height))\""
}
