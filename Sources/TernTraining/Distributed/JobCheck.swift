import TernBackend
import TernData
import TernDistributed
import TernNN
import TernTensor

extension Communicator {
  /// Rank 0's values of a tensor of the same shape and type.
  func broadcast(_ body: TensorBody, name: String) throws(CommunicationError) -> TensorBody {
    switch body.dtype {
    case .float32: try broadcast(Tensor<Float>(body: body), name)
    case .float64: try broadcast(Tensor<Double>(body: body), name)
    case .int32: try broadcast(Tensor<Int32>(body: body), name)
    case .int64: try broadcast(Tensor<Int>(body: body), name)
    case .uint8: try broadcast(Tensor<UInt8>(body: body), name)
    case .bool: try broadcast(Tensor<Bool>(body: body), name)
    case .bfloat16: try broadcast(Tensor<BFloat16>(body: body), name)
    }
  }

  private func broadcast<Scalar: TensorScalar>(
    _ tensor: Tensor<Scalar>, _ name: String
  ) throws(CommunicationError) -> TensorBody {
    let copy = withoutGradients { tensor.detached().contiguous.copied() }
    let memory = UnsafeMutableBufferPointer(
      start: UnsafeMutableRawPointer(copy.mutablePointer).assumingMemoryBound(to: UInt8.self),
      count: copy.count * MemoryLayout<Scalar>.stride)
    defer { withExtendedLifetime(copy) {} }
    if copy.count > 0 { try broadcast(memory, from: 0, name: name) }
    return copy.body
  }

  /// Whether any rank says so.
  func agree(_ flag: Bool, name: String) throws(CommunicationError) -> Bool {
    if count == 1 { return flag }
    return try allGatherEqual([flag ? 1 : 0], name: name).contains(1)
  }

  /// Throws where a rank is about to train something else than rank 0, the same error on all ranks.
  ///
  /// - Parameter entries: What the training is made of, with a word for each, in the same order on all ranks.
  package func requireSameTraining(_ entries: [(name: String, value: String)]) throws {
    if let found = try firstDifference(entries, name: "the start of the training") {
      throw TrainingError(
        description: "rank \(found.rank) does not train what rank 0 does: \(found.name) \(found.own), "
          + "on rank 0 \(found.root)")
    }
  }

  /// Compares texts over ranks: what each is about, and what it is here.
  ///
  /// - Returns: `nil` where all are equal, else for the first rank with another the first that differs, the same on all
  ///   ranks.
  func firstDifference(
    _ entries: [(name: String, value: String)], name: String
  ) throws(CommunicationError) -> (rank: Int, name: String, own: String, root: String)? {
    if count == 1 { return nil }
    var fingerprint = ContentHash()
    for entry in entries { fingerprint.add(entry.name, entry.value) }
    let all = try allGatherEqual([Int(truncatingIfNeeded: fingerprint.value)], name: name)
    guard let rank = all.firstIndex(where: { $0 != all[0] }) else { return nil }
    func packed(_ list: [(name: String, value: String)]) -> [UInt8] {
      var parcel = Parcel()
      parcel.add(list.count)
      for entry in list {
        parcel.add(entry.name)
        parcel.add(entry.value)
      }
      return parcel.bytes
    }
    func unpacked(_ bytes: [UInt8]) -> [(name: String, value: String)] {
      var reader = ParcelReader(bytes)
      return (0..<max(reader.int(), 0)).map { _ in (reader.text(), reader.text()) }
    }
    let root = unpacked(try broadcast(bytes: packed(entries), from: 0, name: name))
    let other = unpacked(try broadcast(bytes: packed(entries), from: rank, name: name))
    for index in 0..<max(root.count, other.count) {
      let (mine, roots) = (index < other.count ? other[index] : nil, index < root.count ? root[index] : nil)
      if mine?.name == roots?.name && mine?.value == roots?.value { continue }
      return (
        rank, mine?.name == roots?.name ? mine?.name ?? "" : "the first that differs is",
        mine?.name == roots?.name ? mine?.value ?? "none" : mine?.name ?? "none",
        mine?.name == roots?.name ? roots?.value ?? "none" : roots?.name ?? "none"
      )
    }
    return (rank, "a setting", "another", "its own")
  }
}

/// A number that depends on every byte (FNV-1a in words of 8 bytes, mixed at the end).
struct ContentHash {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01B3
    value ^= value >> 29
  }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var at = 0
    while at + 8 <= bytes.count {
      add(bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at += 8
    }
    while at < bytes.count {
      add(UInt64(bytes[at]))
      at += 1
    }
    add(UInt64(bytes.count))
  }

  mutating func add(_ texts: String...) {
    for text in texts { Array(text.utf8).withUnsafeBytes { add($0) } }
  }

  mutating func add(_ entry: StateEntry) {
    entry.stored.stored.withUnsafeBytes { add($0) }
  }
}
