import ArgumentParser
import Foundation
import Tern
import TernBackend
import TernExperiments

/// `tern experiment`: tries a claim of the literature and draws the answer.
struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Tries a claim of the literature and draws the answer.",
    discussion: """
      Writes runs/experiment-NAME/report.html with its figures (SVG) and numbers (CSV, JSON) beside it, and prints what \
      came out. Ctrl-C ends it at the next step and writes what was computed so far.

      The experiments:
      \(listing)
      """)

  @Argument(help: "The experiment, one of those listed above.")
  var name: String?

  @Option(help: "A folder with data sets; what is inside the package, or made for it, where not given.")
  var data: String?

  @Flag(help: "A first impression in a short time: fewer steps, smaller sizes.")
  var quick = false

  @Option(help: "Where the experiment's folder is made.")
  var output = "runs"

  @Option(
    parsing: .unconditional, help: "Threads that work together; the processors this process may use where not given.")
  var threads: Int?

  @Flag(help: "Prints the experiments' names and what they find out instead.")
  var list = false

  private static var listing: String {
    let width = Experiments.all.map(\.name.count).max() ?? 0
    return Experiments.all.map { experiment in
      experiment.name.padding(toLength: width + 2, withPad: " ", startingAt: 0) + experiment.summary
    }.joined(separator: "\n")
  }

  func validate() throws {
    try requireThreads(threads)
    if list { return }
    let names = Experiments.all.map(\.name).joined(separator: ", ")
    guard let name else { throw ValidationError("which experiment? one of \(names)") }
    if Experiments.named(name) == nil { throw ValidationError("\(name): no such experiment; there are \(names)") }
  }

  func run() throws {
    if list { return print(ExperimentCommand.listing) }
    guard let name, let experiment = Experiments.named(name) else { return }
    if let threads { Workers.count = threads }
    InterruptSignal.watch()
    let context = ExperimentContext(dataFolder: data, isQuick: quick, output: .standardOutput) {
      InterruptSignal.isRequested
    }
    let run = ExperimentRun(experiment, in: output)
    for finding in try run(context) { print(finding) }
    print("Report \(run.folder)/report.html")
    if context.isStopped {
      print("Stopped before the end; what was computed until then is in the report.")
      throw ExitCode(130)
    }
  }
}
