import Foundation
import TernTestSupport
import Testing

/// What the compiler answers to another library's names, and that they are in nobody's way.
@Suite(.serialized) struct PyTorchNamesTests {
  private func messages(_ program: String) throws -> String? {
    var why = ""
    guard let package = BuiltPackage.find(&why) else {
      print("Programs outside the package are skipped: \(why)")
      return nil
    }
    defer { package.clean() }
    return try package.typecheck(program, seconds: 300).messages
  }

  @Test func theCompilerAnswersThemWithTerns() throws {
    // A function on a line of its own for each, so that the messages tell them apart.
    let parameters =
      "_ x: Tensor<Float>, _ y: Tensor<Float>, xi: Tensor<Int>, m: Tensor<Bool>, model: Sequential<Float>, "
      + "dense: Dense<Float>, w: Parameter<Float>, optimizer: SGD, n: Int, lr: Double, fl: Float, device: String, "
      + "ds: TensorDataset<Float, Int>, s: [StateEntry]"
    let program = pyTorchNames.enumerated().map { index, name in
      let isStatement = ["for ", "if ", "print("].contains { name.code.hasPrefix($0) } || name.code.contains(" = ")
      return "func f\(index)(\(parameters)) throws { var x = x; x = y; \(isStatement ? "" : "_ = ")\(name.code) }"
    }
    guard let messages = try messages("import Tern\n" + program.joined(separator: "\n") + "\n") else { return }
    var first: [Int: String] = [:]
    for line in messages.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 4).map(String.init)
      guard parts.count == 5, parts[3] == " error", let number = Int(parts[1]), first[number] == nil else { continue }
      first[number] = parts[4]
    }
    for (index, name) in pyTorchNames.enumerated() {
      let answer = first[index + 2] ?? "none"
      let isAnswer = ["unavailable", "renamed", "replaced"].contains { answer.contains($0) }
      #expect(isAnswer && answer.contains(name.answer), "\(name.code): \(answer)")
    }
  }

  @Test func ownFunctionsUnderTheNamesAreFound() throws {
    guard let messages = try messages(ownNamesProgram) else { return }
    #expect(!messages.contains("error:"), "\(messages)")
  }
}
