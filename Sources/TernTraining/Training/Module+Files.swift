import TernBackend
import TernData
import TernNN
import TernTensor

extension Module {
  /// Writes parameters and buffers as a safetensors file under PyTorch's names; written beside and renamed.
  ///
  /// - Parameter tiedNames: whether what is in several places of the module is written under all its names.
  /// - Throws: `DataError` where the file cannot be written; what was there before is then still there.
  public func save(
    to path: String, metadata: [String: String] = [:], tiedNames: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let state = tiedNames ? stateWithTiedNames : state
    try SafetensorsFile.write(state.map { ($0.name, $0.stored) }, metadata: metadata, to: path)
  }

  /// Restores parameters and buffers from a safetensors file, converted to this module's scalar types.
  ///
  /// Everything is checked first: on an error nothing has changed.
  ///
  /// - Parameters:
  ///   - strict: whether missing and unexpected names are errors, else they are passed over and returned; shapes always are.
  ///   - renaming: the module's name for a name of the file; `nil` leaves the entry out.
  /// - Returns: what was missing and unexpected; empty after a strict load.
  /// - Throws: `DataError` for a file that is wrong, `StateMismatch` for one that does not fit, with all that does not.
  @discardableResult
  public func load(
    from path: String, strict: Bool = true, renaming: ((String) -> String?)? = nil
  ) throws -> StateMismatch {
    let file = try SafetensorsFile(contentsOf: path)
    return try load(
      file.entries.map { try StateEntry(name: $0.name, file[$0]) }, strict: strict, renaming: renaming)
  }
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
