import TernBackend

// The incomplete gamma function. Largest errors over 20,000 pairs up to a = 30,000, in units in the last place of Double (of
// Float: 0.51): gammainc 3.2, gammaincc 3.5.

/// P(a, x) = ∫₀ˣ tᵃ⁻¹e⁻ᵗ dt/Γ(a), the regularized lower incomplete gamma function; the shapes broadcast.
///
/// NaN for a negative a or x, and where both are 0. Derivative at x: xᵃ⁻¹e⁻ˣ/Γ(a). There is none at a: a pass that wants it
/// stops.
public func gammainc<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ x: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Tensor.mapSpecial("gammainc", .gammaLower, a, x, else: IncompleteGammaValues.lower).recordedPair(
    "gammainc", a, x, secondNeeds: [.first, .second],
    { _ in fail("gammainc", "there is no derivative at a; detach it: gammainc(a.detached(), x)") },
    { zeroProduct($0.gradient, gammaDensity($0.input(0), $0.input(1))) })
}

/// Q(a, x) = ∫ tᵃ⁻¹e⁻ᵗ dt/Γ(a) from x to ∞, the regularized upper incomplete gamma function; the shapes broadcast.
///
/// NaN for a negative a or x, and where both are 0. Derivative at x: −xᵃ⁻¹e⁻ˣ/Γ(a). There is none at a: a pass that wants it
/// stops.
public func gammaincc<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ x: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Tensor.mapSpecial("gammaincc", .gammaUpper, a, x, else: IncompleteGammaValues.upper).recordedPair(
    "gammaincc", a, x, secondNeeds: [.first, .second],
    { _ in fail("gammaincc", "there is no derivative at a; detach it: gammaincc(a.detached(), x)") },
    { -zeroProduct($0.gradient, gammaDensity($0.input(0), $0.input(1))) })
}

/// xᵃ⁻¹e⁻ˣ/Γ(a)
private func gammaDensity<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ x: Tensor<Scalar>) -> Tensor<Scalar> {
  // 0 where x or a is infinite.
  let isInside = (a .< Scalar.infinity) .&& (x .< Scalar.infinity) .|| .!((a .== a) .&& (x .== x))
  let (a, x) = (select(isInside, a, 1), select(isInside, x, 1))
  let power: Tensor<Scalar> = xlogy(a - 1, x)
  let exponent: Tensor<Scalar> = power - x - a.lgamma()
  return select(isInside, exponent.exp(), 0)
}
