import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The eigenvalues and eigenvectors of every square matrix […, n, n]: A·V = V·diag(w), complex in general.
  ///
  /// Values […, n] in no particular order, a complex value beside its conjugate, the one with the positive imaginary part
  /// first. Vectors are the columns of V […, n, n], of Euclidean norm 1, the largest element of each real. Gradient:
  /// V⁻ᴴ·[diag(dw) + (Vᴴ·dV − Vᴴ·V·diag(Re Vᴴ·dV)) / conj(wⱼ − wᵢ)]·Vᴴ, the quotient off the diagonal, and 0 on it. It does
  /// not exist where eigenvalues are equal. Of symmetric matrices ``symmetricEigen(_:file:line:)`` is faster and has real
  /// results.
  ///
  /// Throws where a matrix holds a NaN or an infinity, and where the iteration does not converge.
  public func eigenDecomposition(file: StaticString = #fileID, line: UInt = #line) throws(LinearAlgebraError) -> (
    values: ComplexPair<Scalar>, vectors: ComplexPair<Scalar>
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parts = try eigenParts("eigenDecomposition", vectors: true)
    return (ComplexPair(parts: parts[0], parts[1]), ComplexPair(parts: parts[2], parts[3]))
  }

  /// The eigenvalues of every square matrix […, n, n], complex in general: […, n].
  ///
  /// In the order of ``eigenDecomposition(file:line:)``, which throws alike. Gradient: V⁻ᴴ·diag(dw)·Vᴴ.
  public func eigenvalues(file: StaticString = #fileID, line: UInt = #line) throws(LinearAlgebraError)
    -> ComplexPair<Scalar>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parts = try eigenParts("eigenvalues", vectors: node != nil && Recording.isOn)
    return ComplexPair(parts: parts[0], parts[1])
  }

  /// The real and imaginary parts of the values and, where wanted, of the vectors; recorded.
  private func eigenParts(_ operation: StaticString, vectors isWanted: Bool) throws(LinearAlgebraError) -> [Tensor] {
    requireSquare("\(operation)")
    let (n, width) = (rows, isWanted ? columns : 0)
    let copy = columnMajorCopy
    let (real, imaginary) = (Tensor(uninitialized: batch + [n]), Tensor(uninitialized: batch + [n]))
    let (left, right) = (Tensor(uninitialized: batch + [n, width]), Tensor(uninitialized: batch + [n, width]))
    let (a, wr, wi) = (copy.mutablePointer, real.mutablePointer, imaginary.mutablePointer)
    let (vr, vi) = (left.mutablePointer, right.mutablePointer)
    if !isEmpty {
      let work = Sizes.saturated(cost(n, n, n), times: 10)
      try eachMatrix("\(operation)", batch, work: work, reason: { .noConvergence(remaining: $0) }) { i in
        withUnsafeTemporaryAllocation(of: Scalar.self, capacity: Swift.max(1, n * width)) { columns in
          let v = columns.baseAddress!
          let info = Scalar.geev(n, a + i * n * n, n, wr + i * n, wi + i * n, v, n, vectors: isWanted)
          if info == 0, isWanted { unpack(v, n, wi + i * n, vr + i * n * n, vi + i * n * n) }
          return info
        }
      }
    }
    if !isWanted { return [real, imaginary] }
    return Tensor.recordedParts(operation, from: self, [real, imaginary, left, right]) { results, gradients, _ in
      eigenDerivative(results, gradients)
    }
  }
}

/// The vectors as LAPACK leaves them, by columns, a pair's real part in the first and its imaginary part in the second.
private func unpack<Scalar: FloatingScalar>(
  _ columns: UnsafePointer<Scalar>, _ n: Int, _ imaginary: UnsafePointer<Scalar>, _ vr: UnsafeMutablePointer<Scalar>,
  _ vi: UnsafeMutablePointer<Scalar>
) {
  var j = 0
  while j < n {
    let isPair = imaginary[j] != 0 && j + 1 < n
    for row in 0..<n {
      let place = row * n + j
      vr[place] = columns[j * n + row]
      vi[place] = isPair ? columns[(j + 1) * n + row] : 0
      if isPair { (vr[place + 1], vi[place + 1]) = (vr[place], -vi[place]) }
    }
    j += isPair ? 2 : 1
  }
}

/// dL/dA of A·V = V·diag(w), from the parts of w and V and their gradients.
private func eigenDerivative<Scalar: FloatingScalar>(_ results: [Tensor<Scalar>], _ gradients: [Tensor<Scalar>])
  -> Tensor<Scalar>
{
  let (w, v) = (ComplexPair(parts: results[0], results[1]), ComplexPair(parts: results[2], results[3]))
  let n = v.real.rows
  let adjoint = ComplexPair(parts: v.real.transposed(), -v.imaginary.transposed())
  // What turns a vector's phase goes to the element that LAPACK keeps real: then Vᴴ·dV has a real diagonal.
  let turn = (product(adjoint, ComplexPair(parts: gradients[2], gradients[3])).imaginary).diagonal(axes: -2, -1)
  let sizes = (v.real.square() + v.imaginary.square()).detached()
  let largest = sizes.argmax(along: -2, keepingAxes: true)
  let places = Tensor<Int>(rangeFrom: 0, to: n).reshaped([n, 1])
  let mask = places .== largest
  let pivots = v.real.gathered(largest, along: -2)
  let phase = select(mask, -turn.expandedAxis(at: -2) / pivots, 0)
  let derivative = ComplexPair(parts: gradients[2], gradients[3] + phase)
  let inner = product(adjoint, derivative)
  let lengths = inner.real.diagonal(axes: -2, -1).expandedAxis(at: -2)
  let turned = inner - product(adjoint, v * lengths)
  // The quotient by conj(wⱼ − wᵢ), off the diagonal.
  let gaps = w.real.expandedAxis(at: -2) - w.real.expandedAxis(at: -1)
  let turns = w.imaginary.expandedAxis(at: -2) - w.imaginary.expandedAxis(at: -1)
  let off = 1 - Tensor<Scalar>(eye: n)
  let scale = gaps.square() + turns.square()
  let real = quotient((turned.real * gaps - turned.imaginary * turns) * off, scale)
  let imaginary = quotient((turned.imaginary * gaps + turned.real * turns) * off, scale)
  let diagonal = ComplexPair(parts: gradients[0].diagonalMatrices(), gradients[1].diagonalMatrices())
  let middle = product(ComplexPair(parts: real, imaginary) + diagonal, adjoint)
  // V⁻ᴴ times it, as real equations of twice the size; A is real, and so is its gradient.
  let above = concatenate([adjoint.real, -adjoint.imaginary], along: -1)
  let below = concatenate([adjoint.imaginary, adjoint.real], along: -1)
  let equations = concatenate([above, below], along: -2)
  let sides = concatenate([middle.real, middle.imaginary], along: -2)
  let solution = solved(equations, sides, LUFactors(equations.detached()))
  return solution.narrowed(axis: -2, start: 0, length: n)
}

/// A·B of complex matrices.
private func product<Scalar: FloatingScalar>(_ a: ComplexPair<Scalar>, _ b: ComplexPair<Scalar>) -> ComplexPair<Scalar>
{
  ComplexPair(
    parts: matmul(a.real, b.real) - matmul(a.imaginary, b.imaginary),
    matmul(a.real, b.imaginary) + matmul(a.imaginary, b.real))
}
