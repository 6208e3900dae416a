import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// ln Σeˣ over the given axes, or over all, without overflow; −∞ of nothing.
  ///
  /// Gradient: dL/dy · eˣ⁻ʸ, the softmax; 0 where all are −∞, shared by those that are ∞.
  /// - Parameter keepingAxes: leaves the axes with extent one.
  public func logSumExp(
    along axes: [Int]? = nil, keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let reduced = ReducedAxes(axes, of: shape, "logSumExp")
    OperationArguments.note("logSumExp", ["axes": .integers(reduced.axes)])
    return self.reduced(reduced, keepingAxes: keepingAxes) { Scalar.logSumExp($0, $1, $2, $3, $4) }
      .recorded("logSumExp", from: self, saving: [.first, .output]) { d in
        d.send(0) {
          let (x, y) = (d.input(0), d.output.reshaped(reduced.keptShape))
          return zeroProduct(d.gradient.reshaped(reduced.keptShape), x.shares(of: y, reduced))
        }
      }
  }

  /// eˣ⁻ʸ of terms and their log-sum-exp, and what that tends to where y is infinite.
  private func shares(of y: Tensor, _ reduced: ReducedAxes) -> Tensor {
    let shares = y.isLargeLogSumExp ? sharesByMaximum(reduced) : (self - y).exp()
    let infinite = y.isInfinite()
    if !infinite.any().item { return shares }
    let limit = withoutGradients { () -> Tensor in
      let isLargest = (self .== .infinity).cast(to: Scalar.self)
      return zeroQuotient(isLargest, isLargest.reducedKeeping(.sum, reduced))
    }
    return select(infinite, limit, shares)
  }

  /// Whether a log-sum-exp y is so large that its rounding would be seen in eˣ⁻ʸ.
  var isLargeLogSumExp: Bool { withoutGradients { (detached().abs() .> 64).any().item } }

  /// eˣ⁻ᵐ/Σeˣ⁻ᵐ with the maxima m, so that the shares add up to 1 however large x is.
  private func sharesByMaximum(_ reduced: ReducedAxes) -> Tensor {
    let largest = withoutGradients { detached().reducedKeeping(.maximum, reduced) }
    let powers = (self - largest).exp()
    return powers / powers.sum(along: reduced.axes, keepingAxes: true)
  }

  /// ln Σeˣ over one axis or several, see ``logSumExp(along:keepingAxes:file:line:)-([Int]?,_,_,_)``.
  public func logSumExp(
    along first: Int, _ rest: Int..., keepingAxes: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    logSumExp(along: [first] + rest, keepingAxes: keepingAxes, file: file, line: line)
  }
}
