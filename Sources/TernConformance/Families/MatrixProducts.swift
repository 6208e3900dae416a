import TernTensor

/// Products of matrices and what is written with them.
enum MatrixProducts: ConformanceFamily {
  static let name = "matmul"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch try arguments.any(0) {
    case .int: return try numeric(arguments, Int.self) ?? { throw arguments.unknownOperation }()
    case .int32: return try numeric(arguments, Int32.self) ?? { throw arguments.unknownOperation }()
    default: return try numeric(arguments, Scalar.self) ?? floating(arguments)
    }
  }

  private static func numeric<Scalar: NumericScalar, S>(
    _ arguments: Arguments<S>, _: Scalar.Type
  ) throws -> [AnyTensor]? {
    func a() throws -> Tensor<Scalar> { try arguments.typed(0) }
    func b() throws -> Tensor<Scalar> { try arguments.typed(1) }
    switch arguments.operation {
    case "matmul": return try results(matmul(a(), b()))
    case "mm": return try results(mm(a(), b()))
    case "bmm": return try results(bmm(a(), b()))
    case "mv": return try results(mv(a(), b()))
    case "dot": return try results(dot(a(), b()))
    case "outer": return try results(outer(a(), b()))
    case "kron": return try results(kron(a(), b()))
    case "tensordot":
      guard arguments.attributes.isList("dims") else {
        return try results(tensordot(a(), b(), axes: arguments.attributes.int("dims", default: 2)))
      }
      let axes = try arguments.attributes.optionalIntLists("dims")!.map { $0.map { $0! } }
      return try results(tensordot(a(), b(), axes: axes[0], axes[1]))
    default: return nil
    }
  }

  private static func floating<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    let (beta, alpha) = (try arguments.scalar("beta", default: 1), try arguments.scalar("alpha", default: 1))
    switch arguments.operation {
    case "addmm":
      return try results(
        addmm(arguments.tensor(0), arguments.tensor(1), arguments.tensor(2), beta: beta, alpha: alpha))
    case "baddbmm":
      return try results(
        baddbmm(arguments.tensor(0), arguments.tensor(1), arguments.tensor(2), beta: beta, alpha: alpha))
    case "linear":
      return try results(linear(arguments.tensor(0), arguments.tensor(1), bias: arguments.optionalTensor(2)))
    case "bilinear":
      return try results(
        bilinear(arguments.tensor(0), arguments.tensor(1), arguments.tensor(2), bias: arguments.optionalTensor(3)))
    case "einsum":
      guard let equation = arguments.attributes.string("equation") else { throw ConformanceError("no equation") }
      return try results(einsum(equation, arguments.tensors()))
    default: throw arguments.unknownOperation
    }
  }
}
