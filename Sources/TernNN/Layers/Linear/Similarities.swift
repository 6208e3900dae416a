import TernBackend
import TernTensor

// How far, or how alike, vectors are, as modules that keep their settings.

/// The cosine of the angle between vectors along an axis, see ``cosineSimilarity(_:_:along:epsilon:file:line:)``.
public final class CosineSimilarity: Module {
  /// The axis along which the vectors lie.
  public let axis: Int
  /// The least a norm counts.
  public let epsilon: Double

  /// Creates a cosine similarity.
  ///
  /// - Parameters:
  ///   - axis: the axis along which the vectors lie; a negative one counts from the end.
  ///   - epsilon: ε, the smallest norm that is divided by.
  public init(axis: Int = 1, epsilon: Double = 1e-8) {
    self.axis = axis
    self.epsilon = epsilon
  }

  /// The cosines, of the broadcast shape without the axis.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ first: Tensor<Scalar>, _ second: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    cosineSimilarity(first, second, along: axis, epsilon: Scalar(epsilon), file: file, line: line)
  }
}

/// The norm of the differences of vectors, see ``pairwiseDistance(_:_:p:epsilon:keepingAxes:file:line:)``.
public final class PairwiseDistance: Module {
  /// The order of the norm.
  public let p: Double
  /// Added to every difference.
  public let epsilon: Double
  /// Whether the last axis stays with extent one.
  public let keepingAxes: Bool

  /// Creates a distance of vectors along the last axis.
  ///
  /// - Parameters:
  ///   - p: the order of the norm.
  ///   - epsilon: added to every difference.
  ///   - keepingAxes: whether the last axis stays, with extent 1.
  public init(p: Double = 2, epsilon: Double = 1e-6, keepingAxes: Bool = false) {
    self.p = p
    self.epsilon = epsilon
    self.keepingAxes = keepingAxes
  }

  /// The distances, of the broadcast shape without the last axis.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ first: Tensor<Scalar>, _ second: Tensor<Scalar>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    pairwiseDistance(first, second, p: p, epsilon: Scalar(epsilon), keepingAxes: keepingAxes, file: file, line: line)
  }
}
