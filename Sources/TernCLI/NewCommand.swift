import ArgumentParser
import Foundation

/// `tern new NAME`: writes a package that trains at once.
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Writes a package with a program that trains, and its tests.",
    discussion: """
      The package depends on the checkout that built this command, or on --url from --version. Then: cd NAME, swift run \
      -c release, swift test -c release.
      """)

  @Argument(help: "The package's name, and the folder that is made for it.")
  var name: String

  @Option(help: "Where the package gets Tern from: an address that git reads.")
  var url: String?

  @Option(help: "The lowest version of Tern at --url.")
  var version: String?

  /// Modules that the package would hide, in small letters.
  private static let otherModules: Set<String> = [
    "tern", "ternbackend", "terncharts", "terndata", "terndistributed", "ternmessages", "ternmodels", "ternnn",
    "ternonnx", "terntensor", "terntensorboard", "terntraining", "ternvision", "main", "testing", "swift",
    "foundation", "xctest",
  ]

  /// Words that cannot stand behind `import`.
  private static let keywords: Set<String> = [
    "Any", "Self", "as", "associatedtype", "break", "case", "catch", "class", "continue", "default", "defer",
    "deinit", "do", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard",
    "if", "import", "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup",
    "private", "protocol", "public", "repeat", "rethrows", "return", "self", "static", "struct", "subscript",
    "super", "switch", "throw", "throws", "true", "try", "typealias", "var", "where", "while",
  ]

  func validate() throws {
    let first = name.unicodeScalars.first.map { CharacterSet.letters.contains($0) } ?? false
    let others = name.unicodeScalars.allSatisfy {
      $0.isASCII && (CharacterSet.alphanumerics.contains($0) || "-_".unicodeScalars.contains($0))
    }
    guard first && others else {
      throw ValidationError("\(name): a name begins with a letter and has letters, digits, - and _")
    }
    guard (url == nil) == (version == nil) else { throw ValidationError("--url and --version are given together") }
    if let version, version.wholeMatch(of: /\d+\.\d+\.\d+/) == nil {
      throw ValidationError("--version \(version): three numbers are needed, such as 0.1.0")
    }
    if Self.otherModules.contains(name.lowercased()) || Self.keywords.contains(name) {
      throw ValidationError("\(name) is the name of something else")
    }
  }

  func run() throws {
    let dependency: String
    if let url, let version {
      dependency = #".package(url: "\#(url)", from: "\#(version)")"#
    } else if let checkout = Checkout.current {
      dependency = #".package(name: "tern", path: "\#(checkout.root)")"#
    } else {
      throw CommandError("no checkout lies around this command: say --url and --version")
    }
    guard !FileManager.default.fileExists(atPath: name) else { throw CommandError("\(name) is there already") }
    for file in NewPackage(name: name, dependency: dependency).files {
      let place = URL(fileURLWithPath: name).appendingPathComponent(file.path)
      try FileManager.default.createDirectory(
        at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: place)
    }
    print("\(name): cd \(name) && swift run -c release")
  }
}
