import Foundation
import TernTestSupport
import Testing

/// Programs outside the package, compiled against the build that runs these tests and linked from an archive of it.
@Suite(.serialized) struct DownstreamTests {
  private func withPackage(_ body: (BuiltPackage) throws -> Void) rethrows {
    var why = ""
    guard let package = BuiltPackage.find(&why) else {
      print("Programs outside the package are skipped: \(why)")
      return
    }
    defer { package.clean() }
    try body(package)
  }

  private func source(_ package: BuiltPackage, _ path: String) throws -> String {
    try String(contentsOfFile: package.root + "/" + path, encoding: .utf8)
  }

  @Test func whatIsNaturalToWriteCompilesAndRuns() throws {
    try withPackage { package in
      let run = try package.run(main: source(package, "Tests/Downstream/Sources/Habits/main.swift"))
      #expect(run[0].status == 0 && run[0].text.hasSuffix("all as expected\n"), "\(run[0].text)")
    }
  }

  @Test func anArchiveKeepsWhatOnlyCastsFind() throws {
    try withPackage { package in
      let run = try package.run(main: source(package, "Tests/Downstream/Sources/Costs/main.swift"))
      // 2·100·10; 4·64·27; 4·8·9; 3·64·4·4.
      let expected = """
        Dense 2000
        Conv2D 6912
        Conv1D 288
        ConvTranspose2D 3072
        not counted []
        copied 6

        """
      #expect(run[0].text == expected)
    }
  }

  @Test func theReadmesExampleReadsDigits() throws {
    try withPackage { package in
      let readme = try source(package, "README.md")
      let block = try #require(
        readme.components(separatedBy: "```swift\n").dropFirst().first { $0.contains("final class Classifier") })
      let program = try #require(block.components(separatedBy: "```").first)
      // The program of the page, and the same with other seeds than the one that a program starts with.
      let seeded = program.replacingOccurrences(
        of: "import Tern\n", with: "import Tern\nRandom.seed(UInt64(CommandLine.arguments[1])!)\n")
      let runs = try package.run(main: program) + package.run(main: seeded, [["1"], ["2"], ["3"]])
      #expect(runs.count == 4)
      for run in runs {
        let last = run.text.split(separator: "\n").last ?? ""
        let accuracy = try #require(last.split(separator: " ").last.flatMap { Double($0) }, "\(run.text)")
        #expect(run.status == 0 && last.hasPrefix("epoch ") && accuracy > 0.95, "\(run.text)")
      }
    }
  }
}
