import ArgumentParser
import Foundation

/// `tern run FILE.swift`: compiles one file against the built library and runs it.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Compiles one Swift file against the built Tern and runs it.",
    discussion: """
      The file imports Tern, and what else the checkout builds. What comes after its name is given to the program, whose \
      status is that of the command. A program that did not change since it was last run is not compiled again.
      """)

  @Argument(help: "The program: one file, with code at its top or a type marked @main.")
  var file: String

  @Argument(parsing: .captureForPassthrough, help: "What the program is given.")
  var arguments: [String] = []

  func run() throws {
    guard let checkout = Checkout.current else {
      throw CommandError("tern run works from the checkout that built this command, and there is none around it")
    }
    let program = SingleFileProgram(checkout: checkout, file: file)
    let path = try program.compiled()
    fflush(nil)
    let words = [path] + arguments
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    pointers.append(nil)
    // Of an error that a program throws Swift writes the line and the calls, not the registers too, where nobody asked for them.
    setenv("SWIFT_BACKTRACE", "enable=no", 0)
    execv(path, pointers)
    throw CommandError("\(path) cannot be started: \(String(cString: strerror(errno)))")
  }
}
