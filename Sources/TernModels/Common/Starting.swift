import TernNN
import TernTensor

extension Module {
  /// Starts convolutions from Kaiming's normal distribution by their outputs, with biases 0, as torchvision's networks do.
  func startConvolutions<Scalar: FloatingScalar>(of _: Scalar.Type) {
    for (_, module) in namedModules {
      guard let layer = module as? Conv2D<Scalar> else { continue }
      layer.weight.initialize(.kaimingNormal(nonlinearity: .relu, mode: .fanOut))
      layer.bias?.initialize(.zeros)
    }
  }

  /// Starts dense layers from a normal distribution, with biases 0.
  func startDense<Scalar: FloatingScalar>(of _: Scalar.Type, deviation: Double) {
    for (_, module) in namedModules {
      guard let layer = module as? Dense<Scalar> else { continue }
      layer.weight.initialize(.normal(deviation: deviation))
      layer.bias?.initialize(.zeros)
    }
  }
}
