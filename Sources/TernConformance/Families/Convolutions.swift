import TernTensor

/// Convolutions and transposed convolutions.
enum Convolutions: ConformanceFamily {
  static let name = "nn_conv"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch arguments.operation {
    default: throw arguments.unknownOperation
    }
  }
}
