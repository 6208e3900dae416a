import TernTensor

/// Functions of pairs of elements of two tensors that broadcast.
enum ElementwiseBinary: ConformanceFamily {
  static let name = "elementwise_binary"

  /// Operands of different types do not compile.
  static func rulesOut(_ name: String) -> Bool { name.contains("promote") }

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch arguments.operation {
    default: throw arguments.unknownOperation
    }
  }
}
