import TernBackend
import TernTensor

/// What a parameter starts from: a recipe for values of any shape.
///
/// ```swift
/// model.initialize(.kaimingNormal(nonlinearity: .relu))
/// layer.bias?.initialize(.constant(0.1))
/// ```
public struct Initializer: Sendable {
  private enum Recipe: Sendable {
    case constant(Double)
    case uniform(Double, Double)
    case normal(mean: Double, deviation: Double)
    case truncated(mean: Double, deviation: Double, low: Double, high: Double)
    case scaled(isNormal: Bool, spread: @Sendable (_ shape: [Int]) -> Double)
    case orthogonal(gain: Double)
  }

  private let recipe: Recipe

  /// The same value everywhere.
  public static func constant(_ value: Double) -> Initializer { Initializer(recipe: .constant(value)) }
  /// Zeros.
  public static var zeros: Initializer { constant(0) }
  /// Ones.
  public static var ones: Initializer { constant(1) }

  /// Evenly spread over low ..< high; stops unless low < high.
  public static func uniform(_ low: Double, _ high: Double, file: StaticString = #fileID, line: UInt = #line)
    -> Initializer
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(low < high, "uniform", "a range from \(low) to \(high)")
    return Initializer(recipe: .uniform(low, high))
  }

  /// Normally distributed; stops for a negative deviation.
  public static func normal(mean: Double = 0, deviation: Double = 1, file: StaticString = #fileID, line: UInt = #line)
    -> Initializer
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(deviation >= 0, "normal", "a standard deviation of \(deviation)")
    return Initializer(recipe: .normal(mean: mean, deviation: deviation))
  }

  /// Normally distributed, drawn again as long as they lie outside low ... high, which are not in deviations.
  ///
  /// Stops unless the deviation is above 0, low < high, and numbers of the distribution lie between them.
  public static func truncatedNormal(
    mean: Double = 0, deviation: Double = 1, low: Double = -2, high: Double = 2, file: StaticString = #fileID,
    line: UInt = #line
  ) -> Initializer {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(deviation > 0, "truncatedNormal", "a standard deviation of \(deviation)")
    check(low < high, "truncatedNormal", "a range from \(low) to \(high)")
    return Initializer(recipe: .truncated(mean: mean, deviation: deviation, low: low, high: high))
  }

  /// Uniform in ±gain·√(6/(fanIn + fanOut)). Source: Glorot & Bengio 2010, "Understanding the difficulty of training
  /// deep feedforward neural networks".
  public static func xavierUniform(gain: Double = 1, file: StaticString = #fileID, line: UInt = #line) -> Initializer {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return Initializer(recipe: .scaled(isNormal: false) { 3.0.squareRoot() * xavierDeviation($0, gain) })
  }

  /// Normal with the deviation gain·√(2/(fanIn + fanOut)). Source: Glorot & Bengio 2010.
  public static func xavierNormal(gain: Double = 1, file: StaticString = #fileID, line: UInt = #line) -> Initializer {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return Initializer(recipe: .scaled(isNormal: true) { xavierDeviation($0, gain) })
  }

  /// Uniform in ±gain·√(3/fan). Source: He et al. 2015, "Delving deep into rectifiers".
  ///
  /// With a leaky ReLU of slope √5 that is ±1/√fanIn, where PyTorch's dense layers and convolutions start.
  public static func kaimingUniform(
    nonlinearity: Nonlinearity = .leakyReLU(slope: 0), mode: FanMode = .fanIn,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Initializer {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return Initializer(recipe: .scaled(isNormal: false) { 3.0.squareRoot() * kaimingDeviation($0, nonlinearity, mode) })
  }

  /// Normal with the deviation gain/√fan. Source: He et al. 2015.
  public static func kaimingNormal(
    nonlinearity: Nonlinearity = .leakyReLU(slope: 0), mode: FanMode = .fanIn,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Initializer {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return Initializer(recipe: .scaled(isNormal: true) { kaimingDeviation($0, nonlinearity, mode) })
  }

  /// Rows (or columns, where there are fewer) at right angles, of length gain; all axes but the first count as one.
  ///
  /// From the QR decomposition of normally distributed numbers, with the signs of R's diagonal moved into Q, so that every
  /// rotation is equally likely. Source: Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning".
  public static func orthogonal(gain: Double = 1) -> Initializer { Initializer(recipe: .orthogonal(gain: gain)) }

  /// Values of a shape.
  ///
  /// Stops below rank 2 where fans or rows and columns are meant.
  ///
  /// - Parameter generator: where they come from; the task's or the global one when `nil`.
  public func callAsFunction<Scalar: FloatingScalar>(
    _ shape: [Int], of _: Scalar.Type = Scalar.self, generator: RandomGenerator? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    switch recipe {
    case .constant(let value): return Tensor(full: shape, Scalar(value))
    case .uniform(let low, let high):
      return Tensor(randomUniform: shape, in: Scalar(low)..<Scalar(high), generator: generator)
    case .normal(let mean, let deviation):
      return Tensor(randomNormal: shape, mean: Scalar(mean), deviation: Scalar(deviation), generator: generator)
    case .truncated(let mean, let deviation, let low, let high):
      return truncatedValues(shape, mean, deviation, low, high, generator)
    case .scaled(let isNormal, let spread):
      let spread = Scalar(spread(shape))
      return isNormal
        ? Tensor(randomNormal: shape, deviation: spread, generator: generator)
        : Tensor(randomUniform: shape, in: -spread..<spread, generator: generator)
    case .orthogonal(let gain): return orthogonalValues(shape, Scalar(gain), generator)
    }
  }

  /// The bound of the uniform ones, the deviation of the normal ones; for tests against other libraries.
  package func spread(of shape: [Int]) -> Double {
    switch recipe {
    case .constant: 0
    case .uniform(_, let high): high
    case .normal(_, let deviation), .truncated(_, let deviation, _, _): deviation
    case .scaled(_, let spread): spread(shape)
    case .orthogonal(let gain): gain
    }
  }
}

/// Quantiles of the probabilities between those of the bounds, from the side of the smaller ones.
private func truncatedValues<Scalar: FloatingScalar>(
  _ shape: [Int], _ mean: Double, _ deviation: Double, _ low: Double, _ high: Double, _ generator: RandomGenerator?
) -> Tensor<Scalar> {
  let isAbove = low > mean
  let bounds: [Double] = isAbove ? [mean - high, mean - low] : [low - mean, high - mean]
  let range = (Tensor(bounds) / deviation).ndtr().scalars
  check(range[0] < range[1], "truncatedNormal", "no numbers around \(mean) from \(low) to \(high)")
  let quantiles = Tensor<Double>(randomUniform: shape, in: range[0]..<range[1], generator: generator).ndtri()
  let values = quantiles * (isAbove ? -deviation : deviation) + mean
  return values.clamped(min: low, max: high).cast(to: Scalar.self)
}

private func xavierDeviation(_ shape: [Int], _ gain: Double) -> Double {
  let (fanIn, fanOut) = fans(of: shape)
  return gain * (2 / Double(Swift.max(fanIn + fanOut, 1))).squareRoot()
}

private func kaimingDeviation(_ shape: [Int], _ nonlinearity: Nonlinearity, _ mode: FanMode) -> Double {
  let (fanIn, fanOut) = fans(of: shape)
  return nonlinearity.gain / Double(Swift.max(mode == .fanIn ? fanIn : fanOut, 1)).squareRoot()
}

private func orthogonalValues<Scalar: FloatingScalar>(
  _ shape: [Int], _ gain: Scalar, _ generator: RandomGenerator?
) -> Tensor<Scalar> {
  check(shape.count >= 2, "orthogonal", "\(shape) is of rank \(shape.count): rows and columns are wanted")
  check(Layout.holds(shape), "orthogonal", "\(shape) is more than a tensor can hold (2⁴⁸)")
  let (rows, columns) = (shape[0], shape.dropFirst().reduce(1, *))
  if rows * columns == 0 { return Tensor(zeros: shape) }
  let isWide = rows < columns
  let (m, n) = isWide ? (columns, rows) : (rows, columns)
  let (q, r) = withoutGradients {
    Tensor<Scalar>(randomNormal: [m, n], generator: generator).qrDecomposition()
  }
  let signs = r.diagonal().scalars.map { $0 < 0 ? -gain : gain }
  let turned = q * Tensor(signs)
  return (isWide ? turned.transposed().contiguous : turned).reshaped(shape)
}

extension Parameter {
  /// Starts anew from an initializer's values.
  public func initialize(_ initializer: Initializer, generator: RandomGenerator? = nil) {
    value = initializer(shape, generator: generator)
  }
}

extension Module {
  /// Lets parameters start anew from an initializer's values, in the order of declaration.
  ///
  /// - Parameters:
  ///   - generator: where they come from; the task's or the global one when `nil`.
  ///   - isMeant: which parameters, by name and shape; by default the weights, that is those of rank 2 and more.
  public func initialize(
    _ initializer: Initializer, generator: RandomGenerator? = nil,
    where isMeant: (_ name: String, _ shape: [Int]) -> Bool = { $1.count >= 2 },
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    for (name, parameter) in namedParameters where isMeant(name, parameter.shape) {
      initialized(parameter)
    }
    func initialized(_ parameter: some AnyParameter) {
      parameter.typed.initialize(initializer, generator: generator)
    }
  }
}
