/// NumPy's files of one array (`.npy`, versions 1, 2 and 3).
public enum NPYFile {
  /// Reads the array of the file at `path`; Fortran order is turned into row-major order, and the bytes of numbers that
  /// have the most significant one first are turned round.
  ///
  /// - Throws: `DataError` where the file cannot be read, its header or size is wrong, or its numbers are of a kind
  ///   that is not read (objects, records, complex numbers, text).
  public static func read(_ path: String) throws(DataError) -> StoredArray {
    try array(from: FileIO.read(path), file: path)
  }

  /// The array of the file at `path` without reading it: its numbers are read from the disk where they are asked for,
  /// as by `array[rows: 0..<64]`.
  ///
  /// The file must not be written or shortened as long as the array is used; replacing it by another is no matter.
  /// An array in Fortran order, or with the most significant byte first, is read whole.
  ///
  /// - Throws: `DataError` as `read(_:)` does.
  public static func map(_ path: String) throws(DataError) -> StoredArray {
    try array(from: SharedBytes(MappedFile(path)), file: path)
  }

  /// The array in the contents of a file; `file` names it in errors.
  ///
  /// - Throws: `DataError` as `read(_:)` does.
  public static func array(from bytes: [UInt8], file: String = "npy") throws(DataError) -> StoredArray {
    try array(from: SharedBytes(bytes), file: file)
  }

  static func array(from bytes: SharedBytes, file: String) throws(DataError) -> StoredArray {
    let (header, dataStart) = try header(count: bytes.count, file: file) { bytes[$0].array }
    var data = bytes[dataStart..<bytes.count]
    if header.isBigEndian { data = SharedBytes(reversingBytes(Array(data.array), size: header.type.size)) }
    if header.isFortranOrder, header.shape.count > 1 {
      // Column-major order of a shape is row-major order of the reversed shape.
      data = SharedBytes(reversingAxes(data.array, shape: header.shape.reversed(), size: header.type.size))
    }
    return StoredArray(type: header.type, shape: header.shape, stored: data, source: file)
  }

  /// What the header of a file of `count` bytes says, whose size is right, and where the data begin; `read` gives a part of
  /// the file.
  static func header(
    count: Int, file: String, _ read: (Range<Int>) throws(DataError) -> ArraySlice<UInt8>
  ) throws(DataError) -> (header: NPYHeaderParser.Header, dataStart: Int) {
    let start = Array(try read(0..<min(count, 12)))
    guard start.starts(with: magic) else {
      let isShort = count < magic.count
      throw DataError(
        isShort ? .truncated : .malformed, file: file, "is not an npy file", at: 0, expected: "0x93 NUMPY")
    }
    guard start.count >= 8 else { throw truncated(file, count, "a version") }
    let version = start[6]
    guard 1...3 ~= version, start[7] == 0 else {
      throw DataError(.unsupported, file: file, "version \(version).\(start[7])", at: 6, expected: "1.0, 2.0 or 3.0")
    }
    let headerStart = version == 1 ? 10 : 12
    guard start.count >= headerStart else { throw truncated(file, count, "the length of the header") }
    let headerSize = start[8..<headerStart].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard headerSize <= count - headerStart else {
      throw DataError(
        .truncated, file: file, "the header would have \(headerSize) bytes", at: 8,
        expected: "at most the \(count - headerStart) that follow")
    }
    let dataStart = headerStart + headerSize
    var parser = NPYHeaderParser(bytes: Array(try read(0..<dataStart))[headerStart...], file: file)
    let header = try parser.header()
    guard let byteCount = header.type.byteCount(of: header.shape) else {
      throw DataError(
        .malformed, file: file, "shape \(header.shape) of \(header.type.rawValue) exceeds what can be addressed",
        at: 8)
    }
    guard count - dataStart == byteCount else {
      throw DataError(
        count - dataStart < byteCount ? .truncated : .trailingBytes, file: file,
        "\(count - dataStart) bytes of data", at: dataStart,
        expected: "\(byteCount) for shape \(header.shape) of \(header.type.rawValue)")
    }
    return (header, dataStart)
  }

  /// Writes `array` as the file at `path`, whole or not at all.
  ///
  /// - Throws: `DataError` where the file cannot be written, or NumPy has no such type (BF16, F8).
  public static func write(_ array: StoredArray, to path: String) throws(DataError) {
    let header = try header(of: array)
    try FileIO.write(path) { (sink) throws(DataError) in
      try sink.write(header)
      try sink.write(array.stored)
    }
  }

  /// The contents of a file with `array`, version 1, or 2 where the header is too long for that.
  ///
  /// - Throws: `DataError` where NumPy has no such type (BF16, F8).
  public static func bytes(of array: StoredArray, isFortranOrder: Bool = false) throws(DataError) -> [UInt8] {
    let header = try header(of: array, isFortranOrder: isFortranOrder)
    return header
      + (isFortranOrder ? reversingAxes(array.bytes, shape: array.shape, size: array.type.size)[...] : array.bytes)
  }

  /// What stands in front of the numbers of `array`.
  static func header(of array: StoredArray, isFortranOrder: Bool = false) throws(DataError) -> [UInt8] {
    try header(type: array.type, shape: array.shape, source: array.source, isFortranOrder: isFortranOrder)
  }

  /// What stands in front of the numbers of an array from `source`.
  static func header(
    type: ElementType, shape: [Int], source: String, isFortranOrder: Bool = false
  ) throws(DataError) -> [UInt8] {
    guard let descriptor = type.npyDescriptor else {
      throw DataError(
        .unsupported, file: source, "NumPy has no \(type.rawValue)", expected: "another type, such as F32")
    }
    let sizes = shape.map { "\($0)," }.joined(separator: " ")
    let tuple = shape.count == 1 ? sizes : String(sizes.dropLast())
    var header = Array(
      "{'descr': '\(descriptor)', 'fortran_order': \(isFortranOrder ? "True" : "False"), 'shape': (\(tuple)), }".utf8)
    // The header ends with a newline such that the data begin at a multiple of 64 bytes.
    let lengthSize = header.count > Int(UInt16.max) - 80 ? 4 : 2
    let used = magic.count + 2 + lengthSize + header.count + 1
    header += [UInt8](repeating: UInt8(ascii: " "), count: (64 - used % 64) % 64) + [UInt8(ascii: "\n")]
    var bytes = magic + [lengthSize == 2 ? 1 : 2, 0]
    bytes += (0..<lengthSize).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) }
    return bytes + header
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static func truncated(_ file: String, _ count: Int, _ expected: String) -> DataError {
    DataError(.truncated, file: file, "the file has \(count) bytes", at: count, expected: expected)
  }

  /// The elements of a row-major array of `shape` in the order in which the last axis moves slowest.
  private static func reversingAxes(_ bytes: ArraySlice<UInt8>, shape: [Int], size: Int) -> [UInt8] {
    var strides = [Int](repeating: size, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * max(shape[axis + 1], 1) }
    var index = [Int](repeating: 0, count: shape.count)
    var place = bytes.startIndex
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    while result.count < bytes.count {
      result += bytes[place..<place + size]
      for axis in shape.indices {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
      }
    }
    return result
  }
}

extension ElementType {
  /// NumPy's name for the type.
  fileprivate var npyDescriptor: String? {
    switch self {
    case .bool: "|b1"
    case .uint8: "|u1"
    case .int8: "|i1"
    case .int16: "<i2"
    case .uint16: "<u2"
    case .int32: "<i4"
    case .uint32: "<u4"
    case .int64: "<i8"
    case .uint64: "<u8"
    case .float16: "<f2"
    case .bfloat16, .float8E4M3, .float8E5M2: nil
    case .float32: "<f4"
    case .float64: "<f8"
    }
  }

  /// The type of NumPy's name; a single byte has no order, so any mark of it will do.
  package init?(npyDescriptor descriptor: String) {
    let found = Self.allCases.first { type in
      guard let name = type.npyDescriptor else { return false }
      return descriptor == name
        || type.size == 1 && "|<>=".contains(descriptor.prefix(1)) && descriptor.dropFirst() == name.dropFirst()
    }
    guard let found else { return nil }
    self = found
  }
}
