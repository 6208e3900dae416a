import TernTensor

/// Functions of every element of one tensor.
enum ElementwiseUnary: ConformanceFamily {
  static let name = "elementwise_unary"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch arguments.operation {
    case "exp": return try results(arguments.tensor(0).exp())
    case "tanh": return try results(arguments.tensor(0).tanh())
    case "sigmoid": return try results(arguments.tensor(0).sigmoid())
    case "relu": return try results(arguments.tensor(0).relu())
    default: throw arguments.unknownOperation
    }
  }
}
