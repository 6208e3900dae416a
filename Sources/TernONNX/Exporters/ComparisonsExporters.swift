import TernTensor

extension OperationExporters {
  /// Questions about elements, and reductions of truth values.
  static let comparisons: [String: Exporter] = [
    "compare": { x throws(Refusal) in
      let type = x.inputs[0].type
      func truth(_ index: Int) -> String { x.cast(x.inputs[index].name, x.inputs[index].type, to: .bool) }
      // ONNX orders numbers only.
      func ordered(_ operation: String) -> String {
        if type != .bool && type != .uint8 { return x.node(operation, [x.x, x.y]) }
        return x.node(operation, [x.cast(x.x, type, to: .int32), x.cast(x.y, type, to: .int32)])
      }
      func equal() -> String {
        if type != .uint8 { return x.node("Equal", [x.x, x.y]) }
        return x.node("Equal", [x.cast(x.x, type, to: .int32), x.cast(x.y, type, to: .int32)])
      }
      switch x.word("kind") {
      case "equal": return equal()
      case "notEqual": return x.node("Not", [equal()])
      case "less": return ordered("Less")
      case "lessOrEqual": return ordered("LessOrEqual")
      case "greater": return ordered("Greater")
      case "greaterOrEqual": return ordered("GreaterOrEqual")
      case "and": return x.node("And", [truth(0), truth(1)])
      case "or": return x.node("Or", [truth(0), truth(1)])
      case "xor": return x.node("Xor", [truth(0), truth(1)])
      default: throw Refusal("no exporter for this comparison")
      }
    },
    "test": { x throws(Refusal) in
      let type = x.inputs[0].type
      func isNaN() -> String { x.node("IsNaN", [x.x]) }
      func isInfinite(_ signs: [String: ONNXAttribute] = [:]) -> String { x.node("IsInf", [x.x], signs) }
      switch x.word("kind") {
      case "not": return x.node("Not", [x.cast(x.x, type, to: .bool)])
      case "isNonZero": return x.cast(x.x, type, to: .bool)
      case "isNaN" where isFloating(type): return isNaN()
      case "isInfinite" where isFloating(type): return isInfinite()
      case "isPositiveInfinity" where isFloating(type): return isInfinite(["detect_negative": .int(0)])
      case "isNegativeInfinity" where isFloating(type): return isInfinite(["detect_positive": .int(0)])
      case "isFinite" where isFloating(type): return x.node("Not", [x.node("Or", [isNaN(), isInfinite()])])
      default: throw Refusal("whole numbers are finite")
      }
    },
    "truths": { x throws(Refusal) in
      let numbers = x.cast(x.x, .bool, to: .int32)
      let kept = x.rank == x.inputs[0].shape.count
      let found = x.node(
        x.flag("isAll") ? "ReduceMin" : "ReduceMax", [numbers, x.integers(try x.integers("axes"))],
        ["keepdims": .int(kept ? 1 : 0)])
      return x.cast(found, .int32, to: .bool)
    },
  ]
}
