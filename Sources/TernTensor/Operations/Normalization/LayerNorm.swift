import TernBackend

/// Layer normalization: every slice over the last axes gets mean 0 and variance 1, then a scale and a shift an element.
///
/// y = γ·(x − μ)/√(σ² + ε) + β with μ and σ² (biased) of the slice; gradients go through both. A slice of one value gives
/// β. Source: Ba, Kiros & Hinton 2016, "Layer normalization".
///
/// - Parameters:
///   - x: [.., normalizedShape].
///   - normalizedShape: the extents of the last axes, over which to normalize.
///   - scale: γ, of the normalized shape; 1 when `nil`.
///   - shift: β, of the normalized shape; 0 when `nil`.
///   - epsilon: ε, inside the root.
/// - Returns: y, of the shape of x.
///
/// Stops where x does not end in the normalized shape, or γ or β has another.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func layerNorm<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, normalizedShape: [Int], scale: Tensor<Scalar>? = nil, shift: Tensor<Scalar>? = nil,
  epsilon: Scalar = 1e-5,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let (rows, n) = checkSlices(x, normalizedShape, scale, shift, "layerNorm")
  return normalizedRows(
    "layerNorm", x, normalizedShape, rows, n, scale: scale, shift: shift, centered: true, epsilon: Double(epsilon))
}

/// Checks that x ends in the normalized shape; returns the number of slices and their elements.
func checkSlices<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ normalizedShape: [Int], _ scale: Tensor<Scalar>?, _ shift: Tensor<Scalar>?,
  _ operation: String
) -> (rows: Int, n: Int) {
  check(!normalizedShape.isEmpty, operation, "the normalized shape has no axes")
  check(
    Array(x.shape.suffix(normalizedShape.count)) == normalizedShape, operation,
    "\(x.shape) does not end in the normalized shape \(normalizedShape)")
  for (name, tensor) in [("scale", scale), ("shift", shift)] {
    guard let tensor else { continue }
    check(
      tensor.shape == normalizedShape, operation,
      "\(name) \(tensor.shape) for the normalized shape \(normalizedShape)")
  }
  return (Layout.product(Array(x.shape.dropLast(normalizedShape.count))), Layout.product(normalizedShape))
}
