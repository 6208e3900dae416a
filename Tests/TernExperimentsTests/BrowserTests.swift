import Foundation
import Tern
import TernExperiments
import Testing

/// Reports in a real browser.
///
/// `TERN_REPORTS` names a folder of reports to look at besides those that are made here, `TERN_SCREENSHOTS` one for
/// pictures of all.
@Suite(
  .serialized,
  .enabled("no Chromium is installed (TERN_BROWSER names one elsewhere): reports are not looked at") {
    Browser.executable != nil
  })
struct BrowserTests {
  private let views = [
    Browser.View(), Browser.View(isDark: true), Browser.View(width: 400), Browser.View(width: 400, isDark: true),
    Browser.View(width: 700, isPrint: true),
  ]
  private let environment = ProcessInfo.processInfo.environment

  /// Loads each page in every view, and says what is wrong.
  private func look(at pages: [String]) throws {
    let browser = try Browser(#require(Browser.executable))
    let pictures = environment["TERN_SCREENSHOTS"]
    if let pictures { try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true) }
    for page in pages {
      for view in views {
        let problems = try #require(try browser.load(page, view, script: pageCheck(view)) as? [String])
        #expect(problems == [], "\(page) at \(view)")
        #expect(browser.complaints == [], "\(page) at \(view)")
        if let pictures {
          let name = page.split(separator: "/").suffix(2).joined(separator: "-")
          let file = "\(name)-\(view.description.replacing(", ", with: "-").replacing(" ", with: "")).png"
          try browser.screenshot().write(to: URL(filePath: "\(pictures)/\(file)"))
        }
      }
    }
  }

  /// A folder that is removed at the end.
  private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = NSTemporaryDirectory() + "tern-pages-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func whatEveryExperimentLeavesWhenItIsStoppedEarly() throws {
    try withFolder { folder in
      let pages = try Experiments.all.map { experiment in
        var asked = 0
        let context = ExperimentContext(isQuick: true) {
          asked += 1
          return asked > 60
        }
        let run = ExperimentRun(experiment, in: folder)
        _ = try run(context)
        return run.folder + "/report.html"
      }
      try look(at: pages)
    }
  }

  @Test func aTrainingsReportAndItsLearningCurve() throws {
    try withFolder { folder in
      let configuration = RunConfiguration(
        data: nil, model: .mlp, epochs: 3, batchSize: 64, optimizer: .adam, learningRate: 0.002, seed: 5)
      let trainer = try ImageTask(configuration).makeTrainer()
      let report = TrainingReport(trainer.model, optimizer: trainer.optimizer, title: "digits, mlp", every: 5)
      trainer.report = report
      try trainer.run(epochs: 3)
      try report.write(to: folder)
      try LearningCurve(trainer.history, title: "digits, mlp").write(to: folder + "/curve.svg")
      try look(at: [folder + "/report.html", folder + "/curve.svg", folder + "/loss.svg"])
    }
  }

  @Test func chartsOfEveryKind() throws {
    try withFolder { folder in
      try gallery.write(to: folder)
      try look(at: [folder + "/report.html"] + gallery.figures.map { "\(folder)/\($0.name).svg" })
    }
  }

  @Test(.enabled("TERN_REPORTS names no folder") { ProcessInfo.processInfo.environment["TERN_REPORTS"] != nil })
  func theReportsOfAFolder() throws {
    let folder = try #require(environment["TERN_REPORTS"])
    let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let pages = files.filter { $0.hasSuffix("report.html") }.sorted().map { "\(folder)/\($0)" }
    #expect(!pages.isEmpty, "\(folder) has no report")
    try look(at: pages)
  }

  @Test func theCheckFindsWhatIsWrong() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let page = """
        <!DOCTYPE html><html><head><link rel="icon" href="data:,"></head>
        <body style="background: #fff; margin: 0"><p style="color: #eee; width: 2000px">pale</p>
        <svg class="tc-chart" viewBox="0 0 100 50" width="200" xmlns="http://www.w3.org/2000/svg">
        <rect class="tc-page" width="100" height="50" fill="#ffffff"/><text x="80" y="20">beyond the edge</text>
        <text x="5" y="20">one</text><text x="8" y="22">two</text></svg>
        <script>console.error("wrong"); undefined.field;</script><img src="http://127.0.0.1:9/none.png"></body></html>
        """
      try page.write(toFile: folder + "/page.html", atomically: true, encoding: .utf8)
      let browser = try Browser(#require(Browser.executable))
      let view = Browser.View(width: 400, isDark: true)
      let problems = try #require(
        try browser.load(folder + "/page.html", view, script: pageCheck(view)) as? [String]
      ).joined(separator: "\n")
      for words in [
        "“beyond the edge” is cut", "“one” on “two”", "the page is rgb(255, 255, 255)", "px wide in a window of",
        "“pale” is hard to read",
      ] {
        #expect(problems.contains(words), "\(words) in \(problems)")
      }
      let complaints = browser.complaints.joined(separator: "\n")
      for words in ["console: ", "undefined", "asks for http://127.0.0.1:9/none.png"] {
        #expect(complaints.contains(words), "\(words) in \(complaints)")
      }
    }
  }
}

/// A page with a chart of every kind, some of them hard to lay out.
private let gallery: Report = {
  var report = Report("Charts of every kind", summary: "Names of \"every\" <length> & kind.")
  let places = (0..<41).map { Double($0) / 10 - 2 }
  let hills: [Double] = places.flatMap { y in places.map { (x: Double) -> Double in 3 * x * x + y * y - x * y } }
  func field(_ name: String, _ style: FieldSeries.Style) -> Chart.Mark {
    .field(FieldSeries(name, x: -2...2, y: -2...2, columns: 41, values: hills, style: style))
  }
  let wave: [(Double, Double)] = (0..<200).map { (Double($0) / 20, (Double($0 % 60) - 30).magnitude) }
  let line = LineSeries(
    "mean of three seeds, with the band between the least and the largest", points: wave.map { ChartPoint($0, $1) },
    band: wave.map { LineSeries.Spread($0, low: $1 - 4, high: $1 + 7) })
  let many = (0..<9).map { (index: Int) -> Chart.Mark in
    let values: [Double] = (0..<50).map { Double($0 * index + 1) }
    return .line(LineSeries("rate \(index)", values, isDashed: index > 7, hasDots: index == 3))
  }
  let cloud = (0..<3).map { (index: Int) -> Chart.Mark in
    let points = (0..<60).map { ChartPoint(Double($0 * 37 % 61 + 20 * index), Double($0 * 53 % 59)) }
    return .scatter(ScatterSeries("class \(index)", points: points))
  }
  let charts = [
    Chart("A line with a band", x: ChartAxis("epoch"), y: ChartAxis("accuracy"), .line(line)),
    Chart(
      "Nine lines over powers of ten", x: ChartAxis("step"), y: ChartAxis("gradient norm", scale: .logarithmic),
      marks: many),
    Chart("Points", x: ChartAxis("first"), y: ChartAxis("second"), marks: cloud),
    Chart("How often", .histogram(HistogramSeries("values", values: hills))),
    Chart("Heat", x: ChartAxis("x"), y: ChartAxis("y"), field("height", .heat)),
    Chart("Contours", x: ChartAxis("x"), y: ChartAxis("y"), field("height", .contours())),
    Chart("Many contours", field("", .contours(levels: (1...10).map { Double($0) * 1.7 }))),
    Chart("Regions", field("", .regions(threshold: 4)), cloud[0]),
    Chart("Nothing at all"),
    Chart(
      "A title that is a good deal longer than the chart is wide, and goes on for another line or two",
      x: ChartAxis(
        "a label that is long as well, and says in how many words it says what there is to say of this axis"),
      .line(LineSeries("", [1_000_000, 1_000_001]))),
  ]
  for (index, chart) in charts.enumerated() {
    report.add(.figure(ReportFigure("chart-\(index)", chart, caption: "What is seen in it, in a sentence.")))
  }
  let columns = ["method", "training accuracy", "test accuracy", "last cost", "seconds of a step", "parameters"]
  report.add(
    .table(
      ReportTable(
        "table", caption: "Wide", columns: columns,
        rows: [[.text("normalized before")] + (0..<5).map { .number(Double($0) * 1.234567) }])))
  report.add(.code("tern experiment regularization --data /a/folder/with/a/long/name/that/goes/on --quick"))
  return report
}()
