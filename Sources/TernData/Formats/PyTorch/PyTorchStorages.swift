import Synchronization

/// A run of numbers that tensors of a file share.
struct PyTorchStorage: Sendable {
  let key: String
  /// `nil` where the tensors say how its bytes are read.
  let type: ElementType?
  let byteCount: Int
  let storages: PyTorchStorages

  /// The bytes, least significant first for elements of `size` bytes.
  ///
  /// - Throws: `DataError` where they are damaged.
  func bytes(elementSize size: Int) throws(DataError) -> SharedBytes {
    try storages.bytes(key, byteCount, elementSize: size)
  }
}

/// The storages of a file: the members of its archive, or what follows the pickles of a file before PyTorch 1.6.
final class PyTorchStorages: Sendable {
  private enum Source: Sendable {
    case archive(ZipArchive, members: [String: ZipArchive.Member])
    /// Where each begins, known when the pickles are read.
    case file(SharedBytes)
  }

  private let source: Source
  private let file: String
  private let isBigEndian: Bool
  private let state = Mutex(State())

  private struct State {
    /// Storages that were read, each checked once.
    var read: [String: SharedBytes] = [:]
    /// Bytes of an element and of the whole, of storages that a pickle named.
    var named: [String: (size: Int, count: Int)] = [:]
    var starts: [String: Int] = [:]
  }

  /// The members of an archive by the keys of their storages.
  init(_ archive: ZipArchive, members: [String: ZipArchive.Member], isBigEndian: Bool, file: String) {
    source = .archive(archive, members: members)
    self.isBigEndian = isBigEndian
    self.file = file
  }

  /// The bytes behind the pickles of `bytes`.
  init(_ bytes: SharedBytes, isBigEndian: Bool, file: String) {
    source = .file(bytes)
    self.isBigEndian = isBigEndian
    self.file = file
  }

  /// The storage of `count` elements under `key`.
  ///
  /// - Throws: `DataError` where the type is not read, or there are not so many bytes.
  func storage(type name: String, key: String, count: Int, place: String) throws(DataError) -> PyTorchStorage {
    let type = try ElementType.ofStorage(name, place: place)
    let size = type?.size ?? 1
    let (byteCount, overflows) = count.multipliedReportingOverflow(by: size)
    guard count >= 0, !overflows else {
      throw DataError(.malformed, file: place, "storage \"\(key)\" of \(count) elements")
    }
    switch source {
    case .archive(_, let members):
      guard let member = members[key] else {
        throw DataError(.malformed, file: place, "there is no storage \"\(key)\"")
      }
      guard byteCount <= member.size else {
        throw DataError(
          .truncated, file: place, "storage \"\(key)\" has \(member.size) bytes", expected: "\(byteCount)")
      }
    case .file:
      let other = state.withLock { state in
        let other = state.named[key]
        state.named[key] = other ?? (size, byteCount)
        return other
      }
      if let other, other != (size, byteCount) {
        throw DataError(.malformed, file: place, "storage \"\(key)\" is there with two sizes")
      }
    }
    return PyTorchStorage(key: key, type: type, byteCount: byteCount, storages: self)
  }

  /// Finds the storages behind the pickles, from `place` on: of each a count of elements and the elements.
  func locate(_ keys: [String], from place: Int) throws(DataError) {
    guard case .file(let bytes) = source else { return }
    let named = state.withLock { $0.named }
    var place = place
    var starts: [String: Int] = [:]
    for key in keys {
      guard let expected = named[key] else {
        throw DataError(.malformed, file: file, "no tensor has the storage \"\(key)\"", at: place)
      }
      guard let count = bytes.integer(at: place, as: UInt64.self) else {
        throw DataError(.truncated, file: file, "the file ends", at: bytes.count, expected: "storage \"\(key)\"")
      }
      guard count == expected.count / expected.size else {
        throw DataError(
          .malformed, file: file, "storage \"\(key)\" of \(count) elements", at: place,
          expected: "\(expected.count / expected.size)")
      }
      guard expected.count <= bytes.count - place - 8 else {
        throw DataError(
          .truncated, file: file, "storage \"\(key)\" of \(expected.count) bytes", at: place + 8,
          expected: "at most the \(bytes.count - place - 8) that follow")
      }
      guard starts.updateValue(place + 8, forKey: key) == nil else {
        throw DataError(.malformed, file: file, "storage \"\(key)\" is there twice", at: place)
      }
      place += 8 + expected.count
    }
    guard place == bytes.count else {
      throw DataError(
        .trailingBytes, file: file, "\(bytes.count - place) bytes belong to no storage", at: place,
        expected: "the end of the file")
    }
    if let lost = named.keys.filter({ starts[$0] == nil }).min() {
      throw DataError(.malformed, file: file, "there is no storage \"\(lost)\"", at: place)
    }
    let found = starts
    state.withLock { $0.starts = found }
  }

  fileprivate func bytes(_ key: String, _ count: Int, elementSize size: Int) throws(DataError) -> SharedBytes {
    let name = isBigEndian ? "\(size) \(key)" : key
    if let read = state.withLock({ $0.read[name] }) { return read[0..<count] }
    var contents: SharedBytes
    switch source {
    case .archive(let archive, let members):
      guard let member = members[key] else {
        throw DataError(.malformed, file: file, "there is no storage \"\(key)\"")
      }
      contents = try archive.contents(of: member, checksumMayBeZero: true)
    case .file(let bytes):
      guard let start = state.withLock({ $0.starts[key] }) else {
        throw DataError(.malformed, file: file, "there is no storage \"\(key)\"")
      }
      contents = bytes[start..<start + count]
    }
    if isBigEndian { contents = SharedBytes(reversingBytes(Array(contents.array), size: size)) }
    let read = contents
    state.withLock { $0.read[name] = read }
    return read[0..<count]
  }
}

extension ElementType {
  /// Their names in PyTorch: of types, and of storages.
  private static let torchNames: [(type: ElementType, name: String, storage: String?)] = [
    (.bool, "bool", "BoolStorage"), (.uint8, "uint8", "ByteStorage"), (.int8, "int8", "CharStorage"),
    (.int16, "int16", "ShortStorage"), (.uint16, "uint16", nil), (.int32, "int32", "IntStorage"),
    (.float8E4M3, "float8_e4m3fn", nil), (.float8E5M2, "float8_e5m2", nil), (.uint32, "uint32", nil),
    (.int64, "int64", "LongStorage"), (.uint64, "uint64", nil),
    (.float16, "float16", "HalfStorage"), (.bfloat16, "bfloat16", "BFloat16Storage"),
    (.float32, "float32", "FloatStorage"), (.float64, "float64", "DoubleStorage"),
  ]

  /// Its name in PyTorch, and that of its storages, where they have one.
  var torchName: (type: String, storage: String?) {
    let row = Self.torchNames.first { $0.type == self }!
    return (row.name, row.storage)
  }

  /// The type of a name as `torch.float32`.
  static func named(_ name: String, place: String) throws(DataError) -> ElementType {
    guard let row = torchNames.first(where: { "torch." + $0.name == name }) else { throw refused(name, place) }
    return row.type
  }

  /// The type of a storage's name as `torch.FloatStorage`; `nil` for one of bytes.
  static func ofStorage(_ name: String, place: String) throws(DataError) -> ElementType? {
    if name == "torch.storage.UntypedStorage" || name == "torch.UntypedStorage" { return nil }
    let row = torchNames.first { row in
      guard let storage = row.storage else { return false }
      return name == "torch." + storage || name == "torch.cuda." + storage
    }
    guard let row else { throw refused(name, place) }
    return row.type
  }

  private static func refused(_ name: String, _ place: String) -> DataError {
    DataError(
      .unsupported, file: place, "holds a tensor of \(name)",
      expected: allCases.map { "torch." + $0.torchName.type }.joined(separator: ", "))
  }
}
