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
  /// Stops when an integer is divided by zero; for floating-point numbers x/0 is ±∞ or NaN.
  public func divided(by other: Tensor, rounding: QuotientRounding) -> Tensor {
    other.checkDivisor("divided")
    return .combine(
      "divided", rounding.kernel, self, other, { Tensor(zerosLike: $0.gradient) }, { Tensor(zerosLike: $0.gradient) })
  }

  /// a / b rounded to a whole number for every element a; see ``divided(by:rounding:)-(Tensor<Scalar>,_)``.
  public func divided(by other: Scalar, rounding: QuotientRounding) -> Tensor {
    divided(by: Tensor(other), rounding: rounding)
  }

  /// Integers have no infinity: a zero among divisors stops the program.
  fileprivate func checkDivisor(_ operation: String) {
    guard Scalar.self is any IntegerScalar.Type else { return }
    let zeros = test(.not)
    let found = withExtendedLifetime(zeros) {
      UnsafeBufferPointer(start: zeros.pointer, count: zeros.count).contains(true)
    }
    check(!found, operation, "an integer of \(dtype) \(shape) is divided by zero")
  }
}

/// a − b·trunc(a/b): the remainder with the sign of a, as C's `fmod` and Swift's `%`; the shapes broadcast.
///
/// Derivatives: 1 at a, −trunc(a/b) at b. Stops when an integer is divided by zero; for floating-point numbers it is NaN.
public func fmod<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  remainder(a, b, "fmod", .fmod, .towardZero)
}

/// The remainder of every element of a with the sign of a; see ``fmod(_:_:)-(Tensor<Scalar>,Tensor<Scalar>)``.
public func fmod<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Scalar) -> Tensor<Scalar> { fmod(a, Tensor(b)) }

/// The remainder of a number with its sign; see ``fmod(_:_:)-(Tensor<Scalar>,Tensor<Scalar>)``.
public func fmod<Scalar: NumericScalar>(_ a: Scalar, _ b: Tensor<Scalar>) -> Tensor<Scalar> { fmod(Tensor(a), b) }

/// a − b·⌊a/b⌋: the remainder with the sign of b, as Python's `%`; the shapes broadcast.
///
/// Derivatives: 1 at a, −⌊a/b⌋ at b. Stops when an integer is divided by zero; for floating-point numbers it is NaN.
public func remainder<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  remainder(a, b, "remainder", .remainder, .down)
}

/// The remainder of every element of a with the sign of b; see ``remainder(_:_:)-(Tensor<Scalar>,Tensor<Scalar>)``.
public func remainder<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Scalar) -> Tensor<Scalar> {
  remainder(a, Tensor(b))
}

/// The remainder of a number with the sign of b; see ``remainder(_:_:)-(Tensor<Scalar>,Tensor<Scalar>)``.
public func remainder<Scalar: NumericScalar>(_ a: Scalar, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  remainder(Tensor(a), b)
}

private func remainder<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ name: StaticString, _ kernel: BinaryKernel, _ rounding: QuotientRounding
) -> Tensor<Scalar> {
  b.checkDivisor("\(name)")
  return .combine(
    name, kernel, a, b, secondNeeds: [.first, .second],
    { $0.gradient },
    { d in -(d.gradient * .map("\(name)", rounding.kernel, d.input(0), d.input(1))) })
}
