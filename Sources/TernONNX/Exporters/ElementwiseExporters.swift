import Foundation
import TernTensor

extension OperationExporters {
  /// An operator of the same name and inputs.
  static func same(_ operation: String, _ attributes: [String: ONNXAttribute] = [:]) -> Exporter {
    { x in x.node(operation, x.inputs.map { $0.name }, attributes) }
  }

  /// Arithmetic and functions of elements.
  static let elementwise: [String: Exporter] = [
    "add": { x throws(Refusal) in try pair(x, "Add") },
    "adding": { x throws(Refusal) in
      if x.tensor("index") != nil { return try scattered(x, reduction: "add") }
      return try pair(x, "Add")
    },
    "subtracting": { x throws(Refusal) in try pair(x, "Sub") },
    "subtract": { x throws(Refusal) in try pair(x, "Sub") },
    "multiply": { x throws(Refusal) in try pair(x, "Mul") },
    "divide": { x throws(Refusal) in try pair(x, "Div") },
    "zeroProduct": same("Mul"), "zeroQuotient": same("Div"), "integer divide": same("Div"),
    "integer remainder": same("Mod", ["fmod": .int(1)]), "fmod": same("Mod", ["fmod": .int(1)]),
    "remainder": { x in
      if !isFloating(x.type) { return x.node("Mod", [x.x, x.y]) }
      // a − b·⌊a/b⌋
      return x.node("Sub", [x.x, x.node("Mul", [x.y, x.node("Floor", [x.node("Div", [x.x, x.y])])])])
    },
    "divided": { x throws(Refusal) in
      guard isFloating(x.type) else {
        if !x.flag("isFloor") { return x.node("Div", [x.x, x.y]) }
        // ⌊a/b⌋ = (a − a mod b)/b, with the remainder that has the sign of b.
        return x.node("Div", [x.node("Sub", [x.x, x.node("Mod", [x.x, x.y])]), x.y])
      }
      let quotient = x.node("Div", [x.x, x.y])
      return x.flag("isFloor") ? x.node("Floor", [quotient]) : truncated(x, quotient)
    },
    "negate": same("Neg"), "abs": same("Abs"), "sign": same("Sign"), "sqrt": same("Sqrt"), "exp": same("Exp"),
    "log": same("Log"), "sin": same("Sin"), "cos": same("Cos"), "tan": same("Tan"), "asin": same("Asin"),
    "acos": same("Acos"), "atan": same("Atan"), "sinh": same("Sinh"), "cosh": same("Cosh"), "tanh": same("Tanh"),
    "asinh": same("Asinh"), "acosh": same("Acosh"), "atanh": same("Atanh"), "erf": same("Erf"),
    "reciprocal": same("Reciprocal"), "floor": same("Floor"), "ceil": same("Ceil"),
    "maximum": same("Max"), "minimum": same("Min"),
    "square": { x in x.node("Mul", [x.x, x.x]) },
    "rsqrt": { x in x.node("Reciprocal", [x.node("Sqrt", [x.x])]) },
    "expm1": { x in
      // 2·e^(x/2)·sinh(x/2), which keeps small results.
      let half = x.node("Mul", [x.x, x.constant(0.5)])
      return x.node("Mul", [x.node("Mul", [x.node("Exp", [half]), x.node("Sinh", [half])]), x.constant(2)])
    },
    "log1p": { x in
      // 2·artanh(x/(2 + x)), which keeps small results.
      let ratio = x.node("Div", [x.x, x.node("Add", [x.x, x.constant(2)])])
      let small = x.node("Mul", [x.node("Atanh", [ratio]), x.constant(2)])
      let large = x.node("Log", [x.node("Add", [x.x, x.constant(1)])])
      return x.node("Where", [x.node("Less", [x.node("Abs", [x.x]), x.constant(0.5)]), small, large])
    },
    "log2": { x in x.node("Div", [x.node("Log", [x.x]), x.constant(Foundation.log(2))]) },
    "log10": { x in x.node("Div", [x.node("Log", [x.x]), x.constant(Foundation.log(10))]) },
    "erfc": { x in x.node("Sub", [x.constant(1), x.node("Erf", [x.x])]) },
    "trunc": { x in isFloating(x.type) ? truncated(x, x.x) : x.x },
    "round": { x throws(Refusal) in
      if !x.arguments.isEmpty { return x.node("Round", [x.x]) }
      throw Refusal("rounding to decimal digits has no operator")
    },
    "frac": { x in x.node("Sub", [x.x, truncated(x, x.x)]) },
    "pow": { x throws(Refusal) in
      if x.inputs.count > 1 { return x.node("Pow", [x.x, x.y]) }
      let exponent = try x.number("first")
      if exponent == 2 { return x.node("Mul", [x.x, x.x]) }
      return x.node("Pow", [x.x, x.constant(exponent)])
    },
    "hypot": { x in
      x.node("Sqrt", [x.node("Add", [x.node("Mul", [x.x, x.x]), x.node("Mul", [x.y, x.y])])])
    },
    "logAddExp": { x in
      // max + ln(1 + e^−|a − b|)
      let gap = x.node("Neg", [x.node("Abs", [x.node("Sub", [x.x, x.y])])])
      let rest = x.node("Log", [x.node("Add", [x.node("Exp", [gap]), x.constant(1)])])
      return x.node("Add", [x.node("Max", [x.x, x.y]), rest])
    },
    "lerp": { x in
      let way = x.node("Sub", [x.y, x.x])
      return x.node("Add", [x.x, x.node("Mul", [way, x.inputs[2].name])])
    },
    "addcmul": { x throws(Refusal) in
      let product = x.node("Mul", [x.y, x.inputs[2].name])
      return x.node("Add", [x.x, x.node("Mul", [product, try x.scalar("value")])])
    },
    "addcdiv": { x throws(Refusal) in
      let quotient = x.node("Div", [x.y, x.inputs[2].name])
      return x.node("Add", [x.x, x.node("Mul", [quotient, try x.scalar("value")])])
    },
    "clamped": { x throws(Refusal) in
      switch x.inputs.count {
      case 3: return x.node("Min", [x.node("Max", [x.x, x.y]), x.inputs[2].name])
      case 2: return x.node(x.flag("isMinimum") ? "Max" : "Min", [x.x, x.y])
      default:
        let (low, high) = (try x.number("first"), try x.number("second"))
        return x.node(
          "Clip",
          [x.x, low == -.infinity ? "" : x.constant(low)] + (high == .infinity ? [] : [x.constant(high)]))
      }
    },
    "replacingNonFinite": { x throws(Refusal) in
      let finite = x.node(
        "Clip",
        [x.x, x.constant(-Double(Float.greatestFiniteMagnitude)), x.constant(Double(Float.greatestFiniteMagnitude))])
      let infinity = x.node("IsInf", [x.x])
      let isPositive = x.node("Greater", [x.x, x.constant(0)])
      let limit = x.node("Where", [isPositive, try x.scalar("high"), try x.scalar("low")])
      let replaced = x.node("Where", [infinity, limit, finite])
      return x.node("Where", [x.node("IsNaN", [x.x]), try x.scalar("nan"), replaced])
    },
    "cast": { x in
      if x.type == .bool || isFloating(x.type) || !isFloating(x.inputs[0].type) {
        return x.cast(x.x, x.inputs[0].type, to: x.type)
      }
      return x.cast(x.x, x.inputs[0].type, to: x.type)
    },
    "select": { x throws(Refusal) in
      guard let condition = x.tensor("condition") else { throw Refusal("its condition is not known") }
      return x.node("Where", [condition.name, x.x, x.y])
    },
  ]

  static func isFloating(_ type: DType) -> Bool { type == .float32 || type == .float64 }

  /// An operator of two operands, one of which may be a number; the second may have a factor.
  private static func pair(_ x: TracedOperation, _ operation: String) throws(Refusal) -> String {
    if x.inputs.count == 1 {
      let scalar = try x.scalar("scalar")
      return x.node(operation, x.flag("isReversed") ? [scalar, x.x] : [x.x, scalar])
    }
    if x.arguments["scale"] == nil { return x.node(operation, [x.x, x.y]) }
    return x.node(operation, [x.x, x.node("Mul", [x.y, try x.scalar("scale")])])
  }

  /// sign x·⌊|x|⌋
  private static func truncated(_ x: TracedOperation, _ value: String) -> String {
    x.node("Mul", [x.node("Sign", [value]), x.node("Floor", [x.node("Abs", [value])])])
  }
}
