import TernBackend

// Draws by a formula of one or two random numbers: computed in Double, rounded to the scalar type.

extension Tensor where Scalar: FloatingScalar {
  /// Numbers of an exponential distribution, density λ·e^(−λx) for x > 0: −ln(u)/λ.
  ///
  /// - Parameters:
  ///   - shape: the shape of the result.
  ///   - rate: λ, above 0; the mean is 1/λ.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomExponential shape: [Int], rate: Scalar = 1, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rate > 0, "randomExponential", "rate is \(rate), expected a number above 0")
    let scale = -1 / rate.number
    self = Tensor<Double>(drawn: shape, generator) { words, _ in PortableMath.log(words.uniform()) * scale }
      .cast(to: Scalar.self)
  }

  /// Numbers whose logarithms are normal: e^(mean + deviation·z).
  ///
  /// - Parameters:
  ///   - shape: the shape of the result.
  ///   - mean: the mean of the logarithms.
  ///   - deviation: their standard deviation, above 0.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomLogNormal shape: [Int], mean: Scalar = 1, deviation: Scalar = 2, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(deviation > 0, "randomLogNormal", "deviation is \(deviation), expected a number above 0")
    let (m, s) = (mean.number, deviation.number)
    self = Tensor<Double>(drawn: shape, generator) { words, _ in PortableMath.exp(m + s * words.normal()) }
      .cast(to: Scalar.self)
  }

  /// Numbers of a Cauchy distribution, density 1/(πσ·(1 + ((x − median)/σ)²)): the slopes of random directions.
  ///
  /// - Parameters:
  ///   - shape: the shape of the result.
  ///   - median: the center; there is no mean.
  ///   - scale: σ, above 0.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomCauchy shape: [Int], median: Scalar = 0, scale: Scalar = 1, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(scale > 0, "randomCauchy", "scale is \(scale), expected a number above 0")
    let (center, width) = (median.number, scale.number)
    self = Tensor<Double>(drawn: shape, generator) { words, _ in
      // An odd word is no multiple of a quarter turn: the cosine is not 0.
      let (cosine, sine) = PortableMath.circle(words.next() | 1)
      return center + width * (sine / cosine)
    }
    .cast(to: Scalar.self)
  }

  /// Normal numbers around means of their own, with deviations of their own: mean + deviation·z, of the shape that both
  /// broadcast to.
  ///
  /// The result is a constant of the graph.
  ///
  /// - Parameters:
  ///   - means: the centers.
  ///   - deviation: the standard deviations, at least 0.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomNormalAround means: Tensor, deviation: Tensor, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let operation = "randomNormal"
    let shape = broadcastShape(means.shape, deviation.shape, operation)
    let least = deviation.isEmpty ? 0 : withoutGradients { deviation.min().item }
    check(least >= 0, operation, "a standard deviation of \(least)")
    self = withoutGradients {
      Tensor(randomNormal: shape, generator: generator) * deviation.detached() + means.detached()
    }
  }

  /// Normal numbers around means of their own with one deviation.
  ///
  /// - Parameters:
  ///   - means: The means.
  ///   - deviation: The standard deviation, at least 0.
  ///   - generator: The generator to draw from; the task's own where none is given.
  public init(
    randomNormalAround means: Tensor, deviation: Scalar = 1, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(randomNormalAround: means, deviation: Tensor(deviation), generator: generator, file: file, line: line)
  }
}

extension Tensor where Scalar: NumericScalar {
  /// Numbers of a geometric distribution: the trial, counted from 1, at which something of the given probability first
  /// happens, P(k) = p·(1 − p)^(k − 1).
  ///
  /// - Parameters:
  ///   - shape: the shape of the result.
  ///   - probability: p, above 0 and at most 1.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomGeometric shape: [Int], probability: Double, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      probability > 0 && probability <= 1, "randomGeometric",
      "probability is \(probability), expected 0 < p ≤ 1")
    let scale = probability == 1 ? 0 : 1 / PortableMath.log1p(-probability)
    let trials = Tensor<Double>(drawn: shape, generator) { words, _ in
      Swift.max(1, (PortableMath.log(words.uniform()) * scale).rounded(.up))
    }
    self = trials.cast(to: Scalar.self)
  }
}

// Draws of the shape of another tensor.

extension Tensor where Scalar: FloatingScalar {
  /// Numbers spread evenly over `range`, of the shape of another tensor.
  ///
  /// - Parameters:
  ///   - other: The tensor whose shape is taken.
  ///   - range: The range of the numbers.
  public init<Other: TensorScalar>(
    randomUniformLike other: Tensor<Other>, in range: Range<Scalar> = 0..<1, generator: RandomGenerator? = nil
  ) {
    self.init(randomUniform: other.shape, in: range, generator: generator)
  }

  /// Numbers of a normal distribution, of the shape of another tensor.
  ///
  /// - Parameters:
  ///   - other: The tensor whose shape is taken.
  ///   - mean: The mean.
  ///   - deviation: The standard deviation, at least 0.
  ///   - generator: The generator to draw from; the task's own where none is given.
  public init<Other: TensorScalar>(
    randomNormalLike other: Tensor<Other>, mean: Scalar = 0, deviation: Scalar = 1, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(
      randomNormal: other.shape, mean: mean, deviation: deviation, generator: generator, file: file, line: line)
  }
}

extension Tensor where Scalar == Int {
  /// Integers of a range, each equally likely, of the shape of another tensor.
  ///
  /// - Parameters:
  ///   - other: The tensor whose shape is taken.
  ///   - range: The range of the numbers.
  ///   - generator: The generator to draw from; the task's own where none is given.
  public init<Other: TensorScalar>(
    randomIntegersLike other: Tensor<Other>, in range: Range<Int>, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(randomIntegers: other.shape, in: range, generator: generator, file: file, line: line)
  }
}
