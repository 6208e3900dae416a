import TernBackend
import TernCharts
import TernData

/// Keeps the page of a report up to date while a training runs: a browser that shows it loads it again by itself.
///
/// ```swift
/// let report = TrainingReport(trainer.model, optimizer: trainer.optimizer, every: 30)
/// trainer.report = report
/// trainer.sinks = [LiveReport(report, in: "runs/mine/report")]
/// ```
///
/// The page is written every few seconds, seldom enough to take a twentieth of the time at most, and with all other files
/// after every epoch; each file whole or not at all. When the training ends, the page is one that stays as it is. A page that
/// cannot be written is left out, which is said once on standard error.
public final class LiveReport: TrainingSink {
  /// What is shown.
  public let report: TrainingReport
  /// The folder of the page.
  public let folder: String
  /// How many seconds lie between two pages at least.
  public let seconds: Double
  private var next = ContinuousClock.now
  private var hasFailed = false

  /// The page of `report` in `folder`, which is made when the training begins.
  ///
  /// - Parameters:
  ///   - report: what is shown.
  ///   - folder: the folder.
  ///   - seconds: how many seconds lie between two pages at least, at least 1.
  public init(_ report: TrainingReport, in folder: String, every seconds: Double = 5) {
    (self.report, self.folder) = (report, folder)
    self.seconds = seconds.isFinite ? min(max(seconds, 1), 86_400) : 5
  }

  /// Writes a first page.
  ///
  /// - Throws: `DataError` where the folder or the page cannot be written.
  public func begin(_ start: TrainingStart) throws {
    try Report.makeFolder(folder)
    try FileIO.write(page(report.report), to: "\(folder)/report.html")
    next = .now + .seconds(seconds)
  }

  /// Writes the page where it is time.
  public func record(_ step: StepRecord) {
    if hasFailed || ContinuousClock.now < next { return }
    let start = ContinuousClock.now
    attempt { () throws(DataError) in try FileIO.write(page(report.report), to: "\(folder)/report.html") }
    next = .now + max(.seconds(seconds), (.now - start) * 20)
  }

  /// Writes all files.
  public func record(_ epoch: TrainingHistory.Epoch, afterSteps steps: Int) {
    if hasFailed { return }
    attempt { () throws(DataError) in
      let report = report.report
      try report.write(to: folder, page: page(report))
    }
    next = .now + .seconds(seconds)
  }

  /// Writes all files, and the page that stays.
  public func end(_ end: TrainingEnd) {
    attempt { () throws(DataError) in try report.report.write(to: folder) }
  }

  private func attempt(_ write: () throws(DataError) -> Void) {
    do throws(DataError) { try write() } catch {
      if !hasFailed { AppendedFile.note("\(error)") }
      hasFailed = true
    }
  }

  /// The page with the wish to be loaded again.
  private func page(_ report: Report) -> String {
    let wish = "<meta http-equiv=\"refresh\" content=\"\(Int(seconds.rounded(.up)))\">"
    return report.html.replacing("<head>", with: "<head>\n\(wish)", maxReplacements: 1)
  }
}
