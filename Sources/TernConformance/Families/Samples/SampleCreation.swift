import TernTensor

extension OperatorSamples {
  /// Tensors from numbers and shapes.
  static func creation<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let names: Set = [
      "arange", "linspace", "logspace", "eye", "full", "ones", "zeros", "full_like", "ones_like", "zeros_like",
      "new_full", "new_ones", "new_zeros",
    ]
    let (name, attributes) = (arguments.operation, arguments.attributes)
    if let window = windowNames[name] {
      let call = arguments.with(operation: window, attributes: attributes.renamed("M", to: "count"))
      return try Fourier.run(call.with(inputs: [AnyTensor(Tensor<Scalar>(0))]))
    }
    if name == "tril_indices" || name == "triu_indices" {
      return try Shapes.run(arguments.with(inputs: [AnyTensor(Tensor<Int>(0))]))
    }
    guard names.contains(name) else { return nil }
    switch try typeName(attributes) ?? (arguments.has(0) ? "\(arguments.any(0).dtype)" : "float64") {
    case "int64": return try numbers(arguments, Int.self)
    case "int32": return try numbers(arguments, Int32.self)
    case "uint8": return try numbers(arguments, UInt8.self)
    case "bool": return try filled(arguments, false, true)
    default:
      if let found = try spaced(arguments) { return found }
      return try numbers(arguments, Scalar.self)
    }
  }

  private static let windowNames = Dictionary(
    uniqueKeysWithValues: [
      "bartlett", "blackman", "cosine", "exponential", "gaussian", "general_cosine", "general_hamming", "hamming",
      "hann", "kaiser", "nuttall",
    ].map { ("signal.windows.\($0)", $0) })

  private static func numbers<S, Scalar: NumericScalar>(
    _ arguments: Arguments<S>, _: Scalar.Type
  ) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    switch arguments.operation {
    case "arange":
      let first = try attributes.number("start", default: 0)
      // With one number it is the end.
      let (start, end) = try attributes.number("end").map { (first, $0) } ?? (0, first)
      let step = try attributes.number("step", default: 1)
      return results(
        Tensor(rangeFrom: Scalar(number: start), to: Scalar(number: end), by: Scalar(number: step)))
    case "eye":
      return try results(Tensor<Scalar>(eye: attributes.int("n", default: 0), columns: attributes.int("m")))
    default: return try filled(arguments, Scalar(number: 0), Scalar(number: 1))
    }
  }

  private static func filled<S, Scalar: TensorScalar>(
    _ arguments: Arguments<S>, _ zero: Scalar, _ one: Scalar
  ) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let shape = try attributes.ints("size") ?? arguments.any(0).shape
    if arguments.operation.contains("ones") { return results(Tensor(full: shape, one)) }
    if arguments.operation.contains("zeros") { return results(Tensor(full: shape, zero)) }
    guard arguments.operation.contains("full") else { throw arguments.unknownOperation }
    let value: Scalar = try scalar(attributes, "fill_value") ?? zero
    return results(Tensor(full: shape, value))
  }

  private static func spaced<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    guard arguments.operation == "linspace" || arguments.operation == "logspace" else { return nil }
    func end(_ index: Int, _ name: String) throws -> Scalar {
      if arguments.has(index) { return Scalar(try number(arguments.any(index))) }
      return try arguments.scalar(name, default: 0)
    }
    let (first, last, count) = try (end(0, "start"), end(1, "end"), attributes.int("steps", default: 1))
    if arguments.operation == "linspace" { return results(Tensor(linspace: first, last, count: count)) }
    return try results(
      Tensor(logspace: first, last, count: count, base: arguments.scalar("base", default: 10)))
  }

  /// The only element, of any type.
  static func number(_ tensor: AnyTensor) throws -> Double {
    switch tensor {
    case .float(let x): Double(x.item)
    case .double(let x): x.item
    case .int(let x): Double(x.item)
    case .int32(let x): Double(x.item)
    case .uint8(let x): Double(x.item)
    case .bool(let x): x.item ? 1 : 0
    }
  }

  /// A number or truth value among the attributes as a scalar of any type.
  static func scalar<Scalar: TensorScalar>(_ attributes: Attributes, _ name: String) throws -> Scalar? {
    if case .bool(let flag)? = attributes.json(name) { return Tensor<Bool>(flag).cast(to: Scalar.self).item }
    if let whole = attributes.json(name)?.int { return Tensor<Int>(whole).cast(to: Scalar.self).item }
    return try attributes.number(name).map { Tensor<Double>($0).cast(to: Scalar.self).item }
  }
}
