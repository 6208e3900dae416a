public import TernBackend

/// The element types a tensor can have, as values: for files, messages and the graph.
public enum DType: String, Sendable, CaseIterable {
  /// `Float`.
  case float32
  /// `Double`.
  case float64
  /// `Int32`.
  case int32
  /// `Int`.
  case int64
  /// `UInt8`.
  case uint8
  /// `Bool`.
  case bool
  /// `BFloat16`: to keep numbers in; arithmetic is Float's.
  case bfloat16

  /// Bytes one element takes.
  public var byteCount: Int {
    switch self {
    case .float32, .int32: 4
    case .float64, .int64: 8
    case .bfloat16: 2
    case .uint8, .bool: 1
    }
  }
}

/// A type whose values a tensor can hold: Float, Double, Int32, Int (64 bits), UInt8, Bool, BFloat16.
///
/// The library conforms these seven; which of them a tensor has decides, at compile time, which operations exist.
public protocol TensorScalar: KernelScalar, Hashable {
  /// The type as a value.
  static var dtype: DType { get }
  /// False, or zero.
  static var zero: Self { get }
  /// True, or one.
  static var one: Self { get }
}

/// A scalar one can calculate with: Float, Double, Int32, Int, UInt8.
public protocol NumericScalar: TensorScalar, NumericKernelScalar, Numeric, Comparable {
  /// The nearest value of this type; floating-point numbers are truncated for integer types.
  init(number: Double)
  /// The value as a Double, rounded when it has more than 53 bits.
  var number: Double { get }
}

/// Int32, Int and UInt8. Sums of these are Int.
public protocol IntegerScalar: NumericScalar, CountingKernelScalar, FixedWidthInteger {}

/// Float and Double: the scalars that have derivatives.
public protocol FloatingScalar: NumericScalar, FloatingKernelScalar {}

extension NumericScalar {
  /// −x; of integers without a sign, and of the least one, what wraps to it.
  package var negated: Self {
    var (value, result) = (self, self)
    Self.unary(.neg, 1, &result, 1, &value, 1, 0, 0)
    return result
  }
}

extension TensorScalar where Self: Numeric {
  /// One.
  public static var one: Self { 1 }
}

extension FloatingScalar {
  /// The nearest value of this type.
  ///
  /// - Parameter number: The number to convert.
  @inlinable
  public init(number: Double) { self.init(number) }
  /// The value as a Double.
  public var number: Double { Double(self) }
}

extension IntegerScalar {
  /// The value truncated to an integer; outside the range the nearest bound, zero for NaN.
  ///
  /// - Parameter number: The number to convert.
  @inlinable
  public init(number: Double) {
    self = number.isNaN ? 0 : Self(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
  }
  /// The value as a Double.
  public var number: Double { Double(self) }
}

extension Float: FloatingScalar {
  /// `float32`
  public static var dtype: DType { .float32 }
}
extension Double: FloatingScalar {
  /// `float64`
  public static var dtype: DType { .float64 }
}
extension Int32: IntegerScalar {
  /// `int32`
  public static var dtype: DType { .int32 }
}
extension Int: IntegerScalar {
  /// `int64`
  public static var dtype: DType { .int64 }
}
extension UInt8: IntegerScalar {
  /// `uint8`
  public static var dtype: DType { .uint8 }
}
extension Bool: TensorScalar {
  /// `bool`
  public static var dtype: DType { .bool }
  /// False.
  public static var zero: Bool { false }
  /// True.
  public static var one: Bool { true }
}
