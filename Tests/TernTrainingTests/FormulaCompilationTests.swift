import Foundation
import TernTestSupport
import Testing

/// How the compiler takes formulas with operands of other types: it compiles them or names the operand, soon.
@Suite(.serialized) struct FormulaCompilationTests {
  private let compiling = [
    "parameter.value * rate", "parameter * count", "2 * x + rate", "2 * x + parameter", "x * rate + y * (1 - rate)",
    "(x - parameter.value) / count + 0.5 * y", "parameter * 2 + x * rate - y / count",
    "x - rate * g / (y.sqrt() + 1e-8)", "(1 - rate) * parameter.value + rate * x", "x * parameter + bias",
    "parameter - rate * (g + decay * parameter)", "x * x * rate + 2 * x * y * rate + y * y", "-rate * x + count",
    "(x * rate).sum() + (parameter * parameter).sum() * decay", "1 - (1 - y) * (1 - x) / 2 + 3 * y * y * 0.5",
    "x * (1 / 4) + y * rate - count", "parameter * (1 / 3) + x * rate * count - 2 * y",
    "x * 2 / count + y * 3 / count - g * 0.5 * rate + 1 / (x * count)", "rate * rate * x * x * x - count * y * rate",
    "x * Float(rate) + Float(count) * y - 2 * (y - 1)", "x.pow(count) * rate - x.pow(rate) + x.pow(2)",
    "x + y * [1, 2]", "x / word - byte * y",
  ]

  /// Of what Foundation has for numbers, with what the compiler says to write.
  private let functions = [
    ("(parameter * 2 + count) * rate - 1 / (1 + exp(-g))", "x.exp()"), ("x * log(x) + (1 - x) * log(1 - x)", "x.log()"),
    ("2 * rate * (parameter - x) + count * g - tanh(x)", "x.tanh()"), ("1 / (1 + cbrt(-x)) - x * rate", "x.cbrt()"),
    ("2 * rate * (parameter - x) + count * g - max(x, g)", "maximum"), ("rate * min(x, 1) + 2 * g", "minimum"),
    ("parameter * rate - pow(x, 2) / count", "x.pow(2)"), ("pow(x, rate) * 2 + abs(y) / count", "x.pow(0.5)"),
    ("2 * rate * (parameter - x) + count * g - log10(x)", "x.log10()"),
    ("x * trunc(g) + 2 * rate * sqrt(y)", "x.sqrt()"),
    ("floor(x * rate) - round(y / count) + fabs(g)", "x.abs()"), ("erf(x / count) * rate + lgamma(y)", "x.lgamma()"),
  ]

  private let wrong = [
    ("x + name", "String"), ("2 * x + rate * y + name", "String"), ("names * x", "array"),
    ("x * labels + 1", "cast(to:)"), ("2 * x * labels + y", "cast(to:)"), ("x * wide + rate * y - 1", "cast(to:)"),
    ("rate * labels + x", "cast(to:)"), ("x - rate * missing", "unwrap"),
    ("parameter.value - rate * (g + decay * missing)", "unwrap"),
    ("x - rate * parameter.gradient / (y.sqrt() + 1e-8)", "unwrap"), ("x * flag", "truth value"),
    ("x * mask + 1", "cast(to:)"), ("x + wideParameter", "operand"),
  ]

  private func program(_ formulas: [String]) -> String {
    let functions = formulas.enumerated().map { index, formula in
      """
      func formula\(index)(
        _ x: Tensor<Float>, _ y: Tensor<Float>, g: Tensor<Float>, rate: Double, decay: Double, count: Int, word: Int32,
        byte: UInt8, name: String, names: [String], flag: Bool, labels: Tensor<Int>, mask: Tensor<Bool>,
        wide: Tensor<Double>, missing: Tensor<Float>?, parameter: Parameter<Float>, bias: Parameter<Float>,
        wideParameter: Parameter<Double>
      ) -> Tensor<Float> {
        \(formula)
      }
      """
    }
    return "import Tern\n" + functions.joined(separator: "\n")
  }

  private func withPackage(_ body: (BuiltPackage) throws -> Void) rethrows {
    var why = ""
    guard let package = BuiltPackage.find(&why) else {
      print("The compiler's answers are not looked at: \(why)")
      return
    }
    defer { package.clean() }
    try body(package)
  }

  @Test func mixedOperandsCompileSoon() throws {
    try withPackage { package in
      let nothing = try package.typecheck(program(["x"]), seconds: 120).seconds
      let (messages, seconds) = try package.typecheck(program(compiling), seconds: 300)
      #expect(!messages.contains("error:") && !messages.contains("out of time"), "\(messages)")
      // Each in under 2 s, on a machine that does other things as well.
      #expect(seconds - nothing < 2 * Double(compiling.count), "\(seconds) s")
    }
  }

  @Test func functionsOfNumbersCompileSoonAndAreNamed() throws {
    try withPackage { package in
      let nothing = try package.typecheck("import Foundation\n" + program(["x"]), seconds: 120).seconds
      let (messages, seconds) = try package.typecheck(
        "import Foundation\n" + program(functions.map(\.0) + functions.map { "{ let z = \($0.0); return z }()" }),
        seconds: 300)
      #expect(!messages.contains("error:") && !messages.contains("out of time"), "\(messages)")
      for (formula, word) in functions { #expect(messages.contains(word), "\(formula)") }
      #expect(seconds - nothing < 4 * Double(functions.count), "\(seconds) s")
    }
  }

  @Test func aWrongOperandIsNamedSoon() throws {
    try withPackage { package in
      let nothing = try package.typecheck(program(["x"]), seconds: 120).seconds
      let (messages, seconds) = try package.typecheck(program(wrong.map(\.0)), seconds: 300)
      let errors = messages.split(separator: "\n").filter { $0.contains(".swift:") && $0.contains("error:") }
      #expect(errors.count == wrong.count, "\(messages)")
      for (error, (formula, word)) in zip(errors, wrong) { #expect(error.contains(word), "\(formula): \(error)") }
      #expect(!messages.contains("reasonable time") && !messages.contains("out of time"), "\(messages)")
      #expect(seconds - nothing < 2 * Double(wrong.count), "\(seconds) s")
    }
  }
}
