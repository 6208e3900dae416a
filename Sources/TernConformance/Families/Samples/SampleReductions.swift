import TernData
import TernTensor

extension OperatorSamples {
  /// Reductions that PyTorch calls in several ways.
  static func reduction<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    switch arguments.operation {
    case "std", "var", "std_mean", "var_mean":
      // The only argument may be whether to correct.
      guard case .bool(let isUnbiased)? = attributes.json("dim") else { return nil }
      let call = attributes.with("dim", nil).with("correction", .integer(isUnbiased ? 1 : 0))
      return try run(arguments.with(attributes: call))
    case "nansum" where try !isFloating(arguments): return try run(arguments.with(operation: "sum"))
    case "nanmedian" where try !isFloating(arguments): return try run(arguments.with(operation: "median"))
    case "norm", "linalg.norm":
      let order = arguments.operation == "norm" ? attributes.renamed("p", to: "ord") : attributes
      return try norm(arguments.tensor(0), order)
    case "logdet":
      let (sign, logarithm) = try arguments.tensor(0).logDeterminant()
      return results(select(sign .< 0, Scalar.nan, logarithm))
    case "quantile", "nanquantile":
      if arguments.has(1) { return nil }
      let q = try arguments.scalar("q", default: 0.5)
      return try OrderStatistics.run(arguments.with(inputs: [arguments.any(0), AnyTensor(Tensor(q))]))
    case "_segment_reduce", "segment_reduce":
      let x = try arguments.tensor(0)
      guard let reduction = segmentReductions[attributes.string("reduce") ?? ""] else { return nil }
      let (axis, initial) = try (attributes.int("axis", default: 0), arguments.scalar("initial"))
      if arguments.has(1) {
        return try results(
          x.reducingSegments(lengths: arguments.index(1), along: axis, by: reduction, initial: initial))
      }
      let last = try arguments.index(arguments.count - 1)
      return results(x.reducingSegments(offsets: last, along: axis, by: reduction, initial: initial))
    default: return nil
    }
  }

  /// Whether the first input has numbers of floating point.
  static func isFloating<Scalar>(_ arguments: Arguments<Scalar>) throws -> Bool {
    [.float32, .float64].contains(try arguments.any(0).dtype)
  }

  private static let segmentReductions: [String: ScatterReduction] = [
    "sum": .sum, "mean": .mean, "prod": .product, "max": .maximum, "min": .minimum,
  ]

  private static func norm<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ attributes: Attributes
  ) throws -> [AnyTensor] {
    let (axes, keep) = try (attributes.ints("dim"), attributes.bool("keepdim"))
    let word = attributes.string("ord")
    let isMatrix = word == "nuc" || word == "fro" && (axes ?? [0, 1]).count == 2 && x.rank > 1
    let order = try word == "fro" || word == "nuc" ? nil : attributes.number("ord")
    // With an order and without axes a matrix has a norm of matrices, in `linalg.norm`, where p is not the name.
    guard isMatrix || order != nil && axes.map({ $0.count == 2 }) ?? (x.rank == 2 && attributes.has("keepdim")) else {
      return results(x.norm(order ?? 2, along: axes, keepingAxes: keep))
    }
    let pair = axes ?? [-2, -1]
    let norms: [Double: MatrixNorm] = [
      1: .one, -1: .minusOne, 2: .two, -2: .minusTwo, .infinity: .infinity, -.infinity: .minusInfinity,
    ]
    let norm: MatrixNorm = word == "nuc" ? .nuclear : order.flatMap { norms[$0] } ?? .frobenius
    return try results(x.matrixNorm(norm, along: (pair[0], pair[1]), keepingAxes: keep))
  }

  /// Reductions of `torch.masked`, whose mask may be left out.
  static func masked<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    guard arguments.operation.hasPrefix("masked.") else { return nil }
    let attributes = arguments.attributes
    if arguments.operation == "masked.logaddexp" {
      let (a, b) = try (arguments.tensor(0), arguments.tensor(1))
      guard arguments.has(2), arguments.has(3) else { return results(logAddExp(a, b)) }
      return try results(
        logAddExp(
          a.filled(with: -.infinity, where: .!arguments.mask(2)),
          b.filled(with: -.infinity, where: .!arguments.mask(3))))
    }
    if arguments.has(1) {
      switch try arguments.any(0) {
      case .int(let x): return try integers(x, arguments)
      case .int32(let x): return try integers(x, arguments)
      case .uint8(let x): return try integers(x, arguments)
      case .bool(let x): return try integers(x.cast(to: Int.self), arguments)
      default: return try Updates.run(arguments)
      }
    }
    let name = String(arguments.operation.dropFirst("masked.".count))
    let plain = attributes.renamed("ord", to: "p")
    switch name {
    case "norm": return try Reductions.run(arguments.with(operation: name, attributes: plain))
    case "normalize": return try Normalization.run(arguments.with(operation: name, attributes: plain))
    case "median":
      return try results(arguments.tensor(0).median(along: attributes.int("dim", default: -1)).values)
    case "softmax", "log_softmax", "softmin": return try Miscellany.run(arguments.with(operation: name))
    default: return try run(arguments.with(operation: name))
    }
  }

  private static func integers<S, Scalar: IntegerScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let (axes, keep) = try (attributes.ints("dim"), attributes.bool("keepdim"))
    let (axis, mask) = try (axes?.first ?? -1, arguments.mask(1))
    switch arguments.operation {
    case "masked.sum": return results(x.sum(along: axes, keepingAxes: keep, mask: mask))
    case "masked.prod": return results(x.product(along: axes, keepingAxes: keep, mask: mask))
    case "masked.amax": return results(x.amax(along: axes, keepingAxes: keep, mask: mask))
    case "masked.amin": return results(x.amin(along: axes, keepingAxes: keep, mask: mask))
    case "masked.argmax": return results(x.argmax(along: axes?.first, keepingAxes: keep, mask: mask))
    case "masked.argmin": return results(x.argmin(along: axes?.first, keepingAxes: keep, mask: mask))
    case "masked.cumsum": return results(x.cumulativeSum(along: axis, mask: mask))
    case "masked.cumprod": return results(x.cumulativeProduct(along: axis, mask: mask))
    default: return nil
    }
  }
}
