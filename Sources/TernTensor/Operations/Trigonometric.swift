import TernBackend

// Circular and hyperbolic functions and their inverses; angles are in radians.

extension Tensor where Scalar: FloatingScalar {
  /// The sine. Derivative: cos x.
  public func sin() -> Tensor { unary("sin", .sin) { $0.gradient * $0.input(0).cos() } }

  /// The cosine. Derivative: −sin x.
  public func cos() -> Tensor { unary("cos", .cos) { -($0.gradient * $0.input(0).sin()) } }

  /// The tangent. Derivative: 1 + tan²x.
  public func tan() -> Tensor {
    unary("tan", .tan, saving: .output) { $0.gradient * ($0.output.square() + 1) }
  }

  /// The inverse sine in [−π/2, π/2]; NaN outside [−1, 1]. Derivative: 1/√(1−x²).
  public func asin() -> Tensor {
    unary("asin", .asin) { $0.gradient * (1 - $0.input(0).square()).rsqrt() }
  }

  /// The inverse cosine in [0, π]; NaN outside [−1, 1]. Derivative: −1/√(1−x²).
  public func acos() -> Tensor {
    unary("acos", .acos) { -($0.gradient * (1 - $0.input(0).square()).rsqrt()) }
  }

  /// The inverse tangent in [−π/2, π/2]. Derivative: 1/(1+x²).
  public func atan() -> Tensor { unary("atan", .atan) { $0.gradient / ($0.input(0).square() + 1) } }

  /// The hyperbolic sine. Derivative: cosh x.
  public func sinh() -> Tensor { unary("sinh", .sinh) { $0.gradient * $0.input(0).cosh() } }

  /// The hyperbolic cosine. Derivative: sinh x.
  public func cosh() -> Tensor { unary("cosh", .cosh) { $0.gradient * $0.input(0).sinh() } }

  /// The hyperbolic tangent. Derivative: 1 − tanh²x.
  public func tanh() -> Tensor {
    unary("tanh", .tanh, saving: .output) { d in
      if d.createGraph { return d.gradient * (1 - d.output.square()) }
      return .map("tanh", .tanhGrad, d.gradient, d.output)
    }
  }

  /// The inverse hyperbolic sine. Derivative: 1/√(x²+1).
  public func asinh() -> Tensor {
    unary("asinh", .asinh) { $0.gradient * ($0.input(0).square() + 1).rsqrt() }
  }

  /// The inverse hyperbolic cosine, at least 0; NaN below 1. Derivative: 1/√(x²−1).
  public func acosh() -> Tensor {
    unary("acosh", .acosh) { $0.gradient * ($0.input(0).square() - 1).rsqrt() }
  }

  /// The inverse hyperbolic tangent; NaN outside [−1, 1]. Derivative: 1/(1−x²).
  public func atanh() -> Tensor { unary("atanh", .atanh) { $0.gradient / (1 - $0.input(0).square()) } }
}

/// The angle of the point (x, y) in [−π, π], element by element; the shapes broadcast.
///
/// Derivatives: x/(x²+y²) at y, −y/(x²+y²) at x; 0 at the origin.
public func atan2<Scalar: FloatingScalar>(_ y: Tensor<Scalar>, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
  .combine(
    "atan2", .atan2, y, x, firstNeeds: [.first, .second], secondNeeds: [.first, .second],
    { d in d.gradient * (d.input(1) * inverseSquareDistance(d.input(0), d.input(1))) },
    { d in -(d.gradient * (d.input(0) * inverseSquareDistance(d.input(0), d.input(1)))) })
}

/// 1/(x²+y²), 0 at the origin.
private func inverseSquareDistance<Scalar: FloatingScalar>(
  _ y: Tensor<Scalar>, _ x: Tensor<Scalar>
) -> Tensor<Scalar> {
  let square = y.square() + x.square()
  return select(square .== 0, 0, square.reciprocal())
}
