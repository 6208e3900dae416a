import TernBackend

extension Tensor where Scalar: FloatingScalar {
  /// Numbers spread evenly over `range`.
  ///
  /// - Parameters:
  ///   - shape: the shape of the result.
  ///   - range: the upper bound is left out.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomUniform shape: [Int], in range: Range<Scalar> = 0..<1, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let state = (generator ?? Random.generator).claim()
    let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
    self.init(uninitialized: shape)
    let out = mutablePointer
    Workers.run(count: count, grain: StridedLoop.grain) { part in
      let at = out + part.lowerBound
      Scalar.uniform(part.count, at, seed: state.seed, stream: state.draws, first: part.lowerBound)
      if low != 0 || width != 1 {
        Scalar.unary(.mulScalar, part.count, at, 1, at, 1, width, 0)
        Scalar.unary(.addScalar, part.count, at, 1, at, 1, low, 0)
        // Rounding may reach the bound that is left out.
        for i in 0..<part.count where at[i] >= range.upperBound { at[i] = range.upperBound.nextDown }
      }
    }
    OperationObservers.looped("random", body)
  }

  /// Numbers of a normal distribution.
  ///
  /// - Parameters:
  ///   - shape: the shape of the result.
  ///   - mean: the center.
  ///   - deviation: the standard deviation, at least 0.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomNormal shape: [Int], mean: Scalar = 0, deviation: Scalar = 1, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(deviation >= 0, "randomNormal", "a standard deviation of \(deviation)")
    let state = (generator ?? Random.generator).claim()
    self.init(uninitialized: shape)
    let out = mutablePointer
    Workers.run(count: count, grain: StridedLoop.grain) { part in
      let at = out + part.lowerBound
      Scalar.normal(part.count, at, seed: state.seed, stream: state.draws, first: part.lowerBound)
      if deviation != 1 { Scalar.unary(.mulScalar, part.count, at, 1, at, 1, deviation, 0) }
      if mean != 0 { Scalar.unary(.addScalar, part.count, at, 1, at, 1, mean, 0) }
    }
    OperationObservers.looped("random", body)
  }
}

extension Tensor where Scalar: NumericScalar {
  /// Ones with the given probability, zeros otherwise.
  ///
  /// - Parameters:
  ///   - shape: the shape of the result.
  ///   - probability: of a one, between 0 and 1; both bounds are exact.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomBernoulli shape: [Int], probability: Double, generator: RandomGenerator? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self = Tensor<Bool>(randomBernoulli: shape, probability: probability, generator: generator).cast(to: Scalar.self)
  }
}

extension Tensor where Scalar == Bool {
  /// True with the given probability.
  ///
  /// - Parameters:
  ///   - shape: the shape of the result.
  ///   - probability: of true, between 0 and 1; both bounds are exact.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomBernoulli shape: [Int], probability: Double, generator: RandomGenerator? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(probability >= 0 && probability <= 1, "randomBernoulli", "a probability of \(probability)")
    self = Tensor<Double>(randomUniform: shape, generator: generator) .< probability
  }
}

extension Tensor where Scalar == Int {
  /// Integers of a range, each equally likely.
  ///
  /// - Parameters:
  ///   - shape: The extents of the axes.
  ///   - range: The range of the numbers.
  ///   - generator: The generator to draw from; the task's own where none is given.
  public init(
    randomIntegers shape: [Int], in range: Range<Int>, generator: RandomGenerator? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(!range.isEmpty, "randomIntegers", "an empty range")
    let state = (generator ?? Random.generator).claim()
    self.init(uninitialized: shape)
    let out = mutablePointer
    Workers.run(count: count, grain: 4096) { part in
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * ElementWords.batch) { words in
        for start in stride(from: part.lowerBound, to: part.upperBound, by: ElementWords.batch) {
          let n = Swift.min(ElementWords.batch, part.upperBound - start)
          ElementWords.words(
            n, words.baseAddress!, seed: state.seed, stream: state.draws, counter: UInt64(start))
          for i in 0..<n {
            // The first word of a block is the high half.
            let word = words[2 * i]
            out[start + i] = RandomGenerator.integer(in: range, word << 32 | word >> 32)
          }
        }
      }
    }
    OperationObservers.looped("random", body)
  }

  /// The integers 0 ..< count in random order, each order equally likely (Fisher and Yates).
  ///
  /// - Parameters:
  ///   - count: The number of integers, at least 0.
  ///   - generator: The generator to draw from; the task's own where none is given.
  public init(
    randomPermutation count: Int, generator: RandomGenerator? = nil, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 0, "randomPermutation", "a count of \(count)")
    self.init((generator ?? Random.generator).permutation(count))
    OperationObservers.looped("random", body)
  }
}
