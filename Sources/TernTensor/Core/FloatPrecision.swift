import Synchronization
import TernBackend

/// The precision in which products read their operands.
public enum FloatPrecision: String, Sendable, CaseIterable, Codable {
  /// As they are.
  case float32
  /// Rounded to bfloat16, 8 significant bits; products are exact in Float and added in Float.
  case bfloat16

  /// What holds here: what the innermost ``withPrecision(_:_:)`` of this task says, else ``float32``.
  public static var current: FloatPrecision {
    isUsed.load(ordering: .relaxed) ? scoped ?? .float32 : .float32
  }

  /// Whether products of this scalar type round their operands.
  @inline(__always)
  package static func roundsOperands<Scalar: TensorScalar>(of _: Scalar.Type) -> Bool {
    Scalar.self == Float.self && current == .bfloat16
  }

  /// Whether products of this scalar type round their operands where they read them, and add by the processor's
  /// instruction for bfloat16.
  @inline(__always)
  package static func multipliesBFloat16<Scalar: TensorScalar>(_: Scalar.Type) -> Bool {
    roundsOperands(of: Scalar.self) && BFloat16Products.isAvailable
  }

  /// Whether there was a scope ever: a program without one pays for one load where it is asked.
  private static let isUsed = Atomic<Bool>(false)
  @TaskLocal private static var scoped: FloatPrecision?

  fileprivate static func scope<Result>(_ precision: FloatPrecision, _ body: () throws -> Result) rethrows -> Result {
    if precision == current { return try body() }
    isUsed.store(true, ordering: .relaxed)
    return try $scoped.withValue(precision, operation: body)
  }
}

/// Runs `body` with products that read their operands in this precision.
///
/// With ``FloatPrecision/bfloat16``, the operands of matrix products, linear maps, convolutions, attention and recurrent
/// networks of Float are rounded to the nearest bfloat16 (ties to even) where they are read, products are exact in Float,
/// and sums are Float's, in the order of Float's own kernels: so the result is that of Float for rounded operands. The
/// backward passes of what runs here do the same with gradients, wherever they run themselves. All else (weights, norms,
/// statistics, softmax, reductions, losses, inner products of two vectors) stays Float, and `Double` is not touched.
///
/// What the backward pass needs of a product's operands is kept in bfloat16, in half the memory.
///
/// Scopes nest, the innermost counts; one holds for its task and what it runs.
public func withPrecision<Result>(_ precision: FloatPrecision, _ body: () throws -> Result) rethrows -> Result {
  try FloatPrecision.scope(precision, body)
}
