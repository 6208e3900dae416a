import TernBackend
import TernCharts
import TernData

extension Profile {
  /// The page: what took the time, the layers, the operations, and memory over time.
  public var report: Report {
    var report = Report("Profile", summary: summary.prefix(2).joined(separator: "; ") + ".")
    report.add(.list(Array(summary.dropFirst(2))))
    report.add(.heading("Layers"))
    report.add(
      .text(
        "Times are without those of the layers below, in milliseconds "
          + (steps > 0 ? "a step. " : "of all that ran. ")
          + "A derivative counts as many operations as the forward pass for the input and as many for the parameters. Rates are "
          + "effective ones: a 3×3 convolution by Winograd's algorithm makes a quarter to a half of the multiplications that "
          + "count for it, so that it may be above the peak, the rate of a matrix product. Kept is what a call leaves in memory "
          + "for backward."))
    report.add(.table(layerTable))
    report.add(.heading("Operations"))
    report.add(.table(operationTable))
    report.add(.heading("Memory"))
    report.add(.table(memoryTable))
    let points = memoryCurve.map { ChartPoint($0.seconds * 1e3, Double($0.bytes) / 0x1p20) }
    if points.count > 1 {
      let chart = Chart(
        "Memory in use", x: ChartAxis("milliseconds"), y: ChartAxis("MB"), .line(LineSeries("in use", points: points)))
      report.add(.figure(ReportFigure("memory-over-time", chart, caption: "What tensors have, between operations.")))
    }
    return report
  }

  /// Writes `report.html` with its tables as CSV files, `profile.txt` and `trace.json` into a folder, made where need be.
  ///
  /// - Throws: `DataError` where the folder or a file cannot be written.
  public func write(to folder: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try report.write(to: folder)
    try FileIO.write(description + "\n", to: "\(folder)/profile.txt")
    try FileIO.write(trace, to: "\(folder)/trace.json")
  }

  /// What ran when, in the trace-event format of Chrome: <https://ui.perfetto.dev> and `chrome://tracing` show it.
  ///
  /// Every span has the fields `name`, `cat` (`layer`, `section`, `derivative`, or the kind of work of an operation), `ph` `X`,
  /// `ts` and `dur` in microseconds, `pid`, `tid` and `args`; the spans of a thread lie inside each other or apart. Of more than a
  /// million the first are kept, and `otherData` says how many there were.
  public var trace: String {
    // Outer ones before inner ones that begin at the same time.
    let ordered = spans.sorted { ($0.start, $1.end) < ($1.start, $0.end) }
    var text = "{\"displayTimeUnit\": \"ms\", \"otherData\": {\"spans\": \(spanCount)}, \"traceEvents\": [\n"
    for number in Set(spans.map(\.thread)).sorted() {
      text += "{\"name\": \"thread_name\", \"ph\": \"M\", \"pid\": 1, \"tid\": \(number), \"args\": {\"name\": "
      text += "\"thread \(number)\"}},\n"
    }
    for (index, span) in ordered.enumerated() {
      var name = "", layer = ""
      JSON.string(span.name).write(to: &name)
      JSON.string(span.layer).write(to: &layer)
      text += "{\"name\": \(name), \"cat\": \"\(span.category)\", \"ph\": \"X\", \"ts\": \(microseconds(span.start)), "
      text += "\"dur\": \(microseconds(span.end - span.start)), \"pid\": 1, \"tid\": \(span.thread), "
      text += "\"args\": {\"layer\": \(layer)}}"
      text += index == ordered.count - 1 ? "\n" : ",\n"
    }
    return text + "]}\n"
  }

  /// Nanoseconds with three digits behind the point.
  private func microseconds(_ nanoseconds: UInt64) -> String {
    let rest = "\(nanoseconds % 1000)"
    return "\(nanoseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}
