import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// Aⁿ for every matrix […, m, m] by repeated squaring; of the inverse for negative n, the identity for 0.
  ///
  /// Throws where n is negative and a matrix singular.
  /// - Complexity: O(log |n|) products.
  public func matrixPower(_ n: Int, file: StaticString = #fileID, line: UInt = #line) throws(LinearAlgebraError)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    requireSquare("matrixPower")
    var base = n == 1 ? unchanged("matrixPower") : self
    if n < 0 {
      do { base = try inverse() } catch {
        throw LinearAlgebraError(renaming: error, "matrixPower")
      }
    }
    var (remaining, result): (UInt, Tensor?) = (n.magnitude, nil)
    while remaining > 0 {
      if remaining & 1 == 1 { result = result.map { matmul($0, base) } ?? base }
      remaining >>= 1
      if remaining > 0 { base = matmul(base, base) }
    }
    return result ?? Tensor(eye: rows).broadcast(to: shape).contiguous
  }
}
