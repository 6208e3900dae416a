import TernBackend

// Products and quotients in which a factor of 0 leaves nothing: what has no weight contributes nothing, infinities and NaN
// beside it included. Derivatives and weighted terms are made of them.

/// a · b, and 0 where either is 0, whatever the other is; the shapes broadcast. Derivatives: b and a, by the same rule.
package func zeroProduct<Scalar: NumericScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  .combine(
    "zeroProduct", .zeroMul, a, b, firstNeeds: .second, secondNeeds: .first,
    { zeroProduct($0.gradient, $0.input(1)) }, { zeroProduct($0.gradient, $0.input(0)) })
}

/// a / b, and 0 where a is 0, whatever b is; the shapes broadcast. Derivatives: 1/b and −a/b², by the same rule.
package func zeroQuotient<Scalar: FloatingScalar>(_ a: Tensor<Scalar>, _ b: Tensor<Scalar>) -> Tensor<Scalar> {
  .combine(
    "zeroQuotient", .zeroDiv, a, b, firstNeeds: .second, secondNeeds: [.first, .second],
    { zeroQuotient($0.gradient, $0.input(1)) },
    { d in
      let b = d.input(1)
      return -zeroQuotient(zeroProduct(d.gradient, zeroQuotient(d.input(0), b)), b)
    })
}
