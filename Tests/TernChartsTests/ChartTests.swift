import TernCharts
import Testing

/// Charts that are hard to lay out: long words, many names, values of every size.
private let hardCharts: [(label: String, chart: Chart)] = {
  let words = "a title that is a good deal longer than the chart is wide, and goes on for another line or two"
  let names = (0..<9).map { "series number \($0) with a long name" }
  let lines = names.map { Chart.Mark.line(LineSeries($0, [1, 3, 2])) }
  func line(_ values: [Double]) -> Chart.Mark { .line(LineSeries("values", values)) }
  let field = FieldSeries("heat", x: -1...1, y: 0...1e-3, columns: 3, values: [0, 1, 2, 3, 4, 5])
  return [
    ("many long names", Chart(words, x: ChartAxis(words), y: ChartAxis(words), marks: lines)),
    ("narrow", Chart(words, x: ChartAxis(words), y: ChartAxis(words), width: 240, plotHeight: 80, marks: lines)),
    ("one long word", Chart(String(repeating: "Wort", count: 60), line([1, 2]))),
    ("large", Chart("large", line([1e12, 3.5e12]))), ("small", Chart("small", line([-1.5e-9, 2e-9]))),
    ("huge", Chart("huge", line([-1e300, 1e300]))), ("equal", Chart("equal", line([7, 7, 7]))),
    ("empty", Chart("empty")), ("nothing finite", Chart("nan", line([.nan, .infinity]))),
    (
      "logarithmic",
      Chart(
        "log", x: ChartAxis("x", scale: .logarithmic), y: ChartAxis("y", scale: .logarithmic),
        line([1e-8, 0, 10, 1e12]))
    ),
    ("large steps far out", Chart("far", line([1_000_000, 1_000_001]))),
    ("heat", Chart("heat", .field(field))),
    (
      "contours",
      Chart(
        "c",
        .field(
          FieldSeries(
            "a name of some length for the level", x: 0...1, y: 0...1, columns: 2, values: [0, 1e-3, 2e-3, 1],
            style: .contours(levels: (0..<30).map { Double($0) / 29 }))))
    ),
    ("histogram", Chart("h", .histogram(HistogramSeries("h", values: (0..<500).map { Double($0 * $0) })))),
    (
      "wide numbers",
      Chart("n", .scatter(ScatterSeries("s", points: [ChartPoint(123_456, 1), ChartPoint(987_654, 2)])))
    ),
  ]
}()

@Suite struct ChartTests {
  @Test func labelsLieInsideTheChartApartFromEachOtherAndFromThePlot() {
    for (label, chart) in hardCharts {
      let layout = ChartLayout(chart)
      let page = ChartBox(x: 0, y: 0, width: layout.width, height: layout.height)
      let boxes = layout.labels.map { ($0.text, $0.box) } + layout.swatches.map { ("sample \($0.mark)", $0.box) }
      #expect(page.contains(layout.plot), "\(label): plot \(layout.plot) in \(page)")
      for (index, (text, box)) in boxes.enumerated() {
        #expect(page.contains(box), "\(label): \(text) \(box) in \(page)")
        #expect(!box.overlaps(layout.plot), "\(label): \(text) \(box) on the plot \(layout.plot)")
        for (other, otherBox) in boxes[(index + 1)...] {
          #expect(!box.overlaps(otherBox), "\(label): \(text) \(box) on \(other) \(otherBox)")
        }
      }
    }
  }

  @Test func everyNameIsInTheLegend() {
    let layout = ChartLayout(hardCharts[0].chart)
    #expect(layout.swatches.count == 9)
    #expect(layout.labels.contains { $0.text == "series number 8 with a long name" })
  }

  @Test func ticksAreRoundAndTheirTextsReadBack() {
    func texts(_ low: Double, _ high: Double, _ scale: ChartAxis.Scale = .linear, count: Int = 5) -> [String] {
      AxisTicks(AxisExtent(ChartAxis(scale: scale, range: low...high), values: [], isLoose: false), count: count).texts
    }
    #expect(texts(0, 1) == ["0", "0.2", "0.4", "0.6", "0.8", "1"])
    #expect(texts(-0.25, 0.3) == ["−0.2", "0", "0.2"])
    #expect(texts(0, 30_000) == ["0", "10000", "20000", "30000"])
    #expect(texts(0, 3e6, count: 3) == ["0", "1e6", "2e6", "3e6"])
    #expect(texts(0, 1e-5, count: 2) == ["0", "5e-6", "1e-5"])
    #expect(texts(1_000_000, 1_000_001, count: 2) == ["1e6", "1.0000005e6", "1.000001e6"])
    #expect(texts(1e-3, 1e3, .logarithmic, count: 7) == ["0.001", "0.01", "0.1", "1", "10", "100", "1000"])
    #expect(texts(1, 10, .logarithmic) == ["1", "2", "5", "10"])
    #expect(
      texts(2, 3, .logarithmic, count: 2) == ["2", "2.5", "3"] || texts(2, 3, .logarithmic, count: 2) == ["2", "3"])
  }

  @Test func extentsHoldTheValuesAndKeepLogarithmsAboveZero() {
    let loose = AxisExtent(ChartAxis(), values: [0.13, 0.97, .nan], isLoose: true)
    #expect(loose.low == 0 && loose.high == 1)
    let logarithmic = AxisExtent(ChartAxis(scale: .logarithmic), values: [0, -3, 0.02, 7], isLoose: true)
    #expect(abs(logarithmic.low - 0.01) < 1e-12 && abs(logarithmic.high - 10) < 1e-9)
    #expect(logarithmic.fraction(0) == nil && logarithmic.fraction(-1) == nil && loose.fraction(.infinity) == nil)
    #expect(abs((logarithmic.fraction(0.316227766) ?? 0) - 0.5) < 1e-6)
  }

  @Test func binsCountEveryFiniteValueOnce() {
    let bins = HistogramSeries("", values: [0, 1, 1, 2, 4, .nan, .infinity], binCount: 4).bins
    #expect(bins.map(\.count) == [1, 2, 1, 1])
    #expect(bins.first?.range.lowerBound == 0 && bins.last?.range.upperBound == 4)
    #expect(HistogramSeries("", values: [3, 3], binCount: 2).bins.map(\.count).reduce(0, +) == 2)
    #expect(HistogramSeries("", values: []).bins.isEmpty)
  }

  @Test func gapsBreakALineAndAPointBetweenGapsIsADot() {
    let chart = Chart("", .line(LineSeries("", [1, 2, .nan, 3, .nan, 4, 5])))
    let path = chart.svg.split(separator: "\n").first { $0.contains("class=\"tc-line") }
    #expect(path?.filter { $0 == "M" }.count == 2)
    #expect(chart.svg.components(of: "<circle") == 1)
  }

  @Test func aContourLiesWhereValuesCrossTheThreshold() {
    // The values are the horizontal coordinate, 0 to 4: the line stands at 1.5, three eighths of the way.
    let values = (0..<3).flatMap { _ -> [Double] in [0, 1, 2, 3, 4] }
    let chart = Chart(
      "", .field(FieldSeries(x: 0...4, y: 0...2, columns: 5, values: values, style: .regions(threshold: 1.5))))
    let layout = ChartLayout(chart)
    let x = layout.horizontalPlace(1.5)
    let contour = chart.svg.split(separator: "\n").first { $0.contains("tc-contour") && $0.contains("<path") }
    // One line over both rows of cells; each end is two numbers with a space between.
    let ends = (contour ?? "").matches(of: #/[ML]([0-9.]+)\s/#).compactMap { Double($0.output.1) }
    #expect(ends.count == 3)
    #expect(ends.allSatisfy { abs($0 - x) <= 0.06 }, "\(ends) for \(x)")
    #expect(chart.svg.components(of: "class=\"tc-r0\"") == 3 && chart.svg.components(of: "class=\"tc-r1\"") == 3)
  }

  @Test func contoursLieAtTheirLevelsAndTheLegendNamesEach() {
    // The values are x² + y² over [−2, 2]²: each contour is a circle.
    let nodes = 81
    let places = (0..<nodes).map { Double($0) / 20 - 2 }
    let values = places.flatMap { y in places.map { $0 * $0 + y * y } }
    let field = FieldSeries(
      "height", x: -2...2, y: -2...2, columns: nodes, values: values, style: .contours(levels: [1, 0.25, 3]))
    let chart = Chart("", .field(field))
    let layout = ChartLayout(chart)
    let texts = layout.labels.map(\.text)
    #expect(texts.contains("height: 0.25") && texts.contains("1") && texts.contains("3"))
    #expect(layout.swatches.map(\.level) == [0, 1, 2])
    let paths = chart.svg.split(separator: "\n").filter { $0.contains("<path class=\"tc-contour") }
    // Three in the plot, then three in the legend, in the same order.
    let styles = paths.map { $0.split(separator: "\"")[1] }
    #expect(
      styles.count == 6 && styles.prefix(3).elementsEqual(styles.suffix(3)) && Set(styles).count == 3, "\(styles)")
    for (path, level) in zip(paths, [0.25, 1, 3]) {
      let points = path.matches(of: #/[ML]([0-9.]+) ([0-9.]+)/#).map {
        (Double($0.output.1) ?? .nan, Double($0.output.2) ?? .nan)
      }
      #expect(points.count > 40)
      for (x, y) in points {
        let across = (x - layout.plot.x) / layout.plot.width * 4 - 2
        let up = 2 - (y - layout.plot.y) / layout.plot.height * 4
        #expect(abs(across * across + up * up - level) < 0.01, "\(across) \(up) at \(level)")
      }
    }
    #expect(
      FieldSeries(x: 0...1, y: 0...1, columns: 2, values: [0, 1, 2, 10], style: .contours()).levels == [2, 4, 6, 8])
    #expect(FieldSeries(x: 0...1, y: 0...1, columns: 2, values: [1, 1, 1, 1], style: .contours()).levels == [])
    #expect(FieldSeries(x: 0...1, y: 0...1, columns: 2, values: [0, 1, 2, 3], style: .heat).levels == [])
  }

  @Test func noContourRunsThroughWhatHasNoPlace() {
    let field = FieldSeries(
      x: 0...2, y: 0...1, columns: 3, values: [0, 2, .nan, 0, 2, 2], style: .contours(levels: [1]))
    let path = Chart("", .field(field)).svg.split(separator: "\n").first { $0.contains("<path class=\"tc-contour") }
    #expect(path?.filter { $0 == "M" }.count == 1, "only the left cell has four values")
  }

  @Test func limitsKeepAnAxisFromRoundNumbersBeyondThem() {
    func extent(_ axis: ChartAxis, _ values: [Double]) -> AxisExtent { AxisExtent(axis, values: values, isLoose: true) }
    let share = ChartAxis(limits: 0...1)
    let cases: [([Double], Double, Double)] = [
      ([0.884, 0.9971], 0.85, 1), ([0.5, 1], 0.5, 1), ([1, 1], 0.9, 1), ([0, 0], 0, 1), ([0.2, 1.3], 0, 1.3),
    ]
    for (values, low, high) in cases {
      let extent = extent(share, values)
      #expect(abs(extent.low - low) < 1e-12 && abs(extent.high - high) < 1e-12, "\(values): \(extent)")
    }
    for values in [[-3.0, 12], [1200, 9000], [2e-7, 9e-7]] {
      let extent = extent(ChartAxis(), values)
      let ticks = AxisTicks(extent, count: 5).values
      #expect(ticks.first.map { $0 <= values[0] } == true && ticks.last.map { $0 >= values[1] } == true, "\(ticks)")
    }
  }

  @Test func aWholeAxisHasNoTicksBetween() {
    func texts(_ low: Double, _ high: Double, count: Int = 8) -> [String] {
      AxisTicks(AxisExtent(ChartAxis(isWhole: true), values: [low, high], isLoose: false), count: count).texts
    }
    #expect(texts(1, 2) == ["1", "2"])
    #expect(texts(1, 1) == ["0", "1", "2"])
    #expect(texts(1, 5) == ["1", "2", "3", "4", "5"])
    #expect(texts(1, 30, count: 6) == ["5", "10", "15", "20", "25", "30"])
    #expect(texts(1, 100, count: 10) == ["10", "20", "30", "40", "50", "60", "70", "80", "90", "100"])
  }

  @Test func dotsStandAtEveryPointThatHasAPlace() {
    let values = [1, 2, .nan, 3]
    #expect(
      Chart("", .line(LineSeries("", points: values.map { ChartPoint($0, $0) }, hasDots: true))).svg.components(
        of: "<circle") == 3)
  }

  @Test func aSheetHoldsItsChartsBesideEachOther() {
    let charts = hardCharts.prefix(3).map(\.chart)
    let sheet = ChartSheet("a <title>", note: String(repeating: "long words ", count: 40), charts: Array(charts))
    #expect(isBalanced(sheet.svg) && sheet.svg.contains("a &lt;title&gt;"))
    #expect(sheet.svg.components(of: "<style>") == 1)
    let boxes = sheet.svg.matches(of: #/<svg x="([0-9.]+)" y="([0-9.]+)" width="([0-9.]+)" height="([0-9.]+)">/#).map {
      ChartBox(
        x: Double($0.1) ?? .nan, y: Double($0.2) ?? .nan, width: Double($0.3) ?? .nan, height: Double($0.4) ?? .nan)
    }
    #expect(boxes.map(\.x) == [0, 460, 700] && Set(boxes.map(\.y)).count == 1)
    let page = sheet.svg.firstMatch(of: #/viewBox="0 0 ([0-9.]+) ([0-9.]+)"/#)
    let whole = ChartBox(
      x: 0, y: 0, width: (page?.1).flatMap { Double($0) } ?? 0, height: (page?.2).flatMap { Double($0) } ?? 0)
    #expect(boxes.count == 3 && boxes.allSatisfy { whole.contains($0) })
    let lines = sheet.svg.matches(of: #/<text class="tc-(?:heading|label)" x="10" y="([0-9.]+)">(?:a &lt;|long)/#)
    #expect(lines.count > 3 && lines.allSatisfy { Double($0.1) ?? .infinity < boxes[0].y })
    #expect(isBalanced(ChartSheet("", charts: []).svg))
  }

  @Test func svgIsWellFormedFollowsTheThemeAndEscapes() {
    for (label, chart) in hardCharts {
      let svg = chart.svg
      #expect(isBalanced(svg), "\(label)")
      #expect(!svg.contains("nan") || label == "nothing finite", "\(label)")
      #expect(!svg.contains("=\"inf"), "\(label)")
    }
    let svg = Chart("a < b & \"c\" <script>", .line(LineSeries("<i>", [1, 2]))).svg
    #expect(svg.contains("a &lt; b &amp; &quot;c&quot; &lt;script&gt;") && svg.contains("&lt;i&gt;"))
    #expect(!svg.contains("<script>") && !svg.contains("<i>"))
    #expect(svg.contains("prefers-color-scheme: dark") && svg.contains("width=\"100%\"") && svg.contains("viewBox"))
    #expect(markup("a\u{0}\u{8}b\n'") == "ab\n&#39;")
  }
}

@Suite struct ReportTests {
  @Test func thePageHoldsEverythingAndEscapes() {
    var report = Report("T <1>", summary: "a & b")
    report.add(.heading("<h>"))
    report.add(.text("x < y"))
    report.add(.code("tern --a \"<b>\""))
    report.add(.list(["one <", "two"]))
    report.add(.figure(ReportFigure("one", Chart("c", .line(LineSeries("l", [1, 2]))), caption: "a > b")))
    report.add(.figure(ReportFigure("two", Chart("c"))))
    report.add(
      .table(ReportTable("t", caption: "<c>", columns: ["a<", "b"], rows: [[.text("<td>"), .number(0.125)]])))
    report.data = [ReportTable("long", columns: ["n"], rows: [[.integer(3)]])]
    let html = report.html
    #expect(isBalanced(html.replacing("<!DOCTYPE html>", with: "").replacing(/<(meta|link)[^>]*>/, with: "")))
    for text in [
      "T &lt;1&gt;", "a &amp; b", "&lt;h&gt;", "x &lt; y", "&lt;td&gt;", "0.125", "a &gt; b", "a&lt;", ">&lt;c&gt;</p>",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    #expect(html.components(of: "<div class=\"figures\">") == 1 && html.components(of: "<figure>") == 2)
    #expect(
      !html.contains("http://") || html.components(of: "http://") == html.components(of: "http://www.w3.org/2000/svg"))
    #expect(report.tables.map(\.name) == ["t", "long"] && report.figures.map(\.name) == ["one", "two"])
  }

  @Test func numbersAreShownWithTheDigitsThatCount() {
    let shown = [0.94786, 200, 1.2e-12, -3.5e8, 0, .nan, -.infinity].map { ReportTable.Cell.number($0).shown }
    #expect(shown == ["0.9479", "200", "1.2e-12", "−3.5e8", "0", "NaN", "−∞"])
    #expect(ReportTable.Cell.number(123_456, digits: 2).shown == "120000")
  }
}

/// Whether every element that opens closes in order.
private func isBalanced(_ text: String) -> Bool {
  var open: [Substring] = []
  for match in text.matches(of: /<(\/?)([a-zA-Z0-9]+)((?:"[^"]*"|[^>"])*)>/) {
    let (_, slash, name, rest) = match.output
    if slash == "/" {
      guard open.popLast() == name else { return false }
    } else if !rest.hasSuffix("/") {
      open.append(name)
    }
  }
  return open.isEmpty
}

extension String {
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
