/// Draws marks into the plot of a layout.
struct ChartDrawing {
  let layout: ChartLayout

  /// Where a point lies; far outside the plot it is moved to where the numbers are still short.
  private func spot(_ x: Double, _ y: Double) -> (x: Double, y: Double)? {
    guard let across = layout.xExtent.fraction(x), let up = layout.yExtent.fraction(y) else { return nil }
    func bounded(_ fraction: Double) -> Double { min(max(fraction, -20), 20) }
    let plot = layout.plot
    return (plot.x + bounded(across) * plot.width, plot.y + (1 - bounded(up)) * plot.height)
  }

  func line(_ line: LineSeries, _ number: Int) -> String {
    var text = ""
    let edges = line.band.compactMap { part in
      spot(part.x, part.low).flatMap { low in spot(part.x, part.high).map { (low: low, high: $0) } }
    }
    if edges.count > 1 {
      let outline = edges.map(\.high) + edges.reversed().map(\.low)
      text += "<path class=\"tc-band tc-f\(number)\" d=\"M\(outline.map(pair).joined(separator: "L"))Z\"/>\n"
    }
    var commands = ""
    var dots = ""
    var run: [(x: Double, y: Double)] = []
    func end() {
      if run.count == 1 { dots += circle(run[0], number, radius: 2.5) }
      if run.count > 1 { commands += "M" + run.map(pair).joined(separator: "L") }
      run = []
    }
    for point in line.points {
      if let spot = spot(point.x, point.y) { run.append(spot) } else { end() }
    }
    end()
    let dash = line.isDashed ? " tc-dashed" : ""
    if !commands.isEmpty { text += "<path class=\"tc-line tc-s\(number)\(dash)\" d=\"\(commands)\"/>\n" }
    if line.hasDots {
      dots = line.points.compactMap { spot($0.x, $0.y) }.map { circle($0, number, radius: 3) }.joined()
    }
    return text + dots
  }

  func scatter(_ scatter: ScatterSeries, _ number: Int) -> String {
    let radius = scatter.points.count > 1000 ? 1.5 : 2.6
    return scatter.points.compactMap { spot($0.x, $0.y) }.map { circle($0, number, radius: radius) }.joined()
  }

  func histogram(_ histogram: HistogramSeries, _ number: Int) -> String {
    histogram.bins.compactMap { bin -> String? in
      guard bin.count > 0, let low = spot(bin.range.lowerBound, max(layout.yExtent.low, 0)),
        let high = spot(bin.range.upperBound, Double(bin.count))
      else { return nil }
      let box = ChartBox(x: low.x, y: high.y, width: max(high.x - low.x - 0.5, 0.5), height: max(low.y - high.y, 0))
      return "<rect class=\"tc-bar tc-f\(number)\" \(attributes(box))/>\n"
    }.joined()
  }

  func field(_ field: FieldSeries) -> String {
    switch field.style {
    case .heat: heat(field)
    case .contours:
      field.levels.enumerated().map { index, level in
        contour(field, level, style: Chart.contourStyle(index, of: field.levels.count))
      }.joined()
    case .regions(let threshold): regions(field, threshold)
    }
  }

  /// The coordinate of a node of the grid, also between two and half a cell beyond the last.
  private func coordinate(_ range: ClosedRange<Double>, _ node: Double, of count: Int) -> Double {
    let fraction = min(max(node / Double(count - 1), 0), 1)
    return range.lowerBound + (range.upperBound - range.lowerBound) * fraction
  }

  /// A band of row `row` between two columns.
  private func band(_ field: FieldSeries, row: Int, from: Double, to: Double, style: String) -> String {
    let (low, high) = (Double(row) - 0.5, Double(row) + 0.5)
    guard
      let start = spot(
        coordinate(field.xRange, from, of: field.columns), coordinate(field.yRange, low, of: field.rows)),
      let end = spot(coordinate(field.xRange, to, of: field.columns), coordinate(field.yRange, high, of: field.rows))
    else { return "" }
    let box = ChartBox(x: start.x, y: end.y, width: end.x - start.x, height: start.y - end.y)
    return "<rect class=\"\(style)\" \(attributes(box))/>\n"
  }

  private func heat(_ field: FieldSeries) -> String {
    let finite = field.values.filter(isDrawable)
    guard let low = finite.min(), let high = finite.max() else { return "" }
    func level(_ value: Double) -> Int? {
      guard isDrawable(value) else { return nil }
      return high > low ? min(Int((value - low) / (high - low) * 9), 8) : 4
    }
    var text = ""
    for row in 0..<field.rows {
      let levels = (0..<field.columns).map { level(field.values[row * field.columns + $0]) }
      var start = 0
      for column in 1...field.columns where column == field.columns || levels[column] != levels[start] {
        if let level = levels[start] {
          text += band(field, row: row, from: Double(start) - 0.5, to: Double(column) - 0.5, style: "tc-h\(level)")
        }
        start = column
      }
    }
    return "<g shape-rendering=\"crispEdges\">\n\(text)</g>\n"
  }

  private func regions(_ field: FieldSeries, _ threshold: Double) -> String {
    var text = ""
    for row in 0..<field.rows {
      let values = (0..<field.columns).map { field.values[row * field.columns + $0] }
      var (start, edge) = (0, -0.5)
      for column in 1...field.columns {
        let isEnd = column == field.columns
        if !isEnd, (values[column] >= threshold) == (values[start] >= threshold) { continue }
        let next =
          isEnd ? Double(column) - 0.5 : crossing(values[column - 1], values[column], threshold) + Double(column - 1)
        text += band(field, row: row, from: edge, to: next, style: values[start] >= threshold ? "tc-r1" : "tc-r0")
        (start, edge) = (column, next)
      }
    }
    // Faint as a whole: bands that share a line of pixels would be darker there.
    return "<g class=\"tc-regions\" shape-rendering=\"crispEdges\">\n\(text)</g>\n"
      + contour(field, threshold, style: "tc-contour")
  }

  /// Where between two nodes the threshold lies, 0 to 1.
  private func crossing(_ a: Double, _ b: Double, _ threshold: Double) -> Double {
    guard a.isFinite, b.isFinite, a != b else { return 0.5 }
    return min(max((threshold - a) / (b - a), 0), 1)
  }

  /// The lines where values are at a threshold (marching squares).
  private func contour(_ field: FieldSeries, _ threshold: Double, style: String) -> String {
    var segments: [(from: String, to: String)] = []
    func node(_ place: (row: Int, column: Int)) -> Double { field.values[place.row * field.columns + place.column] }
    for row in 0..<(field.rows - 1) {
      for column in 0..<(field.columns - 1) {
        let corners = [(row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column)]
        guard corners.allSatisfy({ isDrawable(node($0)) }) else { continue }
        // Each side from the lower corner, so that two cells find the same place on the side between them.
        let sides = [(0, 1), (1, 2), (3, 2), (0, 3)].map { (corners[$0], corners[$1]) }
        let ends = sides.compactMap { from, to -> String? in
          let (a, b) = (node(from), node(to))
          guard (a >= threshold) != (b >= threshold) else { return nil }
          let fraction = crossing(a, b, threshold)
          let y = Double(from.0) + fraction * Double(to.0 - from.0)
          let x = Double(from.1) + fraction * Double(to.1 - from.1)
          return spot(coordinate(field.xRange, x, of: field.columns), coordinate(field.yRange, y, of: field.rows)).map(
            pair)
        }
        for index in stride(from: 0, to: ends.count - 1, by: 2) { segments.append((ends[index], ends[index + 1])) }
      }
    }
    let commands = chained(segments).map { "M" + $0.joined(separator: "L") }.joined()
    return commands.isEmpty ? "" : "<path class=\"\(style)\" d=\"\(commands)\"/>\n"
  }

  /// Segments put together into lines as long as they go.
  private func chained(_ segments: [(from: String, to: String)]) -> [[String]] {
    var touching: [String: [Int]] = [:]
    for (index, segment) in segments.enumerated() {
      touching[segment.from, default: []].append(index)
      touching[segment.to, default: []].append(index)
    }
    var isUsed = segments.map { $0.from == $0.to }
    func follow(_ start: String) -> [String] {
      var (line, end): ([String], String) = ([], start)
      while let index = touching[end]?.first(where: { !isUsed[$0] }) {
        isUsed[index] = true
        end = segments[index].from == end ? segments[index].to : segments[index].from
        line.append(end)
      }
      return line
    }
    var lines: [[String]] = []
    for (index, segment) in segments.enumerated() {
      // More than two may meet in a place: what goes on from there is a line of its own.
      while !isUsed[index] {
        let forward = follow(segment.from)
        lines.append(follow(segment.from).reversed() + [segment.from] + forward)
      }
    }
    return lines
  }

  private func pair(_ spot: (x: Double, y: Double)) -> String { "\(place(spot.x)) \(place(spot.y))" }

  private func circle(_ spot: (x: Double, y: Double), _ number: Int, radius: Double) -> String {
    "<circle class=\"tc-dot tc-f\(number)\" cx=\"\(place(spot.x))\" cy=\"\(place(spot.y))\" r=\"\(place(radius))\"/>\n"
  }
}
