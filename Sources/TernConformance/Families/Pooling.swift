import TernTensor

/// Pooling and interpolation.
enum Pooling: ConformanceFamily {
  static let name = "nn_pool"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch arguments.operation {
    default: throw arguments.unknownOperation
    }
  }
}
