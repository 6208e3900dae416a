import TernBackend
import TernTensor

/// NumPy's archives of named arrays (`.npz`): a zip archive of npy files, stored or deflated.
///
/// Reading checks the archive's directory; an array is unpacked and checked when it is asked for, as NumPy does.
public struct NPZFile: Sendable {
  /// The arrays' names, in the order of the archive.
  public let names: [String]

  private let archive: ZipArchive
  private let indices: [String: Int]
  private let file: String

  /// Reads the file at `path` and checks its directory.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `DataError` where it cannot be read, its directory is wrong, or something in it is no array.
  public init(contentsOf path: String) throws(DataError) {
    try self.init(SharedBytes(FileIO.read(path)), file: path)
  }

  /// Checks the directory of the file at `path` and reads no more of it: the numbers of arrays that are not compressed
  /// are read from the disk where they are asked for.
  ///
  /// The file must not be written or shortened as long as this or an array of it is used; replacing it by another is no
  /// matter.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `DataError` where it cannot be mapped, its directory is wrong, or something in it is no array.
  public init(mapping path: String) throws(DataError) {
    try self.init(SharedBytes(MappedFile(path)), file: path)
  }

  /// Checks the contents of a file; `file` names it in errors.
  ///
  /// - Parameters:
  ///   - bytes: The contents.
  ///   - file: The name of the file in errors.
  /// - Throws: `DataError` where its directory is wrong, or something in it is no array.
  public init(bytes: [UInt8], file: String = "npz") throws(DataError) {
    try self.init(SharedBytes(bytes), file: file)
  }

  private init(_ bytes: SharedBytes, file: String) throws(DataError) {
    self.file = file
    archive = try ZipArchive(bytes, file: file)
    var names: [String] = []
    for member in archive.members {
      guard member.name.hasSuffix(".npy") else {
        throw DataError(
          .unsupported, file: file, "\"\(member.name)\" is no array", expected: "a name that ends in .npy")
      }
      names.append(String(member.name.dropLast(4)))
    }
    self.names = names
    indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
  }

  /// The array called `name`.
  ///
  /// - Throws: `DataError` where there is none, or it is damaged or of a kind that is not read.
  public func array(_ name: String) throws(DataError) -> StoredArray {
    guard let index = indices[name] else {
      throw DataError(.notFound, file: file, "there is no \"\(name)\"", expected: "one of \(names.count) names")
    }
    return try NPYFile.array(from: archive.contents(of: archive.members[index]), file: "\(file): \"\(name)\"")
  }

  /// The array called `name` as a tensor, converted as `StoredArray.tensor(as:)` does.
  ///
  /// - Throws: `DataError` where there is none, it is damaged, the types do not go together, or a number does not fit.
  public func tensor<Scalar: TensorScalar>(
    _ name: String, as _: Scalar.Type = Scalar.self
  ) throws(DataError) -> Tensor<Scalar> {
    try array(name).tensor()
  }

  /// Writes `arrays` under their names as the file at `path`, whole or not at all.
  ///
  /// The same arrays give the same bytes. A name that is there twice is a mistake of the program and stops it.
  ///
  /// - Throws: `DataError` where the file cannot be written, or NumPy has no such type (BF16, F8).
  public static func write(
    _ arrays: [(name: String, array: StoredArray)], isCompressed: Bool = false, to path: String
  ) throws(DataError) {
    try FileIO.write(path) { (sink) throws(DataError) in
      var writer = ZipWriter(isCompressed: isCompressed)
      try write(arrays, &writer) { (bytes) throws(DataError) in try sink.write(bytes) }
    }
  }

  /// The contents of the file that `write(_:isCompressed:to:)` writes.
  ///
  /// - Throws: `DataError` where NumPy has no such type (BF16, F8).
  public static func bytes(
    of arrays: [(name: String, array: StoredArray)], isCompressed: Bool = false
  ) throws(DataError) -> [UInt8] {
    var bytes: [UInt8] = []
    var writer = ZipWriter(isCompressed: isCompressed)
    try write(arrays, &writer) { (part) throws(DataError) in bytes += part.array }
    return bytes
  }

  /// Gives the chunks of an archive to `write`, one after the other.
  static func write(
    _ arrays: [(name: String, array: StoredArray)], _ writer: inout ZipWriter,
    _ write: (SharedBytes) throws(DataError) -> Void
  ) throws(DataError) {
    var names: Set<String> = []
    for (name, array) in arrays {
      check(names.insert(name).inserted, "npz", "the name \"\(name)\" is there twice")
      let source = "\(array.source), \"\(printable(name))\""
      let contents = [
        SharedBytes(try NPYFile.header(type: array.type, shape: array.shape, source: source)), array.stored,
      ]
      let (header, data) = writer.member(name + ".npy", contents)
      try write(SharedBytes(header))
      for part in data { try write(part) }
    }
    try write(SharedBytes(writer.end()))
  }
}
