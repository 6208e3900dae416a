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
  if vectors.count == 2 && count > 0 && !OperationObservers.isListening { return allPairs(vectors[0], vectors[1]) }
  return stack(meshgrid(vectors).map { $0.reshaped([count]) }, along: 1)
}

/// All pairs of two vectors' elements, a row each: [m·n, 2].
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func allPairs<Scalar: TensorScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  let (m, n) = (a.count, b.count)
  let (first, second) = (a.detached().contiguous, b.detached().contiguous)
  let result = Tensor<Scalar>(uninitialized: [m * n, 2])
  let (out, x) = (result.mutablePointer, first.pointer)
  Workers.run(count: m, grain: Swift.max(1, StridedLoop.grain / (2 * n))) { rows in
    let pairs = PairWriter(second)
    for i in rows { pairs.write(x[i], with: 0..<n, to: out + 2 * i * n) }
  }
  return withExtendedLifetime(first) { result }.recorded("cartesianProduct", from: a, b) { d in
    let grid = d.gradient.reshaped([m, n, 2])
    d.send(0) { sums(grid[.all, .all, .index(0)], to: [m, 1]).reshaped([m]) }
    d.send(1) { sums(grid[.all, .all, .index(1)], to: [n]) }
  }
}

private func sums<Scalar: TensorScalar>(_ gradient: Tensor<Scalar>, to shape: [Int]) -> Tensor<Scalar> {
  Tensor(body: sumGradient(gradient.body, to: shape))
}

/// Writes pairs of one value and each of some others, from memory in which the value is repeated beside the others.
private struct PairWriter<Scalar: TensorScalar> {
  private let room: Tensor<Scalar>
  private let count: Int

  init(_ others: Tensor<Scalar>) {
    count = others.count
    room = Tensor(uninitialized: [2 * count])
    Scalar.copy(count, room.mutablePointer + count, 1, others.pointer, 1)
  }

  /// `out[2 · i] = value, out[2 · i + 1] = others[range[i]]`
  func write(_ value: Scalar, with range: Range<Int>, to out: UnsafeMutablePointer<Scalar>) {
    let (values, n) = (room.mutablePointer, range.count)
    Scalar.fill(n, values, 1, value)
    Scalar.copy2D(n, 2, out, 2, 1, values, 1, count + range.lowerBound)
  }
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
    if OperationObservers.isListening {
      return taking(Tensor<Int>(0..<n).combinations(of: k, repeating: repeating, choices))
    }
    return combinations(of: k, repeating: repeating, choices).moved("combinations", from: self) { [choices] gradient in
      let indices = Tensor<Int>(0..<n).combinations(of: k, repeating: repeating, choices)
      return Tensor(body: sliceSums(gradient.body, at: indices.flattened(), along: 0, shape: [n]))
    }
  }

  /// The choices, not recorded: all but the last element in turn, and for each such prefix all that the last can be.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func combinations(of k: Int, repeating: Bool, _ choices: Int) -> Tensor {
    let source = detached().contiguous
    let n = count
    let result = Tensor(uninitialized: [choices, k])
    let (out, x) = (result.mutablePointer, source.pointer)
    if k == 2 {
      Workers.run(count: n, grain: Swift.max(1, StridedLoop.grain / n)) { rows in
        let pairs = PairWriter(source)
        for i in rows {
          // The rows before those of i: n − 1, n − 2, … of them, or n, n − 1, ….
          let before = i * (2 * n - i + (repeating ? 1 : -1)) / 2
          pairs.write(x[i], with: (repeating ? i : i + 1)..<n, to: out + 2 * before)
        }
      }
      return withExtendedLifetime(source) { result }
    }
    var prefix = repeating ? [Int](repeating: 0, count: k - 1) : Array(0..<k - 1)
    var row = out
    while true {
      let first = k == 1 ? 0 : prefix[k - 2] + (repeating ? 0 : 1)
      for (column, index) in prefix.enumerated() { Scalar.fill(n - first, row + column, k, x[index]) }
      Scalar.copy(n - first, row + (k - 1), k, x + first, 1)
      row += (n - first) * k
      guard let place = (0..<k - 1).last(where: { prefix[$0] < (repeating ? n - 1 : n - k + $0) }) else { break }
      prefix[place] += 1
      for next in place + 1..<Swift.max(k - 1, place + 1) {
        prefix[next] = repeating ? prefix[place] : prefix[next - 1] + 1
      }
    }
    return withExtendedLifetime(source) { result }
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
