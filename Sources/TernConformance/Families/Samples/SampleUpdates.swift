import TernData
import TernTensor

extension OperatorSamples {
  /// Picking, scattering, filling and counting.
  static func part<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    guard arguments.has(0) else { return nil }
    switch try arguments.any(0) {
    case .float(let x): return try numeric(x, arguments) ?? part(x, arguments)
    case .double(let x): return try numeric(x, arguments) ?? part(x, arguments)
    case .int(let x): return try numeric(x, arguments) ?? part(x, arguments)
    case .int32(let x): return try numeric(x, arguments) ?? part(x, arguments)
    case .uint8(let x): return try numeric(x, arguments) ?? part(x, arguments)
    case .bool(let x): return try part(x, arguments)
    }
  }

  private static func part<S, Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    func axis() throws -> Int { try attributes.int("dim", default: 0) }
    func values(_ index: Int, _ name: String) throws -> Tensor<Scalar> {
      if arguments.has(index) { return try arguments.typed(index) }
      guard let value: Scalar = try scalar(attributes, name) else { throw ConformanceError("no \(name)") }
      return Tensor(value)
    }
    switch arguments.operation {
    case "index_fill": return try results(x.replacing(arguments.index(1), along: axis(), with: values(2, "value")))
    case "index_copy": return try results(x.replacing(arguments.index(1), along: axis(), with: arguments.typed(2)))
    case "index_put":
      let places: [TensorIndex] = try (1..<arguments.count - 1).map {
        if case .bool(let mask) = try arguments.any($0) { return .where(mask) }
        return try .at(arguments.index($0))
      }
      let new: Tensor<Scalar> = try arguments.typed(arguments.count - 1)
      guard try attributes.bool("accumulate") else { return results(x.replacing(places, with: new)) }
      return try added(x, new, places)
    case "masked_fill": return try results(x.filled(with: values(2, "value"), where: arguments.mask(1)))
    case "masked_scatter": return try results(x.replacingElements(where: arguments.mask(1), with: arguments.typed(2)))
    case "take": return try results(x.elements(at: arguments.index(1)))
    case "put" where try !attributes.bool("accumulate"):
      return try results(x.replacingElements(at: arguments.index(1), with: arguments.typed(2)))
    case "scatter":
      let source = try values(2, "src")
      let index = try arguments.index(1)
      switch attributes.string("reduce") {
      case nil: return try results(x.scattering(source, at: index, along: axis()))
      case let reduce?: return try scattered(x, source, index, axis(), reduce)
      }
    case "select_scatter":
      let index = try attributes.int("index", default: 0)
      return try results(x.replacingSelected(axis: axis(), index: index, with: arguments.typed(1)))
    case "slice_scatter":
      return try results(
        x.replacingSlice(
          axis: axis(), from: attributes.int("start"), to: attributes.int("end"),
          step: attributes.int("step", default: 1), with: arguments.typed(1)))
    case "diagonal_scatter":
      return try results(
        x.replacingDiagonal(
          offset: attributes.int("offset", default: 0), axes: attributes.int("dim1", default: 0),
          attributes.int("dim2", default: 1), with: arguments.typed(1)))
    default: return nil
    }
  }

  private static func added<S>(_ x: Tensor<S>, _ new: Tensor<S>, _ places: [TensorIndex]) throws -> [AnyTensor] {
    switch (AnyTensor(x), AnyTensor(new)) {
    case (.float(let x), .float(let new)): return results(x.adding(new, at: places))
    case (.double(let x), .double(let new)): return results(x.adding(new, at: places))
    case (.int(let x), .int(let new)): return results(x.adding(new, at: places))
    case (.int32(let x), .int32(let new)): return results(x.adding(new, at: places))
    case (.uint8(let x), .uint8(let new)): return results(x.adding(new, at: places))
    default: throw ConformanceError("sums of truth values")
    }
  }

  private static func scattered<S>(
    _ x: Tensor<S>, _ source: Tensor<S>, _ index: Tensor<Int>, _ axis: Int, _ reduce: String
  ) throws -> [AnyTensor] {
    func floating<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, _ source: Tensor<Scalar>) -> Tensor<Scalar> {
      let wide = source.rank == 0 ? source.broadcast(to: index.shape) : source
      return x.scatterReducing(wide, at: index, along: axis, by: reduce == "add" ? .sum : .product)
    }
    func integer<Scalar: IntegerScalar>(_ x: Tensor<Scalar>, _ source: Tensor<Scalar>) -> Tensor<Scalar> {
      let wide = source.rank == 0 ? source.broadcast(to: index.shape) : source
      return x.scatterReducing(wide, at: index, along: axis, by: reduce == "add" ? .sum : .product)
    }
    switch (AnyTensor(x), AnyTensor(source)) {
    case (.float(let x), .float(let source)): return results(floating(x, source))
    case (.double(let x), .double(let source)): return results(floating(x, source))
    case (.int(let x), .int(let source)): return results(integer(x, source))
    case (.int32(let x), .int32(let source)): return results(integer(x, source))
    case (.uint8(let x), .uint8(let source)): return results(integer(x, source))
    default: throw ConformanceError("sums of truth values")
    }
  }

  private static func numeric<S, Scalar: NumericScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    func axis() throws -> Int { try attributes.int("dim", default: 0) }
    switch arguments.operation {
    case "index_add":
      let alpha = try attributes.number("alpha").map { Scalar(number: $0) }
      let source: Tensor<Scalar> = try arguments.typed(2)
      return try results(x.adding(alpha.map { source * $0 } ?? source, at: arguments.index(1), along: axis()))
    case "put" where try attributes.bool("accumulate"):
      return try results(x.addingElements(arguments.typed(2), at: arguments.index(1)))
    case "clamp", "clamp_min", "clamp_max":
      let isUpper = arguments.operation == "clamp_max"
      func bound(_ index: Int) throws -> Tensor<Scalar>? { arguments.has(index) ? try arguments.typed(index) : nil }
      let low = try isUpper ? nil : bound(1)
      let high = try isUpper ? bound(1) : bound(2)
      if low == nil && high == nil { return nil }
      guard let high else { return results(x.clamped(min: low!)) }
      return results(low.map { x.clamped(min: $0, max: high) } ?? x.clamped(max: high))
    case "searchsorted":
      let isRight = try attributes.bool("right") || attributes.string("side") == "right"
      let values: Tensor<Scalar> =
        try arguments.has(1) ? arguments.typed(1) : Tensor(Scalar(number: attributes.number("other", default: 0)))
      guard arguments.has(2) else { return results(searchSorted(x, values, right: isRight)) }
      return try results(searchSorted(x, values, sorter: arguments.index(2), right: isRight))
    case "max" where arguments.has(1): return try results(maximum(x, arguments.typed(1)))
    case "min" where arguments.has(1): return try results(minimum(x, arguments.typed(1)))
    default: return nil
    }
  }
}
