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
    ("many long names", Chart(words, x: Axis(words), y: Axis(words), marks: lines)),
    ("narrow", Chart(words, x: Axis(words), y: Axis(words), width: 240, plotHeight: 80, marks: lines)),
    ("one long word", Chart(String(repeating: "Wort", count: 60), line([1, 2]))),
    ("large", Chart("large", line([1e12, 3.5e12]))), ("small", Chart("small", line([-1.5e-9, 2e-9]))),
    ("huge", Chart("huge", line([-1e300, 1e300]))), ("equal", Chart("equal", line([7, 7, 7]))),
    ("empty", Chart("empty")), ("nothing finite", Chart("nan", line([.nan, .infinity]))),
    (
      "logarithmic",
      Chart("log", x: Axis("x", scale: .logarithmic), y: Axis("y", scale: .logarithmic), line([1e-8, 0, 10, 1e12]))
    ),
    ("large steps far out", Chart("far", line([1_000_000, 1_000_001]))),
    ("heat", Chart("heat", .field(field))),
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
    func texts(_ low: Double, _ high: Double, _ scale: Axis.Scale = .linear, count: Int = 5) -> [String] {
      AxisTicks(AxisExtent(Axis(scale: scale, range: low...high), values: [], isLoose: false), count: count).texts
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
    let loose = AxisExtent(Axis(), values: [0.13, 0.97, .nan], isLoose: true)
    #expect(loose.low == 0 && loose.high == 1)
    let logarithmic = AxisExtent(Axis(scale: .logarithmic), values: [0, -3, 0.02, 7], isLoose: true)
    #expect(abs(logarithmic.low - 0.01) < 1e-12 && abs(logarithmic.high - 10) < 1e-9)
    #expect(logarithmic.share(0) == nil && logarithmic.share(-1) == nil && loose.share(.infinity) == nil)
    #expect(abs((logarithmic.share(0.316227766) ?? 0) - 0.5) < 1e-6)
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
    // Each end is two numbers with a space between.
    let ends = (contour ?? "").matches(of: #/[ML]([0-9.]+)\s/#).compactMap { Double($0.output.1) }
    #expect(ends.count == 4)
    #expect(ends.allSatisfy { abs($0 - x) <= 0.06 }, "\(ends) for \(x)")
    #expect(chart.svg.components(of: "class=\"tc-r0\"") == 3 && chart.svg.components(of: "class=\"tc-r1\"") == 3)
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
    report.add(.figure(Figure("one", Chart("c", .line(LineSeries("l", [1, 2]))), caption: "a > b")))
    report.add(.figure(Figure("two", Chart("c"))))
    report.add(
      .table(ReportTable("t", caption: "<c>", columns: ["a<", "b"], rows: [[.text("<td>"), .number(0.125)]])))
    report.data = [ReportTable("long", columns: ["n"], rows: [[.integer(3)]])]
    let html = report.html
    #expect(isBalanced(html.replacing("<!DOCTYPE html>", with: "").replacing(/<(meta|link)[^>]*>/, with: "")))
    for text in ["T &lt;1&gt;", "a &amp; b", "&lt;h&gt;", "x &lt; y", "&lt;td&gt;", "0.125", "a &gt; b", "a&lt;"] {
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
