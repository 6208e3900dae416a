import TernBackend

// Formulas with numbers that are variables of another type than the tensor's: `x * rate` with `rate: Double`.
//
// One generic function stands for all types of numbers: the more overloads an operator has, the longer the compiler tries.
// They are disfavored, so that the literals of `x * (1 / 4)` are of the tensor's type: taken for Int they would give 0, as
// they still do in `x / (1 / 2)`, where the compiler settles the inner quotient first. What is no number conforms as well,
// unavailably: so a wrong operand is found at once, and named.

/// A number that a formula may have beside a tensor of Float or Double, converted to the tensor's type.
public protocol FormulaNumber {
  /// The value, rounded where it has more than 53 bits.
  var formulaNumber: Double { get }
}

extension FormulaNumber where Self: BinaryFloatingPoint {
  /// The value.
  @inlinable
  public var formulaNumber: Double { Double(self) }
}

extension FormulaNumber where Self: BinaryInteger {
  /// The value, rounded where it has more than 53 bits.
  @inlinable
  public var formulaNumber: Double { Double(self) }
}

extension Float: FormulaNumber {}
extension Double: FormulaNumber {}
extension Int: FormulaNumber {}
extension Int8: FormulaNumber {}
extension Int16: FormulaNumber {}
extension Int32: FormulaNumber {}
extension Int64: FormulaNumber {}
extension UInt: FormulaNumber {}
extension UInt8: FormulaNumber {}
extension UInt16: FormulaNumber {}
extension UInt32: FormulaNumber {}
extension UInt64: FormulaNumber {}

extension Tensor where Scalar: FloatingScalar {
  /// The sum of every element of a and a number.
  @inlinable
  @_disfavoredOverload
  public static func + <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor {
    a + Scalar(number: b.formulaNumber)
  }
  /// The sum of a number and every element of b.
  @inlinable
  @_disfavoredOverload
  public static func + <Number: FormulaNumber>(a: Number, b: Tensor) -> Tensor {
    Scalar(number: a.formulaNumber) + b
  }
  /// Adds a number, every element.
  @inlinable
  @_disfavoredOverload
  public static func += <Number: FormulaNumber>(a: inout Tensor, b: Number) {
    a += Scalar(number: b.formulaNumber)
  }

  /// The difference of every element of a and a number.
  @inlinable
  @_disfavoredOverload
  public static func - <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor {
    a - Scalar(number: b.formulaNumber)
  }
  /// The difference of a number and every element of b.
  @inlinable
  @_disfavoredOverload
  public static func - <Number: FormulaNumber>(a: Number, b: Tensor) -> Tensor {
    Scalar(number: a.formulaNumber) - b
  }
  /// Subtracts a number, every element.
  @inlinable
  @_disfavoredOverload
  public static func -= <Number: FormulaNumber>(a: inout Tensor, b: Number) {
    a -= Scalar(number: b.formulaNumber)
  }

  /// The product of every element of a and a number.
  @inlinable
  @_disfavoredOverload
  public static func * <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor {
    a * Scalar(number: b.formulaNumber)
  }
  /// The product of a number and every element of b.
  @inlinable
  @_disfavoredOverload
  public static func * <Number: FormulaNumber>(a: Number, b: Tensor) -> Tensor {
    Scalar(number: a.formulaNumber) * b
  }
  /// Multiplies by a number, every element.
  @inlinable
  @_disfavoredOverload
  public static func *= <Number: FormulaNumber>(a: inout Tensor, b: Number) {
    a *= Scalar(number: b.formulaNumber)
  }

  /// The quotient of every element of a and a number.
  @inlinable
  @_disfavoredOverload
  public static func / <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor {
    a / Scalar(number: b.formulaNumber)
  }
  /// The quotient of a number and every element of b.
  @inlinable
  @_disfavoredOverload
  public static func / <Number: FormulaNumber>(a: Number, b: Tensor) -> Tensor {
    Scalar(number: a.formulaNumber) / b
  }
  /// Divides by a number, every element.
  @inlinable
  @_disfavoredOverload
  public static func /= <Number: FormulaNumber>(a: inout Tensor, b: Number) {
    a /= Scalar(number: b.formulaNumber)
  }
}

// MARK: - What is no number

@available(
  *, unavailable, message: "the operands are tensors of two element types: convert one with cast(to:)"
)
extension Tensor: FormulaNumber {
  /// None.
  public var formulaNumber: Double { noNumber() }
}
@available(*, unavailable, message: "the operand is an optional: unwrap it")
extension Optional: FormulaNumber where Wrapped: FormulaValue {
  /// None.
  public var formulaNumber: Double { noNumber() }
}
@available(*, unavailable, message: "the operand is an array: make a tensor of it")
extension Array: FormulaNumber {
  /// None.
  public var formulaNumber: Double { noNumber() }
}
@available(*, unavailable, message: "the operand is a string")
extension String: FormulaNumber {
  /// None.
  public var formulaNumber: Double { noNumber() }
}
@available(*, unavailable, message: "the operand is a truth value")
extension Bool: FormulaNumber {
  /// None.
  public var formulaNumber: Double { noNumber() }
}

private func noNumber() -> Never { fail("formula", "an operand that is no number") }

/// What a formula takes that is no number: a tensor, or a parameter.
public protocol FormulaValue<Scalar> {
  /// The type of the elements.
  associatedtype Scalar: FloatingScalar
}

extension Tensor: FormulaValue where Scalar: FloatingScalar {}

/// An operand that a number is not multiplied by, so that `rate * parameter.gradient` says at once what is amiss.
///
/// Found beside a number alone, and for products alone: all operators would double the time that long formulas take.
public protocol MistakenFormulaValue {
  /// The type of elements that the formula could have had.
  associatedtype Element: FloatingScalar
}

@available(*, unavailable, message: "the operand is an optional: unwrap it")
extension Optional: MistakenFormulaValue where Wrapped: FormulaValue {
  /// The type of elements that the formula could have had.
  public typealias Element = Wrapped.Scalar
}

@available(*, unavailable, message: "the operand is a tensor of integers: convert it with cast(to:)")
extension Tensor: MistakenFormulaValue where Scalar: IntegerScalar {
  /// The type of elements that the formula could have had.
  public typealias Element = Float
}

extension MistakenFormulaValue {
  /// None.
  @_disfavoredOverload
  public static func * <Number: FormulaNumber>(a: Number, b: Self) -> Tensor<Element> { noNumber() }
  /// None.
  @_disfavoredOverload
  public static func * <Number: FormulaNumber>(a: Self, b: Number) -> Tensor<Element> { noNumber() }
}
