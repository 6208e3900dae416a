import TernBackend
import TernTensor

// Losses with margins as modules, which keep their settings.

/// x where the target is 1, max(0, margin − x) where it is −1, see ``hingeEmbedding(_:_:margin:reduction:file:line:)``.
public final class HingeEmbeddingLoss: Module {
  /// How far apart is far enough.
  public let margin: Double
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a hinge loss of distances.
  ///
  /// - Parameters:
  ///   - margin: the distance beyond which a negative pair costs nothing.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(margin: Double = 1, reduction: LossReduction = .mean) {
    self.margin = margin
    self.reduction = reduction
  }

  /// The loss of distances against 1 or −1.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ distances: Tensor<Scalar>, _ target: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    hingeEmbedding(distances, target, margin: Scalar(margin), reduction: reduction, file: file, line: line)
  }
}

/// max(0, −y·(x₁ − x₂) + margin), see ``marginRanking(_:_:_:margin:reduction:file:line:)``.
public final class MarginRankingLoss: Module {
  /// How much higher is enough.
  public let margin: Double
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a loss of the order of two scores.
  ///
  /// - Parameters:
  ///   - margin: by how much the higher score is to exceed the other.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(margin: Double = 0, reduction: LossReduction = .mean) {
    self.margin = margin
    self.reduction = reduction
  }

  /// The loss of two rankings against 1 or −1.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ first: Tensor<Scalar>, _ second: Tensor<Scalar>, _ target: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    marginRanking(first, second, target, margin: Scalar(margin), reduction: reduction, file: file, line: line)
  }
}

/// ln(1 + e^(−y·x)), see ``softMargin(_:_:reduction:file:line:)``.
public final class SoftMarginLoss: Module {
  /// What becomes of the losses of the elements.
  public let reduction: LossReduction

  /// Creates a logistic loss.
  ///
  /// - Parameter reduction: whether the losses are averaged, summed or returned one by one.
  public init(reduction: LossReduction = .mean) { self.reduction = reduction }

  /// The loss of scores against 1 or −1.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ scores: Tensor<Scalar>, _ target: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    softMargin(scores, target, reduction: reduction, file: file, line: line)
  }
}

/// 1 − cos(x₁, x₂) where the target is 1, max(0, cos(x₁, x₂) − margin) where it is −1, see
/// ``cosineEmbedding(_:_:_:margin:reduction:file:line:)``.
public final class CosineEmbeddingLoss: Module {
  /// −1 to 1.
  public let margin: Double
  /// What becomes of the losses of the pairs.
  public let reduction: LossReduction

  /// Creates a loss of the angle between vectors.
  ///
  /// - Parameters:
  ///   - margin: the cosine up to which a negative pair costs nothing, −1 to 1.
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(margin: Double = 0, reduction: LossReduction = .mean) {
    self.margin = margin
    self.reduction = reduction
  }

  /// The loss of two lists of vectors against 1 or −1.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ first: Tensor<Scalar>, _ second: Tensor<Scalar>, _ target: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    cosineEmbedding(first, second, target, margin: Scalar(margin), reduction: reduction, file: file, line: line)
  }
}

/// max(0, d(a, p) − d(a, n) + margin) of norms, see
/// ``tripletMargin(_:_:_:margin:p:epsilon:swap:reduction:file:line:)``.
public final class TripletMarginLoss: Module {
  /// How much farther the negative should be.
  public let margin: Double
  /// The order of the norm.
  public let p: Double
  /// Keeps the derivative at equal points finite.
  public let epsilon: Double
  /// Whether d(p, n) is taken where it is smaller than d(a, n).
  public let swap: Bool
  /// What becomes of the losses of the triplets.
  public let reduction: LossReduction

  /// Creates a triplet loss. Stops unless the margin is above 0.
  ///
  /// - Parameters:
  ///   - margin: how much farther than the positive the negative is to be, above 0.
  ///   - p: the order of the norm.
  ///   - epsilon: added to every difference, so that the gradient of equal points is finite.
  ///   - swap: whether d(p, n) is used where it is smaller than d(a, n).
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  public init(
    margin: Double = 1, p: Double = 2, epsilon: Double = 1e-6, swap: Bool = false, reduction: LossReduction = .mean,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(margin > 0, "TripletMarginLoss", "a margin of \(margin)")
    (self.margin, self.p, self.epsilon) = (margin, p, epsilon)
    self.swap = swap
    self.reduction = reduction
  }

  /// The loss of an anchor, what is like it and what is not.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ anchor: Tensor<Scalar>, _ positive: Tensor<Scalar>, _ negative: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    tripletMargin(
      anchor, positive, negative, margin: Scalar(margin), p: p, epsilon: Scalar(epsilon), swap: swap,
      reduction: reduction,
      file: file, line: line)
  }
}

/// max(0, d(a, p) − d(a, n) + margin) of a distance of one's own, see
/// ``tripletMargin(_:_:_:margin:swap:reduction:distance:file:line:)``.
public final class TripletMarginWithDistanceLoss<Scalar: FloatingScalar>: Module {
  /// How much farther the negative should be.
  public let margin: Double
  /// Whether d(p, n) is taken where it is smaller than d(a, n).
  public let swap: Bool
  /// What becomes of the losses of the triplets.
  public let reduction: LossReduction
  private let distance: (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>

  /// Creates a triplet loss of a given distance. Stops unless the margin is above 0.
  ///
  /// - Parameters:
  ///   - margin: how much farther than the positive the negative is to be, above 0.
  ///   - swap: whether d(p, n) is used where it is smaller than d(a, n).
  ///   - reduction: whether the losses are averaged, summed or returned one by one.
  ///   - distance: the distances of two lists of vectors, one for each pair.
  public init(
    margin: Double = 1, swap: Bool = false, reduction: LossReduction = .mean,
    distance: @escaping (Tensor<Scalar>, Tensor<Scalar>) -> Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(margin > 0, "TripletMarginWithDistanceLoss", "a margin of \(margin)")
    self.margin = margin
    self.swap = swap
    self.reduction = reduction
    self.distance = distance
  }

  /// The loss of an anchor, what is like it and what is not.
  public func callAsFunction(
    _ anchor: Tensor<Scalar>, _ positive: Tensor<Scalar>, _ negative: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    tripletMargin(
      anchor, positive, negative, margin: Scalar(margin), swap: swap, reduction: reduction, distance: distance,
      file: file, line: line)
  }
}
