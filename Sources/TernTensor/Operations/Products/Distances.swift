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
  // Blocks of vectors of a, so that the differences stay near the cache.
  let block = Swift.max(1, Swift.min(n, 0x80000 / rowCount))
  func distances(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
    (x.expandedAxis(at: -2) - y.expandedAxis(at: -3)).norm(p, along: [-1])
  }
  if block == n { return distances(x, y) }
  let axis = batch.count
  let starts = Array(stride(from: 0, to: n, by: block))
  @Sendable func rows(_ x: Tensor<Scalar>, _ start: Int) -> Tensor<Scalar> {
    x.narrowed(axis: axis, start: start, length: Swift.min(block, n - start))
  }
  let result = withoutGradients { concatenate(starts.map { distances(rows(x, $0), y) }, along: axis) }
  return result.recorded(name, from: x, y, saving: [.first, .second]) { d in
    let (x, y) = (d.input(0), d.input(1))
    var (dx, dy): ([Tensor<Scalar>], Tensor<Scalar>?) = ([], nil)
    for start in starts {
      let (part, g) = (rows(x, start), rows(d.gradient, start))
      let difference = part.expandedAxis(at: -2) - y.expandedAxis(at: -3)
      let reduced = ReducedAxes([-1], of: difference.shape, "\(name)")
      let distance = difference.norm(p, along: [-1], keepingAxes: true)
      let derivatives = normDerivative(p, difference, distance, g.expandedAxis(at: -1), reduced)
      dx.append(derivatives.sum(along: -2))
      let back = derivatives.sum(along: -3)
      dy = dy.map { $0 - back } ?? -back
    }
    d.send(0) { concatenate(dx, along: axis) }
    d.send(1) { dy! }
  }
}
