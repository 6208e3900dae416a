import TernBackend

// Gamma, beta and Dirichlet numbers. They have gradients at their parameters: how a number moves when the probability
// below it stays.

extension Tensor where Scalar: FloatingScalar {
  /// Numbers of gamma distributions of rate 1, density x^(α − 1)·e^(−x)/Γ(α), each of its own shape parameter α.
  ///
  /// Gradient: dx/dα = −(∂F/∂α)/p, F the distribution function and p the density (Figurnov et al. 2018). It has no second
  /// derivative.
  ///
  /// - Parameters:
  ///   - concentrations: α of every element, above 0.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  ///
  /// Source: Marsaglia and Tsang 2000, "A simple method for generating gamma variables".
  public init(
    randomGamma concentrations: Tensor, generator: RandomGenerator? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = DrawParameters(concentrations, for: "randomGamma")
    parameters.checkAboveZero(0, "randomGamma", "concentration")
    let least = Scalar.leastNormalMagnitude.number
    let drawn = parameters.with { alpha in
      Tensor<Double>(drawn: parameters.shape, generator, blocks: 2) { words, i in
        Swift.max(words.gamma(alpha[i]), least)
      }
    }
    self = drawn.cast(to: Scalar.self).recorded(
      "randomGamma", from: concentrations, saving: [.first, .output]
    ) { d in
      d.send(0) {
        let derivative = Tensor.implicit("randomGamma", d, d.input(0)) { ImplicitDerivative.gamma($0, $2) }
        return zeroProduct(d.gradient, derivative)
      }
    }
  }

  /// Numbers of beta distributions, density in proportion to x^(α − 1)·(1 − x)^(β − 1).
  ///
  /// Gradient: dx/dα = −(∂F/∂α)/p, F the distribution function and p the density, likewise at β (Figurnov et al. 2018). It
  /// has no second derivative.
  ///
  /// - Parameters:
  ///   - alpha: α, above 0.
  ///   - beta: β, above 0; broadcasts with `alpha`.
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomBeta alpha: Tensor, _ beta: Tensor, generator: RandomGenerator? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let parameters = DrawParameters(alpha, beta, for: "randomBeta")
    parameters.checkAboveZero(0, "randomBeta", "alpha")
    parameters.checkAboveZero(1, "randomBeta", "beta")
    let (least, most) = (Scalar.leastNormalMagnitude.number, Scalar.one.nextDown.number)
    let drawn = parameters.with { a, b in
      Tensor<Double>(drawn: parameters.shape, generator, blocks: 2) { words, i in
        Swift.min(Swift.max(words.beta(a[i], b[i]), least), most)
      }
    }
    let shape = parameters.shape
    self = drawn.cast(to: Scalar.self).recorded(
      "randomBeta", from: alpha.broadcast(to: shape), beta.broadcast(to: shape), saving: [.first, .second, .output]
    ) { d in
      d.send(0) {
        let derivative = Tensor.implicit("randomBeta", d, d.input(0), d.input(1)) {
          ImplicitDerivative.beta($0, $1, $2, 1 - $2)
        }
        return zeroProduct(d.gradient, derivative)
      }
      d.send(1) {
        let derivative = Tensor.implicit("randomBeta", d, d.input(1), d.input(0)) {
          -ImplicitDerivative.beta($0, $1, 1 - $2, $2)
        }
        return zeroProduct(d.gradient, derivative)
      }
    }
  }

  /// Points of the simplex of Dirichlet distributions, density in proportion to Π xᵢ^(αᵢ − 1): the last axis is positive
  /// and sums to 1.
  ///
  /// Gradient: of every xᵢ by its beta distribution of αᵢ and the sum of the others, which move in proportion. It has no
  /// second derivative.
  ///
  /// - Parameters:
  ///   - concentrations: α, above 0, [..., k].
  ///   - generator: where they come from; the task's or the global one when `nil`.
  public init(
    randomDirichlet concentrations: Tensor, generator: RandomGenerator? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(concentrations.rank > 0, "randomDirichlet", "concentrations [] have no axis")
    let parameters = DrawParameters(concentrations, for: "randomDirichlet")
    parameters.checkAboveZero(0, "randomDirichlet", "concentration")
    let drawn = parameters.with { alpha in
      Tensor<Double>(drawn: parameters.shape, generator, blocks: 2) { words, i in words.logGamma(alpha[i]) }
    }
    drawn.normalizeLogarithms(least: Scalar.leastNormalMagnitude.number)
    self = drawn.cast(to: Scalar.self).recorded(
      "randomDirichlet", from: concentrations, saving: [.first, .output]
    ) { d in
      d.send(0) {
        let total = withoutGradients { d.input(0).detached().sum(along: -1, keepingAxes: true) - d.input(0).detached() }
        let derivative = Tensor.implicit("randomDirichlet", d, d.input(0), total.broadcast(to: d.input(0).shape)) {
          ImplicitDerivative.beta($0, $1, $2, 1 - $2) / Swift.max(1 - $2, .leastNormalMagnitude)
        }
        let centered = d.gradient - (zeroProduct(d.gradient, d.output.detached())).sum(along: -1, keepingAxes: true)
        return zeroProduct(centered, derivative)
      }
    }
  }

  /// `formula` of two parameters and the number drawn, element by element; whoever differentiates it stops.
  private static func implicit(
    _ operation: String, _ d: Derivation<Scalar>, _ first: Tensor, _ second: Tensor? = nil,
    _ formula: (Double, Double, Double) -> Double
  ) -> Tensor {
    let parameters = withoutGradients {
      [first, second ?? first, d.output].map { $0.detached().cast(to: Double.self).contiguous }
    }
    let result = Tensor<Double>(uninitialized: parameters[2].shape)
    let (a, b, x, out) = (
      parameters[0].pointer, parameters[1].pointer, parameters[2].pointer, result.mutablePointer
    )
    withExtendedLifetime(parameters) {
      Workers.run(count: result.count, grain: 1024) { range in
        for i in range { out[i] = formula(a[i], b[i], x[i]) }
      }
    }
    return withoutGradients { result.cast(to: Scalar.self) }.recorded("implicitDerivative", from: first) { _ in
      fail(operation, "has no second derivative")
    }
  }
}

extension Tensor where Scalar == Double {
  /// Overwrites logarithms of positive numbers by their fractions of the sum along the last axis.
  fileprivate func normalizeLogarithms(least: Double) {
    let (n, out) = (shape[rank - 1], mutablePointer)
    guard count > 0 else { return }
    Workers.run(count: count / n, grain: Swift.max(1, 4096 / n)) { rows in
      for row in rows {
        let at = out + row * n
        var (greatest, sum) = (at[0], 0.0)
        for i in 1..<n { greatest = Swift.max(greatest, at[i]) }
        for i in 0..<n {
          at[i] = PortableMath.exp(at[i] - greatest)
          sum += at[i]
        }
        for i in 0..<n { at[i] = Swift.max(at[i] / sum, least) }
      }
    }
  }
}

extension DrawParameters {
  /// Stops at the first value that is not above 0.
  func checkAboveZero(_ index: Int, _ operation: String, _ name: String) {
    check(index, operation, name, expected: "a number above 0") { $0 > 0 }
  }
}

extension ElementWords {
  /// A number of the gamma distribution of shape `alpha` and rate 1; may be 0 where it is below the range.
  @inline(__always) mutating func gamma(_ alpha: Double) -> Double {
    if alpha >= 1 { return largeGamma(alpha) }
    let x = largeGamma(alpha + 1)
    return x * PortableMath.exp(PortableMath.log(uniform()) / alpha)
  }

  /// The logarithm of a number of the gamma distribution of shape `alpha`.
  @inline(__always) mutating func logGamma(_ alpha: Double) -> Double {
    if alpha >= 1 { return PortableMath.log(largeGamma(alpha)) }
    let x = PortableMath.log(largeGamma(alpha + 1))
    return x + PortableMath.log(uniform()) / alpha
  }

  /// A number of the beta distribution of a and b.
  @inline(__always) mutating func beta(_ a: Double, _ b: Double) -> Double {
    if a >= 1 && b >= 1 {
      let x = largeGamma(a)
      return x / (x + largeGamma(b))
    }
    let x = logGamma(a)
    return 1 / (1 + PortableMath.exp(logGamma(b) - x))
  }

  /// A number of the gamma distribution of shape `alpha` ≥ 1.
  @inline(__always) private mutating func largeGamma(_ alpha: Double) -> Double {
    if alpha > 1e300 { return alpha }
    let d = alpha - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let z = normal()
      let root = 1 + c * z
      let u = uniform()
      if root <= 0 { continue }
      let v = root * root * root
      let square = z * z
      if u < 1 - 0.0331 * square * square { return d * v }
      if PortableMath.log(u) < 0.5 * square + d * (1 - v + PortableMath.log(v)) { return d * v }
    }
  }
}
