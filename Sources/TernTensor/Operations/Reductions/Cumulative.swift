import TernBackend

// Running sums, products and extremes along one axis.

extension Tensor where Scalar: FloatingScalar {
  /// yᵢ = x₀ + … + xᵢ along an axis. Float adds in double precision. Gradient: the running sum of dL/dy from the end.
  public func cumulativeSum(along axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return asVector.cumulativeSum(along: axis).reshaped([]) }
    let axis = resolve(axis: axis, rank: rank, "cumulativeSum")
    OperationArguments.note("cumulativeSum", ["axis": .integers([axis])])
    return scanned(.sum, axis, "cumulativeSum").moved("cumulativeSum", from: self) {
      $0.flipped([axis]).cumulativeSum(along: axis).flipped([axis])
    }
  }

  /// yᵢ = x₀ · … · xᵢ along an axis. Float multiplies in double precision.
  ///
  /// Gradient at xₖ: Σᵢ≥ₖ dL/dyᵢ · Πⱼ≤ᵢ,ⱼ≠ₖ xⱼ, without division, so that zeros do no harm.
  public func cumulativeProduct(along axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return asVector.cumulativeProduct(along: axis).reshaped([]) }
    let axis = resolve(axis: axis, rank: rank, "cumulativeProduct")
    return scanned(.product, axis, "cumulativeProduct")
      .recorded("cumulativeProduct", from: self, saving: [.first, .output]) { d in
        d.send(0) {
          let (x, y) = (d.input(0), d.output)
          if d.gradient.count == 0 { return d.gradient }
          if Scalar.self == Double.self || y.isNormalEverywhere { return x.productDerivative(y, d.gradient, axis) }
          // The others' product may be a number though parts of it leave the range of Float.
          let wide = x.cast(to: Double.self)
          return wide.productDerivative(wide.cumulativeProduct(along: axis), d.gradient.cast(to: Double.self), axis)
            .cast(to: Scalar.self)
        }
      }
  }

  /// The gradient of running products y of this tensor.
  private func productDerivative(_ y: Tensor, _ gradient: Tensor, _ axis: Int) -> Tensor {
    let extent = shape[axis]
    let one = Tensor(onesLike: narrowed(axis: axis, start: 0, length: 1))
    let before = concatenate([one, y.narrowed(axis: axis, start: 0, length: extent - 1)], along: axis)
    let next = concatenate([narrowed(axis: axis, start: 1, length: extent - 1), one], along: axis)
    return zeroProduct(before, .recurrence(next, gradient, along: axis, reversed: true))
  }

  /// yᵢ = ln(e^x₀ + … + e^xᵢ) along an axis, without overflow.
  ///
  /// Gradient at xₖ: e^(xₖ − yₖ) · Σᵢ≥ₖ dL/dyᵢ · e^(yₖ − yᵢ); 0 where yₖ is −∞, shared by those that are ∞.
  public func logCumulativeSumExp(along axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return asVector.logCumulativeSumExp(along: axis).reshaped([]) }
    let axis = resolve(axis: axis, rank: rank, "logCumulativeSumExp")
    return alongAxis(axis, "logCumulativeSumExp") { Scalar.logCumulativeSumExp($0, $1, $2, $3, $4) }
      .recorded("logCumulativeSumExp", from: self, saving: [.first, .output]) { d in
        d.send(0) {
          let (y, extent) = (d.output, d.gradient.shape[axis])
          if extent == 0 { return d.gradient }
          let last = Tensor(zerosLike: y.narrowed(axis: axis, start: 0, length: 1))
          let (lower, upper) = (
            y.narrowed(axis: axis, start: 0, length: extent - 1), y.narrowed(axis: axis, start: 1, length: extent - 1)
          )
          var (shares, decay) =
            y.isLargeLogSumExp
            ? d.input(0).runningShares(along: axis, extent) : ((d.input(0) - y).exp(), (lower - upper).exp())
          let infinite = y.isInfinite()
          if infinite.any().item {
            // Among those that are ∞ a gradient is shared; −∞ has no share.
            let stays = (lower .== upper) .&& upper.isInfinite()
            let (limit, passed) = withoutGradients { () -> (Tensor, Tensor) in
              let isLargest = (d.input(0) .== .infinity).cast(to: Scalar.self)
              let sofar = isLargest.cumulativeSum(along: axis)
              let (before, behind) = (
                sofar.narrowed(axis: axis, start: 0, length: extent - 1),
                sofar.narrowed(axis: axis, start: 1, length: extent - 1)
              )
              return (zeroQuotient(isLargest, sofar), zeroQuotient(before, behind))
            }
            shares = select(infinite, limit, shares)
            decay = select(stays, passed, decay)
          }
          let sums = Tensor.recurrence(
            concatenate([decay, last], along: axis), d.gradient, along: axis, reversed: true)
          return zeroProduct(shares, sums)
        }
      }
  }

  /// e^(xₖ − yₖ) and e^(yₖ − yₖ₊₁) of running log-sum-exps y that are too large to be subtracted, by sums
  /// sₖ = sₖ₋₁·e^(mₖ₋₁ − mₖ) + e^(xₖ − mₖ) with running maxima m: e^(xₖ − mₖ)/sₖ and sₖ·e^(mₖ − mₖ₊₁)/sₖ₊₁.
  private func runningShares(along axis: Int, _ extent: Int) -> (shares: Tensor, decay: Tensor) {
    func part(_ x: Tensor, _ start: Int) -> Tensor { x.narrowed(axis: axis, start: start, length: extent - 1) }
    let (largest, steps) = withoutGradients { () -> (Tensor, Tensor) in
      let running = detached().cumulativeMax(along: axis).values
      let finite = select(running.isFinite(), running, 0)
      return (finite, (part(finite, 0) - part(finite, 1)).clamped(max: 0).exp())
    }
    let zero = Tensor(zerosLike: largest.narrowed(axis: axis, start: 0, length: 1))
    let powers = (self - largest).exp()
    let sums = Tensor.recurrence(concatenate([zero, steps], along: axis), powers, along: axis, reversed: false)
    return (zeroQuotient(powers, sums), zeroQuotient(zeroProduct(part(sums, 0), steps), part(sums, 1)))
  }

  /// yᵢ = bᵢ + aᵢ·yᵢ₋₁ along an axis, or bᵢ + aᵢ·yᵢ₊₁ from the end; the first a that is met does not matter.
  ///
  /// Its derivative is a recurrence the other way round, so that it has derivatives of every order.
  package static func recurrence(_ a: Tensor, _ b: Tensor, along axis: Int, reversed: Bool) -> Tensor {
    check(
      a.shape == b.shape && a.shape.indices.contains(axis), "recurrence", "\(a.shape) and \(b.shape) along axis \(axis)"
    )
    return alongAxis(axis, a, b) { Scalar.recurrence($0, $1, $2, $3, $4, $5, reversed: reversed) }
      .recorded("recurrence", from: a, b, saving: [.first, .output]) { d in
        let (a, y, extent) = (d.input(0), d.output, d.gradient.shape[axis])
        if extent == 0 {
          d.send(0) { d.gradient }
          d.send(1) { d.gradient }
          return
        }
        let zero = Tensor(zerosLike: y.narrowed(axis: axis, start: 0, length: 1))
        /// The tensor moved by one place in the direction of the recurrence, or against it.
        func shifted(_ x: Tensor, forward: Bool) -> Tensor {
          let start = forward != reversed ? 0 : 1
          let part = x.narrowed(axis: axis, start: start, length: extent - 1)
          return concatenate(start == 0 ? [zero, part] : [part, zero], along: axis)
        }
        let sums = recurrence(shifted(a, forward: false), d.gradient, along: axis, reversed: !reversed)
        d.send(0) { zeroProduct(sums, shifted(y, forward: true)) }
        d.send(1) { sums }
      }
  }
}

extension Tensor where Scalar: NumericScalar {
  /// The greatest element so far along an axis, and where it stands: the last of equals. The gradient goes to that one.
  public func cumulativeMax(along axis: Int, file: StaticString = #fileID, line: UInt = #line) -> (
    values: Tensor, indices: Tensor<Int>
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return runningExtreme("cumulativeMax", .maximum, axis)
  }

  /// The least element so far along an axis, and where it stands: the last of equals. The gradient goes to that one.
  public func cumulativeMin(along axis: Int, file: StaticString = #fileID, line: UInt = #line) -> (
    values: Tensor, indices: Tensor<Int>
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return runningExtreme("cumulativeMin", .minimum, axis)
  }

  private func runningExtreme(
    _ name: StaticString, _ kernel: ReductionKernel, _ axis: Int
  ) -> (values: Tensor, indices: Tensor<Int>) {
    if rank == 0 {
      let (values, indices) = asVector.runningExtreme(name, kernel, axis)
      return (values.reshaped([]), indices.reshaped([]))
    }
    let axis = resolve(axis: axis, rank: rank, "\(name)")
    let plan = ReductionPlan(self, ReducedAxes([axis], of: shape, "\(name)"))
    let values = Tensor(uninitialized: plan.input.layout)
    let indices = Tensor<Int>(uninitialized: plan.input.layout)
    let (n, inner, out, at) = (plan.n, plan.inner, values.mutablePointer, indices.mutablePointer)
    let x = plan.input.pointer
    if !values.isEmpty {
      plan.runOuter { first, count in
        let start = first * n * inner
        Scalar.scan(kernel, count, n, inner, out + start, at + start, x + start)
      }
    }
    return (values.recordedGather(name, from: self, indices, along: axis), indices)
  }

  fileprivate func scanned(_ kernel: ReductionKernel, _ axis: Int, _ name: String) -> Tensor {
    let result = alongAxis(axis, name) { Scalar.scan(kernel, $0, $1, $2, $3, nil, $4) }
    if OperationObservers.isListening, Scalar.self == Int.self {
      OperationArguments.note("integer scan", ["axis": .integers([axis]), "isSum": .flag(kernel == .sum)])
      OperationObservers.ended("integer scan", from: [body], result.body)
    }
    return result
  }
}

extension Tensor where Scalar: IntegerScalar {
  /// yᵢ = x₀ + … + xᵢ along an axis, as Int; wraps beyond its range.
  public func cumulativeSum(along axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return cast(to: Int.self).running(.sum, axis, "cumulativeSum")
  }

  /// yᵢ = x₀ · … · xᵢ along an axis, as Int; wraps beyond its range.
  public func cumulativeProduct(along axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return cast(to: Int.self).running(.product, axis, "cumulativeProduct")
  }
}

extension Tensor where Scalar == Bool {
  /// How many elements are true so far along an axis.
  public func cumulativeSum(along axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return cast(to: Int.self).running(.sum, axis, "cumulativeSum")
  }
}

extension Tensor where Scalar == Int {
  fileprivate func running(_ kernel: ReductionKernel, _ axis: Int, _ name: String) -> Tensor {
    rank == 0 ? asVector.scanned(kernel, axis, name).reshaped([]) : scanned(kernel, axis, name)
  }
}
