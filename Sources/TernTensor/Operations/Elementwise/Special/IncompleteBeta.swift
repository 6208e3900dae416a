import TernBackend

// The incomplete beta function: errors of 4 units in the last place of Double for most arguments, of 40 where b is below 1 and the
// value small.

/// I_x(a, b) = ∫₀ˣ tᵃ⁻¹(1−t)ᵇ⁻¹ dt/B(a, b), the regularized incomplete beta function; the shapes broadcast.
///
/// NaN for a negative a or b, for an x outside 0 … 1, and where a and b are both 0 or both ∞. Derivative at x:
/// xᵃ⁻¹(1−x)ᵇ⁻¹/B(a, b). There is none at a and b: a pass that wants one stops.
public func betainc<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ x: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return Tensor.mapRows(a, b, x, "betainc") { Scalar.betaRow($0, $1, $2, $3, $4, $5, $6, $7, $8) }
    .recorded("betainc", from: a, b, x, saving: [.first, .second, .third]) { [shape = x.shape] d in
      let none = "there is no derivative at a and b; detach them: betainc(a.detached(), b.detached(), x)"
      d.send(0) { fail("betainc", none) }
      d.send(1) { fail("betainc", none) }
      d.send(2) { zeroProduct(d.gradient, betaDensity(d.input(0), d.input(1), d.input(2))).summed(to: shape) }
    }
}

extension FloatingScalar {
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  fileprivate static func betaRow(
    _ n: Int, _ out: UnsafeMutablePointer<Self>, _ so: Int, _ a: UnsafePointer<Self>, _ sa: Int,
    _ b: UnsafePointer<Self>, _ sb: Int, _ x: UnsafePointer<Self>, _ sx: Int
  ) {
    tripleLoop(n, out, so, a, sa, b, sb, x, sx) { a, b, x in
      Self(IncompleteBetaValues.lower(Double(a), Double(b), Double(x)))
    }
  }
}

/// xᵃ⁻¹(1−x)ᵇ⁻¹/B(a, b)
private func betaDensity<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ b: Tensor<Scalar>, _ x: Tensor<Scalar>
) -> Tensor<Scalar> {
  let powers: Tensor<Scalar> = xlogy(a - 1, x) + xlog1py(b - 1, -x)
  let constant: Tensor<Scalar> = (a + b).lgamma() - a.lgamma() - b.lgamma()
  return (powers + constant).exp()
}
