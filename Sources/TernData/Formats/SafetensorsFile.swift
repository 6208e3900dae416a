/// A safetensors file: named arrays behind a JSON header, as PyTorch and others save their weights.
///
/// The layout is `u64 N · N bytes of JSON · data`, least significant byte first; the header gives for each name
/// `{"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}` with offsets into the data, and under
/// `__metadata__` texts by name. Reading checks everything before anything can be asked for: every byte of the data
/// belongs to exactly one array, and to one whose type and shape take that many bytes.
public struct SafetensorsFile: Sendable {
  /// An array as the header describes it.
  public struct Entry: Hashable, Sendable {
    /// The name, such as `features.0.weight`.
    public let name: String
    /// How its numbers lie in the file.
    public let type: ElementType
    /// The extent of each axis.
    public let shape: [Int]
    /// Its bytes within the data, which begin behind the header.
    public let byteRange: Range<Int>
  }

  /// The longest header that is read, in bytes: 100 MB, as in the format's own library.
  public static let headerLimit = 100_000_000

  /// The arrays, in the order of the header.
  public let entries: [Entry]
  /// The texts under `__metadata__`.
  public let metadata: [String: String]

  private let bytes: SharedBytes
  private let dataStart: Int
  let file: String
  private let indices: [ExactName: Int]

  /// Reads and checks the file at `path`.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `DataError` where it cannot be read, or its header or sizes are wrong in any way.
  public init(contentsOf path: String) throws(DataError) {
    try self.init(SharedBytes(FileIO.read(path)), file: path)
  }

  /// Checks the header of the file at `path` and reads no more of it: the arrays' numbers are read from the disk where
  /// they are asked for.
  ///
  /// The file must not be written or shortened as long as this or an array of it is used; replacing it by another is no
  /// matter.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `DataError` where it cannot be mapped, or its header or sizes are wrong in any way.
  public init(mapping path: String) throws(DataError) {
    try self.init(SharedBytes(MappedFile(path)), file: path)
  }

  /// Checks the contents of a safetensors file; `file` names it in errors.
  ///
  /// - Parameters:
  ///   - bytes: The contents.
  ///   - file: The name of the file in errors.
  /// - Throws: `DataError` where the header or the sizes are wrong in any way.
  public init(bytes: [UInt8], file: String = "safetensors") throws(DataError) {
    try self.init(SharedBytes(bytes), file: file)
  }

  private init(_ bytes: SharedBytes, file: String) throws(DataError) {
    let headerSize = try Self.headerSize(bytes, file: file)
    dataStart = 8 + headerSize
    let header = try JSON(parsing: bytes[8..<dataStart].array, file: file, origin: 8)
    guard case .object(let members) = header else {
      throw DataError(.malformed, file: file, "the header is \(header.kind)", at: 8, expected: "an object")
    }
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    for member in members {
      if member.key == "__metadata__" {
        metadata = try Self.metadata(member.value, file: file)
      } else {
        entries.append(try Self.entry(member, file: file))
      }
    }
    try Self.checkLayout(entries, dataCount: bytes.count - dataStart, file: file)
    self.entries = entries
    self.metadata = metadata
    self.bytes = bytes
    self.file = file
    indices = Dictionary(uniqueKeysWithValues: entries.indices.map { (ExactName(entries[$0].name), $0) })
  }

  /// The array called `name`, `nil` where there is none.
  public subscript(name: String) -> StoredArray? { indices[ExactName(name)].map { self[entries[$0]] } }

  /// The array that an entry of this file describes.
  public subscript(entry: Entry) -> StoredArray {
    let range = dataStart + entry.byteRange.lowerBound..<dataStart + entry.byteRange.upperBound
    return StoredArray(
      type: entry.type, shape: entry.shape, stored: bytes[range], source: Self.place(file, entry.name))
  }

  /// How messages name an array of a file.
  private static func place(_ file: String, _ name: String) -> String { "\(file): \"\(name)\"" }

  private static func headerSize(_ bytes: SharedBytes, file: String) throws(DataError) -> Int {
    guard let size = bytes.integer(at: 0, as: UInt64.self) else {
      throw DataError(
        .truncated, file: file, "the file has \(bytes.count) bytes", at: bytes.count,
        expected: "8 bytes that give the length of the header")
    }
    let start = bytes[0..<4].array
    if start.elementsEqual([0x50, 0x4B, 3, 4]) || start.first == 0x80 && size > headerLimit {
      throw DataError(
        .unsupported, file: file,
        start.first == 0x80 ? "is a pickle, as PyTorch wrote formerly" : "is a zip archive, as PyTorch's .pt files are",
        at: 0, expected: "a safetensors file; PyTorchFile and Module.load read those")
    }
    guard size <= headerLimit else {
      throw DataError(
        .malformed, file: file, "the header would have \(size) bytes", at: 0, expected: "at most \(headerLimit)")
    }
    guard size <= bytes.count - 8 else {
      throw DataError(
        .truncated, file: file, "the header would have \(size) bytes", at: 0,
        expected: "at most the \(bytes.count - 8) that follow")
    }
    return Int(size)
  }

  private static func metadata(_ value: JSON, file: String) throws(DataError) -> [String: String] {
    guard case .object(let members) = value else {
      throw DataError(.malformed, file: file, "__metadata__ is \(value.kind)", expected: "an object of strings")
    }
    var metadata: [String: String] = [:]
    for member in members {
      guard case .string(let text) = member.value else {
        throw DataError(
          .malformed, file: file, "\"\(member.key)\" of __metadata__ is \(member.value.kind)", expected: "a string")
      }
      metadata[member.key] = text
    }
    return metadata
  }

  private static func entry(_ member: JSON.Member, file: String) throws(DataError) -> Entry {
    let place = place(file, member.key)
    guard case .object(let fields) = member.value else {
      throw DataError(.malformed, file: place, "is \(member.value.kind)", expected: "an object")
    }
    if let field = fields.first(where: { !["dtype", "shape", "data_offsets"].contains($0.key) }) {
      throw DataError(
        .malformed, file: place, "has a field \"\(field.key)\"", expected: "dtype, shape and data_offsets")
    }
    guard let name = member.value["dtype"]?.string else {
      throw DataError(.malformed, file: place, "has no dtype", expected: "a string")
    }
    guard let type = ElementType(rawValue: name) else {
      throw DataError(
        .unsupported, file: place, "unknown dtype \"\(name)\"",
        expected: ElementType.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let shape = try sizes(member.value["shape"], "shape", place: place)
    let offsets = try sizes(member.value["data_offsets"], "data_offsets", place: place)
    guard offsets.count == 2 else {
      throw DataError(.malformed, file: place, "\(offsets.count) data_offsets", expected: "begin and end")
    }
    guard offsets[0] <= offsets[1] else {
      throw DataError(.malformed, file: place, "begins at \(offsets[0]) and ends at \(offsets[1]), before it begins")
    }
    guard let byteCount = type.byteCount(of: shape) else {
      throw DataError(.malformed, file: place, "shape \(shape) of \(name) exceeds what can be addressed")
    }
    guard offsets[1] - offsets[0] == byteCount else {
      throw DataError(
        .malformed, file: place, "data_offsets \(offsets) hold \(offsets[1] - offsets[0]) bytes",
        expected: "\(byteCount) for shape \(shape) of \(name)")
    }
    return Entry(name: member.key, type: type, shape: shape, byteRange: offsets[0]..<offsets[1])
  }

  /// Whole numbers from zero up.
  private static func sizes(_ value: JSON?, _ field: String, place: String) throws(DataError) -> [Int] {
    guard let values = value?.array else {
      throw DataError(.malformed, file: place, "\(field) is \(value?.kind ?? "missing")", expected: "an array")
    }
    var sizes: [Int] = []
    for value in values {
      guard let size = value.int, size >= 0 else {
        throw DataError(.malformed, file: place, "\(field) contains \(value)", expected: "0...\(Int.max)")
      }
      sizes.append(size)
    }
    return sizes
  }

  /// The arrays, put in the order of their bytes, have to follow each other from the first byte to the last.
  private static func checkLayout(_ entries: [Entry], dataCount: Int, file: String) throws(DataError) {
    var end = 0
    var last: Entry?
    let ordered = entries.sorted {
      ($0.byteRange.lowerBound, $0.byteRange.upperBound) < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
    }
    for entry in ordered {
      let place = place(file, entry.name)
      guard entry.byteRange.upperBound <= dataCount else {
        throw DataError(
          .truncated, file: place, "ends at byte \(entry.byteRange.upperBound) of the data",
          expected: "at most \(dataCount)")
      }
      guard entry.byteRange.lowerBound == end else {
        let what = entry.byteRange.lowerBound < end ? "overlaps" : "leaves a gap to"
        throw DataError(
          .malformed, file: place,
          "begins at byte \(entry.byteRange.lowerBound) of the data and \(what) \(last.map { "\"\($0.name)\"" } ?? "the header")",
          expected: "byte \(end)")
      }
      end = entry.byteRange.upperBound
      last = entry
    }
    guard end == dataCount else {
      throw DataError(
        .trailingBytes, file: file, "\(dataCount - end) bytes of the data belong to no array",
        expected: "the end at byte \(end) of the data")
    }
  }
}
