import TernBackend

extension Tensor where Scalar: NumericScalar {
  /// Whether |a − b| ≤ atol + rtol·|b|, element by element; the shapes broadcast. Infinities are close to themselves alone.
  ///
  /// Calculated in Double. Stops when a tolerance is negative or NaN.
  /// - Parameters:
  ///   - rtol: the tolerance in units of |b|; `atol` the absolute one.
  ///   - equalNaN: whether NaN is close to NaN.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func isClose(
    to other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor<Bool> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rtol >= 0 && atol >= 0, "isClose", "rtol \(rtol) and atol \(atol), expected at least 0")
    return Self.mapPairs(self, other, to: Bool.self, "isClose") { a, b in
      if a == b { return true }
      let (x, y) = (a.number, b.number)
      if x.isNaN || y.isNaN { return equalNaN && x.isNaN && y.isNaN }
      let distance = Swift.abs(x - y)
      return distance.isFinite && distance <= atol + rtol * Swift.abs(y)
    }
  }

  /// Whether all elements are close, as ``isClose(to:rtol:atol:equalNaN:file:line:)`` says; of no elements they are.
  public func allClose(
    to other: Tensor, rtol: Double = 1e-5, atol: Double = 1e-8, equalNaN: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Bool {
    isClose(to: other, rtol: rtol, atol: atol, equalNaN: equalNaN, file: file, line: line).all().item
  }

  /// Whether the sign bit is set: of negative numbers, −0, −∞ and a negative NaN.
  public func signBit() -> Tensor<Bool> {
    mapRows(to: Bool.self) { n, out, so, x, sx, _ in Scalar.predicate(.signBit, n, out, so, x, sx) }
  }

  /// Whether elements are ∞; never for integers.
  public func isPositiveInfinity() -> Tensor<Bool> { test(.isPositiveInfinity) }

  /// Whether elements are −∞; never for integers.
  public func isNegativeInfinity() -> Tensor<Bool> { test(.isNegativeInfinity) }
}
