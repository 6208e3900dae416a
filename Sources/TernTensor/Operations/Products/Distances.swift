import TernBackend

// How far, or how alike, vectors are.

/// The cosine of the angle between vectors along an axis: Σ a·b / (max(‖a‖, ε)·max(‖b‖, ε)); the shapes broadcast.
///
/// - Parameters:
///   - axis: along which the vectors lie, of the broadcast shape; it disappears.
///   - epsilon: ε, the least a norm counts.
public func cosineSimilarity<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, along axis: Int = 1, epsilon: Scalar = 1e-8, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  if a.rank == 0 && b.rank == 0 { return cosineSimilarity(a.asVector, b.asVector, along: axis, epsilon: epsilon) }
  let shape = broadcastShape(a.shape, b.shape, "cosineSimilarity")
  let at = resolve(axis: axis, rank: shape.count, "cosineSimilarity")
  func unit(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    x.broadcast(to: shape).unit(2, along: [at], epsilon)
  }
  return (unit(a) * unit(b)).sum(along: at)
}

/// ‖a − b + ε‖ₚ of vectors along the last axis; the shapes broadcast.
///
/// - Parameters:
///   - p: the order of the norm, see ``Tensor/norm(_:along:keepingAxes:file:line:)-(_,[Int]?,_,_,_)``.
///   - epsilon: ε, added to every difference, so that equal vectors have a derivative.
///   - keepingAxes: leaves the last axis with extent one.
public func pairwiseDistance<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, p: Double = 2, epsilon: Scalar = 1e-6, keepingAxes: Bool = false,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let difference = a - b + epsilon
  check(difference.rank > 0, "pairwiseDistance", "\(a.shape) and \(b.shape) have no axis")
  return difference.norm(p, along: [-1], keepingAxes: keepingAxes)
}

/// All distances between two sets of vectors: y[…][i][j] = ‖aᵢ − bⱼ‖ₚ.
///
/// The differences themselves are never all in memory at once. Gradients are those of the norm, 0 where vectors coincide.
///
/// - Parameters:
///   - a: […, n, features].
///   - b: […, m, features]; the leading axes broadcast.
///   - p: the order of the norm, at least 0.
/// - Returns: […, n, m].
public func allDistances<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, p: Double = 2, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let name: StaticString = "allDistances"
  check(
    a.rank >= 2 && b.rank >= 2 && a.shape.last == b.shape.last, "\(name)",
    "\(a.shape) and \(b.shape) are not vectors of one length")
  check(p >= 0, "\(name)", "an order of \(p)")
  let batch = broadcastShape(Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)), "\(name)")
  let (x, y) = (a.broadcast(to: batch + a.shape.suffix(2)), b.broadcast(to: batch + b.shape.suffix(2)))
  let (n, m, features) = (a.shape[a.rank - 2], b.shape[b.rank - 2], a.shape[a.rank - 1])
  let rowCount = Layout.product(batch) * m * features
  if n == 0 || m == 0 || features == 0 || rowCount == 0 { return Tensor(zeros: batch + [n, m]) }
  MemoryPool.require(
    count: Sizes.saturated(Layout.product(batch), times: Sizes.saturated(n, times: m)), of: MemoryLayout<Scalar>.stride,
    "\(name)", "all distances of \(a.shape) and \(b.shape)")
  let order = distanceOrder(p)
  let block = Swift.max(1, Swift.min(n, 0x80000 / rowCount))
  if order == nil && block == n { return differenceNorms(x, y, p) }
  let result = withoutGradients {
    order.map { distances(x.contiguous, y.contiguous, order: $0) }
      ?? concatenate(
        blocks(of: x, block).map { differenceNorms($0.rows, y, p) }, along: batch.count)
  }
  return result.recorded(name, from: x, y, saving: [.first, .second, .output]) { d in
    let (x, y) = (d.input(0), d.input(1))
    if !d.createGraph, let order, let weights = distanceWeights(d.gradient, d.output, order: order) {
      let (a, b, lengths) = (x.contiguous, y.contiguous, d.output.contiguous)
      d.send(0) { distanceGradient(a, b, weights, lengths, order: order) }
      d.send(1) {
        distanceGradient(b, a, weights.transposed(-1, -2), lengths.transposed(-1, -2), order: order)
      }
      return
    }
    var (dx, dy): ([Tensor<Scalar>], Tensor<Scalar>?) = ([], nil)
    for (part, start) in blocks(of: x, block) {
      let g = d.gradient.narrowed(axis: -2, start: start, length: part.shape[part.rank - 2])
      let difference = part.expandedAxis(at: -2) - y.expandedAxis(at: -3)
      let reduced = ReducedAxes([-1], of: difference.shape, "allDistances")
      let distance = difference.norm(p, along: [-1], keepingAxes: true)
      let derivatives = normDerivative(p, difference, distance, g.expandedAxis(at: -1), reduced)
      dx.append(derivatives.sum(along: -2))
      let back = derivatives.sum(along: -3)
      dy = dy.map { $0 - back } ?? -back
    }
    d.send(0) { concatenate(dx, along: -2) }
    d.send(1) { dy! }
  }
}

/// The kernels' number for a norm: 1, 2, or 0 for ∞.
func distanceOrder(_ p: Double) -> Int32? { p == 2 ? 2 : p == 1 ? 1 : p == .infinity ? 0 : nil }

/// The norms of all differences, which are in memory at once.
private func differenceNorms<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ p: Double
) -> Tensor<Scalar> {
  (a.expandedAxis(at: -2) - b.expandedAxis(at: -3)).norm(p, along: [-1])
}

/// Some vectors of […, n, features] at a time, so that their differences with others stay near the cache, and where they
/// begin.
private func blocks<Scalar>(of x: Tensor<Scalar>, _ length: Int) -> [(rows: Tensor<Scalar>, start: Int)] {
  let n = x.shape[x.rank - 2]
  return stride(from: 0, to: n, by: length).map {
    (x.narrowed(axis: -2, start: $0, length: Swift.min(length, n - $0)), $0)
  }
}

/// Vectors of a that one chunk takes, all distances to b being `count` terms of a sum for each; panels of b are packed once a
/// chunk.
private func distanceGrain(_ count: Int) -> Int { Swift.max(64, 0x40000 / Swift.max(count, 1) / 4 * 4) }

/// Distances of order 1, 2 or, for 0, ∞ of contiguous vectors with equal batches.
private func distances<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, order: Int32
) -> Tensor<Scalar> {
  let (n, m, features) = (a.shape[a.rank - 2], b.shape[b.rank - 2], a.shape[a.rank - 1])
  let result = Tensor<Scalar>(uninitialized: a.shape.dropLast() + [m])
  let (out, x, y) = (result.mutablePointer, a.pointer, b.pointer)
  eachRow(of: a, grain: distanceGrain(m * features)) { matrix, rows in
    let first = matrix * n + rows.lowerBound
    Scalar.distances(
      order: order, rows.count, m, features: features, out + first * m, x + first * features, y + matrix * m * features)
  }
  withExtendedLifetime((a, b)) {}
  return result
}

/// What the differences, or for the orders 1 and ∞ their signs, are multiplied with in the gradients: dL/dy, divided by y for
/// order 2 and 0 where y is 0; `nil` where the quotients leave the range.
func distanceWeights<Scalar: FloatingScalar>(
  _ gradient: Tensor<Scalar>, _ y: Tensor<Scalar>, order: Int32
) -> Tensor<Scalar>? {
  if !y.isAllFinite { return nil }
  let weights = order == 2 ? lengthRatio(gradient, y) : gradient
  return weights.isAllFinite ? weights.contiguous : nil
}

/// Σ w[…][i][j]·(a[i] − b[j]) of contiguous vectors, for order 1 of the signs of the differences, for order ∞ of those alone
/// that are the distance y[…][i][j].
func distanceGradient<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ weights: Tensor<Scalar>, _ distances: Tensor<Scalar>, order: Int32
) -> Tensor<Scalar> {
  let (n, m, features) = (a.shape[a.rank - 2], b.shape[b.rank - 2], a.shape[a.rank - 1])
  let result = Tensor<Scalar>(uninitialized: a.shape)
  let (out, x, y, w) = (result.mutablePointer, a.pointer, b.pointer, weights.pointer)
  func steps(_ x: Tensor<Scalar>) -> (row: Int, column: Int) {
    (x.layout.strides[a.rank - 2], x.layout.strides[a.rank - 1])
  }
  let (atWeights, atDistances, lengths) = (steps(weights), steps(distances), distances.pointer)
  eachRow(of: a, grain: distanceGrain(m * features)) { matrix, rows in
    let first = (matrix * n + rows.lowerBound) * features
    let weights = w + matrix * n * m + rows.lowerBound * atWeights.row
    if order == 0 {
      Scalar.distancesGradMost(
        rows.count, m, features: features, out + first, x + first, y + matrix * m * features, weights: weights,
        steps: atWeights, distances: lengths + matrix * n * m + rows.lowerBound * atDistances.row,
        distanceSteps: atDistances)
      return
    }
    Scalar.distancesGrad(
      order: order, rows.count, m, features: features, out + first, x + first, y + matrix * m * features,
      weights: weights, steps: atWeights)
  }
  withExtendedLifetime((a, b, weights, distances)) {}
  return result
}

/// Calls `body` with ranges of the rows of every matrix.
private func eachRow<Scalar>(of x: Tensor<Scalar>, grain: Int, _ body: (_ matrix: Int, _ rows: Range<Int>) -> Void) {
  let n = x.shape[x.rank - 2]
  let (matrices, chunks) = (Layout.product(Array(x.shape.dropLast(2))), (n + grain - 1) / grain)
  if chunks > 1 {
    Workers.run(chunks: matrices * chunks) { chunk in
      let start = chunk % chunks * grain
      body(chunk / chunks, start..<Swift.min(start + grain, n))
    }
  } else {
    Workers.run(count: matrices, grain: Swift.max(1, grain / Swift.max(n, 1))) { range in
      for matrix in range { body(matrix, 0..<n) }
    }
  }
}
