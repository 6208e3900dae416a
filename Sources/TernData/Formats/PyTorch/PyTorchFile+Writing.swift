import TernBackend

extension PyTorchFile {
  /// Writes `arrays` under their names as the file at `path`, whole or not at all: an `OrderedDict` of tensors, which
  /// `torch.load(path, weights_only=True)` reads.
  ///
  /// Arrays over the same memory, as those of tied weights, share a storage, and are tied again where they are loaded. The
  /// same contents give the same bytes. A name that is there twice is a mistake of the program and stops it.
  ///
  /// - Throws: `DataError` where the file cannot be written; one that was there stays as it was.
  public static func write(
    _ arrays: [(name: String, array: StoredArray)], to path: String
  ) throws(DataError) {
    try FileIO.write(path) { (sink) throws(DataError) in
      for part in parts(arrays) { try sink.write(part) }
    }
  }

  /// The contents of the file that `write(_:to:)` writes.
  public static func bytes(of arrays: [(name: String, array: StoredArray)]) -> [UInt8] {
    parts(arrays).reduce(into: []) { $0 += $1.array }
  }

  /// The archive, chunk by chunk.
  static func parts(_ arrays: [(name: String, array: StoredArray)]) -> [SharedBytes] {
    var names: Set<ExactName> = []
    for (name, _) in arrays {
      check(
        names.insert(ExactName(name)).inserted, "pt", "the name \"\(printable(name, limit: 100))\" is there twice")
    }
    // Where arrays have the same memory, their first has the storage.
    var keys: [StoragePlace: Int] = [:]
    var storages: [SharedBytes] = []
    var pickle = PickleWriter()
    for (name, array) in arrays {
      let place = array.stored.withUnsafeBytes {
        StoragePlace(start: $0.baseAddress, type: array.type, count: $0.count)
      }
      let known = array.stored.count == 0 ? nil : keys[place]
      let key = known ?? storages.count
      if known == nil {
        keys[place] = key
        storages.append(array.stored)
      }
      pickle.tensor(name, array, key: key)
    }
    let root = "archive/"
    var writer = ZipWriter(isCompressed: false)
    var parts: [SharedBytes] = []
    func add(_ name: String, _ contents: SharedBytes) {
      let (header, data) = writer.member(root + name, [contents], alignment: 64)
      parts.append(SharedBytes(header))
      parts += data
    }
    add("data.pkl", SharedBytes(pickle.end()))
    add(".format_version", SharedBytes(Array("1".utf8)))
    add(".storage_alignment", SharedBytes(Array("64".utf8)))
    add("byteorder", SharedBytes(Array("little".utf8)))
    for (key, storage) in storages.enumerated() { add("data/\(key)", storage) }
    add("version", SharedBytes(Array("3\n".utf8)))
    parts.append(SharedBytes(writer.end()))
    return parts
  }

  /// Memory that arrays may share.
  private struct StoragePlace: Hashable {
    let start: UnsafeRawPointer?
    let type: ElementType
    let count: Int
  }
}

/// Writes the pickle of an `OrderedDict` of tensors, in protocol 2.
private struct PickleWriter {
  private var bytes: [UInt8] = [0x80, 2] + global("collections", "OrderedDict") + Array(")R(".utf8)

  /// A tensor in row-major order over the storage `key`.
  mutating func tensor(_ name: String, _ array: StoredArray, key: Int) {
    let (type, storage) = array.type.torchName
    text(name)
    bytes +=
      Self.global("torch._utils", storage == nil ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2") + Array("((".utf8)
    text("storage")
    bytes += storage.map { Self.global("torch", $0) } ?? Self.global("torch.storage", "UntypedStorage")
    text(String(key))
    text("cpu")
    integer(storage == nil ? array.stored.count : array.count)
    bytes += Array("tQ".utf8)
    integer(0)
    tuple(array.shape)
    tuple(array.shape.indices.map { axis in array.shape[(axis + 1)...].reduce(1) { $0 * max($1, 1) } })
    // Wants no gradient, has no hooks.
    bytes += [0x89] + Self.global("collections", "OrderedDict") + Array(")R".utf8)
    if storage == nil { bytes += Self.global("torch", type) }
    bytes += Array("tR".utf8)
  }

  /// The whole pickle.
  func end() -> [UInt8] { bytes + Array("u.".utf8) }

  private static func global(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }

  private mutating func text(_ text: String) {
    let text = Array(text.utf8)
    check(text.count <= Int(UInt32.max), "pt", "a name of \(text.count) bytes")
    bytes += [UInt8(ascii: "X")] + number(text.count, 4) + text
  }

  private mutating func tuple(_ values: [Int]) {
    bytes.append(UInt8(ascii: "("))
    for value in values { integer(value) }
    bytes.append(UInt8(ascii: "t"))
  }

  private mutating func integer(_ value: Int) {
    bytes += 0...255 ~= value ? [UInt8(ascii: "K"), UInt8(value)] : [0x8A, 8] + number(value, 8)
  }

  private func number(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}
