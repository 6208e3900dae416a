// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

// Operators of tensors written as those of numbers, so that the compiler answers with the ones of tensors. They are found
// where nothing else fits: correct programs mean what they meant.

extension Tensor where Scalar: NumericScalar {
  @available(*, unavailable, message: "elementwise: x .> 0; of numbers: x.item > 0")
  public static func > (a: Tensor, b: Tensor) -> Tensor<Bool> { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .> 0; of numbers: x.item > 0")
  public static func > <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor<Bool> { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .> 0; of numbers: x.item > 0")
  public static func > <Number: FormulaNumber>(a: Number, b: Tensor) -> Tensor<Bool> { unnamed() }
  @available(*, unavailable, message: "elementwise: x .< 0; of numbers: x.item < 0")
  public static func < (a: Tensor, b: Tensor) -> Tensor<Bool> { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .< 0; of numbers: x.item < 0")
  public static func < <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor<Bool> { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .< 0; of numbers: x.item < 0")
  public static func < <Number: FormulaNumber>(a: Number, b: Tensor) -> Tensor<Bool> { unnamed() }
  @available(*, unavailable, message: "elementwise: x .>= 0; of numbers: x.item >= 0")
  public static func >= (a: Tensor, b: Tensor) -> Tensor<Bool> { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .>= 0; of numbers: x.item >= 0")
  public static func >= <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor<Bool> { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .>= 0; of numbers: x.item >= 0")
  public static func >= <Number: FormulaNumber>(a: Number, b: Tensor) -> Tensor<Bool> { unnamed() }
  @available(*, unavailable, message: "elementwise: x .<= 0; of numbers: x.item <= 0")
  public static func <= (a: Tensor, b: Tensor) -> Tensor<Bool> { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .<= 0; of numbers: x.item <= 0")
  public static func <= <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor<Bool> { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .<= 0; of numbers: x.item <= 0")
  public static func <= <Number: FormulaNumber>(a: Number, b: Tensor) -> Tensor<Bool> { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .== 0; of numbers: x.item == 0")
  public static func == <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor<Bool> { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .!= 0; of numbers: x.item != 0")
  public static func != <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor<Bool> { unnamed() }
}

// Where a condition is wanted: `if x > 0`.
extension PyTorchNamed {
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .> 0; of numbers: x.item > 0")
  public static func > <Number: FormulaNumber>(a: Self, b: Number) -> Bool { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .> 0; of numbers: x.item > 0")
  public static func > (a: Self, b: Self) -> Bool { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .< 0; of numbers: x.item < 0")
  public static func < <Number: FormulaNumber>(a: Self, b: Number) -> Bool { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .< 0; of numbers: x.item < 0")
  public static func < (a: Self, b: Self) -> Bool { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .>= 0; of numbers: x.item >= 0")
  public static func >= <Number: FormulaNumber>(a: Self, b: Number) -> Bool { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .>= 0; of numbers: x.item >= 0")
  public static func >= (a: Self, b: Self) -> Bool { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .<= 0; of numbers: x.item <= 0")
  public static func <= <Number: FormulaNumber>(a: Self, b: Number) -> Bool { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .<= 0; of numbers: x.item <= 0")
  public static func <= (a: Self, b: Self) -> Bool { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .== 0; of numbers: x.item == 0")
  public static func == <Number: FormulaNumber>(a: Self, b: Number) -> Bool { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "elementwise: x .!= 0; of numbers: x.item != 0")
  public static func != <Number: FormulaNumber>(a: Self, b: Number) -> Bool { unnamed() }
}

extension Tensor where Scalar == Bool {
  @available(*, unavailable, message: "elementwise: .!p")
  public prefix static func ! (a: Tensor) -> Tensor { unnamed() }
}

extension Tensor where Scalar: FloatingScalar {
  @_disfavoredOverload
  @available(*, unavailable, message: "remainder(x, y)")
  public static func % (a: Tensor, b: Tensor) -> Tensor { unnamed() }
  @_disfavoredOverload
  @available(*, unavailable, message: "remainder(x, 2)")
  public static func % <Number: FormulaNumber>(a: Tensor, b: Number) -> Tensor { unnamed() }
}

// MARK: - Subscripts

extension Tensor {
  @available(*, unavailable, message: "one axis: x[0, .all]; all the others: x[.ellipsis, 0]")
  public subscript(_ all: (UnboundedRange_) -> Void) -> Tensor {
    get { unnamed() }
    set { unnamed() }
  }
  @available(*, unavailable, message: "one axis: x[0, .all]; all the others: x[.ellipsis, 0]")
  public subscript(_ first: (UnboundedRange_) -> Void, _ second: some AxisEntry) -> Tensor {
    get { unnamed() }
    set { unnamed() }
  }
  @available(*, unavailable, message: "one axis: x[0, .all]; all the others: x[.ellipsis, 0]")
  public subscript(_ first: some AxisEntry, _ second: (UnboundedRange_) -> Void) -> Tensor {
    get { unnamed() }
    set { unnamed() }
  }
  @_disfavoredOverload
  @available(*, unavailable, message: "one axis: x[0, .all]; all the others: x[.ellipsis, 0]")
  public subscript(_ all: (UnboundedRange_) -> Void) -> Scalar {
    get { unnamed() }
    set { unnamed() }
  }
  @_disfavoredOverload
  @available(*, unavailable, message: "one axis: x[0, .all]; all the others: x[.ellipsis, 0]")
  public subscript(_ first: (UnboundedRange_) -> Void, _ second: some AxisEntry) -> Scalar {
    get { unnamed() }
    set { unnamed() }
  }
  @_disfavoredOverload
  @available(*, unavailable, message: "one axis: x[0, .all]; all the others: x[.ellipsis, 0]")
  public subscript(_ first: some AxisEntry, _ second: (UnboundedRange_) -> Void) -> Scalar {
    get { unnamed() }
    set { unnamed() }
  }
}
