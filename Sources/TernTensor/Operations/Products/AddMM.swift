import TernBackend

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

func affine<Scalar: FloatingScalar>(
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
  result.accumulateGEMM(a.operand, b.operand, alpha: alpha, beta: beta)
  let saving = (a.node == nil ? [] : Saving.third).union(b.node == nil ? [] : .second).union(.asOperands)
  OperationArguments.note(name, ["beta": .number(beta.number), "alpha": .number(alpha.number)])
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
