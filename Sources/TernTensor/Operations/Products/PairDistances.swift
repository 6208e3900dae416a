import TernBackend

/// ‖a − b‖ₚ over all elements; the shapes broadcast.
///
/// - Parameter p: the order of the norm, see ``Tensor/norm(_:along:keepingAxes:file:line:)-(_,[Int]?,_,_,_)``.
public func distance<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, p: Double = 2, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return (a - b).norm(p)
}

extension Tensor where Scalar: FloatingScalar {
  /// The distances ‖xᵢ − xⱼ‖ₚ of all pairs i < j of the rows of [n, features], in order of i, then j: [n·(n − 1)/2].
  ///
  /// Gradients are those of the norm, 0 where rows coincide.
  /// - Parameter p: the order of the norm, at least 0.
  public func pairDistances(p: Double = 2, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank == 2, "pairDistances", "rows of a matrix expected: \(shape)")
    check(p >= 0, "pairDistances", "an order of \(p)")
    let n = shape[0]
    if n < 2 { return Tensor(zeros: [0]) }
    let square = allDistances(self, self, p: p)
    let places = (0..<(n - 1)).flatMap { i in (i + 1..<n).map { i * n + $0 } }
    return square.reshaped([n * n]).taking(Tensor<Int>(places))
  }

  /// Every slice along an axis scaled down to a p-norm of at most `maximum`: x · maximum / (‖x‖ₚ + 1e-7) where it is above.
  ///
  /// - Parameters:
  ///   - p: the order of the norm, above 0.
  ///   - axis: whose slices have their norms limited.
  ///   - maximum: at least 0.
  public func renormalized(
    p: Double = 2, along axis: Int, maximum: Scalar, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank > 1, "renormalized", "\(shape) has no slices with elements of their own")
    check(p > 0, "renormalized", "an order of \(p)")
    check(maximum >= 0, "renormalized", "a norm of at most \(maximum)")
    let axis = resolve(axis: axis, rank: rank, "renormalized")
    let norms = norm(p, along: (0..<rank).filter { $0 != axis }, keepingAxes: true)
    let isAbove = norms.detached() .> maximum
    let scale = select(isAbove, maximum / (select(isAbove, norms, 1) + 1e-7), 1)
    return self * scale
  }
}
