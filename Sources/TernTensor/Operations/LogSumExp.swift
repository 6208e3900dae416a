import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// ln Σeˣ over the given axes, or over all, without overflow; −∞ of nothing.
  ///
  /// Gradient: dL/dy · eˣ⁻ʸ, the softmax.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func logSumExp(along axes: [Int]? = nil, keepingAxes: Bool = false) -> Tensor {
    let reduced = ReducedAxes(axes, of: shape, "logSumExp")
    return self.reduced(reduced, keepingAxes: keepingAxes) { Scalar.logSumExp($0, $1, $2, $3, $4) }
      .recorded("logSumExp", from: self, saving: [.first, .output]) { d in
        d.send(0) {
          d.gradient.reshaped(reduced.keptShape) * (d.input(0) - d.output.reshaped(reduced.keptShape)).exp()
        }
      }
  }

  /// ln Σeˣ over one axis or several, see ``logSumExp(along:keepingAxes:)-([Int]?,_)``.
  public func logSumExp(along first: Int, _ rest: Int..., keepingAxes: Bool = false) -> Tensor {
    logSumExp(along: [first] + rest, keepingAxes: keepingAxes)
  }
}
