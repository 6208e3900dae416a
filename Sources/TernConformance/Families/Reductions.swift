import TernTensor

/// Reductions, cumulative operations and sorting.
enum Reductions: ConformanceFamily {
  static let name = "reductions"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch try arguments.any(0) {
    case .int(let x): return try integer(x, arguments) ?? numeric(x, arguments) ?? any(x, arguments)
    case .int32(let x): return try integer(x, arguments) ?? numeric(x, arguments) ?? any(x, arguments)
    case .uint8(let x): return try integer(x, arguments) ?? numeric(x, arguments) ?? any(x, arguments)
    case .bool(let x): return try bool(x, arguments) ?? any(x, arguments)
    case .float, .double:
      let x = try arguments.tensor(0)
      return try floating(x, arguments) ?? numeric(x, arguments) ?? any(x, arguments)
    }
  }

  private static func floating<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<Scalar>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let axes = try attributes.ints("dim")
    let keep = try attributes.bool("keepdim")
    let correction = try attributes.number("correction", default: 1)
    switch arguments.operation {
    case "sum": return results(x.sum(along: axes, keepingAxes: keep))
    case "mean": return results(x.mean(along: axes, keepingAxes: keep))
    case "prod": return results(x.product(along: axes, keepingAxes: keep))
    case "var": return results(x.variance(along: axes, correction: correction, keepingAxes: keep))
    case "std": return results(x.standardDeviation(along: axes, correction: correction, keepingAxes: keep))
    case "logsumexp": return results(x.logSumExp(along: axes, keepingAxes: keep))
    case "norm": return results(x.norm(try attributes.number("p", default: 2), along: axes, keepingAxes: keep))
    case "cumsum": return results(x.cumulativeSum(along: try axis(arguments)))
    case "cumprod": return results(x.cumulativeProduct(along: try axis(arguments)))
    case "logcumsumexp": return results(x.logCumulativeSumExp(along: try axis(arguments)))
    default: return nil
    }
  }

  private static func integer<Scalar: IntegerScalar, S>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let axes = try arguments.attributes.ints("dim")
    let keep = try arguments.attributes.bool("keepdim")
    switch arguments.operation {
    case "sum": return results(x.sum(along: axes, keepingAxes: keep))
    case "prod": return results(x.product(along: axes, keepingAxes: keep))
    case "cumsum": return results(x.cumulativeSum(along: try axis(arguments)))
    case "cumprod": return results(x.cumulativeProduct(along: try axis(arguments)))
    default: return nil
    }
  }

  private static func bool<S>(_ x: Tensor<Bool>, _ arguments: Arguments<S>) throws -> [AnyTensor]? {
    let axes = try arguments.attributes.ints("dim")
    switch arguments.operation {
    case "sum": return results(x.sum(along: axes, keepingAxes: try arguments.attributes.bool("keepdim")))
    case "cumsum": return results(x.cumulativeSum(along: try axis(arguments)))
    default: return nil
    }
  }

  private static func numeric<Scalar: NumericScalar, S>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let axes = try attributes.ints("dim")
    let axis = axes?.first
    let keep = try attributes.bool("keepdim")
    switch arguments.operation {
    case "amax": return results(x.amax(along: axes, keepingAxes: keep))
    case "amin": return results(x.amin(along: axes, keepingAxes: keep))
    case "max":
      guard let axis else { return results(x.max()) }
      let (values, indices) = x.max(along: axis, keepingAxes: keep)
      return results(values, indices)
    case "min":
      guard let axis else { return results(x.min()) }
      let (values, indices) = x.min(along: axis, keepingAxes: keep)
      return results(values, indices)
    case "argmax": return results(axis.map { x.argmax(along: $0, keepingAxes: keep) } ?? x.argmax())
    case "argmin": return results(axis.map { x.argmin(along: $0, keepingAxes: keep) } ?? x.argmin())
    case "cummax":
      let (values, indices) = x.cumulativeMax(along: try Self.axis(arguments))
      return results(values, indices)
    case "cummin":
      let (values, indices) = x.cumulativeMin(along: try Self.axis(arguments))
      return results(values, indices)
    default: return nil
    }
  }

  /// Operations of any element type.
  private static func any<Scalar: TensorScalar, S>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    let axes = try attributes.ints("dim")
    let axis = axes?.first ?? -1
    let keep = try attributes.bool("keepdim")
    let descending = try attributes.bool("descending")
    switch arguments.operation {
    case "all": return results(x.all(along: axes, keepingAxes: keep))
    case "any": return results(x.any(along: axes, keepingAxes: keep))
    case "count_nonzero": return results(x.countNonZero(along: axes))
    case "sort":
      let (values, indices) = x.sorted(along: axis, descending: descending)
      return results(values, indices)
    case "argsort": return results(x.argsort(along: axis, descending: descending))
    case "topk":
      let (values, indices) = x.topK(
        try attributes.int("k", default: 1), along: axis, largest: try attributes.bool("largest", default: true))
      return results(values, indices)
    default: throw arguments.unknownOperation
    }
  }

  private static func axis<Scalar>(_ arguments: Arguments<Scalar>) throws -> Int {
    guard let axis = try arguments.attributes.int("dim") else { throw ConformanceError("no attribute dim") }
    return axis
  }
}
