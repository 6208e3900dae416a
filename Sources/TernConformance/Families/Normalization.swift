import TernTensor

/// Normalisations.
enum Normalization: ConformanceFamily {
  static let name = "nn_norm"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch arguments.operation {
    default: throw arguments.unknownOperation
    }
  }
}
