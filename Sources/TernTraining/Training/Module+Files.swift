import TernBackend
import TernData
import TernNN
import TernTensor

extension Module {
  /// Writes parameters and buffers under PyTorch's names; written beside and renamed.
  ///
  /// A path that ends in `.pt` or `.pth` gives a file that `torch.load` reads, with tied weights under all their names over
  /// one storage; any other gives a safetensors file.
  ///
  /// - Parameters:
  ///   - tiedNames: whether what is in several places of the module is written under all its names.
  ///   - precision: with ``FloatPrecision/bfloat16`` floating-point values are rounded to it and take half the space of
  ///     Float; the module keeps its own. Reading the file gives the rounded values.
  /// - Throws: `DataError` where the file cannot be written, or has no place for metadata, as PyTorch's have none; what was
  ///   there before is then still there.
  public func save(
    to path: String, metadata: [String: String] = [:], tiedNames: Bool = false,
    precision: FloatPrecision = .float32, file: StaticString = #fileID, line: UInt = #line
  ) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if ArrayFile.Format(path: path) == .pyTorch {
      guard metadata.isEmpty else {
        throw DataError(.unsupported, file: path, "has no place for metadata", expected: "a safetensors file")
      }
      return try PyTorchFile.write(rounded(stateWithTiedNames, precision).map { ($0.name, $0.stored) }, to: path)
    }
    let state = rounded(tiedNames ? stateWithTiedNames : state, precision)
    try SafetensorsFile.write(state.map { ($0.name, $0.stored) }, metadata: metadata, to: path)
  }

  /// Restores parameters and buffers from a safetensors file, one of PyTorch's (`.pt`, `.pth`) or an npz archive, told
  /// apart by its contents; converted to this module's scalar types.
  ///
  /// Everything is checked first: on an error nothing has changed. `module.` in front of all names, and `_orig_mod`
  /// anywhere, which PyTorch's wrappers put there, are taken away where the module has no such names itself.
  ///
  /// - Parameters:
  ///   - place: where in the file the names begin, as `"state_dict"`; `nil` for its top.
  ///   - strict: whether missing and unexpected names are errors, else they are passed over and returned; shapes always are.
  ///   - renaming: the module's name for a name of the file; `nil` leaves the entry out.
  /// - Returns: what was missing and unexpected; empty after a strict load.
  /// - Throws: `DataError` for a file that is wrong, `StateMismatch` for one that does not fit, with all that does not.
  @discardableResult
  public func load(
    from path: String, at place: String? = nil, strict: Bool = true, renaming: ((String) -> String?)? = nil
  ) throws -> StateMismatch {
    let file = try ArrayFile(contentsOf: path)
    let own = Set(stateWithTiedNames.map(\.name))
    var names = try file.names(at: place)
    if let renaming { names = names.compactMap { entry in renaming(entry.name).map { ($0, entry.source) } } }
    let plain = withoutWrappers(names.map(\.name), own)
    if place == nil, renaming == nil, own.isDisjoint(with: plain), !file.dictionaries.isEmpty {
      throw DataError(.mismatch, file: path, "holds dictionaries beside each other", expected: "at: " + file.choices)
    }
    let entries = try zip(plain, names).map { name, entry in try StateEntry(name: name, file.array(entry.source)) }
    return try load(entries, strict: strict, renaming: nil)
  }
}

extension ArrayFile {
  /// The names below a place, without it, and those in the file.
  fileprivate func names(at place: String?) throws(DataError) -> [(name: String, source: String)] {
    guard let place, !place.isEmpty else { return names.map { ($0, $0) } }
    let prefix = place + "."
    let found = names.filter { $0.hasPrefix(prefix) }
    guard !found.isEmpty else {
      throw DataError(
        .notFound, file: file, "there is no tensor below \"\(printable(place, limit: 100))\"",
        expected: dictionaries.isEmpty ? "one of \(names.count) names" : choices)
    }
    return found.map { (String($0.dropFirst(prefix.count)), $0) }
  }

  /// The dictionaries, for messages.
  fileprivate var choices: String {
    "one of "
      + dictionaries.prefix(20).map { "\"\(printable($0.name, limit: 100))\" (\($0.count) tensors)" }
      .joined(separator: ", ")
  }
}

/// The entries as they are, or all floating-point ones in bfloat16; what shares memory goes on to.
private func rounded(_ state: [StateEntry], _ precision: FloatPrecision) -> [StateEntry] {
  if precision == .float32 { return state }
  var known: [ObjectIdentifier: TensorBody] = [:]
  return state.map { entry in
    guard entry.dtype == .float32 || entry.dtype == .float64 else { return entry }
    let memory = ObjectIdentifier(entry.body.memory)
    let body = known[memory] ?? entry.converted(to: BFloat16.self).body
    known[memory] = body
    return StateEntry(name: entry.name, body: body)
  }
}

/// The names without what `torch.compile` and `torch.nn.DataParallel` add, where the module has no such names itself.
private func withoutWrappers(_ names: [String], _ own: Set<String>) -> [String] {
  func has(_ component: Substring, _ name: String) -> Bool { name.split(separator: ".").contains(component) }
  var names = names
  if !own.contains(where: { has("_orig_mod", $0) }) {
    names = names.map { name in
      guard name.contains("_orig_mod"), has("_orig_mod", name) else { return name }
      return name.split(separator: ".", omittingEmptySubsequences: false).filter { $0 != "_orig_mod" }
        .joined(separator: ".")
    }
  }
  while !names.isEmpty, names.allSatisfy({ $0.hasPrefix("module.") }), !own.contains(where: { $0.hasPrefix("module.") })
  {
    names = names.map { String($0.dropFirst("module.".count)) }
  }
  return names
}

extension StateEntry {
  /// The values as a file holds them.
  package var stored: StoredArray {
    switch dtype {
    case .float32: StoredArray(tensor(Float.self)!)
    case .float64: StoredArray(tensor(Double.self)!)
    case .int32: StoredArray(tensor(Int32.self)!)
    case .int64: StoredArray(tensor(Int.self)!)
    case .uint8: StoredArray(tensor(UInt8.self)!)
    case .bool: StoredArray(tensor(Bool.self)!)
    case .bfloat16: StoredArray(tensor(BFloat16.self)!)
    }
  }

  /// The values of a file, half precision as Float, narrow integers as Int.
  package init(name: String, _ array: StoredArray) throws(DataError) {
    switch array.type {
    case .float64: self.init(name: name, try array.tensor(as: Double.self))
    case .float16, .bfloat16, .float32: self.init(name: name, try array.tensor(as: Float.self))
    case .bool: self.init(name: name, try array.tensor(as: Bool.self))
    case .int32: self.init(name: name, try array.tensor(as: Int32.self))
    case .uint8: self.init(name: name, try array.tensor(as: UInt8.self))
    default: self.init(name: name, try array.tensor(as: Int.self))
    }
  }
}
