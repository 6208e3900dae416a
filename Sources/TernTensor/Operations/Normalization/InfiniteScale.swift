import TernBackend

// Normalizations whose scale γ is infinite somewhere, as the limit of a large γ: of a normalized value of 0 it leaves 0, and
// a derivative is infinite where the part of it that grows with γ is not 0, else that of the finite scales.

/// The result of a normalization with an infinite scale; `nil` where no scale is infinite.
///
/// - Parameters:
///   - normalize: γ·x̂ of an input and a scale, with the shift for `true`.
func withInfiniteScale<Scalar: FloatingScalar>(
  _ name: StaticString, _ x: Tensor<Scalar>, _ scale: Tensor<Scalar>?,
  _ normalize: (_ x: Tensor<Scalar>, _ scale: Tensor<Scalar>, _ shifts: Bool) -> Tensor<Scalar>
) -> Tensor<Scalar>? {
  guard let scale, scale.hasInfinity else { return nil }
  let (finite, signs) = withoutGradients { () -> (Tensor<Scalar>, Tensor<Scalar>) in
    let values = scale.detached()
    let isInfinite = values.isInfinite()
    return (select(isInfinite, 0, values), select(isInfinite, values.sign(), 0))
  }
  // The gradient Σ g·x̂ of γ does not depend on γ.
  let scales = finite.recorded(name, from: scale) { d in d.send(0) { d.gradient } }
  return normalize(x, scales, true)
    + normalize(x.withInfiniteGradient(name), signs, false).infinitelyLarge(name)
}

extension Tensor where Scalar: FloatingScalar {
  /// ±∞ by the sign of each element, 0 for 0; the derivative is 1.
  fileprivate func infinitelyLarge(_ name: StaticString) -> Tensor {
    withoutGradients { zeroProduct(detached(), Tensor(.infinity)) }
      .recorded(name, from: self) { d in d.send(0) { d.gradient } }
  }

  /// The same values; the derivative is ±∞ by the sign of what comes back, 0 for 0.
  fileprivate func withInfiniteGradient(_ name: StaticString) -> Tensor {
    detached().recorded(name, from: self) { d in d.send(0) { d.gradient.infinitelyLarge(name) } }
  }
}
