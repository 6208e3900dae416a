import TernData
import TernTensor

extension OperatorSamples {
  /// Shapes, views and types.
  static func shape<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    guard arguments.has(0) else { return nil }
    switch try arguments.any(0) {
    case .float(let x): return try shape(x, arguments)
    case .double(let x): return try shape(x, arguments)
    case .int(let x): return try shape(x, arguments)
    case .int32(let x): return try shape(x, arguments)
    case .uint8(let x): return try shape(x, arguments)
    case .bool(let x): return try shape(x, arguments)
    }
  }

  private static func shape<S, Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    func int(_ name: String, _ missing: Int = 0) throws -> Int { try attributes.int(name, default: missing) }
    switch arguments.operation {
    case "bool": return results(x.cast(to: Bool.self))
    case "byte": return results(x.cast(to: UInt8.self))
    case "double": return results(x.cast(to: Double.self))
    case "float": return results(x.cast(to: Float.self))
    case "int": return results(x.cast(to: Int32.self))
    case "long": return results(x.cast(to: Int.self))
    case "isreal": return results(Tensor<Bool>(full: x.shape, true))
    case "equal": return try results(Tensor(x == arguments.typed(1, Scalar.self)))
    case "atleast_1d", "atleast_2d", "atleast_3d":
      guard let rank = Int(String(arguments.operation.dropFirst("atleast_".count).prefix(1))) else { return nil }
      let all: [Tensor<Scalar>] = try arguments.inputs.indices.map { try arguments.typed($0) }
      return all.map { AnyTensor($0.atLeast(rank: rank)) }
    case "unique_consecutive":
      let found = try attributes.int("dim").map { x.uniqueConsecutive(along: $0) } ?? x.uniqueConsecutive()
      return try results(found.values)
        + (attributes.bool("return_inverse") ? results(found.inverse) : [])
        + (attributes.bool("return_counts") ? results(found.counts) : [])
    case "T", "t", "mT": return results(x.rank < 2 ? x : x.transposed())
    case "ravel": return results(x.flattened())
    case "msort": return results(x.sorted(along: 0).values)
    case "diagflat": return try results(x.flattened().diagonalMatrix(offset: int("offset")))
    case "unbind": return try x.unstacked(along: int("dim")).map { AnyTensor($0) }
    case "fill":
      return try results(
        Tensor(full: x.shape, arguments.has(1) ? arguments.typed(1, Scalar.self).item : scalar(attributes, "value")!))
    case "squeeze" where !attributes.has("dim"): return results(x.squeezed())
    case "squeeze" where attributes.json("dim")?.array?.isEmpty == true: return results(x)
    case "slice":
      let axis = try int("dim")
      let all = [AxisIndex](repeating: .all, count: axis < 0 ? axis + x.rank : axis)
      return try results(x[all + [.slice(attributes.int("start"), attributes.int("end"), step: int("step", 1))]])
    case "narrow" where arguments.has(1):
      let start = Int(try number(arguments.any(1)))
      return try results(x.narrowed(axis: int("dim"), start: start, length: int("length")))
    case "tensor_split":
      guard arguments.has(1) else { return nil }
      let places = try arguments.index(1)
      let parts =
        try places.rank == 0
        ? x.split(into: places.item, along: int("dim")) : x.split(at: places.scalars, along: int("dim"))
      return parts.map { AnyTensor($0) }
    case "unfold", "diagonal", "linalg.diagonal":
      let name = shortName(arguments.operation)
      if arguments.operation == name { return try Shapes.run(arguments) }
      let axes = try attributes.with("dim1", .integer(int("dim1", -2))).with("dim2", .integer(int("dim2", -1)))
      return try Shapes.run(arguments.with(operation: name, attributes: axes))
    case "as_strided":
      return try results(
        x.strided(
          attributes.ints("size") ?? [], strides: attributes.ints("stride") ?? [], offset: int("storage_offset")))
    case "as_strided_scatter":
      return try results(
        x.replacingStrided(
          strides: attributes.ints("stride") ?? [], offset: int("storage_offset"), with: arguments.typed(1)))
    case "__getitem__": return try results(item(x, arguments))
    default: return nil
    }
  }

  /// x[key]: numbers, slices, an ellipsis, and tensors of indices or truth values.
  private static func item<S, Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> Tensor<Scalar> {
    let key = arguments.attributes.json("key")
    var next = 1
    func entry(_ value: JSON?) throws -> AxisIndex {
      if let index = value?.int { return .index(index) }
      if case .bool(let flag)? = value { return Bool.axisIndex(Tensor<Bool>(flag)) }
      if value?["ellipsis"] != nil { return .ellipsis }
      if let bounds = value?["slice"]?.array { return .slice(bounds[0].int, bounds[1].int, step: bounds[2].int ?? 1) }
      if let list = value?.array { return Int.axisIndex(Tensor<Int>(list.map { $0.int ?? 0 })) }
      if value == .null { return .newAxis }
      defer { next += 1 }
      if case .bool(let mask) = try arguments.any(next) { return Bool.axisIndex(mask) }
      return try Int.axisIndex(arguments.index(next))
    }
    if let list = key?.array { return x[try list.map { try entry($0) }] }
    return x[[try entry(key)]]
  }
}
