import TernBackend
import TernTensor

/// A file that `torch.save` wrote (`.pt`, `.pth`): tensors, numbers and strings in nested dictionaries and lists.
///
/// Nothing in the file is executed: its pickle builds values by a fixed list of names, and whatever else it asks for is an
/// error that names it. Read are the zip archives of PyTorch 1.6 and later and the form before them; TorchScript archives
/// and whole objects, as `torch.save(model)` writes, are refused.
///
/// ```swift
/// let file = try PyTorchFile(contentsOf: "checkpoint.pth")
/// let weight: Tensor<Float> = try file.tensor("state_dict.features.0.weight")
/// let epoch = file["epoch"]?.integer
/// ```
public struct PyTorchFile: Sendable {
  /// All that the file holds.
  public let value: Value
  /// Its tensors, in the order of the file, under the keys and positions that lead to them, joined by `.`; a file of one
  /// tensor has it as `tensor`.
  public let entries: [(name: String, tensor: TensorEntry)]
  /// The names of what is neither tensor, list nor dictionary.
  public let otherNames: [String]

  let file: String
  private let indices: [ExactName: Int]

  /// Reads the file at `path` and checks all but the tensors' numbers.
  ///
  /// - Throws: `DataError` where it cannot be read, is damaged, or holds what is not read.
  public init(contentsOf path: String) throws(DataError) {
    try self.init(SharedBytes(FileIO.read(path)), file: path)
  }

  /// Checks the file at `path` without reading the tensors' numbers: they are read from the disk where they are asked for.
  ///
  /// The file must not be written or shortened as long as this or an array of it is used; replacing it by another is no
  /// matter.
  ///
  /// - Throws: `DataError` where it cannot be mapped, is damaged, or holds what is not read.
  public init(mapping path: String) throws(DataError) {
    try self.init(SharedBytes(MappedFile(path)), file: path)
  }

  /// Checks the contents of a file; `file` names it in errors.
  ///
  /// - Throws: `DataError` where it is damaged, or holds what is not read.
  public init(bytes: [UInt8], file: String = "pt") throws(DataError) {
    try self.init(SharedBytes(bytes), file: file)
  }

  init(_ bytes: SharedBytes, file: String) throws(DataError) {
    self.file = file
    switch bytes.integer(at: 0, as: UInt8.self) {
    case UInt8(ascii: "P"): value = try Self.archive(bytes, file)
    case 0x80: value = try Self.pickles(bytes, file)
    default:
      let isTar = bytes.count > 262 && bytes[257..<262].array.elementsEqual("ustar".utf8)
      throw DataError(
        isTar ? .unsupported : .malformed, file: file,
        isTar ? "is a tar archive, as PyTorch before 0.1.10 wrote" : "is no file of torch.save", at: 0,
        expected: PickleMachine.conversion)
    }
    var tree = ValueTree(file: file)
    try tree.collect(value)
    (entries, otherNames) = (tree.tensors, tree.otherNames)
    var indices: [ExactName: Int] = [:]
    for (index, entry) in entries.enumerated() {
      guard indices.updateValue(index, forKey: ExactName(entry.name)) == nil else {
        throw DataError(.malformed, file: file, "\"\(printable(entry.name, limit: 100))\" names two tensors")
      }
    }
    self.indices = indices
  }

  /// What is under a path of keys and positions, joined by `.`, as `optimizer.param_groups.0.lr`; `nil` where nothing is.
  ///
  /// A key may have a `.` of its own.
  public subscript(path: String) -> Value? { value[path] }

  /// The array called `name`.
  ///
  /// - Throws: `DataError` where there is none, or it is damaged.
  public func array(_ name: String) throws(DataError) -> StoredArray {
    guard let index = indices[ExactName(name)] else {
      throw DataError(
        .notFound, file: file, "there is no tensor \"\(printable(name, limit: 100))\"",
        expected: "one of \(entries.count) names")
    }
    return try entries[index].tensor.array()
  }

  /// The array called `name` as a tensor, converted as `StoredArray.tensor(as:)` does.
  ///
  /// - Throws: `DataError` where there is none, it is damaged, the types do not go together, or a number does not fit.
  public func tensor<Scalar: TensorScalar>(
    _ name: String, as _: Scalar.Type = Scalar.self
  ) throws(DataError) -> Tensor<Scalar> {
    try array(name).tensor()
  }

  // MARK: Reading

  /// What an archive of PyTorch 1.6 or later holds.
  private static func archive(_ bytes: SharedBytes, _ file: String) throws(DataError) -> Value {
    let archive = try ZipArchive(bytes, file: file)
    for member in archive.members where member.name.split(separator: "/").contains("..") {
      throw DataError(.malformed, file: file, "a member is called \"\(printable(member.name, limit: 100))\"")
    }
    let pickles = archive.members.filter { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") }
    guard pickles.count == 1 else {
      let isArrays = archive.members.allSatisfy { $0.name.hasSuffix(".npy") }
      throw DataError(
        .unsupported, file: file,
        isArrays ? "is NumPy's npz" : "is an archive with \(pickles.count) members called data.pkl",
        expected: "a file of torch.save")
    }
    let root = String(pickles[0].name.dropLast("data.pkl".count))
    if archive.members.contains(where: { $0.name == root + "constants.pkl" || $0.name.hasPrefix(root + "code/") }) {
      throw DataError(
        .unsupported, file: file, "is a TorchScript archive",
        expected: "its state: in Python torch.save(torch.jit.load(path).state_dict(), path)")
    }
    var isBigEndian = false
    if let order = archive.members.first(where: { $0.name == root + "byteorder" }) {
      let text = String(decoding: try archive.contents(of: order, checksumMayBeZero: true).array, as: UTF8.self)
      guard ["little", "big"].contains(text) else {
        throw DataError(.malformed, file: file, "the byte order \"\(printable(text, limit: 20))\"")
      }
      isBigEndian = text == "big"
    }
    let prefix = root + "data/"
    let members = archive.members.filter { $0.name.hasPrefix(prefix) }
    let storages = PyTorchStorages(
      archive,
      members: Dictionary(
        members.map { (String($0.name.dropFirst(prefix.count)), $0) }, uniquingKeysWith: { first, _ in first }),
      isBigEndian: isBigEndian, file: file)
    let place = "\(file): \"\(printable(pickles[0].name, limit: 100))\""
    let contents = try archive.contents(of: pickles[0], checksumMayBeZero: true)
    var machine = PickleMachine(contents, file: place, storages: storages)
    let result = try machine.value()
    guard machine.place == contents.count else {
      throw DataError(
        .trailingBytes, file: place, "\(contents.count - machine.place) bytes follow", at: machine.place,
        expected: "the end of the pickle")
    }
    return result
  }

  /// What a file before PyTorch 1.6 holds: a magic number, a version, the machine it was written on, the value and the
  /// storages' keys, each as a pickle, and then the storages.
  private static func pickles(_ bytes: SharedBytes, _ file: String) throws(DataError) -> Value {
    let nothing = PyTorchStorages(bytes, isBigEndian: false, file: file)
    var machine = PickleMachine(bytes, file: file, storages: nothing)
    let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    guard case .long(let number) = try machine.run(), number.array.elementsEqual(magic) else {
      throw DataError(
        .unsupported, file: file, "is a pickle that torch.save did not write", at: 0,
        expected: "a file of torch.save")
    }
    let versionPlace = machine.place
    guard case .integer(1001) = try machine.run() else {
      throw DataError(.unsupported, file: file, "an unknown version", at: versionPlace, expected: "1001")
    }
    let machineInfo = try machine.value()
    let isBigEndian = machineInfo["little_endian"]?.bool == false
    let storages = PyTorchStorages(bytes, isBigEndian: isBigEndian, file: file)
    machine = PickleMachine(bytes, file: file, at: machine.place, storages: storages)
    let value = try machine.value()
    let keysPlace = machine.place
    guard let keys = try machine.value().list else {
      throw DataError(.malformed, file: file, "there is no list of storages", at: keysPlace)
    }
    var names: [String] = []
    for key in keys {
      guard let name = key.string else {
        throw DataError(.malformed, file: file, "a storage's key is \(key.kind)", at: keysPlace, expected: "a string")
      }
      names.append(name)
    }
    try storages.locate(names, from: machine.place)
    return value
  }
}

/// Collects the tensors of a value under their names.
private struct ValueTree {
  let file: String
  var tensors: [(name: String, tensor: PyTorchFile.TensorEntry)] = []
  var otherNames: [String] = []
  /// How much text the names have: each repeats those above it.
  private var characterCount = 0

  init(file: String) { self.file = file }

  /// Adds what is in `value` under `name`. A value is at most ``JSON/depthLimit`` deep.
  mutating func collect(_ value: PyTorchFile.Value, _ name: String = "") throws(DataError) {
    characterCount += name.utf8.count
    guard characterCount <= 1 << 28 else {
      throw DataError(.tooLarge, file: file, "the names have more than 2²⁸ bytes")
    }
    let prefix = name.isEmpty ? "" : name + "."
    switch value {
    case .tensor(let tensor): tensors.append((name.isEmpty ? "tensor" : name, tensor))
    case .list(let items):
      for (index, item) in items.enumerated() { try collect(item, prefix + String(index)) }
    case .dictionary(let members):
      for member in members { try collect(member.value, prefix + member.key) }
    default: otherNames.append(name)
    }
  }
}
