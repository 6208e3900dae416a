import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// The covariances of variables: cᵢⱼ = Σₖ wₖ·(xᵢₖ − mᵢ)·(xⱼₖ − mⱼ) / (Σ wₖ − correction), mᵢ = Σ wₖ·xᵢₖ / Σ wₖ.
  ///
  /// A row is a variable and a column an observation; a vector is one variable. [n, observations] gives [n, n], and a scalar
  /// for one variable. With `weights` and a correction the divisor is W − correction · Σ wₖ·aₖ / W for W = Σ wₖ. Infinite
  /// or NaN where the divisor is not positive.
  /// - Parameters:
  ///   - correction: 1 for the unbiased estimate (Bessel), 0 for the average.
  ///   - frequencies: how often each observation counts, at least 0.
  ///   - weights: aₖ, how much each observation counts, at least 0; w is the product of both.
  public func covariance(
    correction: Int = 1, frequencies: Tensor<Int>? = nil, weights: Tensor? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank <= 2, "covariance", "\(shape) has more axes than variables and observations")
    let x = rank < 2 ? reshaped([1, count]) : self
    let observations = x.shape[1]
    func require(_ shape: [Int], _ isValid: Bool, _ name: String) {
      check(
        shape == [observations], "covariance", "\(name) \(shape) for \(observations) observations")
      check(isValid, "covariance", "\(name) that are below 0")
    }
    if let frequencies { require(frequencies.shape, !(frequencies .< 0).any().item, "frequencies") }
    if let weights { require(weights.shape, !(weights.detached() .< 0).any().item, "weights") }
    var all = frequencies?.cast(to: Scalar.self)
    if let weights { all = all.map { $0 * weights } ?? weights }
    var (mean, divisor): (Tensor, Tensor)
    if let all, observations > 0 {
      let total = all.sum()
      mean = (x * all).sum(along: 1, keepingAxes: true) / total
      if let weights, correction != 0 {
        divisor = total - (all * weights).sum() * Scalar(correction) / total
      } else {
        divisor = total - Scalar(correction)
      }
    } else {
      mean = x.mean(along: 1, keepingAxes: true)
      divisor = Tensor(Scalar(observations) - Scalar(correction))
    }
    divisor = select(divisor .<= 0, 0, divisor)
    let deviations = x - mean
    let weighted = all.map { deviations * $0 } ?? deviations
    let result = matmul(deviations, weighted.transposed()) / divisor
    return result.shape == [1, 1] ? result.reshaped([]) : result
  }

  /// The correlation coefficients of variables: rᵢⱼ = cᵢⱼ / √(cᵢᵢ·cⱼⱼ) of their covariances, within −1 … 1.
  ///
  /// A row is a variable and a column an observation; a vector is one variable, whose coefficient is a scalar. NaN for a
  /// variable that does not vary.
  public func correlation(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank <= 2, "correlation", "\(shape) has more axes than variables and observations")
    let c = withinRange().covariance()
    if c.rank == 0 { return c / c }
    let deviations = c.diagonal().sqrt()
    let scaled = c / deviations.expandedAxis(at: 1)
    return (scaled / deviations).clamped(min: -1, max: 1)
  }

  /// The variables, each divided by its largest magnitude where squares would leave the range.
  private func withinRange() -> Tensor {
    if isEmpty || rank == 0 { return self }
    let largest = detached().abs().max(along: -1, keepingAxes: true).values
    let bound = Scalar.greatestFiniteMagnitude.squareRoot() / 4096
    let isFar = ((largest .> bound) .|| (largest .< 1 / bound)) .&& (largest .> 0) .&& (largest .< Scalar.infinity)
    return isFar.any().item ? self / select(isFar, largest, 1) : self
  }

  /// The sum of the diagonal of a matrix.
  public func trace(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank == 2, "trace", "a matrix expected: \(shape)")
    return diagonal().sum()
  }
}

extension Tensor where Scalar: IntegerScalar {
  /// The sum of the diagonal of a matrix, as Int; wraps.
  public func trace(file: StaticString = #fileID, line: UInt = #line) -> Tensor<Int> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank == 2, "trace", "a matrix expected: \(shape)")
    return diagonal().sum()
  }
}
