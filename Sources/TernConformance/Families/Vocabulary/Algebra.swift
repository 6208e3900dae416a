import TernTensor

/// Products of vectors, differences, integrals, covariances, distances, and linear algebra beyond the common.
enum Algebra: ConformanceFamily {
  static let name = "algebra"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch try arguments.any(0) {
    case .int(let x): if let found = try integers(x, arguments) { return found }
    case .int32(let x): if let found = try integers(x, arguments) { return found }
    case .uint8(let x): if let found = try integers(x, arguments) { return found }
    case .bool(let x) where arguments.operation == "diff":
      func other(_ index: Int) throws -> Tensor<Bool>? { arguments.has(index) ? try arguments.mask(index) : nil }
      let (order, axis) = try (arguments.attributes.int("n", default: 1), arguments.attributes.int("dim", default: -1))
      return try results(x.differences(order: order, along: axis, before: other(1), after: other(2)))
    default: break
    }
    if let found = try products(arguments) ?? calculus(arguments) ?? distances(arguments) ?? solutions(arguments) {
      return found
    }
    throw arguments.unknownOperation
  }

  private static func integers<S, Scalar: IntegerScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    switch arguments.operation {
    case "cross": return try results(cross(x, arguments.typed(1), along: attributes.int("dim", default: -1)))
    case "inner": return try results(inner(x, arguments.typed(1)))
    case "vander": return try results(x.vandermonde(columns: attributes.int("N")))
    case "trace": return results(x.trace())
    case "diff": return try differences(x, arguments)
    default: return nil
    }
  }

  private static func differences<S, Scalar: NumericScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    func other(_ index: Int) throws -> Tensor<Scalar>? { arguments.has(index) ? try arguments.typed(index) : nil }
    return try results(
      x.differences(
        order: attributes.int("n", default: 1), along: attributes.int("dim", default: -1), before: other(1),
        after: other(2)))
  }

  private static func products<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let a = try arguments.tensor(0)
    func b() throws -> Tensor<Scalar> { try arguments.tensor(1) }
    func c() throws -> Tensor<Scalar> { try arguments.tensor(2) }
    let axis = attributes.isList("dim") ? -1 : try attributes.int("dim", default: -1)
    let (beta, alpha) = try (arguments.scalar("beta", default: 1), arguments.scalar("alpha", default: 1))
    switch arguments.operation {
    case "cross": return try results(cross(a, b(), along: axis))
    case "vecdot": return try results(vecdot(a, b(), along: axis))
    case "inner": return try results(inner(a, b()))
    case "addmv": return try results(addmv(a, b(), c(), beta: beta, alpha: alpha))
    case "addr": return try results(addr(a, b(), c(), beta: beta, alpha: alpha))
    case "addbmm": return try results(addbmm(a, b(), c(), beta: beta, alpha: alpha))
    case "multi_dot", "chain_matmul": return try results(multiDot(arguments.tensors()))
    case "vander":
      return try results(a.vandermonde(columns: attributes.int("N"), descending: attributes.bool("descending")))
    case "trace": return results(a.trace())
    default: return nil
    }
  }

  private static func calculus<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let x = try arguments.tensor(0)
    let axis = attributes.isList("dim") ? -1 : try attributes.int("dim", default: -1)
    switch arguments.operation {
    case "diff":
      return try results(
        x.differences(
          order: attributes.int("n", default: 1), along: axis, before: arguments.optionalTensor(1),
          after: arguments.optionalTensor(2)))
    case "gradient":
      let (axes, order) = try (attributes.ints("dim"), attributes.int("edge_order", default: 1))
      if arguments.has(1) {
        return try x.centralDifferences(along: axes, coordinates: arguments.tensors(from: 1), edgeOrder: order)
          .flatMap { results($0) }
      }
      let spacing = try attributes.numbers("spacing") ?? [1]
      return x.centralDifferences(along: axes, spacing: spacing.map { Scalar($0) }, edgeOrder: order)
        .flatMap { results($0) }
    case "trapezoid":
      if let places = try arguments.optionalTensor(1) { return results(x.trapezoid(at: places, along: axis)) }
      return try results(x.trapezoid(spacing: arguments.scalar("dx", default: 1), along: axis))
    case "cumulative_trapezoid":
      if let places = try arguments.optionalTensor(1) { return results(x.cumulativeTrapezoid(at: places, along: axis)) }
      return try results(x.cumulativeTrapezoid(spacing: arguments.scalar("dx", default: 1), along: axis))
    case "cov":
      return try results(
        x.covariance(
          correction: attributes.int("correction", default: 1),
          frequencies: arguments.has(1) ? arguments.index(1) : nil, weights: arguments.optionalTensor(2)))
    case "corrcoef": return results(x.correlation())
    default: return nil
    }
  }

  private static func distances<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let x = try arguments.tensor(0)
    let p = try arguments.attributes.number("p", default: 2)
    switch arguments.operation {
    case "dist": return try results(distance(x, arguments.tensor(1), p: p))
    case "pdist": return results(x.pairDistances(p: p))
    case "renorm":
      return try results(
        x.renormalized(
          p: p, along: arguments.attributes.int("dim", default: 0), maximum: arguments.scalar("maxnorm", default: 1)))
    default: return nil
    }
  }

  private static func solutions<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let a = try arguments.tensor(0)
    switch arguments.operation {
    case "tensorinv": return try results(a.tensorInverse(leading: attributes.int("ind", default: 2)))
    case "tensorsolve":
      return try results(tensorSolve(a, arguments.tensor(1), axes: attributes.ints("dims") ?? []))
    default: return nil
    }
  }
}
