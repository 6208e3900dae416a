import TernBackend

/// activation(x·Wᵀ + b): the map of a dense layer.
///
/// Gradients, with g that of what is activated: g·W, gᵀ·x, and g summed over the rows.
/// - Parameters:
///   - x: […, in].
///   - weight: [out, in].
///   - bias: [out].
///   - activation: what becomes of the sum.
/// - Returns: […, out].
///
/// Stops when the shapes do not fit.
public func linear<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil, activation: FusedActivation = .identity,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(x.rank > 0, "linear", "input has rank 0")
  check(weight.rank == 2, "linear", "weight \(weight.shape) is no matrix [out, in]")
  let (outputs, inputs) = (weight.shape[0], weight.shape[1])
  check(
    x.shape[x.rank - 1] == inputs, "linear",
    "input \(x.shape) for weight \(weight.shape) (\(x.shape[x.rank - 1]) ≠ \(inputs))")
  if let bias {
    check(bias.shape == [outputs], "linear", "bias \(bias.shape) for weight \(weight.shape), [\(outputs)] expected")
  }
  if x.rank == 2 { return affineRows(x, weight, bias, activation) }
  let rows = x.reshaped([Layout.product(Array(x.shape.dropLast())), inputs])
  return affineRows(rows, weight, bias, activation).reshaped(x.shape.dropLast() + [outputs])
}

/// activation(x·Wᵀ + b) for rows x [m, in]; recorded.
@specialized(where Scalar == Float)
private func affineRows<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, _ bias: Tensor<Scalar>?, _ activation: FusedActivation
) -> Tensor<Scalar> {
  let result = Tensor.product(MatrixOperand(x), MatrixOperand(weight).flipped)
  var saving = (x.node == nil ? [] : Saving.second).union(weight.node == nil ? [] : .first)
  guard let bias else {
    let map = result.recorded("linear", from: x, weight, saving: saving) { d in
      sendAffineGradients(d, d.gradient)
    }
    return activation == .relu ? map.relu() : map
  }
  if activation == .relu { saving.insert(.output) }
  result.addToRows(bias.contiguous, appliesReLU: activation == .relu)
  return result.recorded("linear", fromAll: [x, weight, bias], saving: saving) { d in
    let gradient = d.gradient(before: activation)
    sendAffineGradients(d, gradient)
    d.send(2) { d.createGraph ? gradient.sum(along: 0) : gradient.columnSums() }
  }
}

@specialized(where Scalar == Float)
private func sendAffineGradients<Scalar: FloatingScalar>(_ d: Derivation<Scalar>, _ gradient: Tensor<Scalar>) {
  if d.createGraph {
    d.send(0) { matmul(gradient, d.input(1)) }
    d.send(1) { matmul(gradient.transposed(), d.input(0)) }
  } else {
    d.send(0) { .product(MatrixOperand(gradient), MatrixOperand(d.input(1))) }
    d.send(1) { .product(MatrixOperand(gradient).flipped, MatrixOperand(d.input(0))) }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// Adds a vector to every row of this new matrix, then ReLU for `appliesReLU`.
  @specialized(where Scalar == Float)
  fileprivate func addToRows(_ vector: Tensor, appliesReLU: Bool) {
    let (m, n) = (shape[0], shape[1])
    if n == 0 { return }
    let (out, added) = (mutablePointer, vector.pointer)
    Workers.run(count: m, grain: Swift.max(1, StridedLoop.grain / Swift.max(n, 1))) { rows in
      Scalar.addChannels(rows.count, n, out + rows.lowerBound * n, added, appliesReLU: appliesReLU)
    }
  }

  /// The sums of a matrix's columns; not recorded.
  @specialized(where Scalar == Float)
  fileprivate func columnSums() -> Tensor {
    guard layout.isContiguous, count > 0, count <= 0x8000 else { return sum(along: 0) }
    let result = Tensor(uninitialized: [shape[1]])
    Scalar.reduce(.sum, 1, shape[0], shape[1], result.mutablePointer, pointer)
    return result
  }
}

/// β·input + α·(a·b) for matrices; with β = 0 the input does not matter, NaN neither.
///
/// - Parameters:
///   - input: broadcasts to [m, n].
///   - a: [m, k].
///   - b: [k, n].
public func addmm<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, beta: Scalar = 1, alpha: Scalar = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(a.rank == 2 && b.rank == 2, "addmm", "matrices expected: \(a.shape) · \(b.shape)")
  return affine(input, a, b, beta: beta, alpha: alpha, "addmm")
}

/// β·input + α·(a·b) for batches of matrices; with β = 0 the input does not matter, NaN neither.
///
/// - Parameters:
///   - input: broadcasts to [b, m, n].
///   - a: [b, m, k].
///   - b: [b, k, n].
public func baddbmm<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, beta: Scalar = 1, alpha: Scalar = 1,
  file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(a.rank == 3 && b.rank == 3, "baddbmm", "batches of matrices expected: \(a.shape) · \(b.shape)")
  check(
    a.shape[0] == b.shape[0], "baddbmm", "batches differ: \(a.shape) · \(b.shape) (\(a.shape[0]) ≠ \(b.shape[0]))")
  return affine(input, a, b, beta: beta, alpha: alpha, "baddbmm")
}

private func affine<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, beta: Scalar, alpha: Scalar, _ name: StaticString
) -> Tensor<Scalar> {
  let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
  check(
    k == b.shape[b.rank - 2], "\(name)",
    "inner dimensions differ: \(a.shape) · \(b.shape) (\(k) ≠ \(b.shape[b.rank - 2]))")
  let shape = Array(a.shape.dropLast(2)) + [m, n]
  check(
    broadcastShape(input.shape, shape, "\(name)") == shape, "\(name)",
    "input \(input.shape) does not broadcast to \(shape)")
  var result = Tensor<Scalar>(uninitialized: shape)
  if beta != 0 { copyElements(from: input.body, to: result.body, Scalar.self) }
  result.accumulateProduct(a, b, alpha: alpha, beta: beta)
  let saving = (a.node == nil ? [] : Saving.third).union(b.node == nil ? [] : .second)
  return result.recorded(name, from: input, a, b, saving: saving) { [inputShape = input.shape] d in
    func scaled(_ x: Tensor<Scalar>, _ factor: Scalar) -> Tensor<Scalar> { factor == 1 ? x : x * factor }
    let gradient = d.gradient
    d.send(0) {
      beta == 0 ? Tensor(zeros: inputShape) : scaled(gradient.summed(to: inputShape), beta)
    }
    d.send(1) { matmul(scaled(gradient, alpha), d.input(2).transposed()) }
    d.send(2) { matmul(d.input(1).transposed(), scaled(gradient, alpha)) }
  }
}

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
