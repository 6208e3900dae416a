import TernBackend

/// A matrix as BLAS reads it: along rows or along columns, with the distance between them.
struct MatrixView<Scalar: FloatingScalar> {
  let tensor: Tensor<Scalar>
  let transpose: Transpose
  let leading: Int

  /// The last two axes of `tensor` as they lie, or a copy where neither has stride one.
  init(_ tensor: Tensor<Scalar>) {
    let (rows, columns) = (tensor.shape[tensor.rank - 2], tensor.shape[tensor.rank - 1])
    let (down, across) = (tensor.layout.strides[tensor.rank - 2], tensor.layout.strides[tensor.rank - 1])
    if (across == 1 || columns == 1) && (down >= columns || rows == 1) {
      self.init(tensor, .none, Swift.max(rows == 1 ? columns : down, columns))
    } else if (down == 1 || rows == 1) && (across >= rows || columns == 1) {
      self.init(tensor, .transposed, Swift.max(columns == 1 ? rows : across, rows))
    } else {
      self.init(tensor.detached().copied(), .none, columns)
    }
  }

  private init(_ tensor: Tensor<Scalar>, _ transpose: Transpose, _ leading: Int) {
    self.tensor = tensor
    self.transpose = transpose
    self.leading = Swift.max(leading, 1)
  }
}

/// The product of matrices, of a matrix and a vector, or of two vectors; batches of matrices broadcast.
///
/// [.., m, k] · [.., k, n] = [.., m, n]; a vector of k elements is a row on the left and a column on the right, and its
/// axis does not appear in the result. With k = 0 the result is zeros. Gradients: dL/da = dL/dy · bᵀ, dL/db = aᵀ · dL/dy.
/// Stops where the inner extents differ or an operand has no axes.
public func matmul<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  check(a.rank >= 1 && b.rank >= 1, "matmul", "operands need at least one axis: \(a.shape) · \(b.shape)")
  let (k, rows) = (a.shape[a.rank - 1], b.shape[b.rank >= 2 ? b.rank - 2 : 0])
  check(k == rows, "matmul", "inner dimensions differ: \(a.shape) · \(b.shape) (\(k) ≠ \(rows))")
  if a.rank == 1 { return matmul(a.expandedAxis(at: 0), b).squeezed(b.rank == 1 ? 0 : -2) }
  if b.rank == 1 { return matmul(a, b.expandedAxis(at: 1)).squeezed(-1) }
  if a.rank > 2 && b.rank == 2 {
    // A batch against one matrix is one product with all rows below each other.
    return matmul(a.reshaped([Layout.product(Array(a.shape.dropLast())), k]), b)
      .reshaped(Array(a.shape.dropLast()) + [b.shape[1]])
  }
  return multiply(a, b).recorded(
    "matmul", from: a, b,
    saving: (a.node == nil ? [] : Saving.second).union(b.node == nil ? [] : .first)
  ) { [aShape = a.shape, bShape = b.shape] d in
    d.send(0) { matmul(d.gradient, d.input(1).transposed()).summed(to: aShape) }
    d.send(1) { matmul(d.input(0).transposed(), d.gradient).summed(to: bShape) }
  }
}

/// Multiplications below which one thread does a matrix of a batch.
private let largeProduct = 1 << 24
/// Multiplications that one piece of a batch of small products should have at least.
private let smallWork = 1 << 18

/// [.., m, k] · [.., k, n] of rank 2 or more, not recorded.
private func multiply<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  let (m, k, n) = (a.shape[a.rank - 2], a.shape[a.rank - 1], b.shape[b.rank - 1])
  let batch = broadcastShape(Array(a.shape.dropLast(2)), Array(b.shape.dropLast(2)), "matmul")
  let result = Tensor<Scalar>(uninitialized: batch + [m, n])
  if result.isEmpty { return result }
  let (x, y) = (MatrixView(a), MatrixView(b))
  let (out, left, right) = (result.mutablePointer, x.tensor.pointer, y.tensor.pointer)
  let count = Layout.product(batch)
  let leftSteps = batchOffsets(x.tensor.layout, batch)
  let rightSteps = batchOffsets(y.tensor.layout, batch)
  let work = m * n * Swift.max(k, 1)
  if count == 1 || work >= largeProduct {
    for i in 0..<count {
      BLAS.parallelGemm(
        x.transpose, y.transpose, m: m, n: n, k: k, alpha: 1, left + leftSteps[i], lda: x.leading,
        right + rightSteps[i], ldb: y.leading, beta: 0, out + i * m * n, ldc: n)
    }
  } else {
    Workers.run(count: count, grain: Swift.max(1, smallWork / work)) { range in
      for i in range {
        BLAS.gemm(
          x.transpose, y.transpose, m: m, n: n, k: k, alpha: 1, left + leftSteps[i], lda: x.leading,
          right + rightSteps[i], ldb: y.leading, beta: 0, out + i * m * n, ldc: n)
      }
    }
  }
  return result
}

/// Where each matrix of a batch begins, for batch axes broadcast to `batch`.
private func batchOffsets(_ layout: Layout, _ batch: [Int]) -> [Int] {
  let own = Layout(Array(layout.shape.dropLast(2)), strides: Array(layout.strides.dropLast(2)))
  let strides = broadcastStrides(own, to: batch)
  var offsets = [0]
  for axis in batch.indices {
    offsets = offsets.flatMap { offset in (0..<batch[axis]).map { offset + $0 * strides[axis] } }
  }
  return offsets
}

/// x·Wᵀ + b: the function of a dense layer.
///
/// Gradients: dL/dx = dL/dy · W, dL/dW = (dL/dy)ᵀ · x, dL/db = Σ dL/dy over all but the last axis.
///
/// - Parameters:
///   - x: [.., inputs].
///   - weight: W, [outputs, inputs].
///   - bias: b, [outputs].
public func linear<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ weight: Tensor<Scalar>, bias: Tensor<Scalar>? = nil
) -> Tensor<Scalar> {
  check(
    x.rank >= 1 && weight.rank == 2 && x.shape.last == weight.shape[1], "linear",
    "input \(x.shape) and weight \(weight.shape) do not fit")
  let (outputs, inputs) = (weight.shape[0], weight.shape[1])
  if let bias { check(bias.shape == [outputs], "linear", "bias \(bias.shape) for \(outputs) outputs") }
  if x.rank != 2 {
    let rows = Layout.product(Array(x.shape.dropLast()))
    return linear(x.reshaped(rows, inputs), weight, bias: bias).reshaped(Array(x.shape.dropLast()) + [outputs])
  }
  let rows = x.shape[0]
  let result = Tensor<Scalar>(uninitialized: [rows, outputs])
  if let bias { copyElements(from: bias.body, to: result.body, Scalar.self) }
  let (left, right) = (MatrixView(x), MatrixView(weight))
  BLAS.parallelGemm(
    left.transpose, right.transpose == .none ? .transposed : .none, m: rows, n: outputs, k: inputs, alpha: 1,
    left.tensor.pointer, lda: left.leading, right.tensor.pointer, ldb: right.leading, beta: bias == nil ? 0 : 1,
    result.mutablePointer, ldc: outputs)
  let saving = (x.node == nil ? [] : Saving.second).union(weight.node == nil ? [] : .first)
  return result.recorded("linear", fromAll: [x, weight] + (bias.map { [$0] } ?? []), saving: saving) { d in
    d.send(0) { matmul(d.gradient, d.input(1)) }
    d.send(1) { matmul(d.gradient.transposed(), d.input(0)) }
    if d.inputCount > 2 { d.send(2) { d.gradient.sum(along: 0) } }
  }
}
