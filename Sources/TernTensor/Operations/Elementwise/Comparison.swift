import TernBackend

infix operator .&& : LogicalConjunctionPrecedence
infix operator .|| : LogicalDisjunctionPrecedence

extension Tensor {
  package static func compare(_ kernel: ComparisonKernel, _ a: Tensor, _ b: Tensor, _ name: String) -> Tensor<Bool> {
    let result = mapRows(a, b, to: Bool.self, name) { rows, n, steps, out, so, x, sx, y, sy, _ in
      for row in 0..<rows {
        Scalar.compare(kernel, n, out + row * steps.out, so, x + row * steps.a, sx, y + row * steps.b, sy)
      }
    }
    OperationArguments.note("compare", ["kind": .word(name)])
    if OperationObservers.isListening { OperationObservers.ended("compare", from: [a.body, b.body], result.body) }
    return result
  }

  /// Whether elements are equal; the shapes broadcast.
  public static func .== (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.equal, a, b, "equal") }
  /// Whether elements differ; the shapes broadcast.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.notEqual, a, b, "notEqual") }
  /// Whether elements equal a value.
  public static func .== (a: Tensor, b: Scalar) -> Tensor<Bool> { a .== Tensor(b) }
  /// Whether elements differ from a value.
  public static func .!= (a: Tensor, b: Scalar) -> Tensor<Bool> { a .!= Tensor(b) }

  /// Whether both are true: true, or not zero (NaN is not zero).
  public static func .&& (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.and, a, b, "and") }
  /// Whether either is true: true, or not zero.
  public static func .|| (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.or, a, b, "or") }
  /// Whether exactly one is true: true, or not zero.
  public static func .^ (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.xor, a, b, "xor") }
  /// Whether elements are false, or zero.
  public static prefix func .! (a: Tensor) -> Tensor<Bool> { a.test(.not) }

  /// Whether elements are NaN; never for integers and Bool.
  public func isNaN() -> Tensor<Bool> { test(.isNaN) }
  /// Whether elements are ∞ or −∞; never for integers and Bool.
  public func isInfinite() -> Tensor<Bool> { test(.isInfinite) }
  /// Whether elements are neither NaN nor infinite.
  public func isFinite() -> Tensor<Bool> { test(.isFinite) }

  package func test(_ kernel: PredicateKernel) -> Tensor<Bool> {
    let result = mapRows(to: Bool.self) { n, out, so, x, sx, _ in Scalar.predicate(kernel, n, out, so, x, sx) }
    OperationArguments.note("test", ["kind": .word(kernel.name)])
    if OperationObservers.isListening { OperationObservers.ended("test", from: [body], result.body) }
    return result
  }
}

extension PredicateKernel {
  /// The question it answers.
  fileprivate var name: String {
    switch self {
    case .not: "not"
    case .isNaN: "isNaN"
    case .isInfinite: "isInfinite"
    case .isFinite: "isFinite"
    case .isPositiveInfinity: "isPositiveInfinity"
    case .isNegativeInfinity: "isNegativeInfinity"
    default: "isNonZero"
    }
  }
}

extension Tensor where Scalar: NumericScalar {
  /// Whether a < b, element by element; the shapes broadcast.
  public static func .< (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.less, a, b, "less") }
  /// Whether a ≤ b, element by element; the shapes broadcast.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.lessOrEqual, a, b, "lessOrEqual") }
  /// Whether a > b, element by element; the shapes broadcast.
  public static func .> (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.greater, a, b, "greater") }
  /// Whether a ≥ b, element by element; the shapes broadcast.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor<Bool> { compare(.greaterOrEqual, a, b, "greaterOrEqual") }
  /// Whether elements are below a number.
  public static func .< (a: Tensor, b: Scalar) -> Tensor<Bool> { a .< Tensor(b) }
  /// Whether elements are at most a number.
  public static func .<= (a: Tensor, b: Scalar) -> Tensor<Bool> { a .<= Tensor(b) }
  /// Whether elements are above a number.
  public static func .> (a: Tensor, b: Scalar) -> Tensor<Bool> { a .> Tensor(b) }
  /// Whether elements are at least a number.
  public static func .>= (a: Tensor, b: Scalar) -> Tensor<Bool> { a .>= Tensor(b) }
}

extension Tensor where Scalar: FloatingScalar {
  /// Whether no element is NaN or infinite.
  package var isAllFinite: Bool {
    let dense = layout.isDense ? self : contiguous
    defer { withExtendedLifetime(dense) {} }
    return Scalar.areFinite(dense.count, dense.pointer)
  }

  /// Whether all elements are in a range; NaN is in none.
  package func isWithin(_ range: ClosedRange<Scalar>) -> Bool {
    let dense = layout.isDense ? self : detached().contiguous
    defer { withExtendedLifetime(dense) {} }
    return Scalar.areWithin(dense.count, dense.pointer, range.lowerBound, range.upperBound)
  }

  /// Whether an element is infinite.
  package var hasInfinity: Bool {
    let dense = layout.isDense ? self : detached().contiguous
    defer { withExtendedLifetime(dense) {} }
    return Scalar.areInfinite(dense.count, dense.pointer)
  }
}

extension FloatingScalar {
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  fileprivate static func areFinite(_ n: Int, _ x: UnsafePointer<Self>) -> Bool {
    var others: Int32 = 0
    for i in 0..<n { others |= x[i] - x[i] == 0 ? 0 : 1 }
    return others == 0
  }

  @specialized(where Self == Float)
  @specialized(where Self == Double)
  fileprivate static func areWithin(_ n: Int, _ x: UnsafePointer<Self>, _ low: Self, _ high: Self) -> Bool {
    var others: Int32 = 0
    for i in 0..<n { others |= x[i] >= low ? (x[i] <= high ? 0 : 1) : 1 }
    return others == 0
  }

  /// Whether one is infinite.
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  fileprivate static func areInfinite(_ n: Int, _ x: UnsafePointer<Self>) -> Bool {
    var found: Int32 = 0
    for i in 0..<n { found |= x[i].magnitude == .infinity ? 1 : 0 }
    return found != 0
  }
}
