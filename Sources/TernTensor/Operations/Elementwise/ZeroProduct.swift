import TernBackend

// Products and quotients in which a factor of 0 leaves nothing: what has no weight contributes nothing, infinities and NaN
// beside it included. Derivatives and weighted terms are made of them.

/// a · b, and 0 where either is 0, whatever the other is; the shapes broadcast. Derivatives: b and a, by the same rule.
package func zeroProduct<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  .combine(
    "zeroProduct", .zeroMul, a, b, firstNeeds: .second, secondNeeds: .first,
    { zeroProduct($0.gradient, $0.input(1)) }, { zeroProduct($0.gradient, $0.input(0)) })
}

/// a / b, and 0 where a is 0, whatever b is, or b infinite, whatever a is; the shapes broadcast. Derivatives: 1/b and −a/b², by the same rule.
package func zeroQuotient<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  .combine(
    "zeroQuotient", .zeroDiv, a, b, firstNeeds: .second, secondNeeds: [.first, .second],
    { zeroQuotient($0.gradient, $0.input(1)) },
    { d in
      let b = d.input(1)
      return -zeroQuotient(zeroProduct(d.gradient, zeroQuotient(d.input(0), b)), b)
    })
}

/// a / y of a coordinate and the length it is part of: 0 where y is 0, ±1 where both are infinite; the shapes broadcast.
/// Derivatives: 1/y and −a/y², 0 where y is 0 or infinite.
package func lengthRatio<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
  lengthRatio(a, y, atInfinity: 1)
}

private func lengthRatio<Scalar: FloatingScalar>(
  _ a: Tensor<Scalar>, _ y: Tensor<Scalar>, atInfinity limit: Scalar
) -> Tensor<Scalar> {
  .combine(
    "lengthRatio", .ratio, a, y, alpha: limit, firstNeeds: .second, secondNeeds: [.first, .second],
    { lengthRatio($0.gradient, $0.input(1), atInfinity: 0) },
    { d in
      let y = d.input(1)
      let ratio = lengthRatio(d.input(0), y, atInfinity: limit)
      return -lengthRatio(zeroProduct(d.gradient, ratio), y, atInfinity: 0)
    })
}

/// a / y, and 0 where y is 0 or infinite, whatever a is; the shapes broadcast.
package func overLength<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ y: Tensor<Scalar>) -> Tensor<Scalar> {
  zeroQuotient(a, select(y .== 0, Scalar.infinity, y))
}
