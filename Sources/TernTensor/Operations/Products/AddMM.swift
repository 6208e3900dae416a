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
  let isOuter = k == 1 && shape.count == 2
  let isTransposed = isOuter && input.shape == shape && input.layout.isTransposed
  var result = Tensor<Scalar>(uninitialized: isTransposed ? input.layout : Layout(shape))
  if isTransposed && !result.isEmpty {
    addOuter(
      input.detached().transposed(), b.detached().transposed(), a.detached().transposed(), beta: beta, alpha: alpha,
      into: result.transposed())
  } else if isOuter && !result.isEmpty {
    addOuter(input, a, b, beta: beta, alpha: alpha, into: result)
  } else {
    if beta != 0 { copyElements(from: input.body, to: result.body, Scalar.self) }
    result.accumulateGEMM(a.operand, b.operand, alpha: alpha, beta: beta)
  }
  let saving = (a.node == nil ? [] : Saving.third).union(b.node == nil ? [] : .second).union(.asOperands)
  OperationArguments.note(name, ["beta": .number(beta.number), "alpha": .number(alpha.number)])
  return result.recorded(name, from: input, a, b, saving: saving) { [inputShape = input.shape] d in
    func scaled(_ x: Tensor<Scalar>, _ factor: Scalar) -> Tensor<Scalar> { factor == 1 ? x : x * factor }
    let gradient = d.gradient
    d.send(0) {
      beta == 0 ? Tensor(zeros: inputShape) : scaled(gradient.summed(to: inputShape), beta)
    }
    // α multiplies what is smaller, gradient or operand.
    d.send(1) {
      let b = d.input(2).transposed()
      return b.count < gradient.count ? matmul(gradient, scaled(b, alpha)) : matmul(scaled(gradient, alpha), b)
    }
    d.send(2) {
      let a = d.input(1).transposed()
      return a.count < gradient.count ? matmul(scaled(a, alpha), gradient) : matmul(a, scaled(gradient, alpha))
    }
  }
}

/// β·input + α·a·b of a column [m, 1] and a row [1, n], row by row: one pass over the result.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func addOuter<Scalar: FloatingScalar>(
  _ input: Tensor<Scalar>, _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, beta: Scalar, alpha: Scalar,
  into result: Tensor<Scalar>
) {
  let (m, n) = (result.shape[0], result.shape[1])
  let source = input.detached().broadcast(to: [m, n])
  let (column, row) = (a.detached().contiguous, b.detached().contiguous)
  let (out, x, factors, y) = (result.mutablePointer, source.pointer, column.pointer, row.pointer)
  let (rowStep, step) = (source.layout.strides[0], source.layout.strides[1])
  Workers.run(count: m, grain: Swift.max(1, StridedLoop.grain / n)) { rows in
    for i in rows {
      let (target, from) = (out + i * n, x + i * rowStep)
      if beta == 0 {
        if alpha == 0 {
          Scalar.fill(n, target, 1, 0)
        } else {
          Scalar.unary(.mulScalar, n, target, 1, y, 1, alpha * factors[i], 0)
        }
        continue
      }
      if beta == 1 && alpha != 0 {
        Scalar.binary(.add, n, target, 1, from, step, y, 1, alpha * factors[i])
        continue
      }
      if beta == 1 {
        Scalar.copy(n, target, 1, from, step)
      } else {
        Scalar.unary(.mulScalar, n, target, 1, from, step, beta, 0)
      }
      if alpha != 0 { Scalar.binary(.add, n, target, 1, target, 1, y, 1, alpha * factors[i]) }
    }
  }
  withExtendedLifetime((source, column, row)) {}
}
