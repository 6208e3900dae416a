import TernBackend
import TernNN
import TernTensor

/// The way through layers that a module holds in properties of its own, run as a ``Sequential`` runs them: convolution,
/// normalization and activation fused where they can be.
///
/// An enumeration, which the enumeration of a module passes over: the layers are found, and named, by the module's own
/// properties alone.
enum Route<Scalar: FloatingScalar> {
  case sequence(Sequential<Scalar>)

  /// The layers in their order.
  init(_ layers: [any Layer<Scalar>]) { self = .sequence(Sequential(layers)) }

  /// relu(body(x) + shortcut(x)), or without the ReLU.
  init(
    _ layers: [any Layer<Scalar>], shortcut: (any Layer<Scalar>)?, relu: ReLU<Scalar>? = nil
  ) {
    let residual = Residual(Sequential<Scalar>(layers), shortcut: shortcut)
    self.init([residual as any Layer<Scalar>] + (relu.map { [$0] } ?? []))
  }

  /// The last layer's result.
  func callAsFunction(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    switch self {
    case .sequence(let layers): layers.forward(input)
    }
  }
}
