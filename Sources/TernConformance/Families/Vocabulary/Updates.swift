import TernTensor

/// Interpolation, clamping to tensors, updates by index and mask, masked reductions.
enum Updates: ConformanceFamily {
  static let name = "updates"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch try arguments.any(0) {
    case .int(let x):
      return try reduced(x, arguments) ?? numeric(x, arguments)
    case .int32(let x): return try reduced(x, arguments) ?? numeric(x, arguments)
    case .uint8(let x): return try reduced(x, arguments) ?? numeric(x, arguments)
    case .bool: throw arguments.unknownOperation
    case .float, .double:
      let x = try arguments.tensor(0)
      return try masked(x, arguments) ?? floating(x, arguments) ?? indexed(x, arguments) ?? numeric(x, arguments)
    }
  }

  private static func floating<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<Scalar>
  ) throws -> [AnyTensor]? {
    let value = try arguments.scalar("value", default: 1)
    switch arguments.operation {
    case "lerp": return results(lerp(x, try arguments.tensor(1), weight: try arguments.tensor(2)))
    case "addcmul": return results(addcmul(x, try arguments.tensor(1), try arguments.tensor(2), value: value))
    case "addcdiv": return results(addcdiv(x, try arguments.tensor(1), try arguments.tensor(2), value: value))
    case "scatter_reduce", "index_reduce":
      let attributes = arguments.attributes
      let (axis, includes) = try (attributes.int("dim", default: 0), attributes.bool("include_self", default: true))
      guard let reduction = ScatterReduction(rawValue: attributes.string("reduce") ?? "") else {
        throw ConformanceError("no such reduction")
      }
      let (index, source) = try (arguments.index(1), arguments.tensor(2))
      return arguments.operation == "scatter_reduce"
        ? results(x.scatterReducing(source, at: index, along: axis, by: reduction, includingSelf: includes))
        : results(x.reducing(source, at: index, along: axis, by: reduction, includingSelf: includes))
    default: return nil
    }
  }

  /// Sums of products, and reductions by index, of integers.
  private static func reduced<S, Scalar: IntegerScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    if arguments.operation == "addcmul" {
      let value = Scalar(number: try attributes.number("value", default: 1))
      return try results(addcmul(x, arguments.typed(1), arguments.typed(2), value: value))
    }
    guard ["scatter_reduce", "index_reduce"].contains(arguments.operation) else { return nil }
    let (axis, includes) = try (attributes.int("dim", default: 0), attributes.bool("include_self", default: true))
    guard let reduction = ScatterReduction(rawValue: attributes.string("reduce") ?? "") else {
      throw ConformanceError("no such reduction")
    }
    let index = try arguments.index(1)
    let source: Tensor<Scalar> = try arguments.typed(2)
    return arguments.operation == "scatter_reduce"
      ? results(x.scatterReducing(source, at: index, along: axis, by: reduction, includingSelf: includes))
      : results(x.reducing(source, at: index, along: axis, by: reduction, includingSelf: includes))
  }

  /// Updates by index and by mask.
  private static func indexed<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<Scalar>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let axis = try attributes.int("dim", default: 0)
    switch arguments.operation {
    case "index_add":
      let values = try arguments.tensor(2) * arguments.scalar("alpha", default: 1)
      return results(x.adding(values, at: try arguments.index(1), along: axis))
    case "index_copy", "index_fill":
      return results(x.replacing(try arguments.index(1), along: axis, with: try arguments.tensor(2)))
    case "take": return results(x.elements(at: try arguments.index(1)))
    case "put":
      return try attributes.bool("accumulate")
        ? results(x.addingElements(arguments.tensor(2), at: arguments.index(1)))
        : results(x.replacingElements(at: arguments.index(1), with: arguments.tensor(2)))
    case "take_along_dim": return results(x.gathered(broadcasting: try arguments.index(1), along: axis))
    case "masked_scatter":
      return results(x.replacingElements(where: try arguments.mask(1), with: try arguments.tensor(2)))
    case "masked_fill": return results(x.filled(with: try arguments.tensor(2), where: try arguments.mask(1)))
    case "slice_scatter":
      return results(
        x.replacingSlice(
          axis: axis, from: try attributes.int("start"), to: try attributes.int("end"),
          step: try attributes.int("step", default: 1), with: try arguments.tensor(1)))
    case "select_scatter":
      return results(
        x.replacingSelected(axis: axis, index: try attributes.int("index", default: 0), with: try arguments.tensor(1)))
    case "diagonal_scatter":
      return results(
        x.replacingDiagonal(
          offset: try attributes.int("offset", default: 0), axes: try attributes.int("dim1", default: 0),
          try attributes.int("dim2", default: 1), with: try arguments.tensor(1)))
    default: return nil
    }
  }

  private static func numeric<Scalar: NumericScalar, S>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    switch arguments.operation {
    case "clamp":
      let bounds = try attributes.strings("bounds") ?? []
      if bounds == ["min"] { return results(x.clamped(min: try arguments.typed(1, Scalar.self))) }
      if bounds == ["max"] { return results(x.clamped(max: try arguments.typed(1, Scalar.self))) }
      return results(x.clamped(min: try arguments.typed(1, Scalar.self), max: try arguments.typed(2, Scalar.self)))
    case "unique_consecutive":
      let found = try attributes.int("dim").map { x.uniqueConsecutive(along: $0) } ?? x.uniqueConsecutive()
      return results(found.values, found.inverse, found.counts)
    case "isin": return results(x.isMember(of: try arguments.typed(1), inverted: try attributes.bool("invert")))
    default: throw arguments.unknownOperation
    }
  }

  private static func masked<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<Scalar>
  ) throws -> [AnyTensor]? {
    guard arguments.operation.hasPrefix("masked.") else { return nil }
    let attributes = arguments.attributes
    let (axes, keep) = try (attributes.ints("dim"), attributes.bool("keepdim"))
    let (axis, mask) = try (axes?.first ?? -1, arguments.mask(1))
    let (p, correction) = try (attributes.number("ord", default: 2), attributes.number("correction", default: 1))
    switch arguments.operation.dropFirst("masked.".count) {
    case "sum": return results(x.sum(along: axes, keepingAxes: keep, mask: mask))
    case "prod": return results(x.product(along: axes, keepingAxes: keep, mask: mask))
    case "mean": return results(x.mean(along: axes, keepingAxes: keep, mask: mask))
    case "amax": return results(x.amax(along: axes, keepingAxes: keep, mask: mask))
    case "amin": return results(x.amin(along: axes, keepingAxes: keep, mask: mask))
    case "logsumexp": return results(x.logSumExp(along: axes, keepingAxes: keep, mask: mask))
    case "var": return results(x.variance(along: axes, correction: correction, keepingAxes: keep, mask: mask))
    case "std": return results(x.standardDeviation(along: axes, correction: correction, keepingAxes: keep, mask: mask))
    case "norm": return results(x.norm(p, along: axes, keepingAxes: keep, mask: mask))
    case "normalize": return results(x.normalized(order: p, along: axis, mask: mask))
    case "softmax": return results(x.softmax(along: axis, mask: mask))
    case "log_softmax": return results(x.logSoftmax(along: axis, mask: mask))
    case "softmin": return results(x.softmin(along: axis, mask: mask))
    case "cumsum": return results(x.cumulativeSum(along: axis, mask: mask))
    case "cumprod": return results(x.cumulativeProduct(along: axis, mask: mask))
    case "median": return results(x.median(along: axis, mask: mask))
    case "argmax": return results(x.argmax(along: axis, mask: mask))
    case "argmin": return results(x.argmin(along: axis, mask: mask))
    default: return nil
    }
  }
}
