import TernBackend
import TernTensor

// A parameter in a formula stands for its value: `x * weight` for `x * weight.value`.

extension Parameter {
  /// The sum of the values, element by element; the shapes broadcast.
  public static func + (a: Parameter, b: Parameter) -> Tensor<Scalar> { a.value + b.value }
  /// The sum of the value and a tensor, element by element; the shapes broadcast.
  public static func + (a: Parameter, b: Tensor<Scalar>) -> Tensor<Scalar> { a.value + b }
  /// The sum of a tensor and the value, element by element; the shapes broadcast.
  public static func + (a: Tensor<Scalar>, b: Parameter) -> Tensor<Scalar> { a + b.value }
  /// The sum of every element of the value and a number.
  public static func + (a: Parameter, b: Scalar) -> Tensor<Scalar> { a.value + b }
  /// The sum of every element of the value and a number.
  @_disfavoredOverload
  public static func + <Number: FormulaNumber>(a: Parameter, b: Number) -> Tensor<Scalar> {
    a.value + Scalar(number: b.formulaNumber)
  }
  /// The sum of a number and every element of the value.
  public static func + (a: Scalar, b: Parameter) -> Tensor<Scalar> { a + b.value }
  /// The sum of a number and every element of the value.
  @_disfavoredOverload
  public static func + <Number: FormulaNumber>(a: Number, b: Parameter) -> Tensor<Scalar> {
    Scalar(number: a.formulaNumber) + b.value
  }
  /// Adds the value, which broadcasts to a, element by element.
  public static func += (a: inout Tensor<Scalar>, b: Parameter) { a = a + b.value }

  /// The difference of the values, element by element; the shapes broadcast.
  public static func - (a: Parameter, b: Parameter) -> Tensor<Scalar> { a.value - b.value }
  /// The difference of the value and a tensor, element by element; the shapes broadcast.
  public static func - (a: Parameter, b: Tensor<Scalar>) -> Tensor<Scalar> { a.value - b }
  /// The difference of a tensor and the value, element by element; the shapes broadcast.
  public static func - (a: Tensor<Scalar>, b: Parameter) -> Tensor<Scalar> { a - b.value }
  /// The difference of every element of the value and a number.
  public static func - (a: Parameter, b: Scalar) -> Tensor<Scalar> { a.value - b }
  /// The difference of every element of the value and a number.
  @_disfavoredOverload
  public static func - <Number: FormulaNumber>(a: Parameter, b: Number) -> Tensor<Scalar> {
    a.value - Scalar(number: b.formulaNumber)
  }
  /// The difference of a number and every element of the value.
  public static func - (a: Scalar, b: Parameter) -> Tensor<Scalar> { a - b.value }
  /// The difference of a number and every element of the value.
  @_disfavoredOverload
  public static func - <Number: FormulaNumber>(a: Number, b: Parameter) -> Tensor<Scalar> {
    Scalar(number: a.formulaNumber) - b.value
  }
  /// Subtracts the value, which broadcasts to a, element by element.
  public static func -= (a: inout Tensor<Scalar>, b: Parameter) { a = a - b.value }

  /// The product of the values, element by element; the shapes broadcast.
  public static func * (a: Parameter, b: Parameter) -> Tensor<Scalar> { a.value * b.value }
  /// The product of the value and a tensor, element by element; the shapes broadcast.
  public static func * (a: Parameter, b: Tensor<Scalar>) -> Tensor<Scalar> { a.value * b }
  /// The product of a tensor and the value, element by element; the shapes broadcast.
  public static func * (a: Tensor<Scalar>, b: Parameter) -> Tensor<Scalar> { a * b.value }
  /// The product of every element of the value and a number.
  public static func * (a: Parameter, b: Scalar) -> Tensor<Scalar> { a.value * b }
  /// The product of every element of the value and a number.
  @_disfavoredOverload
  public static func * <Number: FormulaNumber>(a: Parameter, b: Number) -> Tensor<Scalar> {
    a.value * Scalar(number: b.formulaNumber)
  }
  /// The product of a number and every element of the value.
  public static func * (a: Scalar, b: Parameter) -> Tensor<Scalar> { a * b.value }
  /// The product of a number and every element of the value.
  @_disfavoredOverload
  public static func * <Number: FormulaNumber>(a: Number, b: Parameter) -> Tensor<Scalar> {
    Scalar(number: a.formulaNumber) * b.value
  }
  /// Multiplies by the value, which broadcasts to a, element by element.
  public static func *= (a: inout Tensor<Scalar>, b: Parameter) { a = a * b.value }

  /// The quotient of the values, element by element; the shapes broadcast.
  public static func / (a: Parameter, b: Parameter) -> Tensor<Scalar> { a.value / b.value }
  /// The quotient of the value and a tensor, element by element; the shapes broadcast.
  public static func / (a: Parameter, b: Tensor<Scalar>) -> Tensor<Scalar> { a.value / b }
  /// The quotient of a tensor and the value, element by element; the shapes broadcast.
  public static func / (a: Tensor<Scalar>, b: Parameter) -> Tensor<Scalar> { a / b.value }
  /// The quotient of every element of the value and a number.
  public static func / (a: Parameter, b: Scalar) -> Tensor<Scalar> { a.value / b }
  /// The quotient of every element of the value and a number.
  @_disfavoredOverload
  public static func / <Number: FormulaNumber>(a: Parameter, b: Number) -> Tensor<Scalar> {
    a.value / Scalar(number: b.formulaNumber)
  }
  /// The quotient of a number and every element of the value.
  public static func / (a: Scalar, b: Parameter) -> Tensor<Scalar> { a / b.value }
  /// The quotient of a number and every element of the value.
  @_disfavoredOverload
  public static func / <Number: FormulaNumber>(a: Number, b: Parameter) -> Tensor<Scalar> {
    Scalar(number: a.formulaNumber) / b.value
  }
  /// Divides by the value, which broadcasts to a, element by element.
  public static func /= (a: inout Tensor<Scalar>, b: Parameter) { a = a / b.value }

  /// −a, element by element.
  public static prefix func - (a: Parameter) -> Tensor<Scalar> { -a.value }
}

extension Parameter: FormulaValue {}

@available(
  *, unavailable, message: "the operand is a parameter of another element type: convert its value with cast(to:)"
)
extension Parameter: FormulaNumber {
  /// None.
  public var formulaNumber: Double { fail("formula", "an operand that is no number") }
}
