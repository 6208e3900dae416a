import TernBackend

// The k greatest or least elements of rows in one pass over them, in the order and with the ties of a stable sort.

extension Tensor {
  /// The first k elements of every row along an axis in sorted order and where they stand; not recorded, rank at least 1.
  func leading(_ k: Int, along axis: Int, largest: Bool) -> (values: Tensor, indices: Tensor<Int>) {
    let rest = shape.indices.filter { $0 != axis }
    var extents = shape
    extents[axis] = k
    // Rows lie whole in the results; in the source they may have any stride.
    let layout = Layout(extents, order: rest + [axis])
    let (values, indices) = (Tensor(uninitialized: layout), Tensor<Int>(uninitialized: layout))
    if values.isEmpty { return (values, indices) }
    let (n, step) = (shape[axis], self.layout.strides[axis])
    MemoryPool.require(count: count / n, of: 24, "topK", "\(count / n) rows of \(shape)")
    let starts = rowStarts(rest)
    let (out, at, x) = (values.mutablePointer, indices.mutablePointer, pointer)
    Workers.run(count: starts.count, grain: Swift.max(1, StridedLoop.grain / 2 / n)) { rows in
      let room = Leading.room(n, k)
      // Memory of the pool, not of the stack: rows may be long.
      let (found, spare) = (Tensor(uninitialized: [2 * room]), Tensor<Int>(uninitialized: [2 * room]))
      let (kept, places) = (found.mutablePointer, spare.mutablePointer)
      for row in rows {
        Leading.find(n, x + starts[row], step, k, out + row * k, at + row * k, kept, places, room, largest)
      }
      withExtendedLifetime((found, spare)) {}
    }
    return (values, indices)
  }
}

/// The k greatest or least of one row of n elements at even distances.
private enum Leading {
  /// Up to as many, elements are kept in order as they come.
  private static let few = 16

  /// How many elements are collected before they are sorted and all but k of them dropped.
  static func room(_ n: Int, _ k: Int) -> Int { Swift.min(n, k + Swift.max(k, 32)) }

  /// - Parameters:
  ///   - kept: room for 2·room elements, and places as many.
  static func find<Scalar: TensorScalar>(
    _ n: Int, _ x: UnsafePointer<Scalar>, _ step: Int, _ k: Int, _ values: UnsafeMutablePointer<Scalar>,
    _ indices: UnsafeMutablePointer<Int>, _ kept: UnsafeMutablePointer<Scalar>, _ places: UnsafeMutablePointer<Int>,
    _ room: Int, _ largest: Bool
  ) {
    let (raw, target) = (UnsafeRawPointer(x), UnsafeMutableRawPointer(k <= few ? values : kept))
    let sort = {
      (count: Int) in
      // Sorted behind, with places in the list, which give way to those in the row.
      let (sorted, order) = (kept + room, places + room)
      Scalar.sort(count, sorted, order, kept, 1, descending: largest)
      for i in 0..<Swift.min(k, count) { order[i] = places[order[i]] }
      kept.update(from: sorted, count: Swift.min(k, count))
      places.update(from: order, count: Swift.min(k, count))
    }
    switch Scalar.dtype {
    case .float32: first(Float.self, n, raw, step, k, target, indices, places, room, largest, sort)
    case .float64: first(Double.self, n, raw, step, k, target, indices, places, room, largest, sort)
    case .int32: first(Int32.self, n, raw, step, k, target, indices, places, room, largest, sort)
    case .int64: first(Int.self, n, raw, step, k, target, indices, places, room, largest, sort)
    case .uint8, .bool: first(UInt8.self, n, raw, step, k, target, indices, places, room, largest, sort)
    case .bfloat16: first(BFloat16.self, n, raw, step, k, target, indices, places, room, largest, sort)
    }
    if k > few {
      values.update(from: kept, count: k)
      indices.update(from: places, count: k)
    }
  }

  /// The first k in `target`, in order, and where they stand in `indices`, or in `places` where they are more than few.
  // It knows nothing of the tensor's type: what is inside of a generic function is not specialized by itself.
  @specialized(where T == Float)
  @specialized(where T == Double)
  @specialized(where T == Int32)
  @specialized(where T == Int)
  @specialized(where T == UInt8)
  private static func first<T: Comparable & SendableMetatype>(
    _: T.Type, _ n: Int, _ raw: UnsafeRawPointer, _ step: Int, _ k: Int, _ target: UnsafeMutableRawPointer,
    _ indices: UnsafeMutablePointer<Int>, _ places: UnsafeMutablePointer<Int>, _ room: Int, _ largest: Bool,
    _ sort: (Int) -> Void
  ) {
    let (x, target) = (raw.assumingMemoryBound(to: T.self), target.assumingMemoryBound(to: T.self))
    if k <= few {
      if largest {
        insert(n, x, step, k, target, indices) { isAbove($0, $1) }
      } else {
        insert(n, x, step, k, target, indices) { isBelow($0, $1) }
      }
    } else if largest {
      collect(n, x, step, k, target, places, room, sort) { isAbove($0, $1) }
    } else {
      collect(n, x, step, k, target, places, room, sort) { isBelow($0, $1) }
    }
  }

  /// Whether a comes before b in descending order: NaN is the greatest.
  @inline(__always) private static func isAbove<T: Comparable & SendableMetatype>(_ a: T, _ b: T) -> Bool {
    !(a <= b) && b == b
  }

  /// Whether a comes before b in ascending order: NaN is the greatest.
  @inline(__always) private static func isBelow<T: Comparable & SendableMetatype>(_ a: T, _ b: T) -> Bool {
    a < b || (b != b && a == a)
  }

  /// Keeps the first k in order, behind their equals that came before.
  @inline(__always)
  private static func insert<T: Comparable & SendableMetatype>(
    _ n: Int, _ x: UnsafePointer<T>, _ step: Int, _ k: Int, _ values: UnsafeMutablePointer<T>,
    _ indices: UnsafeMutablePointer<Int>, _ precedes: (T, T) -> Bool
  ) {
    var count = 0
    scan(n, x, step, { count < k ? nil : values[k - 1] }, precedes) { i, value in
      var place = Swift.min(count, k - 1)
      count = Swift.min(count + 1, k)
      while place > 0 && precedes(value, values[place - 1]) {
        (values[place], indices[place]) = (values[place - 1], indices[place - 1])
        place -= 1
      }
      (values[place], indices[place]) = (value, i)
    }
  }

  /// Collects what may be among the first k, in the order of the row; sorts and drops where there is no more room.
  @inline(__always)
  private static func collect<T: Comparable & SendableMetatype>(
    _ n: Int, _ x: UnsafePointer<T>, _ step: Int, _ k: Int, _ kept: UnsafeMutablePointer<T>,
    _ places: UnsafeMutablePointer<Int>, _ room: Int, _ sort: (Int) -> Void, _ precedes: (T, T) -> Bool
  ) {
    var (count, isFull) = (0, false)
    scan(n, x, step, { isFull ? kept[k - 1] : nil }, precedes) { i, value in
      (kept[count], places[count]) = (value, i)
      count += 1
      if count == room {
        sort(count)
        (count, isFull) = (k, true)
      }
    }
    sort(count)
  }

  /// Calls `take(i, x[i])` for every element that precedes the bound, or for every one while there is none.
  @inline(__always)
  private static func scan<T: Comparable & SendableMetatype>(
    _ n: Int, _ x: UnsafePointer<T>, _ step: Int, _ bound: () -> T?, _ precedes: (T, T) -> Bool,
    _ take: (Int, T) -> Void
  ) {
    var i = 0
    while i < n, bound() == nil {
      take(i, x[i &* step])
      i &+= 1
    }
    guard var last = bound() else { return }
    let block = 16
    while i < n {
      // Blocks of which no element precedes the bound are passed over.
      if step == 1 && i &+ block <= n {
        var found: Int32 = 0
        for j in i..<i &+ block { found |= precedes(x[j], last) ? 1 : 0 }
        if found == 0 {
          i &+= block
          continue
        }
      }
      for j in i..<Swift.min(n, i &+ block) {
        let value = x[j &* step]
        if precedes(value, last) {
          take(j, value)
          last = bound()!
        }
      }
      i = Swift.min(n, i &+ block)
    }
  }
}
