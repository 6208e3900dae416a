import TernBackend
import TernNN
import TernTensor

/// The shape of a ``MobileBlock``.
struct MobileBlockShape {
  let inputs: Int
  /// Channels of the depthwise convolution; there is no convolution before it where they are the inputs'.
  let hidden: Int
  let outputs: Int
  let kernel: Int
  let stride: Int
  /// Channels inside squeeze and excitation; none of it when `nil`.
  let squeezed: Int?
  var epsilon = 1e-5
  var momentum = 0.1

  /// Whether the input is added.
  var isResidual: Bool { stride == 1 && inputs == outputs }
}

/// A 1×1 convolution to more channels, a depthwise one, squeeze and excitation, a 1×1 convolution to fewer, and the input
/// added where shapes agree: a block of ``MobileNetV3`` and ``EfficientNet``.
public final class MobileBlock<Scalar: FloatingScalar>: Layer {
  /// The convolutions.
  public let block: Sequential<Scalar>
  private let dropping: StochasticDepth<Scalar>
  private let shape: MobileBlockShape
  private let makers: [() -> any Layer<Scalar>]
  private let route: Route<Scalar>

  init(
    _ shape: MobileBlockShape, activation: @escaping () -> any Layer<Scalar>, gate: @escaping () -> any Layer<Scalar>,
    squeezeActivation: @escaping () -> any Layer<Scalar>, dropping probability: Double = 0
  ) {
    (self.shape, makers) = (shape, [activation, gate, squeezeActivation])
    func convolution(
      _ inputs: Int, _ outputs: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1,
      _ activation: (any Layer<Scalar>)?
    ) -> Sequential<Scalar> {
      convNormActivation(
        inputs, outputs, kernel: kernel, stride: stride, groups: groups, epsilon: shape.epsilon,
        momentum: shape.momentum, activation: activation)
    }
    let hidden = shape.hidden
    block = Sequential<Scalar> {
      if hidden != shape.inputs { convolution(shape.inputs, hidden, activation()) }
      convolution(hidden, hidden, kernel: shape.kernel, stride: shape.stride, groups: hidden, activation())
      if let squeezed = shape.squeezed {
        SqueezeExcite<Scalar>(hidden, reduced: squeezed, activation: squeezeActivation(), gate: gate())
      }
      convolution(hidden, shape.outputs, nil)
    }
    dropping = StochasticDepth(probability)
    route = shape.isResidual ? Route([block], shortcut: nil) : Route([block])
  }

  /// The block's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    if shape.isResidual && dropping.isTraining && dropping.probability > 0 { return dropping(block(input)) + input }
    return route(input)
  }
}

extension MobileBlock: OperationCounting {
  /// The sum with the input.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: shape.isResidual ? output.reduce(1, *) : 0)
  }
}

extension MobileBlock: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: MobileBlock) {
    self.init(
      other.shape, activation: other.makers[0], gate: other.makers[1], squeezeActivation: other.makers[2],
      dropping: other.dropping.probability)
  }
}
