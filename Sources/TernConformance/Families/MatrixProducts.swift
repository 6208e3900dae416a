import TernTensor

/// Products of matrices and what is written with them.
enum MatrixProducts: ConformanceFamily {
  static let name = "matmul"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch arguments.operation {
    default: throw arguments.unknownOperation
    }
  }
}
