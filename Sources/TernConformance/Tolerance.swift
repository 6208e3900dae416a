import TernTensor

/// How far an actual value may be from the expected one: |a − e| ≤ absolute + relative·|e|.
package struct Tolerance: Sendable {
  let relative: Double
  let absolute: Double

  package init(relative: Double, absolute: Double) {
    self.relative = relative
    self.absolute = absolute
  }

  /// What is wrong with `actual`; `nil` when it agrees in type, shape and every element.
  package func disagreement(_ actual: AnyTensor, _ expected: AnyTensor) -> String? {
    if actual.dtype != expected.dtype { return "is of \(actual.dtype), expected \(expected.dtype)" }
    if actual.shape != expected.shape { return "has shape \(actual.shape), expected \(expected.shape)" }
    switch (actual, expected) {
    case (.float(let a), .float(let e)): return compare(a, e)
    case (.double(let a), .double(let e)): return compare(a, e)
    case (.int(let a), .int(let e)): return compareExactly(a, e)
    case (.int32(let a), .int32(let e)): return compareExactly(a, e)
    case (.uint8(let a), .uint8(let e)): return compareExactly(a, e)
    case (.bool(let a), .bool(let e)): return compareExactly(a, e)
    default: return "has another type"
    }
  }

  private func compare<Scalar: FloatingScalar>(_ actual: Tensor<Scalar>, _ expected: Tensor<Scalar>) -> String? {
    let (a, e) = (actual.scalars, expected.scalars)
    var worst: (index: Int, excess: Double)?
    var wrong = 0
    for index in a.indices {
      let (x, y) = (Double(a[index]), Double(e[index]))
      if x == y || (x.isNaN && y.isNaN) { continue }
      // The distance in units of what is allowed; infinities and NaN agree with nothing else.
      let excess = x.isFinite && y.isFinite ? abs(x - y) / (absolute + relative * abs(y)) : .infinity
      if excess <= 1 { continue }
      wrong += 1
      if excess > worst?.excess ?? 0 { worst = (index, excess) }
    }
    guard let (index, _) = worst else { return nil }
    let (x, y) = (a[index], e[index])
    let off = abs(Double(x) - Double(y))
    return "\(wrong) of \(a.count) elements are off, the farthest at \(place(index, actual.shape)): "
      + "\(x), expected \(y), off by \(off), allowed \(absolute + relative * abs(Double(y)))"
  }

  private func compareExactly<Scalar: TensorScalar>(_ actual: Tensor<Scalar>, _ expected: Tensor<Scalar>) -> String? {
    let (a, e) = (actual.scalars, expected.scalars)
    let wrong = a.indices.filter { a[$0] != e[$0] }
    guard let index = wrong.first else { return nil }
    return "\(wrong.count) of \(a.count) elements differ, the first at \(place(index, actual.shape)): "
      + "\(a[index]), expected \(e[index])"
  }

  /// The indices of an element from its row-major position.
  private func place(_ position: Int, _ shape: [Int]) -> [Int] {
    var remainder = position
    var indices: [Int] = []
    for extent in shape.reversed() {
      indices.insert(remainder % extent, at: 0)
      remainder /= extent
    }
    return indices
  }
}
