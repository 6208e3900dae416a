import TernBackend

extension SafetensorsFile {
  /// Writes `arrays` under their names, and `metadata`, as the file at `path`, whole or not at all.
  ///
  /// The header lists the arrays in the given order and the metadata by key, so that the same contents give the same
  /// bytes. The data lie with larger elements first: each array then begins at a multiple of its element's size, as
  /// readers that map the file need it.
  ///
  /// A name that is there twice, or is `__metadata__`, is a mistake of the program and stops it.
  ///
  /// - Throws: `DataError` where the file cannot be written; one that was there stays as it was.
  public static func write(
    _ arrays: [(name: String, array: StoredArray)], metadata: [String: String] = [:], to path: String
  ) throws(DataError) {
    let (header, order) = header(arrays, metadata)
    try FileIO.write(path) { (sink) throws(DataError) in
      try sink.write(header)
      for index in order { try sink.write(arrays[index].array.stored) }
    }
  }

  /// The contents of the file that `write(_:metadata:to:)` writes.
  public static func bytes(
    of arrays: [(name: String, array: StoredArray)], metadata: [String: String] = [:]
  ) -> [UInt8] {
    let (header, order) = header(arrays, metadata)
    return order.reduce(into: header) { $0 += arrays[$1].array.bytes }
  }

  /// The header with its length, padded with spaces to a multiple of eight bytes, and the order of the data.
  private static func header(
    _ arrays: [(name: String, array: StoredArray)], _ metadata: [String: String]
  ) -> (bytes: [UInt8], order: [Int]) {
    var names: Set<ExactName> = [ExactName("__metadata__")]
    for (name, _) in arrays {
      check(
        names.insert(ExactName(name)).inserted, "safetensors",
        "the name \"\(printable(name, limit: 100))\" cannot be used, or is there twice")
    }
    let order = arrays.indices.sorted {
      (-arrays[$0].array.type.size, $0) < (-arrays[$1].array.type.size, $1)
    }
    var begins = [Int](repeating: 0, count: arrays.count)
    var end = 0
    for index in order {
      begins[index] = end
      end += arrays[index].array.stored.count
    }
    var members: [JSON.Member] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }
      members.append(JSON.Member("__metadata__", .object(texts)))
    }
    for (index, (name, array)) in arrays.enumerated() {
      let offsets = [begins[index], begins[index] + array.stored.count]
      members.append(
        JSON.Member(
          name,
          .object([
            JSON.Member("dtype", .string(array.type.rawValue)),
            JSON.Member("shape", .array(array.shape.map { .integer($0) })),
            JSON.Member("data_offsets", .array(offsets.map { .integer($0) })),
          ])))
    }
    var header = Array(JSON.object(members).description.utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    let size = UInt64(header.count)
    return ((0..<8).map { UInt8(truncatingIfNeeded: size >> ($0 * 8)) } + header, order)
  }
}
