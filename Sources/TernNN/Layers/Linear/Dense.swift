import TernBackend
import TernTensor

/// A fully connected layer: y = x·Wᵀ + b for x [.., inputs] and y [.., outputs].
///
/// W [outputs, inputs] and b [outputs] start uniform in ±1/√inputs, as PyTorch's Linear does.
///
/// ```swift
/// let layer = Dense(784, 10)
/// let scores = layer(Tensor(randomNormal: [32, 784]))  // [32, 10]
/// print(layer.weight.shape)  // [10, 784]
/// ```
public final class Dense<Scalar: FloatingScalar>: Layer {
  /// W, [outputs, inputs].
  public let weight: Parameter<Scalar>
  /// b, [outputs]; `nil` without one.
  public let bias: Parameter<Scalar>?

  /// Creates a fully connected layer.
  ///
  /// - Parameters:
  ///   - inputs: features of the input, at least 1.
  ///   - outputs: features of the result, at least 1.
  ///   - bias: whether b is added.
  public init(_ inputs: Int, _ outputs: Int, bias: Bool = true, fileID file: StaticString = #fileID, line: UInt = #line)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(inputs >= 1 && outputs >= 1, "Dense", "from \(inputs) to \(outputs) features")
    weight = Parameter(.uniform([outputs, inputs], fanIn: inputs))
    self.bias = bias ? Parameter(.uniform([outputs], fanIn: inputs)) : nil
  }

  /// Creates a fully connected layer, with `Float` values.
  ///
  /// - Parameters:
  ///   - inputs: features of the input, at least 1.
  ///   - outputs: features of the result, at least 1.
  ///   - bias: whether b is added.
  public convenience init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float { self.init(inputs, outputs, bias: bias, fileID: file, line: line) }

  /// x·Wᵀ + b; stops where the last extent of the input is not the number of inputs.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { forward(input, activation: .identity) }

  /// x·Wᵀ + b, activated.
  @specialized(where Scalar == Float)
  func forward(_ input: Tensor<Scalar>, activation: FusedActivation) -> Tensor<Scalar> {
    let inputs = weight.shape[1]
    check(
      input.rank >= 1 && input.shape.last == inputs, "Dense",
      "input \(input.shape) has \(input.shape.last.map { "\($0)" } ?? "no") features, the layer takes \(inputs)")
    return linear(input, weight.value, bias: bias?.value, activation: activation)
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// Uniform in ±1/√fanIn: what weights and biases of dense and convolutional layers start from (Kaiming with a = √5).
  static func uniform(_ shape: [Int], fanIn: Int) -> Tensor {
    let bound = 1 / Scalar(fanIn).squareRoot()
    return Tensor(randomUniform: shape, in: -bound..<bound)
  }
}

extension Dense: SelfCopying {
  func duplicate() -> any Module {
    Dense(weight.shape[1], weight.shape[0], bias: bias != nil)
  }
}

extension Dense: OperationCounting {
  /// See ``OperationCounting``.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    products(output, terms: weight.shape[1], bias: bias != nil)
  }
}
