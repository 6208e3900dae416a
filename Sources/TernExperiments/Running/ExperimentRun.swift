import Tern

/// One experiment, run and written into its folder.
public struct ExperimentRun {
  /// The experiment.
  public let experiment: any Experiment
  /// Where its files go.
  public let folder: String

  /// A run of `experiment` whose files go to `experiment-NAME` below `parent`.
  public init(_ experiment: any Experiment, in parent: String) {
    self.experiment = experiment
    folder = (parent.hasSuffix("/") ? parent : parent + "/") + "experiment-\(experiment.name)"
  }

  /// Runs it and writes the report, the figures and the numbers; returns the findings.
  ///
  /// That the folder can be written is found out first, and so is that the data folder is there. What an experiment
  /// has when it is stopped is written too, and says so.
  ///
  /// - Throws: `DataError` where a folder is missing or cannot be written, or a file of the data is wrong.
  public func callAsFunction(_ context: ExperimentContext) throws -> [String] {
    if let data = context.dataFolder, !FileIO.isFolder(data) {
      throw DataError(.notFound, file: data, "there is no such folder", expected: "a folder with data")
    }
    try Report.makeFolder(folder)
    let result = try experiment.run(context)
    try report(result, context).write(to: folder)
    return result.findings
  }

  /// The page: claim, method, findings, evidence and the command.
  func report(_ result: ExperimentResult, _ context: ExperimentContext) -> Report {
    var report = Report("Experiment: \(experiment.name)", summary: experiment.summary)
    if context.isStopped {
      report.add(.text("Stopped before its end: this is what was computed until then."))
    }
    report.add(.heading("What was claimed"))
    report.add(.text(result.claim))
    report.add(.heading("What was done"))
    for paragraph in result.method { report.add(.text(paragraph)) }
    if context.isQuick {
      report.add(.text("This is the quick form: fewer steps or smaller sizes than the full one."))
    }
    report.add(.heading("What came out"))
    report.add(.list(result.findings))
    report.parts += result.evidence
    report.add(.heading("Run it again"))
    let data = context.dataFolder.map { " --data \($0)" } ?? ""
    report.add(.code("tern experiment \(experiment.name)\(data)\(context.isQuick ? " --quick" : "")"))
    report.add(.text("The numbers are beside this page: each table as CSV, all of them in numbers.json."))
    report.data = result.data
    return report
  }
}
