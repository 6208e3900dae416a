import Foundation

/// The operations of ranks, made of exchanges between pairs. Every sum goes along one binary tree over the numbers of
/// ranks: at level k the subtree of ranks r ..< r + 2ᵏ takes that of r + 2ᵏ ..< r + 2ᵏ⁺¹ on its right.
struct TreeReduction: Sendable {
  let transport: any Transport
  let place: WaitPlace
  /// Results of at most so many bytes go whole at every level: fewer messages. The bits are the same.
  static let smallBytes = 16 << 10

  var rank: Int { transport.rank }
  var count: Int { transport.count }

  /// Runs an operation.
  func run(_ operation: _Collective, _ scratch: Scratch) throws(CommunicationError) {
    if count == 1 { return operation.copyOwn() }
    switch operation {
    case .sum(let memory, let kind): try sum(memory, kind, scratch)
    case .broadcast(let memory, let root): try broadcast(memory, from: root)
    case .allGather(let own, let result): try allGather(own, result)
    case .exchange(let own, let result, let peer):
      try transport.exchange(own, to: peer, result, from: peer, place)
    case .barrier: try barrier()
    }
  }

  private func sum(
    _ memory: UnsafeMutableRawBufferPointer, _ kind: ElementKind, _ scratch: Scratch
  ) throws(CommunicationError) {
    if memory.isEmpty { return }
    if count & (count - 1) != 0 {
      try sumToRoot(memory, kind, scratch)
      try broadcast(memory, from: 0)
    } else if memory.count <= Self.smallBytes {
      try sumByDoubling(memory, kind, scratch)
    } else {
      try sumByHalving(memory, kind, scratch)
    }
  }

  /// Partners exchange all they have at every level.
  private func sumByDoubling(
    _ memory: UnsafeMutableRawBufferPointer, _ kind: ElementKind, _ scratch: Scratch
  ) throws(CommunicationError) {
    let others = scratch.memory(memory.count)
    var bit = 1
    while bit < count {
      let peer = rank ^ bit
      try transport.exchange(UnsafeRawBufferPointer(memory), to: peer, others, from: peer, place)
      kind.add(UnsafeRawBufferPointer(others), to: memory, otherFirst: peer < rank)
      bit *= 2
    }
  }

  /// Reduce-scatter, then all-gather: at each level partners exchange halves of the range that both still work on, each
  /// adds its own, and on the way back they give each other what they have. In all 2n(P − 1)/P elements.
  private func sumByHalving(
    _ memory: UnsafeMutableRawBufferPointer, _ kind: ElementKind, _ scratch: Scratch
  ) throws(CommunicationError) {
    let size = kind.byteCount
    var range = 0..<memory.count / size
    var halves: [(own: Range<Int>, other: Range<Int>)] = []
    func bytes(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: memory[range.lowerBound * size..<range.upperBound * size])
    }
    var bit = 1
    while bit < count {
      let (peer, middle) = (rank ^ bit, range.lowerBound + range.count / 2)
      let (lower, upper) = (range.lowerBound..<middle, middle..<range.upperBound)
      let (own, other) = rank < peer ? (lower, upper) : (upper, lower)
      let others = scratch.memory(own.count * size)
      try transport.exchange(UnsafeRawBufferPointer(bytes(other)), to: peer, others, from: peer, place)
      kind.add(UnsafeRawBufferPointer(others), to: bytes(own), otherFirst: peer < rank)
      halves.append((own, other))
      range = own
      bit *= 2
    }
    for (own, other) in halves.reversed() {
      bit /= 2
      let peer = rank ^ bit
      try transport.exchange(UnsafeRawBufferPointer(bytes(own)), to: peer, bytes(other), from: peer, place)
    }
  }

  /// Rank 0 gets the sum; for numbers of ranks P = 2ᶜ·m (m odd) that are no power of two. The tree is a training's over its shards:
  /// groups of m ranks first, in which a subtree without a partner waits for the next level, then pairs of groups.
  private func sumToRoot(
    _ memory: UnsafeMutableRawBufferPointer, _ kind: ElementKind, _ scratch: Scratch
  ) throws(CommunicationError) {
    let groupCount = count >> count.trailingZeroBitCount
    let levels =
      [(unit: 1, places: groupCount, place: rank % groupCount)]
      + [(unit: groupCount, places: count / groupCount, place: rank / groupCount)]
    for (unit, places, place) in levels {
      var bit = 1
      while bit < places {
        if place & bit != 0 { return try send(memory, to: rank - bit * unit) }
        if place + bit < places {
          let others = scratch.memory(memory.count)
          try receive(others, from: rank + bit * unit)
          kind.add(UnsafeRawBufferPointer(others), to: memory, otherFirst: false)
        }
        bit *= 2
      }
    }
  }

  /// Along a binary tree whose root is the rank that has the bytes.
  private func broadcast(_ memory: UnsafeMutableRawBufferPointer, from root: Int) throws(CommunicationError) {
    let place = (rank - root + count) % count
    var bit = 1
    while bit < count, place & bit == 0 { bit *= 2 }
    if place != 0 { try receive(memory, from: (place - bit + root) % count) }
    bit /= 2
    while bit > 0 {
      if place + bit < count { try send(memory, to: (place + bit + root) % count) }
      bit /= 2
    }
  }

  /// Partners exchange all blocks they have, twice as many at each level; for numbers of ranks that are no power of two, blocks
  /// go around a ring.
  private func allGather(
    _ own: UnsafeRawBufferPointer, _ result: UnsafeMutableRawBufferPointer
  ) throws(CommunicationError) {
    let size = own.count
    func blocks(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: result[range.lowerBound * size..<range.upperBound * size])
    }
    blocks(rank..<rank + 1).copyMemory(from: own)
    if count & (count - 1) == 0 {
      var bit = 1
      while bit < count {
        let (peer, first) = (rank ^ bit, rank & ~(bit - 1))
        let others = blocks(first ^ bit..<(first ^ bit) + bit)
        try transport.exchange(
          UnsafeRawBufferPointer(blocks(first..<first + bit)), to: peer, others, from: peer, place)
        bit *= 2
      }
    } else {
      for turn in 0..<count - 1 {
        let (sent, received) = ((rank - turn + count) % count, (rank - turn - 1 + count) % count)
        try transport.exchange(
          UnsafeRawBufferPointer(blocks(sent..<sent + 1)), to: (rank + 1) % count, blocks(received..<received + 1),
          from: (rank - 1 + count) % count, place)
      }
    }
  }

  /// At level k every rank tells the one 2ᵏ further on.
  private func barrier() throws(CommunicationError) {
    let token: [UInt8] = [1]
    var distance = 1
    while distance < count {
      var other: [UInt8] = [0]
      let outcome = token.withUnsafeBytes { own in
        other.withUnsafeMutableBytes { others in
          Result { () throws(CommunicationError) in
            try transport.exchange(
              own, to: (rank + distance) % count, others, from: (rank - distance + count) % count, place)
          }
        }
      }
      try outcome.get()
      distance *= 2
    }
  }

  private func send(_ memory: UnsafeMutableRawBufferPointer, to peer: Int) throws(CommunicationError) {
    try transport.exchange(
      UnsafeRawBufferPointer(memory), to: peer, UnsafeMutableRawBufferPointer(start: nil, count: 0), from: peer, place)
  }

  private func receive(_ memory: UnsafeMutableRawBufferPointer, from peer: Int) throws(CommunicationError) {
    try transport.exchange(UnsafeRawBufferPointer(start: nil, count: 0), to: peer, memory, from: peer, place)
  }
}

/// Memory for what comes from a peer before it is added; it grows and is used again.
final class Scratch {
  private var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)

  /// At least so many bytes, aligned for any kernel; what was in it is lost.
  func memory(_ count: Int) -> UnsafeMutableRawBufferPointer {
    if bytes.count < count {
      bytes.deallocate()
      bytes = .allocate(byteCount: count, alignment: 64)
    }
    return UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
  }

  deinit { bytes.deallocate() }
}
