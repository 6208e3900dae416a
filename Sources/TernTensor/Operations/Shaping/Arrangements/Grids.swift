import TernBackend

// Products of vectors, choices of elements, and the indices of parts of a grid.

/// All ways to take one element of each vector, a row each, the last vector's running fastest: [n₀·n₁·…, vectors].
///
/// One vector is given back as it is. Gradient: added up where the elements came from.
public func cartesianProduct<Scalar: TensorScalar>(
  _ vectors: [Tensor<Scalar>], file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(!vectors.isEmpty, "cartesianProduct", "no vectors")
  for vector in vectors { check(vector.rank == 1, "cartesianProduct", "\(vector.shape) is no vector") }
  if vectors.count == 1 { return vectors[0].unchanged("cartesianProduct") }
  let extents = vectors.map(\.count)
  check(
    Layout.holds(extents + [vectors.count]), "cartesianProduct",
    "the product of \(extents) is more than a tensor can hold (2⁴⁸)")
  let count = Layout.product(extents)
  return stack(meshgrid(vectors).map { $0.reshaped([count]) }, along: 1)
}

extension Tensor {
  /// All choices of k elements of a vector in their order, a row each: [choices, k].
  ///
  /// Gradient: added up where the elements came from.
  /// - Parameters:
  ///   - k: how many elements a choice has.
  ///   - repeating: an element may be chosen again.
  public func combinations(
    of k: Int = 2, repeating: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank == 1, "combinations", "\(shape) is no vector")
    check(k >= 0, "combinations", "choices of \(k) elements")
    if k == 0 { return Tensor(zeros: [0]) }
    Sizes.check(k, "combinations", "choices of")
    let n = count
    let pool = repeating ? n + k - 1 : n
    if n == 0 || pool < k { return taking(Tensor<Int>(zeros: [0, k])) }
    // C(pool, k), in which every partial product is a number of choices, too.
    var choices = 1
    for i in 1...Swift.min(k, Swift.max(pool - k, 1)) where k < pool {
      let (product, overflow) = choices.multipliedReportingOverflow(by: pool - Swift.min(k, pool - k) + i)
      check(!overflow && product / i <= Layout.most, "combinations", "choices of \(k) among \(n) are too many")
      choices = product / i
    }
    MemoryPool.require(count: choices, of: 24 * k, "combinations", "\(choices) choices of \(k) among \(n)")
    var indices: [Int] = []
    indices.reserveCapacity(choices * k)
    var chosen = repeating ? [Int](repeating: 0, count: k) : Array(0..<k)
    while true {
      indices += chosen
      guard let place = (0..<k).last(where: { chosen[$0] < (repeating ? n - 1 : n - k + $0) }) else { break }
      chosen[place] += 1
      for next in place + 1..<Swift.max(k, place + 1) {
        chosen[next] = repeating ? chosen[place] : chosen[next - 1] + 1
      }
    }
    return taking(Tensor<Int>(indices, shape: [indices.count / k, k]))
  }
}

extension Tensor where Scalar == Int {
  /// The index along each axis of a shape for places of its row-major order.
  ///
  /// Stops for a place outside the shape.
  public func unraveled(_ shape: [Int], file: StaticString = #fileID, line: UInt = #line) -> [Tensor<Int>] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var size = 1
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      check(extent >= 0 && !overflow, "unraveled", "the places of \(shape) are no numbers of an Int")
      size = product
    }
    let (low, high) = isEmpty ? (0, 0) : (min().item, max().item)
    check(
      isEmpty || low >= 0 && high < size, "unraveled",
      "place \(low < 0 ? low : high) outside the \(size) elements of \(shape)")
    let places = contiguous
    var step = size
    return shape.map { extent in
      step /= Swift.max(extent, 1)
      return Tensor<Int>(shape: self.shape) { out in
        let x = places.pointer
        for i in 0..<places.count { out[i] = x[i] / step % extent }
      }
    }
  }
}

/// The rows and the columns of the elements on and below a diagonal of a matrix, in row-major order: [2, count].
/// - Parameter diagonal: 0 for the main one, above it where positive, below where negative.
public func lowerTriangleIndices(
  rows: Int, columns: Int, diagonal: Int = 0, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Int> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return triangleIndices(rows, columns, "lowerTriangleIndices") { row in
    0..<Swift.max(0, Swift.min(columns, row + clamped(diagonal) + 1))
  }
}

/// The rows and the columns of the elements on and above a diagonal of a matrix, in row-major order: [2, count].
/// - Parameter diagonal: 0 for the main one, above it where positive, below where negative.
public func upperTriangleIndices(
  rows: Int, columns: Int, diagonal: Int = 0, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Int> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return triangleIndices(rows, columns, "upperTriangleIndices") { row in
    Swift.min(columns, Swift.max(0, row + clamped(diagonal)))..<columns
  }
}

/// A diagonal far outside every matrix.
private func clamped(_ diagonal: Int) -> Int { Swift.max(-2 * Layout.most, Swift.min(2 * Layout.most, diagonal)) }

private func triangleIndices(
  _ rows: Int, _ columns: Int, _ name: String, _ range: (Int) -> Range<Int>
) -> Tensor<Int> {
  check(rows >= 0 && columns >= 0, name, "\(rows) rows and \(columns) columns")
  Sizes.check([rows, columns], name, "an extent of")
  MemoryPool.require(count: rows, of: 8, name, "\(rows) rows")
  var count = 0
  for row in 0..<rows {
    count += range(row).count
    check(count <= Layout.most, name, "\(rows) rows and \(columns) columns have too many elements")
  }
  MemoryPool.require(count: count, of: 16, name, "\(count) elements")
  return Tensor<Int>(shape: [2, count]) { out in
    var place = 0
    for row in 0..<rows {
      for column in range(row) {
        out[place] = row
        out[count + place] = column
        place += 1
      }
    }
  }
}
