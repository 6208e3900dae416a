import TernBackend
import TernTensor

// Losses that stop to push once a margin is kept.

/// x where the target is 1, max(0, margin − x) where it is −1.
///
/// - Parameters:
///   - distances: x, as a distance of two inputs.
///   - target: 1 or −1; the shapes broadcast.
///   - margin: how far apart is far enough.
///   - reduction: what becomes of the losses.
public func hingeEmbedding<Scalar: FloatingScalar>(
  _ distances: Tensor<Scalar>, _ target: Tensor<Scalar>, margin: Scalar = 1, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  _ = broadcastShape(distances.shape, target.shape, "hingeEmbedding")
  let terms = PointwiseTerms<Scalar>(
    name: "hingeEmbedding", kernel: .hingeEmbedding, parameters: (margin, 1),
    losses: { x, y in
      let apart = select(y .== 1, Tensor(0), (margin - x).clamped(min: 0))
      return apart + select(y .== -1, Tensor(0), x)
    },
    derivatives: { x, y in
      let apart = (y .!= 1) .&& (margin - x .>= 0)
      return (y .!= -1).cast(to: Scalar.self) - apart.cast(to: Scalar.self)
    })
  return terms(distances, target, reduction)
}

/// max(0, −y·(x₁ − x₂) + margin): the first should rank higher where y is 1, the second where it is −1.
///
/// - Parameters:
///   - first: x₁.
///   - second: x₂.
///   - target: y, 1 or −1; the shapes of all three broadcast.
///   - margin: how much higher is enough.
///   - reduction: what becomes of the losses.
public func marginRanking<Scalar: FloatingScalar>(
  _ first: Tensor<Scalar>, _ second: Tensor<Scalar>, _ target: Tensor<Scalar>, margin: Scalar = 0,
  reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  _ = broadcastShape(broadcastShape(first.shape, second.shape, "marginRanking"), target.shape, "marginRanking")
  let terms = PointwiseTerms<Scalar>(
    name: "marginRanking", kernel: .marginRanking, parameters: (margin, 1),
    losses: { (zeroProduct(-$1, $0) + margin).clamped(min: 0) },
    derivatives: { select(zeroProduct(-$1, $0) + margin .>= 0, -$1, 0) })
  return terms(first - second, target, reduction)
}

/// ln(1 + e^(−y·x)): pushes x to the side of y, less and less.
///
/// - Parameters:
///   - scores: x, any shape.
///   - target: y, 1 or −1; the shapes broadcast.
///   - reduction: what becomes of the losses.
public func softMargin<Scalar: FloatingScalar>(
  _ scores: Tensor<Scalar>, _ target: Tensor<Scalar>, reduction: LossReduction = .mean, file: StaticString = #fileID,
  line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  _ = broadcastShape(scores.shape, target.shape, "softMargin")
  let terms = PointwiseTerms<Scalar>(
    name: "softMargin", kernel: .softMargin, losses: { -zeroProduct($1, $0).logSigmoid() },
    derivatives: { -zeroProduct($1, (-zeroProduct($1, $0)).sigmoid()) })
  return terms(scores, target, reduction)
}

/// max(0, d(a, p) − d(a, n) + margin) with d(x, y) = ‖x − y + ε‖ₚ over the last axis.
///
/// - Parameters:
///   - anchor: a, […, features].
///   - positive: p.
///   - negative: n; the shapes of all three broadcast, their ranks are equal.
///   - margin: how much farther the negative should be.
///   - p: the order of the norm.
///   - epsilon: ε, keeps the derivative at equal points finite.
///   - swap: takes d(p, n) in place of d(a, n) where it is smaller.
///   - reduction: what becomes of the losses, […].
///
/// Source: Balntas et al. 2016, "Learning shallow convolutional feature descriptors with triplet losses".
public func tripletMargin<Scalar: FloatingScalar>(
  _ anchor: Tensor<Scalar>, _ positive: Tensor<Scalar>, _ negative: Tensor<Scalar>, margin: Scalar = 1, p: Double = 2,
  epsilon: Scalar = 1e-6, swap: Bool = false, reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return tripletMargin(anchor, positive, negative, margin: margin, swap: swap, reduction: reduction) {
    pairwiseDistance($0, $1, p: p, epsilon: epsilon)
  }
}

/// max(0, d(a, p) − d(a, n) + margin) with a distance d of one's own, see
/// ``tripletMargin(_:_:_:margin:p:epsilon:swap:reduction:file:line:)``.
///
/// Stops unless the margin is above zero and the shapes broadcast.
public func tripletMargin<Scalar: FloatingScalar>(
  _ anchor: Tensor<Scalar>, _ positive: Tensor<Scalar>, _ negative: Tensor<Scalar>, margin: Scalar = 1,
  swap: Bool = false, reduction: LossReduction = .mean,
  distance: (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let operation = "tripletMargin"
  let (a, p, n) = (anchor.shape, positive.shape, negative.shape)
  check(
    a.count == p.count && a.count == n.count, operation,
    "anchor \(a), positive \(p) and negative \(n) differ in rank")
  _ = broadcastShape(broadcastShape(a, p, operation), n, operation)
  check(anchor.rank >= 1, operation, "inputs of rank 0")
  check(margin > 0, operation, "a margin of \(margin)")
  var far = distance(anchor, negative)
  if swap { far = minimum(far, distance(positive, negative)) }
  return reduction((distance(anchor, positive) - far + margin).clamped(min: 0))
}

/// 1 − cos(x₁, x₂) where the target is 1, max(0, cos(x₁, x₂) − margin) where it is −1.
///
/// - Parameters:
///   - first: x₁, [N, features] or [features].
///   - second: x₂; the shapes broadcast.
///   - target: 1 or −1, [N] or a single value.
///   - margin: −1 to 1.
///   - reduction: what becomes of the losses, of the target's shape.
public func cosineEmbedding<Scalar: FloatingScalar>(
  _ first: Tensor<Scalar>, _ second: Tensor<Scalar>, _ target: Tensor<Scalar>, margin: Scalar = 0,
  reduction: LossReduction = .mean,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let operation = "cosineEmbedding"
  check(
    first.rank == second.rank && (first.rank == 1 || first.rank == 2), operation,
    "inputs \(first.shape) and \(second.shape) are not [N, features] or [features]")
  let expected = Array(broadcastShape(first.shape, second.shape, operation).dropLast())
  check(target.shape == expected, operation, "target \(target.shape) for inputs \(first.shape), \(expected) is wanted")
  let tiny = Scalar(1e-12)
  let (a, b) = (Scaled(first, tiny), Scaled(second, tiny))
  let cosine = (a.rows * b.rows).sum(along: -1) / a.lengths / b.lengths
  let alike = select(target .== 1, 1 - cosine, Tensor(0))
  let unlike = select(target .== -1, (cosine - margin).clamped(min: 0), Tensor(0))
  return reduction(alike + unlike)
}

/// Rows x and √(‖x‖² + ε); rows whose square leaves the range are divided by their largest element first, ε with them;
/// an infinite element leaves 0 of finite ones.
private struct Scaled<Scalar: FloatingScalar> {
  let rows: Tensor<Scalar>
  let lengths: Tensor<Scalar>

  init(_ x: Tensor<Scalar>, _ epsilon: Scalar) {
    let squares = (x * x).sum(along: -1)
    if squares.isAllFinite {
      rows = x
      lengths = (squares + epsilon).sqrt()
      return
    }
    let largest = withoutGradients {
      select(
        squares.detached().isFinite().expandedAxis(at: -1), 1,
        x.detached().abs().max(along: -1, keepingAxes: true).values)
    }
    rows = lengthRatio(x, largest)
    lengths = ((rows * rows).sum(along: -1) + (epsilon / largest / largest).squeezed(-1)).sqrt()
  }
}
