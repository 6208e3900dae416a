import TernBackend

/// The layout of a tensor's elements in its storage: extents and strides, shared by all tensors of this layout.
package final class Layout: Sendable {
  /// The extent of every axis.
  package let shape: [Int]
  /// Elements from one index to the next, for every axis; zero where broadcast, negative where reversed.
  package let strides: [Int]
  /// The product of the extents; 1 for rank 0.
  package let count: Int
  /// Row-major without gaps.
  package let isContiguous: Bool
  /// Some order of the axes is row-major without gaps: `count` elements in a row, each once.
  package let isDense: Bool

  package var rank: Int { shape.count }

  /// The most elements a tensor has: far more than any memory holds, so that sums and multiples of extents, and products
  /// of some of a tensor's, stay within an Int.
  package static let most = 1 << 48

  /// Row-major.
  package init(_ shape: [Int]) {
    self.shape = shape
    var strides = [Int](repeating: 1, count: shape.count)
    count = Layout.product(shape)
    var step = 1
    for axis in stride(from: shape.count - 1, through: 0, by: -1) {
      strides[axis] = step
      step *= Swift.max(shape[axis], 1)
    }
    self.strides = strides
    isContiguous = true
    isDense = true
  }

  package init(_ shape: [Int], strides: [Int]) {
    self.shape = shape
    self.strides = strides
    count = Layout.product(shape)
    isContiguous = count == 0 || Layout.isPacked(shape, strides, order: shape.indices.reversed())
    isDense =
      isContiguous
      || Layout.spans(shape, strides, count)
        && Layout.isPacked(shape, strides, order: shape.indices.sorted { (strides[$0], -$0) < (strides[$1], -$1) })
  }

  /// Row-major in another order of the axes: `order[0]` is the outermost in memory.
  package convenience init(_ shape: [Int], order: [Int]) {
    _ = Layout.product(shape)
    var strides = [Int](repeating: 1, count: shape.count)
    var step = 1
    for axis in order.reversed() {
      strides[axis] = step
      step *= Swift.max(shape[axis], 1)
    }
    self.init(shape, strides: strides)
  }

  /// The product of the extents; stops for a negative one, and where they are more than ``most``, empty axes counted as
  /// one.
  package static func product(_ shape: [Int]) -> Int {
    var (span, isEmpty) = (1, false)
    for extent in shape {
      if extent > 0 {
        let (product, overflow) = span.multipliedReportingOverflow(by: extent)
        if overflow || product > most { refuse(shape) }
        span = product
      } else {
        if extent < 0 { refuse(shape) }
        isEmpty = true
      }
    }
    return isEmpty ? 0 : span
  }

  /// Whether a tensor can have a shape.
  package static func holds(_ shape: [Int]) -> Bool {
    var span = 1
    for extent in shape where extent != 0 {
      let (product, overflow) = span.multipliedReportingOverflow(by: extent)
      if extent < 0 || overflow || product > most { return false }
      span = product
    }
    return true
  }

  @inline(never)
  private static func refuse(_ shape: [Int]) -> Never {
    if shape.contains(where: { $0 < 0 }) { fail("shape", "\(shape) has a negative extent") }
    fail("shape", "\(shape) has more elements than a tensor can have (2⁴⁸, empty axes counted as one)")
  }

  /// Whether the last element is as far from the first as in elements without gaps, which is so for all of these.
  private static func spans(_ shape: [Int], _ strides: [Int], _ count: Int) -> Bool {
    var last = 0
    for axis in shape.indices where shape[axis] != 1 { last &+= (shape[axis] &- 1) &* strides[axis] }
    return last == count - 1
  }

  @inline(__always)
  private static func isPacked(_ shape: [Int], _ strides: [Int], order: some Sequence<Int>) -> Bool {
    var step = 1
    for axis in order where shape[axis] != 1 {
      if strides[axis] != step { return false }
      step *= shape[axis]
    }
    return true
  }

  /// Row-major but for the last two axes, which are exchanged.
  package var isTransposed: Bool {
    let last = rank - 1
    guard rank >= 2, !isContiguous, isDense, strides[last - 1] == 1 else { return false }
    var step = shape[last - 1]
    if strides[last] != step && shape[last] != 1 { return false }
    step *= shape[last]
    for axis in stride(from: last - 2, through: 0, by: -1) where shape[axis] != 1 {
      if strides[axis] != step { return false }
      step *= shape[axis]
    }
    return true
  }

  /// The axes from the slowest to the fastest in memory.
  package var memoryOrder: [Int] {
    if isContiguous { return Array(shape.indices) }
    return shape.indices.sorted { (-abs(strides[$0]), $0) < (-abs(strides[$1]), $1) }
  }

  /// The same axes lie the same way (extents of one do not count).
  package func hasLayout(of other: Layout) -> Bool {
    if self === other { return true }
    guard shape == other.shape else { return false }
    if isContiguous && other.isContiguous { return true }
    for axis in shape.indices where shape[axis] > 1 && strides[axis] != other.strides[axis] { return false }
    return true
  }
}

/// Checks an axis against a rank and makes it non-negative; -1 is the last.
package func resolve(axis: Int, rank: Int, _ operation: @autoclosure () -> String) -> Int {
  check(
    axis >= -rank && axis < rank, operation(),
    rank == 0 ? "axis \(axis) of a tensor of rank 0" : "axis \(axis) outside \(-rank)..<\(rank)")
  return axis < 0 ? axis + rank : axis
}

/// Checks axes against a rank, refuses repeated ones, and returns them non-negative in the order given.
package func resolve(axes: [Int], rank: Int, _ operation: @autoclosure () -> String) -> [Int] {
  let resolved = axes.map { resolve(axis: $0, rank: rank, operation()) }
  check(Set(resolved).count == resolved.count, operation(), "axes \(axes) name one axis twice")
  return resolved
}

/// The shape that both shapes broadcast to: aligned at the last axis, extents of one repeat.
package func broadcastShape(_ a: [Int], _ b: [Int], _ operation: @autoclosure () -> String) -> [Int] {
  if a == b { return a }
  var result = a.count >= b.count ? a : b
  let shorter = a.count >= b.count ? b : a
  let shift = result.count - shorter.count
  for axis in shorter.indices where shorter[axis] != result[axis + shift] {
    let x = result[axis + shift]
    check(
      x == 1 || shorter[axis] == 1, operation(),
      "shapes do not broadcast: \(a) and \(b) (\(x) ≠ \(shorter[axis]))")
    if x == 1 { result[axis + shift] = shorter[axis] }
  }
  return result
}
