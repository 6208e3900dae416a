import TernBackend

// Means and squared deviations in one pass that never subtracts large sums from each other.

extension Tensor where Scalar: FloatingScalar {
  /// The variance Σ(x − mean)² / (n − correction) over the given axes, or over all.
  ///
  /// Gradient: dL/dy · 2(x − mean)/(n − correction). NaN where n is not above the correction.
  /// - Parameters:
  ///   - correction: 1 for the unbiased estimate (Bessel), 0 for the biased one.
  ///   - keepingAxes: leaves the axes with extent one.
  public func variance(along axes: [Int]? = nil, correction: Double = 1, keepingAxes: Bool = false) -> Tensor {
    let reduced = ReducedAxes(axes, of: shape, "variance")
    let degrees = Scalar(reduced.count) - Scalar(correction)
    let deviations = momentsKeeping(reduced).squares
    let kept = withoutGradients { deviations / Swift.max(0, degrees) }
    let ofAll = axes == nil || rank == 0
    return kept.dropping(reduced, unless: keepingAxes).recorded("variance", from: self, saving: .first) { d in
      d.send(0) {
        let (x, gradient) = (d.input(0), d.gradient.reshaped(reduced.keptShape))
        let deviation = x - x.mean(along: reduced.axes, keepingAxes: true)
        if ofAll && degrees <= 0 {
          // The slope of nothing, as PyTorch has it.
          return gradient * select(deviation .== 0, .nan, Tensor(.infinity))
        }
        return gradient * (deviation * (2 / degrees))
      }
    }
  }

  /// The variance over one axis or several, see ``variance(along:correction:keepingAxes:)-([Int]?,_,_)``.
  public func variance(along first: Int, _ rest: Int..., correction: Double = 1, keepingAxes: Bool = false) -> Tensor {
    variance(along: [first] + rest, correction: correction, keepingAxes: keepingAxes)
  }

  /// The standard deviation, the root of the variance; its gradient is 0 where it is 0.
  ///
  /// See ``variance(along:correction:keepingAxes:)-([Int]?,_,_)``.
  public func standardDeviation(along axes: [Int]? = nil, correction: Double = 1, keepingAxes: Bool = false) -> Tensor {
    variance(along: axes, correction: correction, keepingAxes: keepingAxes).rootOrFlat("standardDeviation")
  }

  /// The standard deviation over one axis or several.
  public func standardDeviation(
    along first: Int, _ rest: Int..., correction: Double = 1, keepingAxes: Bool = false
  ) -> Tensor {
    standardDeviation(along: [first] + rest, correction: correction, keepingAxes: keepingAxes)
  }

  /// √x with the derivative 0 at 0, where the root has none.
  package func rootOrFlat(_ name: StaticString) -> Tensor {
    unary(name, .sqrt, saving: .output) { d in
      let y = d.output
      return select(y .== 0, 0, d.gradient / (y * 2))
    }
  }

  /// Mean and Σ(x − mean)² over some axes, which are kept with extent one; not recorded.
  package func momentsKeeping(_ reduced: ReducedAxes) -> (mean: Tensor, squares: Tensor) {
    let plan = ReductionPlan(self, reduced)
    let (mean, squares) = (Tensor(uninitialized: plan.result), Tensor(uninitialized: plan.result))
    let (outer, n, inner, x) = (plan.outer, plan.n, plan.inner, plan.input.pointer)
    let (m, s) = (mean.mutablePointer, squares.mutablePointer)
    guard let (blocks, rows) = plan.blocks else {
      plan.runOuter { first, count in
        Scalar.moments(count, n, inner, m + first * inner, s + first * inner, x + first * n * inner)
      }
      return (mean, squares)
    }
    let partMean = Tensor(uninitialized: [outer, blocks, inner])
    let partSquares = Tensor(uninitialized: [outer, blocks, inner])
    let (pm, ps) = (partMean.mutablePointer, partSquares.mutablePointer)
    plan.runBlocks(rows) { piece, at, length in
      Scalar.moments(1, length, inner, pm + piece * inner, ps + piece * inner, x + at)
    }
    return withoutGradients {
      // Chan's rule: deviations within the blocks, and of the blocks' means from the mean of all.
      let means = partMean.cast(to: Double.self)
      let lengths = Tensor<Double>(
        (0..<blocks).map { Double(Swift.min(rows, n - $0 * rows)) }, shape: [blocks, 1])
      let total = (means * lengths).sum(along: 1, keepingAxes: true) / Double(n)
      let between = ((means - total).square() * lengths).sum(along: 1)
      let all = partSquares.cast(to: Double.self).sum(along: 1) + between
      let merged = (total.cast(to: Scalar.self).contiguous, all.cast(to: Scalar.self).contiguous)
      return (merged.0.view(plan.result), merged.1.view(plan.result))
    }
  }
}
