/// How the numbers of a stored array lie in a file, always with the least significant byte first.
public enum ElementType: String, CaseIterable, Hashable, Sendable {
  /// One byte, 0 or 1.
  case bool = "BOOL"
  /// 8 bits without sign.
  case uint8 = "U8"
  /// 8 bits with sign.
  case int8 = "I8"
  /// 16 bits with sign.
  case int16 = "I16"
  /// 16 bits without sign.
  case uint16 = "U16"
  /// 32 bits with sign.
  case int32 = "I32"
  /// 32 bits without sign.
  case uint32 = "U32"
  /// 64 bits with sign.
  case int64 = "I64"
  /// 64 bits without sign.
  case uint64 = "U64"
  /// 8 bits: a sign, 4 bits of exponent, 3 of the fraction; no infinity. PyTorch's `float8_e4m3fn`.
  case float8E4M3 = "F8_E4M3"
  /// 8 bits: the upper half of a half-precision number. PyTorch's `float8_e5m2`.
  case float8E5M2 = "F8_E5M2"
  /// IEEE 754 half precision.
  case float16 = "F16"
  /// The upper half of a single-precision number.
  case bfloat16 = "BF16"
  /// IEEE 754 single precision.
  case float32 = "F32"
  /// IEEE 754 double precision.
  case float64 = "F64"

  /// Bytes an element takes.
  public var size: Int {
    switch self {
    case .bool, .uint8, .int8, .float8E4M3, .float8E5M2: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// Bytes an array of `shape` takes; `nil` where a size is negative or the product exceeds `Int`.
  ///
  /// A size of zero does not excuse the others: the product of those that are not zero has to fit too, since strides
  /// are computed from it.
  package func byteCount(of shape: [Int]) -> Int? {
    var count = size
    var isEmpty = false
    for extent in shape {
      if extent < 0 { return nil }
      if extent == 0 { isEmpty = true }
      let (product, overflows) = count.multipliedReportingOverflow(by: max(extent, 1))
      if overflows { return nil }
      count = product
    }
    return isEmpty ? 0 : count
  }
}
