import ArgumentParser
import Foundation
import TernConformance

/// `tern conform DIR`: runs the conformance cases of a folder.
struct ConformCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conform",
    abstract: "Runs conformance cases: operations against stored results and gradients.",
    discussion: """
      Prints each case that fails and how far off it was, and closes with `N passed, N failed`. Ends with status 1 when \
      any failed.
      """)

  @Argument(help: "The folder with the cases: FAMILY.json and FAMILY.safetensors.")
  var folder: String

  @Option(help: "Runs the cases whose family/case begins with a match of this regular expression.")
  var only: String?

  @Flag(help: "Names every case before it runs.")
  var verbose = false

  func validate() throws {
    if let only, (try? Regex(only)) == nil { throw ValidationError("--only \(only): not a regular expression") }
  }

  func run() throws {
    var conformance = try Conformance(only: only, verbose: verbose) { line in
      print(line)
      fflush(nil)
    }
    try conformance.run(folder: folder)
    print(conformance.tally)
    if conformance.tally.failed > 0 { throw ExitCode.failure }
  }
}
