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
  let result = Tensor.gemm(MatrixOperand(x.operand), weights: weight)
  OperationArguments.note("linear", ["appliesReLU": .flag(bias != nil && activation == .relu)])
  var saving = (x.node == nil ? [] : Saving.second).union(weight.node == nil ? [] : .first).union(.asOperands)
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
    let gradient = gradient.operand
    d.send(0) { .gemm(MatrixOperand(gradient), MatrixOperand(d.input(1).operand)) }
    d.send(1) {
      if FloatPrecision.multipliesBFloat16(Scalar.self), let x = d.firstOperand {
        let gradient = Tensor<Float>(body: gradient.body)
        return Tensor(body: Tensor<Float>.gemm(MatrixOperand(gradient).flipped, waiting: MatrixOperand(x)).body)
      }
      return .gemm(MatrixOperand(gradient).flipped, MatrixOperand(d.input(0).operand))
    }
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
  func columnSums() -> Tensor {
    guard layout.isContiguous, count > 0, count <= 0x8000 else { return sum(along: 0) }
    let result = Tensor(uninitialized: [shape[1]])
    Scalar.reduce(.sum, 1, shape[0], shape[1], result.mutablePointer, pointer)
    return result
  }
}
