import TernBackend

// The k-th least of a row, found by the bits of its elements: passes over digits from the highest on, each of which keeps
// the elements of one digit alone. The time does not depend on their order, nor on equals among them.

/// An element as an unsigned number that is in the elements' order; NaN is the greatest of all.
private protocol OrderedBits {
  /// How many bits the keys of what is not NaN have.
  static var keyBits: Int { get }
  var orderKey: UInt64 { get }
  var isMissing: Bool { get }
}

extension OrderedBits {
  @inline(__always) var isMissing: Bool { false }
}

extension Float: OrderedBits {
  static var keyBits: Int { 32 }
  @inline(__always) var orderKey: UInt64 {
    // −0 equals 0.
    let bits = (self + 0).bitPattern
    return UInt64(bits >> 31 == 1 ? ~bits : bits | 0x8000_0000)
  }
  @inline(__always) var isMissing: Bool { self != self }
}

extension Double: OrderedBits {
  static var keyBits: Int { 64 }
  @inline(__always) var orderKey: UInt64 {
    let bits = (self + 0).bitPattern
    return bits >> 63 == 1 ? ~bits : bits | 1 << 63
  }
  @inline(__always) var isMissing: Bool { self != self }
}

extension Int32: OrderedBits {
  static var keyBits: Int { 32 }
  @inline(__always) var orderKey: UInt64 { UInt64(UInt32(bitPattern: self) ^ 1 << 31) }
}

extension Int: OrderedBits {
  static var keyBits: Int { 64 }
  @inline(__always) var orderKey: UInt64 { UInt64(UInt(bitPattern: self)) ^ 1 << 63 }
}

extension UInt8: OrderedBits {
  static var keyBits: Int { 8 }
  @inline(__always) var orderKey: UInt64 { UInt64(self) }
}

extension Bool: OrderedBits {
  static var keyBits: Int { 1 }
  @inline(__always) var orderKey: UInt64 { self ? 1 : 0 }
}

extension BFloat16: OrderedBits {
  static var keyBits: Int { 32 }
  var isMissing: Bool { isNaN }
  var orderKey: UInt64 { Float(self).orderKey }
}

/// Selection in one row of n elements at even distances.
enum Selection {
  /// Where the element stands whose rank among those that are not NaN `rank` tells from their number; the first NaN where
  /// it tells none. Of equals the first.
  ///
  /// - Parameter keys: room for n numbers.
  static func position<Scalar: TensorScalar>(
    _ n: Int, _ x: UnsafePointer<Scalar>, _ step: Int, _ keys: UnsafeMutablePointer<UInt64>, _ rank: (Int) -> Int?
  ) -> Int {
    let raw = UnsafeRawPointer(x)
    switch Scalar.dtype {
    case .float32: return find(n, raw.assumingMemoryBound(to: Float.self), step, keys, rank)
    case .float64: return find(n, raw.assumingMemoryBound(to: Double.self), step, keys, rank)
    case .int32: return find(n, raw.assumingMemoryBound(to: Int32.self), step, keys, rank)
    case .int64: return find(n, raw.assumingMemoryBound(to: Int.self), step, keys, rank)
    case .uint8: return find(n, raw.assumingMemoryBound(to: UInt8.self), step, keys, rank)
    case .bool: return find(n, raw.assumingMemoryBound(to: Bool.self), step, keys, rank)
    case .bfloat16: return find(n, raw.assumingMemoryBound(to: BFloat16.self), step, keys, rank)
    }
  }

  /// Where the most frequent element last stands: of equally frequent ones the least. NaN differs from itself.
  ///
  /// - Parameter keys: room for 2·n numbers.
  static func mode<Scalar: TensorScalar>(
    _ n: Int, _ x: UnsafePointer<Scalar>, _ step: Int, _ keys: UnsafeMutablePointer<UInt64>
  ) -> Int {
    let raw = UnsafeRawPointer(x)
    switch Scalar.dtype {
    case .float32: return mostFrequent(n, raw.assumingMemoryBound(to: Float.self), step, keys)
    case .float64: return mostFrequent(n, raw.assumingMemoryBound(to: Double.self), step, keys)
    case .int32: return mostFrequent(n, raw.assumingMemoryBound(to: Int32.self), step, keys)
    case .int64: return mostFrequent(n, raw.assumingMemoryBound(to: Int.self), step, keys)
    case .uint8: return mostFrequent(n, raw.assumingMemoryBound(to: UInt8.self), step, keys)
    case .bool: return mostFrequent(n, raw.assumingMemoryBound(to: Bool.self), step, keys)
    case .bfloat16: return mostFrequent(n, raw.assumingMemoryBound(to: BFloat16.self), step, keys)
    }
  }

  @inline(__always)
  private static func mostFrequent<T: OrderedBits>(
    _ n: Int, _ x: UnsafePointer<T>, _ step: Int, _ keys: UnsafeMutablePointer<UInt64>
  ) -> Int {
    let present = fill(n, x, step, keys)
    guard present > 0 else { return 0 }
    let sorted = sort(present, keys, keys + n, T.keyBits)
    var (best, found, length) = (0, sorted[0], 0)
    for i in 0..<present {
      length = i > 0 && sorted[i] == sorted[i - 1] ? length + 1 : 1
      if length > best { (best, found) = (length, sorted[i]) }
    }
    for i in stride(from: n - 1, through: 0, by: -1) where x[i &* step].orderKey == found { return i }
    return 0
  }

  /// Writes the keys of what is not NaN, and says how many there are.
  @inline(__always)
  private static func fill<T: OrderedBits>(
    _ n: Int, _ x: UnsafePointer<T>, _ step: Int, _ keys: UnsafeMutablePointer<UInt64>
  ) -> Int {
    var present = 0
    for i in 0..<n {
      let value = x[i &* step]
      keys[present] = value.orderKey
      present &+= value.isMissing ? 0 : 1
    }
    return present
  }

  /// Sorts n keys of some bits by their digits from the lowest on; the result is in one of both places.
  private static func sort(
    _ n: Int, _ keys: UnsafeMutablePointer<UInt64>, _ other: UnsafeMutablePointer<UInt64>, _ bits: Int
  ) -> UnsafeMutablePointer<UInt64> {
    if n <= 32 {
      insertionSort(n, keys)
      return keys
    }
    var (from, to) = (keys, other)
    let digit = n >= 512 ? 11 : 8
    let mask = UInt64(1) << UInt64(digit) - 1
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 1 << digit) { counts in
      let count = counts.baseAddress!
      for shift in stride(from: UInt64(0), to: UInt64(bits), by: digit) {
        count.initialize(repeating: 0, count: 1 << digit)
        for i in 0..<n { count[Int(from[i] &>> shift & mask)] &+= 1 }
        // A digit that all have in common orders nothing.
        if count[Int(from[0] &>> shift & mask)] == n { continue }
        var start = 0
        for value in 0..<1 << digit { (count[value], start) = (start, start &+ count[value]) }
        for i in 0..<n {
          let key = from[i]
          let place = Int(key &>> shift & mask)
          to[count[place]] = key
          count[place] &+= 1
        }
        swap(&from, &to)
      }
    }
    return from
  }

  private static func insertionSort(_ n: Int, _ keys: UnsafeMutablePointer<UInt64>) {
    for i in 1..<Swift.max(n, 1) {
      let key = keys[i]
      var j = i
      while j > 0 && keys[j - 1] > key {
        keys[j] = keys[j - 1]
        j -= 1
      }
      keys[j] = key
    }
  }

  @inline(__always)
  private static func find<T: OrderedBits>(
    _ n: Int, _ x: UnsafePointer<T>, _ step: Int, _ keys: UnsafeMutablePointer<UInt64>, _ rank: (Int) -> Int?
  ) -> Int {
    let present = fill(n, x, step, keys)
    guard let k = rank(present) else {
      for i in 0..<n where x[i &* step].isMissing { return i }
      return 0
    }
    let found = select(present, keys, k, T.keyBits)
    for i in 0..<n where x[i &* step].orderKey == found { return i }
    return 0
  }

  /// The k-th least of a few keys, which change places: those below one of them come first, then those that equal it.
  private static func partitioned(_ n: Int, _ keys: UnsafeMutablePointer<UInt64>, _ k: Int) -> UInt64 {
    var (low, high) = (0, n)
    while high &- low > 8 {
      let (a, b, c) = (keys[low], keys[(low &+ high) / 2], keys[high &- 1])
      let pivot = Swift.max(Swift.min(a, b), Swift.min(Swift.max(a, b), c))
      var store = low
      for i in low..<high {
        let key = keys[i]
        keys[i] = keys[store]
        keys[store] = key
        store &+= key < pivot ? 1 : 0
      }
      if k < store {
        high = store
        continue
      }
      low = store
      for i in low..<high {
        let key = keys[i]
        keys[i] = keys[store]
        keys[store] = key
        store &+= key == pivot ? 1 : 0
      }
      if k < store { return pivot }
      low = store
    }
    insertionSort(high - low, keys + low)
    return keys[k]
  }

  /// The k-th least of n keys of some bits, which are overwritten.
  private static func select(_ count: Int, _ keys: UnsafeMutablePointer<UInt64>, _ k: Int, _ bits: Int) -> UInt64 {
    if count <= 128 { return partitioned(count, keys, k) }
    var (n, k, bits) = (count, k, bits)
    while n > 24 && bits > 0 {
      let digit = Swift.min(bits, n >= 4096 ? 11 : 8)
      bits -= digit
      let mask = UInt64(1) << UInt64(digit) - 1
      let shift = UInt64(bits)
      n = withUnsafeTemporaryAllocation(of: Int.self, capacity: 1 << digit) { counts in
        let count = counts.baseAddress!
        count.initialize(repeating: 0, count: 1 << digit)
        for i in 0..<n { count[Int(keys[i] &>> shift & mask)] &+= 1 }
        var chosen = 0
        while k >= count[chosen] {
          k -= count[chosen]
          chosen += 1
        }
        var kept = 0
        for i in 0..<n {
          let key = keys[i]
          keys[kept] = key
          kept &+= Int(key &>> shift & mask) == chosen ? 1 : 0
        }
        return kept
      }
    }
    if bits == 0 && n > 24 { return keys[0] }
    insertionSort(n, keys)
    return keys[k]
  }
}

extension Tensor {
  /// For every row along an axis an order statistic and its position, see ``Selection``; the axis stays with extent one.
  func selected(_ reduced: ReducedAxes, _ rank: (_ present: Int) -> Int?) -> (values: Tensor, positions: Tensor<Int>) {
    elementsOfRows(reduced, room: 1) { Selection.position($0, $1, $2, $3, rank) }
  }

  /// For every row along an axis its most frequent element and where that last stands; the axis stays with extent one.
  func modes(_ reduced: ReducedAxes) -> (values: Tensor, positions: Tensor<Int>) {
    elementsOfRows(reduced, room: 2, Selection.mode)
  }

  private func elementsOfRows(
    _ reduced: ReducedAxes, room: Int,
    _ position: (Int, UnsafePointer<Scalar>, Int, UnsafeMutablePointer<UInt64>) -> Int
  ) -> (values: Tensor, positions: Tensor<Int>) {
    let plan = ReductionPlan(self, reduced, ordered: true)
    let (values, result) = (Tensor(uninitialized: plan.result), Tensor<Int>(uninitialized: plan.result))
    let (n, inner, x) = (plan.n, plan.inner, plan.input.pointer)
    let (out, chosen) = (result.mutablePointer, values.mutablePointer)
    if result.isEmpty { return (values, result) }
    Workers.run(count: result.count, grain: Swift.max(1, StridedLoop.grain / 4 / Swift.max(n, 1))) { rows in
      // Memory of the pool, not of the stack: rows may be long.
      let memory = Tensor<Int>(uninitialized: [room * n])
      let keys = UnsafeMutableRawPointer(memory.mutablePointer).bindMemory(to: UInt64.self, capacity: room * n)
      for row in rows {
        let start = inner == 1 ? x + row &* n : x + (row / inner * n * inner + row % inner)
        let place = position(n, start, inner, keys)
        out[row] = place
        chosen[row] = start[place &* inner]
      }
      withExtendedLifetime(memory) {}
    }
    withExtendedLifetime(plan.input) {}
    return (values, result)
  }
}
