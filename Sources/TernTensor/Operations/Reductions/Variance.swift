import TernBackend

// Means and squared deviations in one pass that never subtracts large sums from each other.

extension Tensor where Scalar: FloatingScalar {
  /// The variance Σ(x − mean)² / (n − correction) over the given axes, or over all, which does not overflow on the way.
  ///
  /// Gradient: dL/dy · 2(x − mean)/(n − correction). NaN where n is not above the correction.
  /// - Parameters:
  ///   - correction: 1 for the unbiased estimate (Bessel), 0 for the biased one.
  ///   - keepingAxes: leaves the axes with extent one.
  @specialized(where Scalar == Float)
  public func variance(
    along axes: [Int]? = nil, correction: Double = 1, keepingAxes: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let reduced = ReducedAxes(axes, of: shape, "variance")
    let degrees = Scalar(reduced.count) - Scalar(correction)
    var deviations = squaredDeviations(reduced, keepingAxes: keepingAxes)
    let out = deviations.mutablePointer
    withUnsafePointer(to: Swift.max(0, degrees)) { Scalar.binary(.div, deviations.count, out, 1, out, 1, $0, 0, 1) }
    if !deviations.isAllFinite {
      let (scaled, scale) = withoutGradients { scaledDeviations(reduced) }
      let spread = withoutGradients { scaled / Swift.max(0, degrees) * scale * scale }
      deviations = spread.dropping(reduced, unless: keepingAxes)
    }
    OperationArguments.note("variance", ["axes": .integers(reduced.axes), "correction": .number(correction)])
    if node == nil && !OperationObservers.isListening { return deviations }
    let ofAll = axes == nil || rank == 0
    return deviations.recorded("variance", from: self, saving: [.first, .output]) { d in
      d.send(0) {
        let (x, gradient) = (d.input(0), d.gradient.reshaped(reduced.keptShape))
        if !d.output.isAllFinite && degrees > 0 {
          // Deviations beyond the range, of which the gradient may take a fraction.
          let quarter = x * 0.25
          let deviation = quarter - quarter.mean(along: reduced.axes, keepingAxes: true)
          return zeroProduct(gradient, deviation * (8 / degrees))
        }
        let deviation = x - x.mean(along: reduced.axes, keepingAxes: true)
        if ofAll && degrees <= 0 {
          // The derivative of nothing, as PyTorch has it.
          return zeroProduct(gradient, select(deviation .== 0, .nan, Tensor(.infinity)))
        }
        return zeroProduct(gradient, deviation * (2 / degrees))
      }
    }
  }

  /// The variance over one axis or several, see ``variance(along:correction:keepingAxes:file:line:)-([Int]?,_,_,_,_)``.
  public func variance(
    along first: Int, _ rest: Int..., correction: Double = 1, keepingAxes: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    variance(along: [first] + rest, correction: correction, keepingAxes: keepingAxes, file: file, line: line)
  }

  /// The standard deviation √(Σ(x − mean)² / (n − correction)), which neither overflows nor underflows on the way.
  ///
  /// Gradient: dL/dy · (x − mean)/(y·(n − correction)), 0 where y is 0. Parameters as for
  /// ``variance(along:correction:keepingAxes:file:line:)-([Int]?,_,_,_,_)``.
  public func standardDeviation(
    along axes: [Int]? = nil, correction: Double = 1, keepingAxes: Bool = false, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let reduced = ReducedAxes(axes, of: shape, "standardDeviation")
    let degrees = Scalar(Swift.max(0, Double(reduced.count) - correction))
    let deviations = squaredDeviations(reduced, keepingAxes: keepingAxes)
    let out = deviations.mutablePointer
    withUnsafePointer(to: degrees) { Scalar.binary(.div, deviations.count, out, 1, out, 1, $0, 0, 1) }
    Scalar.unary(.sqrt, deviations.count, out, 1, out, 1, 0, 0)
    var result = deviations
    if !deviations.isSafelySquared(degrees) {
      let (scaled, scale) = withoutGradients { scaledDeviations(reduced) }
      let roots = withoutGradients { (scaled / degrees).sqrt() * scale }
      result = roots.dropping(reduced, unless: keepingAxes)
    }
    OperationArguments.note("standardDeviation", ["axes": .integers(reduced.axes), "correction": .number(correction)])
    if node == nil && !OperationObservers.isListening { return result }
    return result.recorded("standardDeviation", from: self, saving: [.first, .output]) { d in
      d.send(0) {
        let directions = deviationDirections(d.input(0), d.output.reshaped(reduced.keptShape), reduced, degrees)
        return d.gradient.reshaped(reduced.keptShape) * (directions / degrees)
      }
    }
  }

  /// The standard deviation over one axis or several.
  public func standardDeviation(
    along first: Int, _ rest: Int..., correction: Double = 1, keepingAxes: Bool = false,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    standardDeviation(along: [first] + rest, correction: correction, keepingAxes: keepingAxes, file: file, line: line)
  }

  /// Σ(x − mean)² over some axes, which are left away unless they are to stay; not recorded.
  private func squaredDeviations(_ reduced: ReducedAxes, keepingAxes: Bool) -> Tensor {
    guard reduced.isAll, !keepingAxes, layout.isDense, ReductionBlocks.split(1, count, 1) == nil else {
      return momentsKeeping(reduced).squares.dropping(reduced, unless: keepingAxes)
    }
    let result = Tensor(uninitialized: scalarLayout)
    var mean: Scalar = 0
    Scalar.moments(1, count, 1, &mean, result.mutablePointer, pointer)
    return result
  }

  /// Σ((x − mean)/scale)² over some axes, which are kept with extent one, and the scales; see ``powersOfTwo(_:)``.
  private func scaledDeviations(_ reduced: ReducedAxes) -> (squares: Tensor, scale: Tensor) {
    if reduced.count == 0 { return (momentsKeeping(reduced).squares, Tensor(ones: reduced.keptShape)) }
    let scale = powersOfTwo(reduced)
    return ((self / scale).momentsKeeping(reduced).squares, scale)
  }

  /// The powers of 2 below the greatest |x| over some axes, which are kept with extent one; 1 where that is 0 or not finite.
  func powersOfTwo(_ reduced: ReducedAxes) -> Tensor {
    let largest = map(.abs).reducedKeeping(.maximum, reduced)
    let (scale, size) = (largest.mutablePointer, largest.count)
    for i in 0..<size {
      scale[i] =
        scale[i] > 0 && scale[i].isFinite ? Scalar(sign: .plus, exponent: scale[i].exponent, significand: 1) : 1
    }
    return largest
  }

  /// Whether every number is 0, NaN, or normal and at most `greatest`.
  func areLengths(upTo greatest: Scalar) -> Bool {
    let values = contiguous
    let (x, n) = (values.pointer, count)
    var others = 0
    for i in 0..<n { others |= x[i] < .leastNormalMagnitude && x[i] != 0 || x[i] > greatest ? 1 : 0 }
    withExtendedLifetime(values) {}
    return others == 0
  }

  /// Whether every root of a mean of squares, which some numbers have been divided by, came from squares in the range.
  private func isSafelySquared(_ count: Scalar) -> Bool {
    // Of nothing to divide by there is no root.
    if count <= 0 { return true }
    let least = (Scalar.leastNormalMagnitude / Scalar.ulpOfOne).squareRoot()
    let (x, n) = (pointer, self.count)
    var others = 0
    for i in 0..<n { others |= x[i] >= least && x[i] <= .greatestFiniteMagnitude ? 0 : 1 }
    return others == 0
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
    plan.runBlocks(rows) { chunk, at, length in
      Scalar.moments(1, length, inner, pm + chunk * inner, ps + chunk * inner, x + at)
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

/// (x − mean)/y of deviations y over the axes that were kept, 0 where y is 0.
///
/// Derivative at x, of a gradient w: (w − mean(w) − u·Σ(w·u)/degrees)/y with the result u. It counts y as the deviation of x, so
/// that nothing is divided by y² and no terms beyond the range are subtracted from each other.
private func deviationDirections<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ reduced: ReducedAxes, _ degrees: Scalar
) -> Tensor<Scalar> {
  withoutGradients { directions(x.detached(), y.detached(), reduced, degrees) }
    .recorded("standardDeviation", from: x, y, saving: [.second, .output]) { d in
      d.send(0) {
        let (w, u) = (d.gradient, d.output)
        let along = zeroProduct(w, u).sum(along: reduced.axes, keepingAxes: true) / degrees
        let rest = w - w.mean(along: reduced.axes, keepingAxes: true) - zeroProduct(u, along)
        return overLength(rest, d.input(1))
      }
    }
}

/// (x − mean)/y, of scaled numbers where y is subnormal or x − mean may leave the range.
private func directions<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, _ reduced: ReducedAxes, _ degrees: Scalar
) -> Tensor<Scalar> {
  let isFlat = y .== 0
  // No deviation exceeds y·√degrees.
  let greatest = Scalar.greatestFiniteMagnitude / (2 * Swift.max(1, degrees).squareRoot())
  if reduced.count == 0 || y.areLengths(upTo: greatest) {
    let deviation = x - x.mean(along: reduced.axes, keepingAxes: true)
    return select(isFlat, 0, deviation / select(isFlat, 1, y))
  }
  let scaled = x / x.powersOfTwo(reduced)
  let moments = scaled.momentsKeeping(reduced)
  return select(isFlat, 0, lengthRatio(scaled - moments.mean, (moments.squares / degrees).sqrt()))
}
