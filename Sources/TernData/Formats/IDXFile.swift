/// The files of MNIST and its kin (IDX): a magic number `0, 0, type, rank`, the extents and the numbers, most
/// significant byte first; plain or gzip.
public enum IDXFile {
  /// Reads the array of the file at `path`, unpacking it where it is a gzip archive.
  ///
  /// - Throws: `DataError` where the file cannot be read, or its magic number, extents or length are wrong.
  public static func read(_ path: String) throws(DataError) -> StoredArray {
    let bytes = try FileIO.read(path)
    guard Gzip.isArchive(bytes) else { return try array(from: bytes, file: path) }
    // The header tells how long the contents are, so that no archive unpacks to more.
    let header = try Gzip.prefix(longestHeader, of: bytes, file: path)
    let size = try Header(header, file: path).fileSize
    return try array(from: Gzip.contents(of: bytes, file: path, limit: min(size, FileLimits.maximumBytes)), file: path)
  }

  /// The array in the (unpacked) contents of a file; `file` names it in errors.
  ///
  /// - Throws: `DataError` where the magic number, the extents or the length are wrong.
  public static func array(from bytes: [UInt8], file: String = "idx") throws(DataError) -> StoredArray {
    let header = try Header(bytes, file: file)
    guard bytes.count == header.fileSize else {
      let isShort = bytes.count < header.fileSize
      throw DataError(
        isShort ? .truncated : .trailingBytes, file: file, "the contents have \(bytes.count) bytes",
        at: min(bytes.count, header.fileSize), expected: "\(header.fileSize) for shape \(header.shape)")
    }
    let start = header.size
    let size = header.type.size
    let data = size == 1 ? bytes[start...] : reversingBytes(Array(bytes[start...]), size: size)[...]
    return StoredArray(type: header.type, shape: header.shape, bytes: data, source: file)
  }

  /// The rank is a byte.
  private static let longestHeader = 4 + 4 * 255

  private struct Header {
    var type: ElementType
    var shape: [Int]
    /// Bytes of the header.
    var size: Int
    /// Bytes of the header and the numbers.
    var fileSize: Int

    init(_ bytes: [UInt8], file: String) throws(DataError) {
      guard bytes.count >= 4 else {
        throw DataError(
          .truncated, file: file, "the contents have \(bytes.count) bytes", at: bytes.count,
          expected: "a magic number of 4 bytes")
      }
      let types: [UInt8: ElementType] = [
        0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
      ]
      guard bytes[0] == 0, bytes[1] == 0, let type = types[bytes[2]] else {
        throw DataError(
          .malformed, file: file, "the magic number is 0x\(hexadecimal(bytes[0..<4]))", at: 0,
          expected: "0x0000, a type of 08, 09, 0B, 0C, 0D, 0E, and the rank")
      }
      let rank = Int(bytes[3])
      let size = 4 + 4 * rank
      guard bytes.count >= size else {
        throw DataError(
          .truncated, file: file, "the contents end within the extents of \(rank) axes", at: bytes.count,
          expected: "\(size) bytes of header")
      }
      let shape = (0..<rank).map { axis in bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) } }
      let fileSize = type.byteCount(of: shape)?.addingReportingOverflow(size)
      guard let fileSize, !fileSize.overflow else {
        throw DataError(.malformed, file: file, "shape \(shape) exceeds what can be addressed", at: 4)
      }
      self.type = type
      self.shape = shape
      self.size = size
      self.fileSize = fileSize.partialValue
    }
  }
}

/// Two digits a byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
}
