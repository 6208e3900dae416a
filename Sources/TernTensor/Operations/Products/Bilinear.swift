import TernBackend

/// y_o = Σᵢⱼ x1ᵢ·W_oᵢⱼ·x2ⱼ + b_o.
///
/// - Parameters:
///   - x1: […, in1].
///   - x2: […, in2], of the same leading axes.
///   - weight: [out, in1, in2].
///   - bias: [out].
/// - Returns: […, out].
public func bilinear<Scalar: FloatingScalar>(
  _ x1: Tensor<Scalar>, _ x2: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(weight.rank == 3, "bilinear", "weight \(weight.shape) is not [out, in1, in2]")
  check(
    x1.rank > 0 && x2.rank > 0 && x1.shape.dropLast() == x2.shape.dropLast(), "bilinear",
    "inputs \(x1.shape) and \(x2.shape) differ in their leading axes")
  check(
    x1.shape.last == weight.shape[1] && x2.shape.last == weight.shape[2], "bilinear",
    "inputs \(x1.shape) and \(x2.shape) for weight \(weight.shape)")
  let leading = Array(x1.shape.dropLast())
  let rows = Layout.product(leading)
  let result = einsum(
    "ni,oij,nj->no", x1.reshaped([rows, weight.shape[1]]), weight, x2.reshaped([rows, weight.shape[2]]))
  let shaped = result.reshaped(leading + [weight.shape[0]])
  guard let bias else { return shaped }
  check(
    bias.shape == [weight.shape[0]], "bilinear",
    "bias \(bias.shape) for weight \(weight.shape), [\(weight.shape[0])] expected")
  return shaped + bias
}
