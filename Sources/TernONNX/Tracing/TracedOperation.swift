import TernMessages
import TernTensor

/// A value of a traced graph: its name there, and its type and shape.
struct TracedValue {
  let name: String
  let type: DType
  let shape: [Extent]

  /// The same for exporters that see the batch of two alone.
  var plain: ONNXValue { ONNXValue(name: name, shape: shape.map { $0.first }) }
}

/// Why an operation has no form in ONNX.
struct Refusal: Error {
  let reason: String
  init(_ reason: String) { self.reason = reason }
}

/// One operation of a traced forward pass as its exporter sees it: its inputs' values in the graph, its arguments, and the
/// nodes that it adds.
struct TracedOperation {
  let graph: ONNXGraph
  let name: String
  let inputs: [TracedValue]
  let type: DType
  let shape: [Extent]
  let arguments: [String: Argument]

  enum Argument {
    case integers([Extent]?)
    case number([Double])
    case numbers([Double]?)
    case flag(Bool)
    case word(String)
    case tensor(TracedValue)
  }

  // MARK: What it was called with

  /// The first input.
  var x: String { inputs[0].name }
  /// The second input.
  var y: String { inputs[1].name }
  var rank: Int { shape.count }

  func flag(_ name: String) -> Bool { if case .flag(true)? = arguments[name] { true } else { false } }

  func word(_ name: String) -> String? { if case .word(let word)? = arguments[name] { word } else { nil } }

  func tensor(_ name: String) -> TracedValue? {
    if case .tensor(let value)? = arguments[name] { value } else { nil }
  }

  /// Whole numbers, which may depend on the batch.
  func extents(_ name: String) throws(Refusal) -> [Extent] {
    guard case .integers(let values)? = arguments[name] else { throw Refusal("its \(name) are not known") }
    guard let values else { throw Refusal("its \(name) depend on the batch otherwise than in proportion") }
    return values
  }

  /// Whole numbers, the same for every batch.
  func integers(_ name: String) throws(Refusal) -> [Int] {
    guard let values = try extents(name).fixed else { throw Refusal("its \(name) depend on the batch") }
    return values
  }

  func integer(_ name: String) throws(Refusal) -> Int {
    guard let value = try integers(name).first else { throw Refusal("its \(name) is not known") }
    return value
  }

  /// A number, the same for every batch.
  func number(_ name: String) throws(Refusal) -> Double {
    guard case .number(let values)? = arguments[name] else { throw Refusal("its \(name) is not known") }
    guard values.allSatisfy({ $0 == values[0] || $0.isNaN && values[0].isNaN }) else {
      throw Refusal("its \(name) depends on the batch")
    }
    return values[0]
  }

  /// A list of numbers, the same for every batch.
  func numbers(_ name: String) throws(Refusal) -> [Double] {
    guard case .numbers(let values)? = arguments[name] else { throw Refusal("its \(name) are not known") }
    guard let values else { throw Refusal("its \(name) depend on the batch") }
    return values
  }

  // MARK: Nodes

  /// Adds a node of one result and gives the result's name.
  func node(_ operation: String, _ inputs: [String], _ attributes: [String: ONNXAttribute] = [:]) -> String {
    let result = graph.fresh(operation.lowercased())
    graph.add(operation, inputs, [result], attributes)
    return result
  }

  /// A number of the type of the first input, or of another.
  func constant(_ value: Double, _ type: DType? = nil) -> String { graph.number(value, type ?? inputs[0].type) }

  /// A scalar argument: a constant, or worked out from the batch.
  func scalar(_ name: String) throws(Refusal) -> String {
    guard case .number(let values)? = arguments[name] else { throw Refusal("its \(name) is not known") }
    if values.allSatisfy({ $0 == values[0] || $0.isNaN && values[0].isNaN }) { return constant(values[0]) }
    return try graph.number(ofBatches: values, inputs[0].type)
  }

  /// Whole numbers as an input of a node.
  func integers(_ values: [Int]) -> String { graph.integers(values).name }

  /// The value of a name under another shape.
  func reshaped(_ value: String, from: [Extent], to shape: [Extent]) -> String {
    graph.reshaped(value, from: from, to: shape)
  }

  /// A value in another type.
  func cast(_ value: String, _ from: DType, to type: DType) -> String { graph.cast(value, from, to: type) }
}
