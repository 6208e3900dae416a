import TernBackend
import TernNN
import TernTensor

/// How a ``GhostNet`` is built.
public struct GhostNetConfiguration: Sendable, Hashable {
  /// One bottleneck.
  public struct Block: Sendable, Hashable {
    /// The depthwise kernel's height and width.
    public var kernel: Int
    /// Channels between the two ghost modules.
    public var middle: Int
    /// Channels of the result.
    public var channels: Int
    /// The fraction of the middle channels inside squeeze and excitation; 0 for none of it.
    public var squeeze: Double
    /// The stride.
    public var stride: Int

    /// Creates a bottleneck.
    ///
    /// - Parameters:
    ///   - kernel: the depthwise kernel's height and width, odd.
    ///   - middle: channels between the two ghost modules.
    ///   - channels: channels of the result.
    ///   - squeeze: the fraction of the middle channels inside squeeze and excitation; 0 for none of it.
    ///   - stride: the stride.
    public init(_ kernel: Int, _ middle: Int, _ channels: Int, squeeze: Double = 0, stride: Int = 1) {
      (self.kernel, self.middle, self.channels) = (kernel, middle, channels)
      (self.squeeze, self.stride) = (squeeze, stride)
    }
  }

  /// The bottlenecks of each stage.
  public var stages: [[Block]]
  /// The factor of all numbers of channels, which are rounded to multiples of 4.
  public var width: Double
  /// The probability that a feature is dropped before the scores.
  public var dropout: Double

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - stages: the bottlenecks of each stage.
  ///   - width: the factor of all numbers of channels.
  ///   - dropout: the probability that a feature is dropped before the scores, 0 to 1.
  public init(stages: [[Block]], width: Double = 1, dropout: Double = 0.2) {
    (self.stages, self.width, self.dropout) = (stages, width, dropout)
  }

  /// The network of the paper: 5.2 million parameters, timm's `ghostnet_100`.
  public static let standard = GhostNetConfiguration(stages: [
    [Block(3, 16, 16)], [Block(3, 48, 24, stride: 2)], [Block(3, 72, 24)],
    [Block(5, 72, 40, squeeze: 0.25, stride: 2)], [Block(5, 120, 40, squeeze: 0.25)],
    [Block(3, 240, 80, stride: 2)],
    [
      Block(3, 200, 80), Block(3, 184, 80), Block(3, 184, 80), Block(3, 480, 112, squeeze: 0.25),
      Block(3, 672, 112, squeeze: 0.25),
    ], [Block(5, 672, 160, squeeze: 0.25, stride: 2)],
    [
      Block(5, 960, 160), Block(5, 960, 160, squeeze: 0.25), Block(5, 960, 160), Block(5, 960, 160, squeeze: 0.25),
    ],
  ])
}

/// Bottlenecks whose features are made cheaply from a few: images [N, channels, H, W] to scores [N, classes].
///
/// State names and layers are those of timm's `ghostnet_100`. Source: Han et al. 2020, "GhostNet: more features from
/// cheap operations".
///
/// ```swift
/// let model = GhostNet(classes: 10)
/// let scores = model(Tensor(randomNormal: [8, 3, 224, 224]))  // [8, 10]
/// ```
public final class GhostNet<Scalar: FloatingScalar>: Layer {
  /// How it is built.
  public let configuration: GhostNetConfiguration
  /// The first convolution, with stride 2.
  public let convStem: Conv2D<Scalar>
  /// Its normalization.
  public let bn1: BatchNorm2d<Scalar>
  /// The stages; the last one is a 1×1 convolution.
  public let blocks: Sequential<Scalar>
  /// The 1×1 convolution over the means of the channels.
  public let convHead: Conv2D<Scalar>
  /// The scores.
  public var classifier: Dense<Scalar>
  private let act1 = ReLU<Scalar>()
  private let act2 = ReLU<Scalar>()
  private let dropout: Dropout<Scalar>
  private let stem: Route<Scalar>
  private let head: Route<Scalar>

  /// Creates a network of ghost bottlenecks. Stops without one.
  ///
  /// - Parameters:
  ///   - configuration: the stages.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public init(
    _ configuration: GhostNetConfiguration = .standard, classes: Int = 1000, channels: Int = 3,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      !configuration.stages.isEmpty && configuration.stages.allSatisfy { !$0.isEmpty }, "GhostNet",
      "stages of \(configuration.stages.map(\.count)) bottlenecks")
    self.configuration = configuration
    func scaled(_ channels: Int) -> Int { divisible(Double(channels) * configuration.width, by: 4) }
    var inputs = scaled(16)
    convStem = Conv2D(channels, inputs, kernelSize: 3, stride: 2, padding: 1, bias: false)
    bn1 = BatchNorm2d(inputs)
    var stages: [any Layer<Scalar>] = []
    var middle = 0
    for stage in configuration.stages {
      var layers: [any Layer<Scalar>] = []
      for block in stage {
        middle = scaled(block.middle)
        let shape = TimmGhostShape(
          inputs: inputs, middle: middle, outputs: scaled(block.channels), kernel: block.kernel, stride: block.stride,
          squeeze: block.squeeze)
        layers.append(TimmGhostBottleneck<Scalar>(shape))
        inputs = shape.outputs
      }
      stages.append(Sequential<Scalar>(layers))
    }
    let last = NamedSequential<Scalar>([
      ("conv", Conv2D<Scalar>(inputs, middle, kernelSize: 1, bias: false)), ("bn1", BatchNorm2d<Scalar>(middle)),
      ("act", ReLU<Scalar>()),
    ])
    blocks = Sequential<Scalar>(stages + [Sequential<Scalar>([last])])
    convHead = Conv2D(middle, 1280, kernelSize: 1)
    classifier = Dense(1280, classes)
    dropout = Dropout(configuration.dropout)
    stem = Route([convStem, bn1, act1])
    head = Route([convHead, act2])
  }

  /// Creates a network of ghost bottlenecks, with `Float` values. Stops without one.
  ///
  /// - Parameters:
  ///   - configuration: the stages.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public convenience init(
    _ configuration: GhostNetConfiguration = .standard, classes: Int = 1000, channels: Int = 3,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(configuration, classes: classes, channels: channels, fileID: file, line: line)
  }

  /// The scores of the images, [N, classes].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    let features = adaptiveAvgPool2D(blocks(stem(input)), outputSize: 1)
    return classifier(dropout(head(features).flattened(from: 1)))
  }
}

extension GhostNet: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: GhostNet) {
    self.init(other.configuration, channels: other.convStem.weight.shape[1])
    classifier = other.classifier.copy()
  }
}

/// The shape of a bottleneck.
struct TimmGhostShape {
  let inputs: Int
  let middle: Int
  let outputs: Int
  let kernel: Int
  let stride: Int
  let squeeze: Double
}

/// Two ghost modules around a shortcut, under timm's names; see ``GhostBottleneck``.
final class TimmGhostBottleneck<Scalar: FloatingScalar>: Layer {
  let ghost1: TimmGhostModule<Scalar>
  let convDw: Conv2D<Scalar>?
  let bnDw: BatchNorm2d<Scalar>?
  let se: SqueezeExcite<Scalar>?
  let ghost2: TimmGhostModule<Scalar>
  let shortcut: Sequential<Scalar>?
  private let shape: TimmGhostShape
  private let route: Route<Scalar>

  init(_ shape: TimmGhostShape) {
    self.shape = shape
    func stepping(_ channels: Int) -> Conv2D<Scalar> {
      Conv2D(
        channels, channels, kernelSize: shape.kernel, stride: shape.stride, padding: Padding2D((shape.kernel - 1) / 2),
        groups: channels, bias: false)
    }
    ghost1 = TimmGhostModule(shape.inputs, shape.middle, isActivated: true)
    convDw = shape.stride > 1 ? stepping(shape.middle) : nil
    bnDw = shape.stride > 1 ? BatchNorm2d(shape.middle) : nil
    se =
      shape.squeeze > 0
      ? SqueezeExcite(
        shape.middle, reduced: divisible(Double(shape.middle) * shape.squeeze, by: 4), activation: ReLU<Scalar>(),
        gate: HardSigmoid<Scalar>(), names: .timm) : nil
    ghost2 = TimmGhostModule(shape.middle, shape.outputs, isActivated: false)
    shortcut =
      shape.stride == 1 && shape.inputs == shape.outputs
      ? nil
      : Sequential<Scalar> {
        stepping(shape.inputs)
        BatchNorm2d<Scalar>(shape.inputs)
        Conv2D<Scalar>(shape.inputs, shape.outputs, kernelSize: 1, bias: false)
        BatchNorm2d<Scalar>(shape.outputs)
      }
    let layers: [(any Layer<Scalar>)?] = [ghost1, convDw, bnDw, se, ghost2]
    route = Route(layers.compactMap { $0 }, shortcut: shortcut)
  }

  func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { route(input) }
}

extension TimmGhostBottleneck: OperationCounting {
  /// The sum with the shortcut.
  func operations(input: [Int], output: [Int]) -> OperationCount { OperationCount(others: output.reduce(1, *)) }
}

extension TimmGhostBottleneck: CopyableModule {
  convenience init(copying other: TimmGhostBottleneck) { self.init(other.shape) }
}

/// A few features by a 1×1 convolution, the others from those by a depthwise one, under timm's names; see ``GhostModule``.
final class TimmGhostModule<Scalar: FloatingScalar>: Layer {
  let primaryConv: Sequential<Scalar>
  let cheapOperation: Sequential<Scalar>
  private let outputs: Int

  init(_ inputs: Int, _ outputs: Int, isActivated: Bool) {
    self.outputs = outputs
    let first = (outputs + 1) / 2
    func activation() -> (any Layer<Scalar>)? { isActivated ? ReLU<Scalar>() : nil }
    primaryConv = convNormActivation(inputs, first, kernel: 1, activation: activation())
    cheapOperation = convNormActivation(first, first, groups: first, activation: activation())
  }

  func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    let features = primaryConv(input)
    let more = cheapOperation(features)
    let wanted = outputs - features.shape[1]
    return concatenate([features, wanted == more.shape[1] ? more : more[.all, .slice(0, wanted)]], along: 1)
  }
}
