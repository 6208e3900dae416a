import TernBackend

// Circular and hyperbolic functions and their inverses; angles are in radians.

extension Tensor where Scalar: FloatingScalar {
  /// The sine. Derivative: cos x.
  public func sin() -> Tensor { unary("sin", .sin) { zeroProduct($0.gradient, $0.input(0).cos()) } }

  /// The cosine. Derivative: −sin x.
  public func cos() -> Tensor { unary("cos", .cos) { -(zeroProduct($0.gradient, $0.input(0).sin())) } }

  /// The tangent. Derivative: 1 + tan²x.
  public func tan() -> Tensor {
    unary("tan", .tan, saving: .output) { zeroProduct($0.gradient, $0.output.square() + 1) }
  }

  /// The inverse sine in [−π/2, π/2]; NaN outside [−1, 1]. Derivative: 1/√(1−x²).
  public func asin() -> Tensor {
    unary("asin", .asin) { $0.inverseSineDerivative("asin") }
  }

  /// The inverse cosine in [0, π]; NaN outside [−1, 1]. Derivative: −1/√(1−x²).
  public func acos() -> Tensor {
    unary("acos", .acos) { -$0.inverseSineDerivative("acos") }
  }

  /// The inverse tangent in [−π/2, π/2]. Derivative: 1/(1+x²).
  public func atan() -> Tensor {
    unary("atan", .atan) { d in
      if !d.createGraph { return .map("atan", .atanGrad, d.gradient, d.input(0)) }
      let length = hypot(d.input(0), Tensor(1))
      return zeroQuotient(zeroQuotient(d.gradient, length), length)
    }
  }

  /// The hyperbolic sine. Derivative: cosh x.
  public func sinh() -> Tensor { unary("sinh", .sinh) { zeroProduct($0.gradient, $0.input(0).cosh()) } }

  /// The hyperbolic cosine. Derivative: sinh x.
  public func cosh() -> Tensor { unary("cosh", .cosh) { zeroProduct($0.gradient, $0.input(0).sinh()) } }

  /// The hyperbolic tangent. Derivative: 1 − tanh²x.
  public func tanh() -> Tensor {
    unary("tanh", .tanh, saving: .output) { d in
      if d.createGraph { return zeroProduct(d.gradient, 1 - d.output.square()) }
      return .map("tanh", .tanhGrad, d.gradient, d.output)
    }
  }

  /// The inverse hyperbolic sine. Derivative: 1/√(x²+1).
  public func asinh() -> Tensor {
    unary("asinh", .asinh) { d in
      if !d.createGraph { return .map("asinh", .asinhGrad, d.gradient, d.input(0)) }
      return zeroQuotient(d.gradient, hypot(d.input(0), Tensor(1)))
    }
  }

  /// The inverse hyperbolic cosine, at least 0; NaN below 1. Derivative: 1/√(x²−1).
  public func acosh() -> Tensor {
    unary("acosh", .acosh) { d in
      if !d.createGraph { return .map("acosh", .acoshGrad, d.gradient, d.input(0)) }
      return zeroProduct(d.gradient, zeroProduct((d.input(0) - 1).rsqrt(), (d.input(0) + 1).rsqrt()))
    }
  }

  /// The inverse hyperbolic tangent; NaN outside [−1, 1]. Derivative: 1/(1−x²).
  public func atanh() -> Tensor {
    unary("atanh", .atanh) { d in
      if !d.createGraph { return .map("atanh", .atanhGrad, d.gradient, d.input(0)) }
      return zeroQuotient(d.gradient, d.input(0).oneLessSquare)
    }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// 1 − x² by factors that are exact near ±1. Derivative: −2x.
  fileprivate var oneLessSquare: Tensor {
    let x = detached()
    return ((1 - x) * (x + 1)).recorded("oneLessSquare", from: self, saving: .first) { d in
      d.send(0) { zeroProduct(d.gradient, d.input(0)) * -2 }
    }
  }
}

extension Derivation where Scalar: FloatingScalar {
  /// dL/dy / √(1−x²), by factors that are exact near ±1.
  fileprivate func inverseSineDerivative(_ name: String) -> Tensor<Scalar> {
    if !createGraph { return .map(name, .asinGrad, gradient, input(0)) }
    return zeroProduct(gradient, input(0).oneLessSquare.rsqrt())
  }
}

/// The angle of the point (x, y) in [−π, π], element by element; the shapes broadcast.
///
/// Derivatives: x/(x²+y²) at y, −y/(x²+y²) at x; 0 at the origin.
public func atan2<Scalar: FloatingScalar>(
  _ y: Tensor<Scalar>, _ x: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return .combine(
    "atan2", .atan2, y, x, firstNeeds: [.first, .second], secondNeeds: [.first, .second],
    { d in zeroProduct(d.gradient, overSquareDistance(d.input(1), d.input(0), d.createGraph)) },
    { d in -zeroProduct(d.gradient, overSquareDistance(d.input(0), d.input(1), d.createGraph)) })
}

/// a/(a²+b²), 0 at the origin and at infinity; neither square leaves the range.
private func overSquareDistance<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ isRecorded: Bool
) -> Tensor<Scalar> {
  let value = Tensor<Scalar>.map("atan2", .overSquareDistance, a, b)
  if !isRecorded { return value }
  // (b² − a²)/y⁴ and −2·a·b/y⁴ with y² = a² + b²: the differences are of ratios, before the divisions.
  return value.recordedPair(
    "atan2", a, b, firstNeeds: [.first, .second], secondNeeds: [.first, .second],
    { d in
      let (a, b) = (d.input(0), d.input(1))
      let (u, v) = (cosine(a, b), cosine(b, a))
      return overSquare(zeroProduct(d.gradient, (v - u) * (v + u)), hypot(a, b))
    },
    { d in
      let (a, b) = (d.input(0), d.input(1))
      return overSquare(zeroProduct(d.gradient, cosine(a, b) * cosine(b, a)) * -2, hypot(a, b))
    })
}

/// a/y², 0 where y is 0 or infinite.
private func overSquare<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
  overLength(overLength(a, y), y)
}
