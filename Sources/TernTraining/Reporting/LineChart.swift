/// A chart of lines over whole numbers, as a group of an SVG.
package struct LineChart {
  /// A line with its name and style class.
  package struct Series {
    package var name: String
    /// The CSS class that colours it.
    package var style: String
    /// Points from left to right; a value that is not finite, or beyond 10³⁰⁰, leaves a gap.
    package var points: [(x: Int, y: Double)]

    package init(name: String, style: String, points: [(x: Int, y: Double)]) {
      self.name = name
      self.style = style
      self.points = points
    }
  }

  package var title: String
  package var xLabel: String
  package var series: [Series]
  /// No tick lies beyond these, where there are any: an accuracy ends at 1.
  package var bounds: ClosedRange<Double>?

  package init(title: String, xLabel: String, series: [Series], bounds: ClosedRange<Double>? = nil) {
    self.title = title
    self.xLabel = xLabel
    self.series = series
    self.bounds = bounds
  }

  /// The chart in a frame of this size; lines, texts and grid take their colours from the classes
  /// `grid`, `axis`, `label`, `title` and those of the series.
  package func svg(x: Double, y: Double, width: Double, height: Double) -> String {
    let frame = Frame(x: x + 52, y: y + 36, width: width - 52 - 56, height: height - 36 - 48)
    var text =
      "<text class=\"title\" x=\"\(coordinate(frame.x))\" y=\"\(coordinate(y + 16))\">\(escaped(title))</text>\n"
    let points = series.flatMap(\.points).filter { isDrawable($0.y) }
    guard let low = points.map(\.y).min(), let high = points.map(\.y).max() else {
      let place = "x=\"\(coordinate(frame.x))\" y=\"\(coordinate(frame.y + 20))\""
      return text + "<text class=\"label\" \(place)>no finite values</text>\n"
    }
    let ticks = Ticks(low: low, high: high, bounds: bounds)
    let numbers = series.flatMap(\.points).map(\.x)
    let (first, last) = (numbers.min() ?? 1, numbers.max() ?? 1)
    let place = { (point: (x: Int, y: Double)) -> (x: Double, y: Double) in
      let across = first == last ? 0.5 : Double(point.x - first) / Double(last - first)
      return (
        frame.x + across * frame.width, frame.y + (ticks.high - point.y) / (ticks.high - ticks.low) * frame.height
      )
    }
    for tick in ticks.values {
      let y = place((first, tick)).y
      text += line(frame.x, y, frame.x + frame.width, y, style: "grid")
      text += label(ticks.text(tick), frame.x - 8, y + 4, anchor: "end")
    }
    let bottom = frame.y + frame.height
    text += line(frame.x, bottom, frame.x + frame.width, bottom, style: "axis")
    for number in Ticks.whole(first, last) {
      let x = place((number, ticks.low)).x
      text += line(x, bottom, x, bottom + 4, style: "axis")
      text += label("\(number)", x, bottom + 19, anchor: "middle")
    }
    text += label(xLabel, frame.x + frame.width / 2, bottom + 38, anchor: "middle")
    for line in series { text += path(line, place) }
    return text + ends(place, ticks, frame)
  }

  private struct Frame {
    var x, y, width, height: Double
  }

  /// The line with its gaps, and a dot for every point where there are few, or for one between two gaps.
  private func path(_ line: Series, _ place: ((x: Int, y: Double)) -> (x: Double, y: Double)) -> String {
    var commands = ""
    var isDown = false
    var dots = ""
    for (index, point) in line.points.enumerated() {
      guard isDrawable(point.y) else {
        isDown = false
        continue
      }
      let spot = place(point)
      commands += (isDown ? "L" : "M") + "\(coordinate(spot.x)) \(coordinate(spot.y))"
      let isAlone = !isDown && (index + 1 == line.points.count || !isDrawable(line.points[index + 1].y))
      if line.points.count <= 30 || isAlone {
        dots +=
          "<circle class=\"dot \(line.style)\" cx=\"\(coordinate(spot.x))\" cy=\"\(coordinate(spot.y))\" r=\"3\"/>\n"
      }
      isDown = true
    }
    return commands.isEmpty ? "" : "<path class=\"line \(line.style)\" d=\"\(commands)\"/>\n" + dots
  }

  /// The last value of each line, behind its end; pushed apart where two would touch.
  private func ends(
    _ place: ((x: Int, y: Double)) -> (x: Double, y: Double), _ ticks: Ticks, _ frame: Frame
  ) -> String {
    var ends = series.compactMap { line in
      line.points.last { isDrawable($0.y) }.map { (style: line.style, spot: place($0), text: ticks.precise($0.y)) }
    }
    ends.sort { $0.spot.y < $1.spot.y }
    let gap = 15.0
    for index in ends.indices.dropFirst() where ends[index].spot.y - ends[index - 1].spot.y < gap {
      let middle = (ends[index].spot.y + ends[index - 1].spot.y) / 2
      ends[index - 1].spot.y = middle - gap / 2
      ends[index].spot.y = middle + gap / 2
    }
    return ends.map { label($0.text, $0.spot.x + 9, $0.spot.y + 4, anchor: "start", style: "end \($0.style)") }.joined()
  }
}

/// An element of a line.
private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, style: String) -> String {
  "<path class=\"\(style)\" d=\"M\(coordinate(x1)) \(coordinate(y1))L\(coordinate(x2)) \(coordinate(y2))\"/>\n"
}

/// An element of text.
private func label(_ text: String, _ x: Double, _ y: Double, anchor: String, style: String = "label") -> String {
  let place = "x=\"\(coordinate(x))\" y=\"\(coordinate(y))\""
  return "<text class=\"\(style)\" \(place) text-anchor=\"\(anchor)\">\(escaped(text))</text>\n"
}

/// Whether a chart has a place for `value`: beyond this, differences overflow.
private func isDrawable(_ value: Double) -> Bool { value.magnitude <= 1e300 }

/// A coordinate to a tenth of a pixel.
private func coordinate(_ value: Double) -> String { Formatting.fixed(value, 1) }

/// `text` without what XML takes for markup.
package func escaped(_ text: String) -> String {
  var result = ""
  for character in text {
    switch character {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    default: result.append(character)
    }
  }
  return result
}
