import TernBackend

/// Root-mean-square normalization: y = γ·x/√(mean(x²) + ε) over every slice of the last axes.
///
/// Source: Zhang & Sennrich 2019, "Root mean square layer normalization".
///
/// - Parameters:
///   - x: [.., normalizedShape].
///   - normalizedShape: the extents of the last axes, over which to normalize.
///   - scale: γ, of the normalized shape; 1 when `nil`.
///   - epsilon: ε, inside the root; the distance from 1 to the next number when `nil`.
/// - Returns: y, of the shape of x.
///
/// Stops where x does not end in the normalized shape, or γ has another.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func rmsNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, normalizedShape: [Int], scale: Tensor<Scalar>? = nil, epsilon: Scalar? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (rows, n) = checkSlices(x, normalizedShape, scale, nil, "rmsNorm")
  return normalizedRows(
    "rmsNorm", x, normalizedShape, rows, n, scale: scale, shift: nil, centered: false,
    epsilon: Double(epsilon ?? Scalar.ulpOfOne))
}
