import TernBackend

// Draws of counts: Poisson, binomial, Bernoulli, each element with a parameter of its own.

extension Tensor where Scalar: NumericScalar {
  /// Numbers of Poisson distributions, P(k) = λᵏ·e^(−λ)/k!, each of its own rate.
  ///
  /// - Parameters:
  ///   - rates: λ of every element, finite and at least 0.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  ///
  /// Source: Hörmann 1993, "The transformed rejection method for generating Poisson random variables", for rates of 10 and
  /// more; below the distribution function is inverted.
  public init<Rate: FloatingScalar>(
    randomPoisson rates: Tensor<Rate>, generator: RandomGenerator? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = DrawParameters(rates, for: "randomPoisson")
    parameters.check(0, "randomPoisson", "rate", expected: "a finite number, at least 0") { $0 >= 0 && $0 < .infinity }
    self = parameters.with { rate in
      Tensor<Double>(drawn: parameters.shape, generator) { words, i in words.poisson(rate[i]) }
    }
    .cast(to: Scalar.self)
  }

  /// Numbers of a Poisson distribution, P(k) = λᵏ·e^(−λ)/k!.
  ///
  /// - Parameters:
  ///   - shape: the shape of the result.
  ///   - rate: λ, finite and at least 0: the mean and the variance.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomPoisson shape: [Int], rate: Double, generator: RandomGenerator? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      rate >= 0 && rate < .infinity, "randomPoisson", "rate is \(rate), expected a finite number, at least 0")
    self = Tensor<Double>(drawn: shape, generator) { words, _ in words.poisson(rate) }.cast(to: Scalar.self)
  }

  /// Numbers of binomial distributions: how often something of the given probability happens in that many trials.
  ///
  /// - Parameters:
  ///   - trials: whole numbers, at least 0.
  ///   - probability: of every trial, between 0 and 1; broadcasts with `trials`.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  ///
  /// Source: Hörmann 1993, "The generation of binomial random variates", where the mean of the rarer side is 10 or more;
  /// below the distribution function is inverted.
  public init<Probability: FloatingScalar>(
    randomBinomial trials: Tensor<Probability>, probability: Tensor<Probability>, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let operation = "randomBinomial"
    let parameters = DrawParameters(trials, probability, for: operation)
    parameters.check(0, operation, "trials", expected: "a whole number, at least 0") {
      $0 >= 0 && $0 < .infinity && $0 == $0.rounded()
    }
    parameters.check(1, operation, "probability", expected: "0 ≤ p ≤ 1") { $0 >= 0 && $0 <= 1 }
    self = parameters.with { n, p in
      Tensor<Double>(drawn: parameters.shape, generator) { words, i in words.binomial(n[i], p[i]) }
    }
    .cast(to: Scalar.self)
  }

  /// Ones with probabilities of their own, zeros otherwise.
  ///
  /// - Parameters:
  ///   - probabilities: of a one, between 0 and 1; both bounds are exact.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init<Probability: FloatingScalar>(
    randomBernoulli probabilities: Tensor<Probability>, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self = Tensor<Bool>(randomBernoulli: probabilities, generator: generator).cast(to: Scalar.self)
  }
}

extension Tensor where Scalar == Bool {
  /// True with probabilities of their own.
  ///
  /// - Parameters:
  ///   - probabilities: of true, between 0 and 1; both bounds are exact.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init<Probability: FloatingScalar>(
    randomBernoulli probabilities: Tensor<Probability>, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = DrawParameters(probabilities, for: "randomBernoulli")
    parameters.check(0, "randomBernoulli", "probability", expected: "0 ≤ p ≤ 1") { $0 >= 0 && $0 <= 1 }
    self = Tensor<Double>(randomUniform: parameters.shape, generator: generator) .< parameters.values[0]
  }
}

extension ElementWords {
  /// A number of the Poisson distribution of mean `rate`.
  @inline(__always) mutating func poisson(_ rate: Double) -> Double {
    if rate < 10 {
      // The first k whose distribution function reaches u; rounding leaves it a little below 1.
      let u = uniform()
      var (k, p) = (0.0, PortableMath.exp(-rate))
      var sum = p
      while u > sum && k < 128 {
        k += 1
        p *= rate / k
        sum += p
      }
      return k
    }
    return largePoisson(rate)
  }

  private mutating func largePoisson(_ rate: Double) -> Double {
    let b = 0.931 + 2.53 * rate.squareRoot()
    let a = -0.059 + 0.02483 * b
    let inverseAlpha = 1.1239 + 1.1328 / (b - 3.4)
    let bound = 0.9277 - 3.6224 / (b - 2)
    var logRate: Double?
    while true {
      let (u, v) = (uniform() - 0.5, uniform())
      let distance = 0.5 - u.magnitude
      let k = ((2 * a / distance + b) * u + rate + 0.43).rounded(.down)
      if distance >= 0.07 && v <= bound { return k }
      if k < 0 || (distance < 0.013 && v > distance) { continue }
      let logarithm = logRate ?? PortableMath.log(rate)
      logRate = logarithm
      let left = PortableMath.log(v * inverseAlpha / (a / (distance * distance) + b))
      if left <= k * logarithm - rate - PortableMath.logFactorial(k) { return k }
    }
  }

  /// How often something of probability p happens in n trials.
  @inline(__always) mutating func binomial(_ n: Double, _ p: Double) -> Double {
    if n == 0 || p == 0 { return 0 }
    if p == 1 { return n }
    return p > 0.5 ? n - rareBinomial(n, 1 - p) : rareBinomial(n, p)
  }

  private mutating func rareBinomial(_ n: Double, _ p: Double) -> Double {
    let q = 1 - p
    if n * p < 10 {
      var u = uniform()
      var (k, weight) = (0.0, PortableMath.exp(n * PortableMath.log1p(-p)))
      let (odds, start) = (p / q, (n + 1) * (p / q))
      while u > weight && k < n && k < 128 {
        u -= weight
        k += 1
        weight *= start / k - odds
      }
      return k
    }
    let deviation = (n * p * q).squareRoot()
    let b = 1.15 + 2.53 * deviation
    let a = -0.0873 + 0.0248 * b + 0.01 * p
    let (center, bound) = (n * p + 0.5, 0.92 - 4.2 / b)
    let alpha = (2.83 + 5.1 / b) * deviation
    let mode = ((n + 1) * p).rounded(.down)
    var constants: (odds: Double, mode: Double)?
    while true {
      let (u, v) = (uniform() - 0.5, uniform())
      let distance = 0.5 - u.magnitude
      let k = ((2 * a / distance + b) * u + center).rounded(.down)
      if k < 0 || k > n { continue }
      if distance >= 0.07 && v <= bound { return k }
      let known =
        constants
        ?? (PortableMath.log(p / q), PortableMath.logFactorial(mode) + PortableMath.logFactorial(n - mode))
      constants = known
      let left = PortableMath.log(v * alpha / (a / (distance * distance) + b))
      let factorials = PortableMath.logFactorial(k) + PortableMath.logFactorial(n - k)
      if left <= known.mode - factorials + (k - mode) * known.odds { return k }
    }
  }
}
