import TernBackend

// Functions of two numbers beside the four operations, element by element; operands broadcast.

/// The greater of a and b; NaN where either is.
///
/// The gradient goes to the greater one; two equal ones get half each.
public func maximum<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return .combine(
    "maximum", .maximum, a, b, firstNeeds: [.first, .second], secondNeeds: [.first, .second],
    { d in share(d.gradient, of: d.input(0), d.input(1), none: d.input(0) .< d.input(1)) },
    { d in share(d.gradient, of: d.input(0), d.input(1), none: d.input(1) .< d.input(0)) })
}

/// The smaller of a and b; NaN where either is.
///
/// The gradient goes to the smaller one; two equal ones get half each.
public func minimum<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return .combine(
    "minimum", .minimum, a, b, firstNeeds: [.first, .second], secondNeeds: [.first, .second],
    { d in share(d.gradient, of: d.input(0), d.input(1), none: d.input(0) .> d.input(1)) },
    { d in share(d.gradient, of: d.input(0), d.input(1), none: d.input(1) .> d.input(0)) })
}

/// The greater of every element and a number; see ``maximum(_:_:file:line:)-(Tensor<Scalar>,Tensor<Scalar>,_,_)``.
public func maximum<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  maximum(a, Tensor(b), file: file, line: line)
}

/// The smaller of every element and a number; see ``minimum(_:_:file:line:)-(Tensor<Scalar>,Tensor<Scalar>,_,_)``.
public func minimum<Scalar: NumericScalar>(
  _ a: Tensor<Scalar>, _ b: Scalar, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  minimum(a, Tensor(b), file: file, line: line)
}

/// A gradient where an operand won, half of it where both are equal, 0 where it lost.
///
/// Only floating-point operands are ever recorded, for which a half exists.
private func share<Scalar: NumericScalar>(
  _ gradient: Tensor<Scalar>, of a: Tensor<Scalar>, _ b: Tensor<Scalar>, none: Tensor<Bool>
) -> Tensor<Scalar> {
  select(none, 0, select(a .== b, gradient * Scalar(number: 0.5), gradient))
}

/// √(a² + b²) without overflow on the way. Derivatives: a/y and b/y; 0 at (0, 0), ±1 at infinity.
public func hypot<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return .combine(
    "hypot", .hypot, a, b, firstNeeds: [.first, .second, .output], secondNeeds: [.first, .second, .output],
    {
      zeroProduct($0.gradient, $0.createGraph ? cosine($0.input(0), $0.input(1)) : lengthRatio($0.input(0), $0.output))
    },
    {
      zeroProduct($0.gradient, $0.createGraph ? cosine($0.input(1), $0.input(0)) : lengthRatio($0.input(1), $0.output))
    })
}

/// a/√(a² + b²). Derivatives: b²/y³ and −a·b/y³ with the root y, of ratios that neither overflow nor underflow.
func cosine<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  withoutGradients { lengthRatio(a.detached(), hypot(a.detached(), b.detached())) }
    .recordedPair(
      "hypot", a, b, firstNeeds: [.first, .second], secondNeeds: [.first, .second],
      { d in
        let sine = cosine(d.input(1), d.input(0))
        return overLength(zeroProduct(d.gradient, sine.square()), hypot(d.input(0), d.input(1)))
      },
      { d in
        let product = cosine(d.input(0), d.input(1)) * cosine(d.input(1), d.input(0))
        return -overLength(zeroProduct(d.gradient, product), hypot(d.input(0), d.input(1)))
      })
}

/// ln(eᵃ + eᵇ) without overflow. Derivatives: 1/(1+e^(b−a)) and 1/(1+e^(a−b)); 0 where both are −∞, ½ where both are ∞.
public func logAddExp<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return .combine(
    "logAddExp", .logAddExp, a, b, firstNeeds: [.first, .second], secondNeeds: [.first, .second],
    { zeroProduct($0.gradient, logAddExpDerivative($0.input(0), $0.input(1), $0.createGraph)) },
    { zeroProduct($0.gradient, logAddExpDerivative($0.input(1), $0.input(0), $0.createGraph)) })
}

/// 1/(1+e^(b−a)); of equal infinities 0 at −∞, ½ at ∞.
private func logAddExpDerivative<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ isRecorded: Bool
) -> Tensor<Scalar> {
  if !isRecorded { return .map("logAddExp", .logAddExpGrad, a, b) }
  let equal = (a .== b) .&& a.isInfinite()
  let share = withoutGradients { select(a .> 0, Scalar(0.5), Tensor<Scalar>(0)) }
  return select(equal, share, (a - b).sigmoid())
}
