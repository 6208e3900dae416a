import TernBackend
import TernTensor

// Bijectors of whole vectors.

/// Vectors of k numbers to k + 1 positive ones that sum to 1: of a stick of length 1 each number takes a part off what is left.
///
/// The part is the sigmoid of xᵢ − ln(k + 1 − i), i from 1, so that 0 becomes equal parts.
public struct StickBreakingBijector<Scalar: FloatingScalar>: Bijector {
  /// From numbers to parts of 1.
  public init() {}
  /// Vectors.
  public var inputAxes: Int { 1 }
  /// Vectors.
  public var outputAxes: Int { 1 }

  /// ln(k + 1 − i) for i from 1 to k
  private func offsets(_ k: Int) -> Tensor<Scalar> {
    Tensor<Scalar>((0..<k).map { Scalar(k - $0) }).log()
  }

  /// [..., k] to [..., k + 1].
  public func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let shifted = x - offsets(x.shape[x.rank - 1])
    let left = (-shifted).logSigmoid().cumulativeSum(along: -1)
    let axes = Array(repeating: (before: 0, after: 0), count: x.rank - 1)
    // The parts' logarithms: a part of what is left before it; the last one takes all of it.
    let taken = shifted.logSigmoid().padded(axes + [(0, 1)])
    return (taken + left.padded(axes + [(1, 0)])).exp()
  }

  /// [..., k + 1] to [..., k].
  public func inverse(_ y: Tensor<Scalar>) -> Tensor<Scalar> {
    let k = y.shape[y.rank - 1] - 1
    let parts = y.narrowed(axis: -1, start: 0, length: k)
    let left = (1 - parts.cumulativeSum(along: -1)).clamped(min: .leastNormalMagnitude)
    return parts.log() - left.log() + offsets(k)
  }

  /// Σ ln yᵢ + ln(1 − zᵢ), zᵢ the part taken
  public func logDeterminant(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
    let k = x.shape[x.rank - 1]
    let left = (offsets(k) - x).logSigmoid()
    return (left + y.narrowed(axis: -1, start: 0, length: k).log()).sum(along: -1)
  }

  /// One more along the last axis.
  public func forwardShape(_ shape: [Int]) -> [Int] {
    check(!shape.isEmpty, "StickBreakingBijector", "a shape [] without an axis of numbers")
    check(shape.last! < Int.max, "StickBreakingBijector", "a shape \(shape) that has no next")
    return shape.dropLast() + [shape[shape.count - 1] + 1]
  }
  /// One fewer along the last axis.
  public func inverseShape(_ shape: [Int]) -> [Int] {
    check((shape.last ?? 0) >= 1, "StickBreakingBijector", "a shape \(shape) without parts")
    return shape.dropLast() + [shape[shape.count - 1] - 1]
  }

  /// Parts above 0; whether they sum to 1 is not looked at.
  public func restricted(_ y: Tensor<Scalar>) -> (values: Tensor<Scalar>, isInside: Tensor<Bool>)? {
    let isInside = (y .> 0).all(along: -1)
    let equal = 1 / Scalar(Swift.max(y.shape[y.rank - 1], 1))
    return (y.inside(isInside.expandedAxis(at: -1), else: equal), isInside)
  }
}

/// Vectors of d·(d − 1)/2 numbers to Cholesky factors of d×d correlation matrices, row by row: the tangents hyperbolic of a row's
/// numbers are its partial correlations.
public struct CorrelationCholeskyBijector<Scalar: FloatingScalar>: Bijector {
  /// From numbers to Cholesky factors of correlation matrices.
  public init() {}
  /// Vectors.
  public var inputAxes: Int { 1 }
  /// Matrices.
  public var outputAxes: Int { 2 }

  /// d of d·(d − 1)/2; `nil` where there is none.
  private func dimension(of count: Int) -> Int? {
    guard (0..<1 << 52).contains(count) else { return nil }
    let d = Int((1 + (1 + 8 * Double(count)).squareRoot()) / 2)
    return d * (d - 1) / 2 == count ? d : nil
  }

  /// The places of a matrix below a diagonal, row by row.
  private func places(_ d: Int, _ diagonal: Int = -1) -> Tensor<Int> {
    Tensor((0..<d).flatMap { row in (0..<Swift.max(row + diagonal + 1, 0)).map { row * d + $0 } })
  }

  /// The elements of matrices [..., d, d] below a diagonal.
  private func elements(_ matrices: Tensor<Scalar>, _ diagonal: Int = -1) -> Tensor<Scalar> {
    let d = matrices.shape[matrices.rank - 1]
    return matrices.reshaped(matrices.shape.dropLast(2) + [d * d]).taking(places(d, diagonal), along: -1)
  }

  /// [..., d·(d − 1)/2] to [..., d, d].
  public func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let whole = forwardShape(x.shape)
    let (d, batch) = (whole[whole.count - 1], Array(x.shape.dropLast()))
    let partial = x.tanh().clamped(min: -1 + .ulpOfOne, max: 1 - .ulpOfOne)
    let flat = Tensor<Scalar>(zeros: batch + [d * d]).replacing(places(d), along: -1, with: partial)
    let r = flat.reshaped(whole)
    // √Π (1 − r²) of what stands before an element.
    let left = (1 - r.square()).sqrt().cumulativeProduct(along: -1).narrowed(axis: -1, start: 0, length: d - 1)
    let before = concatenate([Tensor<Scalar>(ones: batch + [d, 1]), left], along: -1)
    return (r + Tensor<Scalar>(eye: d)) * before
  }

  /// [..., d, d] to [..., d·(d − 1)/2].
  public func inverse(_ y: Tensor<Scalar>) -> Tensor<Scalar> {
    let d = y.shape[y.rank - 1]
    let left = (1 - y.square().cumulativeSum(along: -1)).narrowed(axis: -1, start: 0, length: d - 1)
    let before = concatenate([Tensor<Scalar>(ones: y.shape.dropLast() + [1]), left], along: -1)
    return (elements(y) / elements(before).sqrt()).atanh()
  }

  /// ½·Σ ln(1 − Σ y²) of what stands before elements below the first diagonal, and Σ ln(1 − tanh² x)
  public func logDeterminant(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
    let left = elements(1 - y.square().cumulativeSum(along: -1), -2).log().sum(along: -1)
    return left * 0.5 + x.logTanhDerivative().sum(along: -1)
  }

  /// [..., d·(d − 1)/2] to [..., d, d].
  public func forwardShape(_ shape: [Int]) -> [Int] {
    guard let count = shape.last, let d = dimension(of: count) else {
      fail("CorrelationCholeskyBijector", "a shape \(shape), expected [..., d·(d − 1)/2]")
    }
    return shape.dropLast() + [d, d]
  }
  /// [..., d, d] to [..., d·(d − 1)/2].
  public func inverseShape(_ shape: [Int]) -> [Int] {
    let d = shape.last ?? 0
    check(
      shape.count >= 2 && shape[shape.count - 2] == d, "CorrelationCholeskyBijector",
      "a shape \(shape), expected [..., d, d]")
    let (twice, overflows) = d.multipliedReportingOverflow(by: max(d, 1) - 1)
    check(d >= 0 && !overflows, "CorrelationCholeskyBijector", "a shape \(shape) of too many or of negative numbers")
    return shape.dropLast(2) + [twice / 2]
  }

  /// Factors with a diagonal above 0; whether rows have the length 1 is not looked at.
  public func restricted(_ y: Tensor<Scalar>) -> (values: Tensor<Scalar>, isInside: Tensor<Bool>)? {
    let isInside = (y.diagonal(axes: -2, -1) .> 0).all(along: -1)
    let identity = Tensor<Scalar>(eye: y.shape[y.rank - 1])
    return (select(isInside.expandedAxis(at: -1).expandedAxis(at: -1), y, identity), isInside)
  }
}
