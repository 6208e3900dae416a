import TernBackend

// Means and squared deviations in one pass that never subtracts large sums from each other.

extension Tensor where Scalar: FloatingScalar {
  /// The variance Σ(x − mean)² / (n − correction) over the given axes, or over all.
  ///
  /// Gradient: dL/dy · 2(x − mean)/(n − correction). NaN where n is not above the correction.
  /// - Parameters:
  ///   - correction: 1 for the unbiased estimate (Bessel), 0 for the biased one.
  ///   - keepingAxes: leaves the axes with extent one.
  @specialized(where Scalar == Float)
  public func variance(along axes: [Int]? = nil, correction: Double = 1, keepingAxes: Bool = false) -> Tensor {
    let reduced = ReducedAxes(axes, of: shape, "variance")
    let degrees = Scalar(reduced.count) - Scalar(correction)
    let deviations = squaredDeviations(reduced, keepingAxes: keepingAxes)
    let out = deviations.mutablePointer
    withUnsafePointer(to: Swift.max(0, degrees)) { Scalar.binary(.div, deviations.count, out, 1, out, 1, $0, 0, 1) }
    if node == nil { return deviations }
    let ofAll = axes == nil || rank == 0
    return deviations.recorded("variance", from: self, saving: .first) { d in
      d.send(0) {
        let (x, gradient) = (d.input(0), d.gradient.reshaped(reduced.keptShape))
        let deviation = x - x.mean(along: reduced.axes, keepingAxes: true)
        if ofAll && degrees <= 0 {
          // The slope of nothing, as PyTorch has it.
          return zeroProduct(gradient, select(deviation .== 0, .nan, Tensor(.infinity)))
        }
        return zeroProduct(gradient, deviation * (2 / degrees))
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
      return lengthRatio(d.gradient, y * 2)
    }
  }

  /// Σ(x − mean)² over some axes, which are left away unless they are to stay; not recorded.
  private func squaredDeviations(_ reduced: ReducedAxes, keepingAxes: Bool) -> Tensor {
    guard reduced.isAll, !keepingAxes, layout.isDense, ReductionBlocks.cut(1, count, 1) == nil else {
      return momentsKeeping(reduced).squares.dropping(reduced, unless: keepingAxes)
    }
    let result = Tensor(uninitialized: scalarLayout)
    var mean: Scalar = 0
    Scalar.moments(1, count, 1, &mean, result.mutablePointer, pointer)
    return result
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
    Workers.run(count: outer * inner, grain: Swift.max(1, 16_384 / blocks)) { range in
      for i in range {
        let at = i / inner * blocks * inner + i % inner
        (m[i], s[i]) = merged(pm + at, ps + at, step: inner, blocks: blocks, rows: rows, n: n)
      }
    }
    return (mean, squares)
  }
}

/// The mean and Σ(x − mean)² of n values from those of blocks of `rows`, by Chan's rule: the deviations within the blocks,
/// and of the blocks' means from the mean of all.
@specialized(where Scalar == Float)
private func merged<Scalar: FloatingScalar>(
  _ means: UnsafePointer<Scalar>, _ squares: UnsafePointer<Scalar>, step: Int, blocks: Int, rows: Int, n: Int
) -> (mean: Scalar, squares: Scalar) {
  var total = 0.0
  for b in 0..<blocks { total += Double(means[b * step]) * Double(Swift.min(rows, n - b * rows)) }
  let mean = total / Double(n)
  var sum = 0.0
  for b in 0..<blocks {
    let deviation = Double(means[b * step]) - mean
    sum += Double(squares[b * step]) + deviation * deviation * Double(Swift.min(rows, n - b * rows))
  }
  return (Scalar(mean), Scalar(sum))
}
