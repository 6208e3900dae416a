import TernBackend

extension Communicator {
  /// Element by element the sum over ranks, along a fixed binary tree; `name` says in messages what is summed. Throws where
  /// another rank failed or its count differs.
  public func sum<T: CommunicableNumber>(_ values: inout [T], name: String = "a sum") throws(CommunicationError) {
    try mutating(&values) { memory throws(CommunicationError) in try self.sum(memory, name: name) }
  }

  /// The sum over ranks, along a fixed binary tree.
  public func sum<T: CommunicableNumber>(_ value: T, name: String = "a sum") throws(CommunicationError) -> T {
    var values = [value]
    try sum(&values, name: name)
    return values[0]
  }

  /// Replaces values by those of the root; counts are equal on all ranks. Stops where there is no such root.
  public func broadcast<T: Communicable>(
    _ values: inout [T], from root: Int = 0, name: String = "a broadcast", file: StaticString = #fileID,
    line: UInt = #line
  ) throws(CommunicationError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try mutating(&values) { memory throws(CommunicationError) in
      try self.broadcast(memory, from: root, name: name)
    }
  }

  /// The bytes that the root has, any number of them: the other ranks' are not looked at. Stops where there is no such root.
  public func broadcast(
    bytes: [UInt8], from root: Int = 0, name: String = "a broadcast", file: StaticString = #fileID, line: UInt = #line
  ) throws(CommunicationError) -> [UInt8] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var length = [bytes.count]
    try broadcast(&length, from: root, name: name)
    var result = rank == root ? bytes : [UInt8](repeating: 0, count: length[0])
    try broadcast(&result, from: root, name: name)
    return result
  }

  /// The values of all ranks, in the order of ranks; each may have another number of them.
  public func allGather<T: Communicable>(
    _ values: [T], name: String = "a gathering"
  ) throws(CommunicationError) -> [[T]] {
    let counts = try allGatherEqual([values.count], name: name)
    let longest = counts.max() ?? 0
    let all = try allGatherEqual(
      values + [T](repeating: .zero, count: longest - values.count), name: name)
    return counts.enumerated().map { rank, count in Array(all[rank * longest..<rank * longest + count]) }
  }

  /// The values of all ranks one after the other, equally many of each.
  package func allGatherEqual<T: Communicable>(
    _ values: [T], name: String
  ) throws(CommunicationError) -> [T] {
    var result = [T](repeating: .zero, count: values.count * count)
    try mutating(&result) { memory throws(CommunicationError) in
      let outcome: Result<Void, CommunicationError> = values.withUnsafeBytes { own in
        Result { () throws(CommunicationError) in
          try self._run(.allGather(own, into: UnsafeMutableRawBufferPointer(memory)), name)
        }
      }
      try outcome.get()
    }
    return result
  }

  /// Gives a peer values and returns those that it gives; each may have another number of them. Only the two take part.
  /// Stops where there is no such peer.
  public func exchange<T: Communicable>(
    _ values: [T], with peer: Int, name: String = "an exchange", file: StaticString = #fileID, line: UInt = #line
  ) throws(CommunicationError) -> [T] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(0..<count ~= peer, "exchange", "rank \(peer) of \(count)", file: file, line: line)
    if peer == rank { return values }
    var (own, others) = ([values.count], [0])
    try swap(&own, &others, peer, name)
    let longest = max(own[0], others[0])
    var sent = values + [T](repeating: .zero, count: longest - values.count)
    var result = [T](repeating: .zero, count: longest)
    try swap(&sent, &result, peer, name)
    return Array(result.prefix(others[0]))
  }

  private func swap<T: Communicable>(
    _ own: inout [T], _ others: inout [T], _ peer: Int, _ name: String
  ) throws(CommunicationError) {
    try mutating(&own) { own throws(CommunicationError) in
      try self.mutating(&others) { others throws(CommunicationError) in
        try self._run(
          .exchange(UnsafeRawBufferPointer(own), into: UnsafeMutableRawBufferPointer(others), peer: peer), name)
      }
    }
  }

  /// Waits until every rank is here.
  public func barrier(name: String = "a barrier") throws(CommunicationError) { try _run(.barrier, name) }

  /// `body` on the memory of an array; errors keep their type on the way.
  private func mutating<T>(
    _ values: inout [T], _ body: (UnsafeMutableBufferPointer<T>) throws(CommunicationError) -> Void
  ) throws(CommunicationError) {
    let outcome: Result<Void, CommunicationError> = values.withUnsafeMutableBufferPointer { memory in
      Result { () throws(CommunicationError) in try body(memory) }
    }
    try outcome.get()
  }
}

// On memory, for the library: it stays valid and untouched until the operation is over.
extension Communicator {
  /// Adds over ranks, in place.
  package func sum<T: CommunicableNumber>(
    _ memory: UnsafeMutableBufferPointer<T>, name: String
  ) throws(CommunicationError) {
    try _run(.sum(UnsafeMutableRawBufferPointer(memory), T.elementKind), name)
  }

  /// Starts adding over ranks, in place.
  package func startSum<T: CommunicableNumber>(
    _ memory: UnsafeMutableBufferPointer<T>, name: String
  ) -> PendingOperation {
    _start(.sum(UnsafeMutableRawBufferPointer(memory), T.elementKind), name)
  }

  /// Replaces memory by the root's.
  package func broadcast<T: Communicable>(
    _ memory: UnsafeMutableBufferPointer<T>, from root: Int, name: String
  ) throws(CommunicationError) {
    check(0..<count ~= root, "broadcast", "from rank \(root) of \(count)")
    try _run(.broadcast(UnsafeMutableRawBufferPointer(memory), root: root), name)
  }
}
