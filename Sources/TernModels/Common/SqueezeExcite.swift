import TernBackend
import TernNN
import TernTensor

/// Channels weighted by the whole image, y = x·gate(expand(act(reduce(mean x)))), under names of torchvision's or timm's.
final class SqueezeExcite<Scalar: FloatingScalar>: Layer {
  /// What the 1×1 convolutions are called.
  enum Names { case torchvision, timm }

  let reduce: Conv2D<Scalar>
  let expand: Conv2D<Scalar>
  private let activation: any Layer<Scalar>
  private let gate: any Layer<Scalar>
  private let names: Names

  var savedNames: [String: String] {
    names == .timm ? ["reduce": "conv_reduce", "expand": "conv_expand"] : ["reduce": "fc1", "expand": "fc2"]
  }

  init(
    _ channels: Int, reduced: Int, activation: any Layer<Scalar>, gate: any Layer<Scalar>, names: Names = .torchvision
  ) {
    reduce = Conv2D(channels, reduced, kernelSize: 1)
    expand = Conv2D(reduced, channels, kernelSize: 1)
    (self.activation, self.gate, self.names) = (activation, gate, names)
  }

  func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    let mean = adaptiveAvgPool2D(input, outputSize: 1)
    return input * run(gate, expand(run(activation, reduce(mean))))
  }

  private func run(_ layer: some Layer<Scalar>, _ input: Tensor<Scalar>) -> Tensor<Scalar> { layer(input) }
}

extension SqueezeExcite: OperationCounting {
  /// The mean and the product.
  func operations(input: [Int], output: [Int]) -> OperationCount { OperationCount(others: 2 * input.reduce(1, *)) }
}

extension SqueezeExcite: CopyableModule {
  convenience init(copying other: SqueezeExcite) {
    self.init(
      other.expand.weight.shape[0], reduced: other.reduce.weight.shape[0], activation: other.activation,
      gate: other.gate, names: other.names)
  }
}
