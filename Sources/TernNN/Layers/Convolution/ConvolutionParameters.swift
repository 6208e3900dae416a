import TernBackend
import TernTensor

/// The parameters that every layer of convolution starts with: weights, and biases where it has any.
struct ConvolutionParameters<Scalar: FloatingScalar> {
  let weight: Parameter<Scalar>
  let bias: Parameter<Scalar>?

  /// Weights [first, second / groups, kernel…] and biases [outputs], uniform in ±1/√fanIn with fanIn the product of the
  /// weights' extents behind the first; a transposed convolution's weights begin with the inputs.
  ///
  /// Stops where groups do not divide both numbers of channels, and for an empty kernel.
  init(
    _ layer: String, inputs: Int, outputs: Int, groups: Int, kernel: [Int], isTransposed: Bool = false, bias: Bool
  ) {
    check(
      inputs >= 1 && outputs >= 1 && groups >= 1 && inputs % groups == 0 && outputs % groups == 0, layer,
      "\(groups) groups do not divide \(inputs) input and \(outputs) output channels")
    check(
      kernel.allSatisfy { $0 >= 1 }, layer, "a kernel of \(kernel.map { "\($0)" }.joined(separator: "×"))")
    Sizes.check([inputs, outputs, groups] + kernel, layer, "channels, groups or a kernel of")
    let (first, second) = isTransposed ? (inputs, outputs) : (outputs, inputs)
    let shape = [first, second / groups] + kernel
    check(Layout.holds(shape), layer, "weights \(shape) are more than a tensor can hold (2⁴⁸)")
    let fanIn = shape.dropFirst().reduce(1, *)
    weight = Parameter(.uniform(shape, fanIn: fanIn))
    self.bias = bias ? Parameter(.uniform([outputs], fanIn: fanIn)) : nil
  }
}
