import TernBackend

// Terms of entropies and odds. Largest errors over 2,000 numbers, in units in the last place of Double (of Float: 0.51,
// logit 1.3): xlogy 1.4, xlog1py 1.4, entropy 1.3, logit 3.1, logAddExp2 0.6 where both logarithms have one sign.

extension Tensor where Scalar: FloatingScalar {
  /// −x·ln x, a term of an entropy; 0 at 0, −∞ below. Derivative: −1 − ln x.
  public func entropy() -> Tensor {
    special("entropy", .entropy) { -zeroProduct($0.gradient, $0.input(0).log() + 1) }
  }

  /// ln(x/(1−x)), the inverse of ``sigmoid()``; NaN outside [0, 1]. Derivative: 1/(x·(1−x)).
  ///
  /// - Parameter eps: clamps x to [eps, 1−eps] first, beyond which the derivative is 0; left out or negative, it clamps nothing.
  public func logit(eps: Scalar? = nil) -> Tensor {
    guard let eps, eps >= 0 else {
      return special("logit", .logit) { d in
        if !d.createGraph { return .mapSpecial("logit", .logitGrad, d.gradient, d.input(0)) }
        let x = d.input(0)
        // 1/x + 1/(1 − x), whose own derivatives have one infinite term at an end.
        let slope = zeroQuotient(d.gradient, x) + zeroQuotient(d.gradient, 1 - x)
        return select((x .< 0) .|| (x .> 1), Scalar.nan, slope)
      }
    }
    let (low, high) = (eps, 1 - eps)
    let detached = self.detached()
    let bounded =
      low <= high
      ? detached.map(.clamp, low, high) : select(detached .< low, Tensor(low), detached.clamped(max: high))
    return bounded.mapSpecial(.logit).recorded("logit", from: self, saving: .first) { d in
      let x = d.input(0)
      d.send(0) { select((x .< low) .|| (x .> high), 0, zeroQuotient(d.gradient, x) + zeroQuotient(d.gradient, 1 - x)) }
    }
  }
}

/// x·ln y, element by element, and 0 where x is 0 and y is not NaN; the shapes broadcast.
///
/// Derivatives: ln y (0 where x is 0 and y not above 0) and x/y (0 where x is).
public func xlogy<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Tensor.mapSpecial("xlogy", .xlogy, x, y).recordedPair(
    "xlogy", x, y, firstNeeds: [.first, .second], secondNeeds: [.first, .second],
    { d in
      let (x, y) = (d.input(0), d.input(1))
      return select((x .== 0) .&& (y .<= 0), 0, zeroProduct(d.gradient, y.log()))
    },
    { zeroQuotient(zeroProduct($0.gradient, $0.input(0)), $0.input(1)) })
}

/// x·ln y for every element x; see ``xlogy(_:_:file:line:)``.
public func xlogy<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ y: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { xlogy(x, Tensor(y), file: file, line: line) }

/// x·ln y for every element y; see ``xlogy(_:_:file:line:)``.
public func xlogy<Scalar: FloatingScalar>(
  _ x: Scalar, _ y: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { xlogy(Tensor(x), y, file: file, line: line) }

/// x·ln(1 + y), element by element, and 0 where x is 0 and y is not NaN; the shapes broadcast.
///
/// Derivatives: ln(1 + y) (0 where x is 0 and y not above −1) and x/(1 + y) (0 where x is).
public func xlog1py<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ y: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Tensor.mapSpecial("xlog1py", .xlog1py, x, y).recordedPair(
    "xlog1py", x, y, firstNeeds: [.first, .second], secondNeeds: [.first, .second],
    { d in
      let (x, y) = (d.input(0), d.input(1))
      return select((x .== 0) .&& (y .<= -1), 0, zeroProduct(d.gradient, y.log1p()))
    },
    { zeroQuotient(zeroProduct($0.gradient, $0.input(0)), $0.input(1) + 1) })
}

/// x·ln(1 + y) for every element x; see ``xlog1py(_:_:file:line:)``.
public func xlog1py<Scalar: FloatingScalar>(
  _ x: Tensor<Scalar>, _ y: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { xlog1py(x, Tensor(y), file: file, line: line) }

/// x·ln(1 + y) for every element y; see ``xlog1py(_:_:file:line:)``.
public func xlog1py<Scalar: FloatingScalar>(
  _ x: Scalar, _ y: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> { xlog1py(Tensor(x), y, file: file, line: line) }

/// log₂(2ᵃ + 2ᵇ) without overflow; the shapes broadcast. Derivatives: 1/(1+2^(b−a)) and 1/(1+2^(a−b)); 0 where both are −∞,
/// ½ where both are ∞.
public func logAddExp2<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Tensor.mapSpecial("logAddExp2", .logAddExp2, a, b).recordedPair(
    "logAddExp2", a, b, firstNeeds: [.first, .second], secondNeeds: [.first, .second],
    { zeroProduct($0.gradient, logAddExp2Derivative($0.input(0), $0.input(1), recorded: $0.createGraph)) },
    { zeroProduct($0.gradient, logAddExp2Derivative($0.input(1), $0.input(0), recorded: $0.createGraph)) })
}

/// 1/(1+2^(b−a)); of equal infinities 0 at −∞, ½ at ∞.
private func logAddExp2Derivative<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, recorded: Bool
) -> Tensor<Scalar> {
  if !recorded { return .mapSpecial("logAddExp2", .logAddExp2Grad, a, b) }
  let equal = (a .== b) .&& a.isInfinite()
  let fraction = withoutGradients { select(a .> 0, Scalar(0.5), Tensor<Scalar>(0)) }
  let difference: Tensor<Scalar> = (a - b) * 0.693147180559945309417
  return select(equal, fraction, difference.sigmoid())
}
