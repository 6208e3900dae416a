import TernBackend

// Division to whole numbers, and its remainders; operands broadcast.

/// How a quotient becomes a whole number.
public enum QuotientRounding: Sendable {
  /// The fraction is dropped, as Swift and C divide integers.
  case towardZero
  /// The greatest whole number that is not above the quotient, as Python's `//`.
  case down

  fileprivate var kernel: BinaryKernel { self == .down ? .floorDivide : .truncDivide }
}

extension Tensor where Scalar: NumericScalar {
  /// a / b rounded to a whole number, element by element; the shapes broadcast. Derivative: 0.
  ///
  /// An integer divided by zero gives 0, the least one divided by −1 itself; for floating-point numbers x/0 is ±∞ or NaN.
  public func divided(
    by other: Tensor, rounding: QuotientRounding, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    OperationArguments.note("divided", ["isFloor": .flag(rounding == .down)])
    return .combine(
      "divided", rounding.kernel, self, other, { Tensor(zerosLike: $0.gradient) }, { Tensor(zerosLike: $0.gradient) })
  }

  /// a / b rounded to a whole number for every element a; see ``divided(by:rounding:file:line:)``.
  public func divided(by other: Scalar, rounding: QuotientRounding) -> Tensor {
    divided(by: Tensor(other), rounding: rounding)
  }
}

/// a − b·trunc(a/b): the remainder with the sign of a, as C's `fmod` and Swift's `%`; the shapes broadcast.
///
/// Derivatives: 1 at a, −trunc(a/b) at b. By zero it is 0 for integers, NaN for floating-point numbers.
public func fmod<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return remainder(a, b, "fmod", .fmod, .towardZero)
}

/// The remainder of every element of a with the sign of a; see ``fmod(_:_:file:line:)``.
public func fmod<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Scalar) -> Tensor<Scalar> { fmod(a, Tensor(b)) }

/// The remainder of a number with its sign; see ``fmod(_:_:file:line:)``.
public func fmod<Scalar: NumericScalar>(_ a: Scalar, _ b: Tensor<Scalar>) -> Tensor<Scalar> { fmod(Tensor(a), b) }

/// a − b·⌊a/b⌋: the remainder with the sign of b, as Python's `%`; the shapes broadcast.
///
/// Derivatives: 1 at a, −⌊a/b⌋ at b. By zero it is 0 for integers, NaN for floating-point numbers.
public func remainder<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return remainder(a, b, "remainder", .remainder, .down)
}

/// The remainder of every element of a with the sign of b; see ``remainder(_:_:file:line:)``.
public func remainder<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Scalar) -> Tensor<Scalar> {
  remainder(a, Tensor(b))
}

/// The remainder of a number with the sign of b; see ``remainder(_:_:file:line:)``.
public func remainder<Scalar: NumericScalar>(_ a: Scalar, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  remainder(Tensor(a), b)
}

private func remainder<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ name: StaticString, _ kernel: BinaryKernel, _ rounding: QuotientRounding
) -> Tensor<Scalar> {
  .combine(
    name, kernel, a, b, secondNeeds: [.first, .second],
    { $0.gradient },
    { d in -zeroProduct(d.gradient, .map("\(name)", rounding.kernel, d.input(0), d.input(1))) })
}

extension Tensor where Scalar: IntegerScalar {
  /// The quotient without its fraction, element by element, as Swift's; 0 by zero, and the least number by −1 is itself.
  public static func / (a: Tensor, b: Tensor) -> Tensor { observed("integer divide", .div, a, b) }
  /// The quotient without its fraction for every element of a.
  public static func / (a: Tensor, b: Scalar) -> Tensor { a / Tensor(b) }
  /// The quotient without its fraction for every element of b.
  public static func / (a: Scalar, b: Tensor) -> Tensor { Tensor(a) / b }
  /// a − b·(a/b), element by element: the remainder with the sign of a, as Swift's; 0 by zero.
  public static func % (a: Tensor, b: Tensor) -> Tensor { observed("integer remainder", .fmod, a, b) }
  /// The remainder with its sign for every element of a.
  public static func % (a: Tensor, b: Scalar) -> Tensor { a % Tensor(b) }
  /// The remainder with the sign of a for every element of b.
  public static func % (a: Scalar, b: Tensor) -> Tensor { Tensor(a) % b }
  /// Divides by b, which broadcasts to a, element by element.
  public static func /= (a: inout Tensor, b: Tensor) { if !a.update(.div, b) { a = a / b } }
  /// Divides every element by a number.
  public static func /= (a: inout Tensor, b: Scalar) { if !a.update(.div, Tensor(b)) { a = a / b } }
  /// Leaves the remainders by b, which broadcasts to a.
  public static func %= (a: inout Tensor, b: Tensor) { if !a.update(.fmod, b) { a = a % b } }
  /// Leaves the remainders by a number.
  public static func %= (a: inout Tensor, b: Scalar) { if !a.update(.fmod, Tensor(b)) { a = a % b } }

  /// A quotient or remainder of whole numbers, which observers are told of.
  private static func observed(_ name: StaticString, _ kernel: BinaryKernel, _ a: Tensor, _ b: Tensor) -> Tensor {
    let result = map(kernel == .div ? "divide" : "remainder", kernel, a, b)
    if OperationObservers.isListening { OperationObservers.ended(name, from: [a.body, b.body], result.body) }
    return result
  }
}
