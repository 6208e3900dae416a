import TernBackend

/// The shards of all ranks as ranks of their own: those of this process are threads, which meet those of the other processes
/// through `outer`. Shard i of rank r has the number r · shards + i.
///
/// For layers in which the shards of a step have to meet. Sums have the bits of ``ShardSum`` over all shards.
package struct ShardGroup: Sendable {
  package let outer: any Communicator
  package let shards: Int

  package init(_ outer: any Communicator, shards: Int) { (self.outer, self.shards) = (outer, shards) }

  /// Calls `body` for each shard of this process, on a thread of its own, and returns what it returned, in the order of
  /// shards. All ranks call it, and use `outer` for nothing else meanwhile.
  package func run<R: Sendable>(_ body: @escaping @Sendable (any Communicator) throws -> R) throws -> [R] {
    if shards == 1 { return [try body(outer)] }
    let (outer, shards) = (outer, shards)
    return try ThreadGroup(shards).run(
      members: { ShardMember(outer, shards: shards, ThreadMember($0, $1)) }, body)
  }
}

/// One shard: what it does goes through the threads of its process first, and the first of them speaks for all.
final class ShardMember: Communicator, EndingCommunicator {
  private let outer: any Communicator
  private let inner: ThreadMember
  private let shards: Int
  private let queue: CommunicationQueue

  init(_ outer: any Communicator, shards: Int, _ inner: ThreadMember) {
    (self.outer, self.shards, self.inner) = (outer, shards, inner)
    queue = CommunicationQueue(name: "shard \(inner.rank) communicates")
  }

  var rank: Int { outer.rank * shards + inner.rank }
  var count: Int { outer.count * shards }
  var step: Int? {
    get { inner.step }
    set {
      inner.step = newValue
      if inner.rank == 0 { outer.step = newValue }
    }
  }

  func _run(_ operation: _Collective, _ name: String) throws(CommunicationError) {
    if !queue.isIdle { return try _start(operation, name).wait() }
    try perform(operation, name)
  }

  func _start(_ operation: _Collective, _ name: String) -> PendingOperation {
    queue.start { [self] () throws(CommunicationError) in try perform(operation, name) }
  }

  func abort(_ reason: any Error) { inner.abort(reason) }

  func end() {
    queue.close()
    inner.end()
  }

  private var isFirst: Bool { inner.rank == 0 }

  private func perform(_ operation: _Collective, _ name: String) throws(CommunicationError) {
    switch operation {
    case .sum(let memory, _):
      try inner._run(operation, name)
      try first(operation, name)
      try inner._run(.broadcast(memory, root: 0), name)
    case .broadcast(let memory, let root):
      if root / shards == outer.rank { try inner._run(.broadcast(memory, root: root % shards), name) }
      try first(.broadcast(memory, root: root / shards), name)
      try inner._run(.broadcast(memory, root: 0), name)
    case .allGather(let own, let result):
      let size = own.count * shards
      let block = UnsafeMutableRawBufferPointer(rebasing: result[outer.rank * size..<(outer.rank + 1) * size])
      try inner._run(.allGather(own, into: block), name)
      if isFirst {
        // The block is read and written in one place otherwise.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        defer { copy.deallocate() }
        copy.copyMemory(from: UnsafeRawBufferPointer(block))
        try first(.allGather(UnsafeRawBufferPointer(copy), into: result), name)
      }
      try inner._run(.broadcast(result, root: 0), name)
    case .exchange(let own, let result, let peer):
      check(peer / shards == outer.rank, "exchange", "shard \(rank) with \(peer), which is of another process")
      try inner._run(.exchange(own, into: result, peer: peer % shards), name)
    case .barrier:
      try inner._run(.barrier, name)
      try first(.barrier, name)
      try inner._run(.barrier, name)
    }
  }

  /// The first shard does it with the other processes; what fails there wakes this one's other shards.
  private func first(_ operation: _Collective, _ name: String) throws(CommunicationError) {
    guard isFirst else { return }
    do {
      try outer._run(operation, name)
    } catch {
      inner.abort(error)
      throw error
    }
  }
}
