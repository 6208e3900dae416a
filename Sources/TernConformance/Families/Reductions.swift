import TernTensor

/// Reductions, cumulative operations and sorting.
enum Reductions: ConformanceFamily {
  static let name = "reductions"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch arguments.operation {
    default: throw arguments.unknownOperation
    }
  }
}
