import TernBackend

/// An array as a file holds it: a type, a shape and bytes, in row-major order.
///
/// Reading a file shares its bytes with every array in it; the numbers are converted when they are asked for. Of a
/// mapped file, only what is asked for is read. An array made of a tensor shares its memory.
public struct StoredArray: Sendable {
  /// How the numbers lie in `bytes`.
  public let type: ElementType
  /// The extent of each axis; empty for a single number.
  public let shape: [Int]
  /// The numbers' bytes, in memory or in a mapped file.
  package let stored: SharedBytes
  /// Where it came from, for messages: the file, and the name within it.
  package let source: String

  /// An array over bytes that were checked before.
  package init(type: ElementType, shape: [Int], stored: SharedBytes, source: String) {
    check(
      type.byteCount(of: shape) == stored.count, "StoredArray",
      "shape \(shape) of \(type.rawValue) does not take \(stored.count) bytes")
    self.type = type
    self.shape = shape
    self.stored = stored
    self.source = source
  }

  /// An array over bytes that were checked before.
  package init(type: ElementType, shape: [Int], bytes: ArraySlice<UInt8>, source: String) {
    self.init(type: type, shape: shape, stored: SharedBytes(bytes), source: source)
  }

  /// `values` in row-major order as an array of `shape`; stops where their numbers differ.
  ///
  /// - Parameters:
  ///   - values: The values.
  ///   - shape: The extents of the axes.
  public init(_ values: [Float], shape: [Int]) { self.init(values, .float32, shape) }

  /// `values` in row-major order as an array of `shape`; stops where their numbers differ.
  ///
  /// - Parameters:
  ///   - values: The values.
  ///   - shape: The extents of the axes.
  public init(_ values: [Double], shape: [Int]) { self.init(values, .float64, shape) }

  /// `values` in row-major order as an array of `shape`; stops where their numbers differ.
  ///
  /// - Parameters:
  ///   - values: The values.
  ///   - shape: The extents of the axes.
  public init(_ values: [Int], shape: [Int]) { self.init(values, .int64, shape) }

  /// `values` in row-major order as an array of `shape`; stops where their numbers differ.
  ///
  /// - Parameters:
  ///   - values: The values.
  ///   - shape: The extents of the axes.
  public init(_ values: [Int32], shape: [Int]) { self.init(values, .int32, shape) }

  /// `values` in row-major order as an array of `shape`; stops where their numbers differ.
  ///
  /// - Parameters:
  ///   - values: The values.
  ///   - shape: The extents of the axes.
  public init(_ values: [UInt8], shape: [Int]) {
    self.init(type: .uint8, shape: shape, bytes: values[...], source: "array")
  }

  /// `values` in row-major order as an array of `shape`; stops where their numbers differ.
  ///
  /// - Parameters:
  ///   - values: The values.
  ///   - shape: The extents of the axes.
  public init(_ values: [Bool], shape: [Int]) {
    self.init(type: .bool, shape: shape, bytes: values.map { $0 ? 1 : 0 }[...], source: "array")
  }

  private init<Value: BitwiseCopyable>(_ values: [Value], _ type: ElementType, _ shape: [Int]) {
    self.init(
      type: type, shape: shape, bytes: values.withUnsafeBytes { littleEndian([UInt8]($0), size: type.size) }[...],
      source: "array")
  }

  /// How many numbers there are.
  public var count: Int { stored.count / type.size }

  /// The numbers, row-major, least significant byte first; `shape` × `type.size` bytes. Of a mapped file or a tensor, a copy.
  public var bytes: ArraySlice<UInt8> { stored.array }

  /// Some rows along the first axis, over the same bytes: what is taken from a mapped file is all that is read of it.
  ///
  /// Stops for an array without axes and for rows that are not there.
  public subscript(rows rows: Range<Int>) -> StoredArray {
    check(
      !shape.isEmpty && rows.lowerBound >= 0 && rows.upperBound <= shape[0], "StoredArray",
      "rows \(rows) of shape \(shape)")
    let size = shape[0] == 0 ? 0 : stored.count / shape[0]
    return StoredArray(
      type: type, shape: [rows.count] + shape.dropFirst(),
      stored: stored[rows.lowerBound * size..<rows.upperBound * size], source: source)
  }

  /// The numbers in single precision: F8, F16 and BF16 exactly, F64 rounded to nearest.
  ///
  /// - Throws: `DataError` where the type is not a floating-point type.
  public func floats() throws(DataError) -> [Float] {
    switch type {
    case .float8E4M3: elements(UInt8.self).map { Self.float8E4M3($0) }
    case .float8E5M2: elements(UInt8.self).map { Float(Float16(bitPattern: UInt16($0) << 8)) }
    case .float16: elements(UInt16.self).map { Float(Float16(bitPattern: $0)) }
    case .bfloat16: elements(UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    case .float32: elements(UInt32.self).map { Float(bitPattern: $0) }
    case .float64: elements(UInt64.self).map { Float(Double(bitPattern: $0)) }
    default: throw mismatch("a floating-point type")
    }
  }

  /// (−1)^s·2^(e − 7)·(1 + f/8), f/512 where e is 0; NaN where all but the sign are 1.
  private static func float8E4M3(_ bits: UInt8) -> Float {
    let (exponent, fraction) = (Int(bits >> 3 & 15), Float(bits & 7))
    if bits & 127 == 127 { return .nan }
    let size =
      exponent == 0 ? fraction / 512 : Float(sign: .plus, exponent: exponent - 7, significand: 1 + fraction / 8)
    return bits < 128 ? size : -size
  }

  /// The numbers in double precision, exactly.
  ///
  /// - Throws: `DataError` where the type is not a floating-point type.
  public func doubles() throws(DataError) -> [Double] {
    if type == .float64 { return elements(UInt64.self).map { Double(bitPattern: $0) } }
    return try floats().map { Double($0) }
  }

  /// The whole numbers, exactly.
  ///
  /// - Throws: `DataError` where the type is not an integer type, or a number exceeds `Int`.
  public func ints() throws(DataError) -> [Int] { try integers() }

  /// The whole numbers, exactly.
  ///
  /// - Throws: `DataError` where the type is not an integer type, or a number exceeds `Int32`.
  public func int32s() throws(DataError) -> [Int32] { try integers() }

  /// The whole numbers, exactly.
  ///
  /// - Throws: `DataError` where the type is not an integer type, or a number exceeds `UInt8`.
  public func uint8s() throws(DataError) -> [UInt8] { type == .uint8 ? Array(bytes) : try integers() }

  /// The truth values.
  ///
  /// - Throws: `DataError` where the type is not BOOL, or a byte is neither 0 nor 1.
  public func bools() throws(DataError) -> [Bool] { try bools(first: 0) }

  /// The truth values; `first` is the number of the first of them, for messages.
  func bools(first: Int) throws(DataError) -> [Bool] {
    guard type == .bool else { throw mismatch("BOOL") }
    let values = elements(UInt8.self)
    if let index = values.firstIndex(where: { $0 > 1 }) {
      throw DataError(.malformed, file: source, "value \(first + index) is \(values[index])", expected: "0 or 1")
    }
    return values.map { $0 == 1 }
  }

  /// The whole numbers; `first` is the number of the first of them, for messages.
  func integers<Value: FixedWidthInteger>(first: Int = 0) throws(DataError) -> [Value] {
    switch type {
    case .uint8: try converted(elements(UInt8.self), first)
    case .int8: try converted(elements(Int8.self), first)
    case .int16: try converted(elements(Int16.self), first)
    case .uint16: try converted(elements(UInt16.self), first)
    case .int32: try converted(elements(Int32.self), first)
    case .uint32: try converted(elements(UInt32.self), first)
    case .int64: try converted(elements(Int64.self), first)
    case .uint64: try converted(elements(UInt64.self), first)
    default: throw mismatch("an integer type")
    }
  }

  private func converted<Stored: FixedWidthInteger, Value: FixedWidthInteger>(
    _ values: [Stored], _ first: Int
  ) throws(DataError) -> [Value] {
    if let index = values.firstIndex(where: { Value(exactly: $0) == nil }) {
      throw DataError(
        .mismatch, file: source, "value \(first + index) is \(values[index])", expected: "\(Value.min)...\(Value.max)")
    }
    return values.map { Value(truncatingIfNeeded: $0) }
  }

  /// The bit patterns of the numbers.
  private func elements<Stored: FixedWidthInteger & BitwiseCopyable>(_ type: Stored.Type) -> [Stored] {
    let count = count
    // Filling an empty array writes its count into memory that all empty arrays share.
    if count == 0 { return [] }
    return stored.withUnsafeBytes { bytes in
      [Stored](unsafeUninitializedCapacity: count) { buffer, filled in
        for index in 0..<count {
          let value = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
          buffer.initializeElement(at: index, to: Stored(littleEndian: value))
        }
        filled = count
      }
    }
  }

  private func mismatch(_ expected: String) -> DataError {
    DataError(.mismatch, file: source, "holds \(type.rawValue)", expected: expected)
  }
}

/// `bytes` of this machine's elements of `size` bytes with the least significant byte of each first, or the reverse.
package func littleEndian(_ bytes: [UInt8], size: Int) -> [UInt8] {
  1.littleEndian == 1 ? bytes : reversingBytes(bytes, size: size)
}

/// `bytes` with the order turned round within each run of `size`.
package func reversingBytes(_ bytes: [UInt8], size: Int) -> [UInt8] {
  guard size > 1 else { return bytes }
  var result = bytes
  for start in stride(from: 0, to: bytes.count - size + 1, by: size) {
    for offset in 0..<size { result[start + offset] = bytes[start + size - 1 - offset] }
  }
  return result
}
