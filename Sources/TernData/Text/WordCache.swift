import Synchronization

/// The tokens of words that were met: a hash table of one thread at a time.
///
/// It holds words of at most 32 bytes, and begins anew when it is full.
final class WordCache {
  private struct Entry {
    var hash: UInt64 = 0
    var key: Int32 = 0
    var length: Int32 = 0
    var tokens: Int32 = 0
    var count: Int32 = 0
  }

  static let longest = 32
  private static let slots = 1 << 16
  private static let limit = slots / 2
  private let entries: UnsafeMutablePointer<Entry>
  private let keys: UnsafeMutablePointer<UInt8>
  private let tokens: UnsafeMutablePointer<Int32>
  private var used = 0
  private var keyEnd = 0
  private var tokenEnd = 0

  init() {
    entries = .allocate(capacity: WordCache.slots)
    entries.initialize(repeating: Entry(), count: WordCache.slots)
    keys = .allocate(capacity: WordCache.limit * WordCache.longest)
    tokens = .allocate(capacity: WordCache.limit * WordCache.longest)
  }

  deinit {
    entries.deallocate()
    keys.deallocate()
    tokens.deallocate()
  }

  /// A hash of some bytes, never 0.
  @inline(__always)
  static func hash(_ word: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(length)
    let raw = UnsafeRawPointer(word)
    var place = 0
    while place + 8 <= length {
      hash = (hash ^ raw.loadUnaligned(fromByteOffset: place, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
      place += 8
    }
    var tail: UInt64 = 0
    while place < length {
      tail = tail << 8 | UInt64(word[place])
      place += 1
    }
    hash = (hash ^ tail) &* 0xBF58_476D_1CE4_E5B9
    hash ^= hash >> 32
    return hash | 1
  }

  /// The tokens of a word; `nil` where it is not there.
  @inline(__always)
  func find(_ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64) -> UnsafeBufferPointer<Int32>? {
    var slot = Int(hash >> 40) & (WordCache.slots - 1)
    while entries[slot].hash != 0 {
      let entry = entries[slot]
      if entry.hash == hash, Int(entry.length) == length {
        let key = keys + Int(entry.key)
        var same = 0
        while same < length, key[same] == word[same] { same += 1 }
        if same == length { return UnsafeBufferPointer(start: tokens + Int(entry.tokens), count: Int(entry.count)) }
      }
      slot = (slot + 1) & (WordCache.slots - 1)
    }
    return nil
  }

  /// Keeps a word that is not there, of at most 32 bytes, with at most as many tokens.
  func insert(_ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64, _ ids: [Int32]) {
    if used == WordCache.limit {
      entries.update(repeating: Entry(), count: WordCache.slots)
      (used, keyEnd, tokenEnd) = (0, 0, 0)
    }
    var slot = Int(hash >> 40) & (WordCache.slots - 1)
    while entries[slot].hash != 0 { slot = (slot + 1) & (WordCache.slots - 1) }
    entries[slot] = Entry(
      hash: hash, key: Int32(keyEnd), length: Int32(length), tokens: Int32(tokenEnd), count: Int32(ids.count))
    (keys + keyEnd).update(from: word, count: length)
    for (index, id) in ids.enumerated() { tokens[tokenEnd + index] = id }
    keyEnd += length
    tokenEnd += ids.count
    used += 1
  }
}

/// Caches that no thread uses just now.
final class WordCachePool: Sendable {
  private struct Idle: @unchecked Sendable {
    // Each cache is in one thread's hands at a time.
    var caches: [WordCache] = []
  }

  private let idle = Mutex(Idle())

  func with(_ body: (WordCache) -> Void) {
    let cache = idle.withLock { Idle(caches: $0.caches.popLast().map { [$0] } ?? []) }.caches.first ?? WordCache()
    body(cache)
    let returned = Idle(caches: [cache])
    idle.withLock { $0.caches += returned.caches }
  }
}
