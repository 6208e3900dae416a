import TernBackend
import TernTensor

// Bijectors element by element.

/// y = location + scale·x
public struct AffineBijector<Scalar: FloatingScalar>: Bijector {
  /// What is added.
  public let location: Tensor<Scalar>
  /// The factors.
  public let scale: Tensor<Scalar>

  /// A line. Stops for a scale of 0 and for NaN.
  ///
  /// - Parameters:
  ///   - location: What is added; it broadcasts with the scale and the input.
  ///   - scale: The factors, not 0.
  public init(
    location: Tensor<Scalar> = Tensor(0), scale: Tensor<Scalar> = Tensor(1), file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    location.requireNumber("AffineBijector", "location")
    scale.require("AffineBijector", "scale", "a finite number that is not 0") { ($0 .!= 0) .&& $0.isFinite() }
    (self.location, self.scale) = broadcastParameters(location, scale, "AffineBijector")
  }

  /// location + scale·x
  public func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> { location + scale * x }
  /// (y − location)/scale
  public func inverse(_ y: Tensor<Scalar>) -> Tensor<Scalar> { (y - location) / scale }
  /// ln|scale|
  public func logDeterminant(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
    scale.abs().log().broadcast(to: broadcastShape(x.shape, scale.shape, "logDeterminant"))
  }
  /// The shape that input and parameters broadcast to.
  public func forwardShape(_ shape: [Int]) -> [Int] { broadcastShape(shape, scale.shape, "AffineBijector") }
  /// The shape that result and parameters broadcast to.
  public func inverseShape(_ shape: [Int]) -> [Int] { broadcastShape(shape, scale.shape, "AffineBijector") }
  /// Rises where the scale is above 0.
  public var monotonicity: Monotonicity<Scalar>? { Monotonicity(sign: scale.detached().sign()) }
}

/// y = eˣ
public struct ExpBijector<Scalar: FloatingScalar>: Bijector {
  /// The exponential function.
  public init() {}
  /// eˣ
  public func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.exp() }
  /// ln y
  public func inverse(_ y: Tensor<Scalar>) -> Tensor<Scalar> { y.log() }
  /// x
  public func logDeterminant(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> { x }
  /// Rises from 0.
  public var monotonicity: Monotonicity<Scalar>? { Monotonicity(low: 0) }
}

/// y = 1/(1 + e⁻ˣ), kept off 0 and 1.
public struct SigmoidBijector<Scalar: FloatingScalar>: Bijector {
  /// The sigmoid function.
  public init() {}
  /// 1/(1 + e⁻ˣ), at least the smallest normal number, at most 1 − ε.
  public func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    x.sigmoid().clamped(min: .leastNormalMagnitude, max: 1 - .ulpOfOne)
  }
  /// ln(y/(1 − y))
  public func inverse(_ y: Tensor<Scalar>) -> Tensor<Scalar> { y.log() - (-y).log1p() }
  /// ln(y·(1 − y)), by x
  public func logDeterminant(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
    x.logSigmoid() + (-x).logSigmoid()
  }
  /// Rises from 0 to 1.
  public var monotonicity: Monotonicity<Scalar>? { Monotonicity(low: 0, high: 1) }
}

/// y = tanh x, kept off ±1.
public struct TanhBijector<Scalar: FloatingScalar>: Bijector {
  /// The hyperbolic tangent.
  public init() {}
  /// tanh x, of magnitude 1 − ε at most.
  public func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    x.tanh().clamped(min: -1 + .ulpOfOne, max: 1 - .ulpOfOne)
  }
  /// artanh y
  public func inverse(_ y: Tensor<Scalar>) -> Tensor<Scalar> { y.atanh() }
  /// ln(1 − y²) = 2·(ln 2 − x − ln(1 + e^(−2x))), by x
  public func logDeterminant(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> { x.logTanhDerivative() }
  /// Rises from −1 to 1.
  public var monotonicity: Monotonicity<Scalar>? { Monotonicity(low: -1, high: 1) }
}

extension Tensor where Scalar: FloatingScalar {
  /// ln(1 − tanh² x)
  func logTanhDerivative() -> Tensor {
    let doubled = self * 2
    return doubled.logSigmoid() + (-doubled).logSigmoid() + Scalar(1.38629436111989061883)
  }
}

/// y = ln(1 + eˣ)
public struct SoftplusBijector<Scalar: FloatingScalar>: Bijector {
  /// The softplus function.
  public init() {}
  /// ln(1 + eˣ)
  public func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> { -(-x).logSigmoid() }
  /// ln(eʸ − 1)
  public func inverse(_ y: Tensor<Scalar>) -> Tensor<Scalar> { (-(-y).expm1()).log() + y }
  /// ln(1/(1 + e⁻ˣ))
  public func logDeterminant(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> { x.logSigmoid() }
  /// Rises from 0.
  public var monotonicity: Monotonicity<Scalar>? { Monotonicity(low: 0) }
}

/// y = xᵖ of numbers above 0.
public struct PowerBijector<Scalar: FloatingScalar>: Bijector {
  /// p.
  public let exponent: Tensor<Scalar>

  /// A power. Stops for an exponent of 0 and for NaN.
  ///
  /// - Parameter exponent: p, not 0; it broadcasts with the input.
  public init(exponent: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    exponent.require("PowerBijector", "exponent", "a finite number that is not 0") { ($0 .!= 0) .&& $0.isFinite() }
    self.exponent = exponent
  }

  /// xᵖ
  public func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> { x.pow(exponent) }
  /// y^(1/p)
  public func inverse(_ y: Tensor<Scalar>) -> Tensor<Scalar> { y.pow(exponent.reciprocal()) }
  /// ln|p| + (p − 1)·ln x
  public func logDeterminant(_ x: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
    xlogy(exponent - 1, x) + exponent.abs().log()
  }
  /// The shape that input and exponent broadcast to.
  public func forwardShape(_ shape: [Int]) -> [Int] { broadcastShape(shape, exponent.shape, "PowerBijector") }
  /// The shape that result and exponent broadcast to.
  public func inverseShape(_ shape: [Int]) -> [Int] { broadcastShape(shape, exponent.shape, "PowerBijector") }
  /// Rises from 0 where the exponent is above 0, falls to it elsewhere.
  public var monotonicity: Monotonicity<Scalar>? { Monotonicity(sign: exponent.detached().sign(), low: 0) }
}
