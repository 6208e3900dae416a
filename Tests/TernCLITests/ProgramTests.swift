import Foundation
import Testing

/// `tern new` and `tern run`.
@Suite struct ProgramTests {
  /// A build under a sanitizer has objects that only its own programs can be linked with.
  static let isOrdinaryBuild = !Command.executable.path.contains(".build-")

  @Test(.enabled(if: isOrdinaryBuild)) func aFileIsCompiledAndRun() throws {
    let command = try Command()
    let text = """
      import Tern

      let x = Tensor<Double>([1, 2, 3]).asVariable()
      (x * x).sum().backward()
      print(x.gradient!.scalars, CommandLine.arguments.dropFirst().joined(separator: "|"))
      if CommandLine.arguments.count > 3 { fatalError() }
      """
    try command.write(text, "square.swift")
    let first = try command.run("run", "square.swift", "--epochs", "a b")
    #expect(first.status == 0 && first.output == "[2.0, 4.0, 6.0] --epochs|a b\n", "\(first.output)")
    // Compiled before: nothing but the program's own time.
    let clock = ContinuousClock()
    let time = try clock.measure { try command.run("run", "square.swift") }
    #expect(time < .seconds(2))
    let changed = text.replacingOccurrences(of: "x * x", with: "x * x * x")
    try command.write(changed, "square.swift")
    let second = try command.run("run", "square.swift")
    #expect(second.output.hasPrefix("[3.0, 12.0, 27.0]"), "\(second.output)")
  }

  @Test(.enabled(if: isOrdinaryBuild)) func whatIsWrongIsSaid() throws {
    let command = try Command()
    let missing = try command.run("run", "none.swift")
    #expect(missing.status != 0 && missing.output.contains("none.swift: no such file"), "\(missing.output)")
    try command.write("import Tern\nlet x: Tensor<Float> = 1 +\n", "wrong.swift")
    let wrong = try command.run("run", "wrong.swift")
    #expect(wrong.status != 0 && wrong.output.contains("wrong.swift does not compile"), "\(wrong.output)")
    #expect(wrong.output.contains("error:"), "\(wrong.output)")
    try command.write("import Tern\nlet x = try Tensor<Float>(npy: \"none.npy\")\nprint(x)\n", "throws.swift")
    let thrown = try command.run("run", "throws.swift")
    #expect(thrown.status != 0 && !thrown.output.contains("Registers"), "\(thrown.output)")
    #expect(
      thrown.lines.first?.contains("none.npy: cannot open: No such file or directory") == true, "\(thrown.output)")
  }

  @Test func aPackageIsWritten() throws {
    let command = try Command()
    let end = try command.run("new", "Flowers", "--url", "https://example.org/tern", "--version", "1.2.3")
    #expect(end.status == 0, "\(end.output)")
    for file in ["Package.swift", "Sources/Flowers/main.swift", "Sources/Flowers/Classifier.swift", "Dockerfile"] {
      #expect(command.has("Flowers/\(file)"), "\(file)")
    }
    let manifest = try command.text("Flowers/Package.swift")
    #expect(manifest.contains(#".package(url: "https://example.org/tern", from: "1.2.3")"#), "\(manifest)")
    #expect(try command.text("Flowers/Tests/FlowersTests/ClassifierTests.swift").contains("@testable import Flowers"))

    let again = try command.run("new", "Flowers")
    #expect(again.status != 0 && again.output.contains("Flowers is there already"), "\(again.output)")
    #expect(try command.text("Flowers/Package.swift") == manifest)
    for (name, said) in [
      ("7up", "begins with a letter"), ("a/b", "letters, digits"), ("tern", "the name of something"),
      ("class", "the name of something"), ("TernNN", "the name of something"),
    ] {
      let refused = try command.run("new", name)
      #expect(refused.status != 0 && refused.output.contains(said), "\(name): \(refused.output)")
      #expect(!command.has(name))
    }
    let half = try command.run("new", "Trees", "--url", "https://example.org/tern")
    #expect(half.status != 0 && half.output.contains("given together"), "\(half.output)")
  }
}
