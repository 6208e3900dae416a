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
    return unit(p, along: axes, epsilon)
  }

  /// x/max(‖x‖ₚ, ε); where a norm of finite numbers leaves the range they are divided by a power of 2 first.
  func unit(_ p: Double, along axes: [Int], _ epsilon: Scalar) -> Tensor {
    let lengths = norm(p, along: axes, keepingAxes: true)
    if !lengths.hasInfinity { return lengthRatio(self, lengths.clamped(min: epsilon)) }
    let (sized, scale) = inRangeOfSquares(along: axes)
    let least = withoutGradients { scale * epsilon }
    return lengthRatio(sized, maximum(sized.norm(p, along: axes, keepingAxes: true), least))
  }

  /// Divided by the norm over one axis or several, see ``normalized(order:along:epsilon:file:line:)-(_,[Int],_,_,_)``.
  public func normalized(
    order p: Double = 2, along first: Int, _ rest: Int..., epsilon: Scalar = 1e-12, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    normalized(order: p, along: [first] + rest, epsilon: epsilon, file: file, line: line)
  }
}
