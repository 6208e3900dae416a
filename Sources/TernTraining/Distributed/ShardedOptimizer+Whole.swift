import TernBackend
import TernDistributed
import TernNN
import TernTensor

/// The state where every parameter is on one rank: it has the moments, and the counts of steps.
extension ShardedOptimizer {
  /// The number of the parameter that a moment or a count belongs to, as `0` for `features.0.weight/step`; `nil` for what belongs
  /// to a group. Parts of a combined optimizer have their number before it: `1/features.0.weight/step`.
  private func parameter(of entry: String, _ numbers: [String: Int]) -> Int? {
    guard let end = entry.lastIndex(of: "/") else { return nil }
    var name = entry[..<end]
    while true {
      if let number = numbers[String(name)] { return number }
      guard let slash = name.firstIndex(of: "/") else { return nil }
      name = name[name.index(after: slash)...]
    }
  }

  private var numbers: [String: Int] {
    Dictionary(namedParameters.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The state of all parameters, one after the other from their owners.
  func gathered(_ owners: [Int]) -> OptimizerState {
    let (own, numbers) = (rows.state, numbers)
    var tensors: [Int: [StateEntry]] = [:]
    for entry in own.tensors { tensors[parameter(of: entry.name, numbers) ?? -1, default: []].append(entry) }
    var counts: [Int: [(name: String, number: Double)]] = [:]
    for (name, number) in own.scalars {
      if let index = parameter(of: name, numbers) { counts[index, default: []].append((name, number)) }
    }
    var (found, state) = ([StateEntry](), own)
    for (index, owner) in owners.enumerated() {
      var parcel = Parcel()
      parcel.add(tensors[index]?.count ?? 0)
      for entry in tensors[index] ?? [] {
        parcel.add(entry.name)
        parcel.add(entry.shape.count)
        for extent in entry.shape { parcel.add(extent) }
        parcel.add(Int(entry.dtype == .float64 ? 2 : entry.dtype == .bfloat16 ? 1 : 0))
        parcel.add(entry.bytes)
      }
      let sorted = (counts[index] ?? []).sorted { $0.name < $1.name }
      parcel.add(sorted.count)
      for entry in sorted {
        parcel.add(entry.name)
        parcel.add(entry.number)
      }
      let name = "the moments of \(namedParameters[index].name)"
      // Where a rank cannot be reached the state is this rank's part, and the next function that can throw does.
      guard let bytes = try? communicator.broadcast(bytes: parcel.bytes, from: owner, name: name) else { return own }
      var reader = ParcelReader(bytes)
      for _ in 0..<max(reader.int(), 0) { found.append(StateEntry(&reader)) }
      for _ in 0..<max(reader.int(), 0) {
        let name = reader.text()
        state.scalars[name] = reader.double()
      }
    }
    // In the order of the optimizer alone: the parts of a combined one follow each other.
    func part(_ entry: StateEntry) -> Int {
      entry.name.split(separator: "/", maxSplits: 1).first.flatMap { Int($0) } ?? 0
    }
    let isCombined = rows is CombinedOptimizer
    state.tensors =
      isCombined
      ? found.enumerated().sorted { (part($0.element), $0.offset) < (part($1.element), $1.offset) }.map(\.element)
      : found
    return state
  }

  /// What this rank has of a state: nothing of the parameters that others have.
  func own(of state: OptimizerState) -> OptimizerState {
    let numbers = numbers
    var own = state
    own.tensors = state.tensors.filter { parameter(of: $0.name, numbers).map { slices[$0].isOwn } ?? true }
    for name in state.scalars.keys {
      if let index = parameter(of: name, numbers), !slices[index].isOwn {
        own.scalars[name] = name.hasSuffix("/product") ? 1 : 0
      }
    }
    return own
  }
}

extension StateEntry {
  /// The values one after the other.
  fileprivate var bytes: [UInt8] {
    func bytes<Scalar: TensorScalar>(_: Scalar.Type) -> [UInt8] {
      (tensor(Scalar.self)?.scalars ?? []).withUnsafeBytes { Array($0) }
    }
    switch dtype {
    case .float64: return bytes(Double.self)
    case .bfloat16: return bytes(BFloat16.self)
    default: return bytes(Float.self)
    }
  }

  fileprivate init(_ reader: inout ParcelReader) {
    let name = reader.text()
    let shape = (0..<max(reader.int(), 0)).map { _ in reader.int() }
    let (kind, bytes) = (reader.int(), reader.block())
    func entry<Scalar: TensorScalar>(_: Scalar.Type) -> StateEntry {
      let tensor = Tensor<Scalar>(uninitialized: shape)
      bytes.withUnsafeBytes { source in
        if let first = source.baseAddress, source.count == tensor.count * MemoryLayout<Scalar>.stride {
          UnsafeMutableRawPointer(tensor.mutablePointer).copyMemory(from: first, byteCount: source.count)
        }
      }
      return StateEntry(name: name, body: tensor.body)
    }
    switch kind {
    case 2: self = entry(Double.self)
    case 1: self = entry(BFloat16.self)
    default: self = entry(Float.self)
    }
  }
}
