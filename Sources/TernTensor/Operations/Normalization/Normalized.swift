import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// x/max(‖x‖ₚ, ε): every slice over the given axes divided by its p-norm.
  ///
  /// - Parameters:
  ///   - p: the order of the norm, see ``norm(_:along:keepingAxes:file:line:)-(_,[Int]?,_,_,_)``.
  ///   - axes: over which the norm is taken.
  ///   - epsilon: ε, what the norm is raised to.
  /// - Returns: of the shape of this tensor; zeros where it has nothing but zeros, ±1 for an infinity.
  public func normalized(
    order p: Double = 2, along axes: [Int], epsilon: Scalar = 1e-12, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return lengthRatio(self, norm(p, along: axes, keepingAxes: true).clamped(min: epsilon))
  }

  /// Divided by the norm over one axis or several, see ``normalized(order:along:epsilon:file:line:)-(_,[Int],_,_,_)``.
  public func normalized(
    order p: Double = 2, along first: Int, _ rest: Int..., epsilon: Scalar = 1e-12, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    normalized(order: p, along: [first] + rest, epsilon: epsilon, file: file, line: line)
  }
}
