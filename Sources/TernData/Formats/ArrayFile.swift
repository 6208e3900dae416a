import TernBackend

/// Named arrays of a file of any form that keeps them: safetensors, PyTorch's or NumPy's npz.
package struct ArrayFile: Sendable {
  /// A form of file.
  package enum Format: String, CaseIterable, Sendable {
    case safetensors
    case pyTorch = "pt"
    case npz

    /// The form that a path's extension names: `.safetensors`, `.pt`, `.pth` or `.npz`.
    package init?(path: String) {
      let name = path.split(separator: "/").last ?? ""
      guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
      switch name[name.index(after: dot)...].lowercased() {
      case "safetensors": self = .safetensors
      case "pt", "pth": self = .pyTorch
      case "npz": self = .npz
      default: return nil
      }
    }
  }

  private enum Contents: Sendable {
    case safetensors(SafetensorsFile)
    case pyTorch(PyTorchFile)
    case npz(NPZFile)
  }

  /// The form that the file's first bytes tell.
  package let format: Format
  /// The arrays' names, in the order of the file.
  package let names: [String]
  /// The names of a PyTorch file's numbers and texts, or of a safetensors file's metadata.
  package let otherNames: [String]
  package let file: String
  private let contents: Contents

  /// Reads the file at `path`; of a PyTorch or npz file that can be mapped, only what is asked for.
  ///
  /// - Throws: `DataError` where it cannot be read or is wrong in any way.
  package init(contentsOf path: String) throws(DataError) {
    file = path
    format = try Self.format(of: path)
    let isMapped = format != .safetensors && FileIO.isFile(path) && !FileIO.isWrittenDirectly(path)
    switch format {
    case .safetensors:
      let file = try SafetensorsFile(contentsOf: path)
      contents = .safetensors(file)
      names = file.entries.map(\.name)
      otherNames = file.metadata.keys.sorted()
    case .pyTorch:
      let file = isMapped ? try PyTorchFile(mapping: path) : try PyTorchFile(contentsOf: path)
      contents = .pyTorch(file)
      names = file.entries.map(\.name)
      otherNames = file.otherNames
    case .npz:
      let file = isMapped ? try NPZFile(mapping: path) : try NPZFile(contentsOf: path)
      contents = .npz(file)
      names = file.names
      otherNames = []
    }
  }

  /// The array called `name`.
  ///
  /// - Throws: `DataError` where there is none, or it is damaged.
  package func array(_ name: String) throws(DataError) -> StoredArray {
    switch contents {
    case .pyTorch(let file): return try file.array(name)
    case .npz(let file): return try file.array(name)
    case .safetensors(let file):
      guard let array = file[name] else {
        throw DataError(.notFound, file: self.file, "there is no \"\(printable(name, limit: 100))\"")
      }
      return array
    }
  }

  /// The dictionaries that a PyTorch file has beside each other, with how many tensors are in each.
  package var dictionaries: [(name: String, count: Int)] {
    guard case .pyTorch(let file) = contents, let members = file.value.members else { return [] }
    var counts: [(name: String, count: Int)] = []
    for member in members where member.value.members != nil {
      let count = names.count { $0.hasPrefix(member.key + ".") }
      if count > 0 { counts.append((member.key, count)) }
    }
    return counts
  }

  /// The PyTorch file that it is.
  package var pyTorch: PyTorchFile? { if case .pyTorch(let file) = contents { file } else { nil } }

  /// Writes `arrays` under their names in some form, whole or not at all.
  ///
  /// - Throws: `DataError` where the file cannot be written, or the form has no such type.
  package static func write(
    _ arrays: [(name: String, array: StoredArray)], as format: Format, to path: String
  ) throws(DataError) {
    switch format {
    case .safetensors: try SafetensorsFile.write(arrays, to: path)
    case .pyTorch: try PyTorchFile.write(arrays, to: path)
    case .npz: try NPZFile.write(arrays, to: path)
    }
  }

  /// The form that the first bytes tell; what may be a damaged file of safetensors is taken for one, whose reader says what is
  /// wrong.
  private static func format(of path: String) throws(DataError) -> Format {
    let start: [UInt8]
    do {
      let reader = try FileReader(path)
      // What has no size is read from one end only.
      guard let count = reader.count else { return Format(path: path) ?? .safetensors }
      start = try reader.bytes(0..<min(count, 262))
    }
    if start.count >= 4, start[..<4].elementsEqual([0x50, 0x4B, 3, 4]) {
      let archive = try ZipArchive(SharedBytes(MappedFile(path)), file: path)
      let isArrays = archive.members.allSatisfy { $0.name.hasSuffix(".npy") }
      return isArrays && !archive.members.isEmpty ? .npz : .pyTorch
    }
    // An empty archive is only its end.
    if start.count >= 4, start[..<4].elementsEqual([0x50, 0x4B, 5, 6]) { return .npz }
    // A safetensors header of so many bytes would begin with 0x80 too, but not go on like a pickle: of protocol 4 and 5 with a
    // frame and its length.
    if start.count > 8, start[0] == 0x80, 2...5 ~= start[1] {
      let isFrame = start[1] >= 4 && start[2] == 0x95 && start[8] != UInt8(ascii: "{")
      if isFrame || start[4..<8].contains(where: { $0 != 0 }) { return .pyTorch }
    }
    if start.count == 262, start[257...].elementsEqual("ustar".utf8) { return .pyTorch }
    // Safetensors begins with the length of its header, then the header in JSON.
    if Format(path: path) == .safetensors || start.count > 8 && start[8] == UInt8(ascii: "{") { return .safetensors }
    let beginning = start.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
    throw DataError(
      .malformed, file: path,
      start.isEmpty ? "the file is empty" : "begins with \(beginning.joined(separator: " "))",
      expected: "a file of torch.save, safetensors or npz")
  }
}
