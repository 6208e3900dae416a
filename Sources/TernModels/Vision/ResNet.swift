import TernBackend
import TernNN
import TernTensor

/// How a ``ResNet`` is built.
public struct ResNetConfiguration: Sendable, Hashable {
  /// Whether blocks are bottlenecks of 1×1, 3×3 and 1×1 convolutions, not two of 3×3.
  public var isBottleneck: Bool
  /// Blocks in each of the four stages.
  public var depths: [Int]
  /// The width of a bottleneck's 3×3 convolution at 64 channels; a wide network has 128.
  public var widthPerGroup: Int
  /// Groups of a bottleneck's 3×3 convolution.
  public var groups: Int

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - isBottleneck: whether blocks are bottlenecks.
  ///   - depths: blocks in each of the four stages.
  ///   - widthPerGroup: the width of a bottleneck's 3×3 convolution at 64 channels.
  ///   - groups: groups of a bottleneck's 3×3 convolution.
  public init(isBottleneck: Bool, depths: [Int], widthPerGroup: Int = 64, groups: Int = 1) {
    (self.isBottleneck, self.depths) = (isBottleneck, depths)
    (self.widthPerGroup, self.groups) = (widthPerGroup, groups)
  }

  /// 18 layers: 11.7 million parameters.
  public static let resNet18 = ResNetConfiguration(isBottleneck: false, depths: [2, 2, 2, 2])
  /// 34 layers: 21.8 million parameters.
  public static let resNet34 = ResNetConfiguration(isBottleneck: false, depths: [3, 4, 6, 3])
  /// 50 layers in bottlenecks: 25.6 million parameters.
  public static let resNet50 = ResNetConfiguration(isBottleneck: true, depths: [3, 4, 6, 3])
  /// 101 layers in bottlenecks: 44.5 million parameters.
  public static let resNet101 = ResNetConfiguration(isBottleneck: true, depths: [3, 4, 23, 3])
  /// ResNet-50 with 3×3 convolutions twice as wide: 68.9 million parameters.
  public static let wideResNet50x2 = ResNetConfiguration(isBottleneck: true, depths: [3, 4, 6, 3], widthPerGroup: 128)
}

/// A residual network: images [N, channels, H, W] to scores [N, classes].
///
/// State names, layers and starting values are those of torchvision's `resnet18` and its kin, so that their weights load.
/// Sources: He et al. 2016, "Deep residual learning for image recognition"; Zagoruyko & Komodakis 2016, "Wide residual
/// networks".
///
/// ```swift
/// let model = ResNet(.resNet18, classes: 10)
/// let scores = model(Tensor(randomNormal: [8, 3, 224, 224]))  // [8, 10]
/// ```
public final class ResNet<Scalar: FloatingScalar>: Layer {
  /// How it is built.
  public let configuration: ResNetConfiguration
  /// The first convolution, 7×7 with stride 2.
  public let conv1: Conv2D<Scalar>
  /// Its normalization.
  public let bn1: BatchNorm2d<Scalar>
  /// The blocks of 64 channels.
  public let layer1: Sequential<Scalar>
  /// The blocks of 128 channels.
  public let layer2: Sequential<Scalar>
  /// The blocks of 256 channels.
  public let layer3: Sequential<Scalar>
  /// The blocks of 512 channels.
  public let layer4: Sequential<Scalar>
  /// The scores of the classes from the mean of every channel.
  public var fc: Dense<Scalar>

  private let relu = ReLU<Scalar>()
  private let maxpool = MaxPool2D<Scalar>(3, stride: 2, padding: 1)
  private let avgpool = AdaptiveAvgPool2D<Scalar>(1)
  private let route: Route<Scalar>

  /// Creates a residual network. Stops unless there are four stages of one block at least.
  ///
  /// - Parameters:
  ///   - configuration: depth and kind of the blocks.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public init(
    _ configuration: ResNetConfiguration, classes: Int = 1000, channels: Int = 3,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let depths = configuration.depths
    check(depths.count == 4 && depths.allSatisfy { $0 >= 1 }, "ResNet", "stages of \(depths) blocks; four are wanted")
    requireSizes(
      "ResNet", blocks: depths, sizes: [configuration.widthPerGroup, configuration.groups, classes, channels])
    check(configuration.groups >= 1, "ResNet", "\(configuration.groups) groups")
    self.configuration = configuration
    conv1 = Conv2D(channels, 64, kernelSize: 7, stride: 2, padding: 3, bias: false)
    bn1 = BatchNorm2d(64)
    var inputs = 64
    func stage(_ channels: Int, _ depth: Int, stride: Int) -> Sequential<Scalar> {
      Sequential<Scalar>(
        (0..<depth).map { position in
          let shape = ResidualBlockShape(
            inputs: inputs, channels: channels, stride: position == 0 ? stride : 1, configuration)
          inputs = shape.outputs
          return configuration.isBottleneck ? BottleneckBlock<Scalar>(shape) : BasicBlock<Scalar>(shape)
        })
    }
    layer1 = stage(64, depths[0], stride: 1)
    layer2 = stage(128, depths[1], stride: 2)
    layer3 = stage(256, depths[2], stride: 2)
    layer4 = stage(512, depths[3], stride: 2)
    fc = Dense(inputs, classes)
    route = Route([conv1, bn1, relu, maxpool, layer1, layer2, layer3, layer4, avgpool])
    startConvolutions(of: Scalar.self)
  }

  /// Creates a residual network with `Float` values. Stops unless there are four stages of one block at least.
  ///
  /// - Parameters:
  ///   - configuration: depth and kind of the blocks.
  ///   - classes: how many classes have a score.
  ///   - channels: channels of the images.
  public convenience init(
    _ configuration: ResNetConfiguration, classes: Int = 1000, channels: Int = 3,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(configuration, classes: classes, channels: channels, fileID: file, line: line)
  }

  /// The scores of the images, [N, classes].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fc(route(input).flattened(from: 1)) }
}

extension ResNet: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: ResNet) {
    self.init(other.configuration, channels: other.conv1.weight.shape[1])
    fc = other.fc.copy()
  }
}

/// The shape of a residual block.
struct ResidualBlockShape {
  let inputs: Int
  let outputs: Int
  /// Channels of the 3×3 convolutions.
  let width: Int
  let stride: Int
  let groups: Int

  init(inputs: Int, channels: Int, stride: Int, _ configuration: ResNetConfiguration) {
    (self.inputs, self.stride) = (inputs, stride)
    let isBottleneck = configuration.isBottleneck
    outputs = isBottleneck ? 4 * channels : channels
    groups = isBottleneck ? configuration.groups : 1
    width = isBottleneck ? channels * configuration.widthPerGroup / 64 * groups : channels
  }

  /// A 1×1 convolution and its normalization where shapes differ.
  func downsample<Scalar>(of _: Scalar.Type) -> Sequential<Scalar>? {
    if stride == 1 && inputs == outputs { return nil }
    return convNormActivation(inputs, outputs, kernel: 1, stride: stride, activation: nil)
  }
}

/// relu(x′ + bn(conv(relu(bn(conv x))))) of two 3×3 convolutions: a block of ``ResNet``.
public final class BasicBlock<Scalar: FloatingScalar>: Layer {
  /// The first convolution, with the stride.
  public let conv1: Conv2D<Scalar>
  /// Its normalization.
  public let bn1: BatchNorm2d<Scalar>
  /// The second convolution.
  public let conv2: Conv2D<Scalar>
  /// Its normalization.
  public let bn2: BatchNorm2d<Scalar>
  /// The shortcut; `nil` is the input itself.
  public let downsample: Sequential<Scalar>?
  private let relu = ReLU<Scalar>()
  private let shape: ResidualBlockShape
  private let route: Route<Scalar>

  init(_ shape: ResidualBlockShape) {
    self.shape = shape
    conv1 = Conv2D(shape.inputs, shape.width, kernelSize: 3, stride: shape.stride, padding: 1, bias: false)
    bn1 = BatchNorm2d(shape.width)
    conv2 = Conv2D(shape.width, shape.outputs, kernelSize: 3, padding: 1, bias: false)
    bn2 = BatchNorm2d(shape.outputs)
    downsample = shape.downsample(of: Scalar.self)
    route = Route([conv1, bn1, relu, conv2, bn2], shortcut: downsample, relu: relu)
  }

  /// The block's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { route(input) }
}

extension BasicBlock: OperationCounting {
  /// The sum with the shortcut.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: output.reduce(1, *))
  }
}

extension BasicBlock: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: BasicBlock) { self.init(other.shape) }
}

/// relu(x′ + f(x)) with f of 1×1, 3×3 and 1×1 convolutions, each normalized: a block of ``ResNet``.
///
/// The stride is that of the 3×3 convolution.
public final class BottleneckBlock<Scalar: FloatingScalar>: Layer {
  /// The convolution to fewer channels.
  public let conv1: Conv2D<Scalar>
  /// Its normalization.
  public let bn1: BatchNorm2d<Scalar>
  /// The 3×3 convolution, with the stride.
  public let conv2: Conv2D<Scalar>
  /// Its normalization.
  public let bn2: BatchNorm2d<Scalar>
  /// The convolution to four times the channels.
  public let conv3: Conv2D<Scalar>
  /// Its normalization.
  public let bn3: BatchNorm2d<Scalar>
  /// The shortcut; `nil` is the input itself.
  public let downsample: Sequential<Scalar>?
  private let relu = ReLU<Scalar>()
  private let shape: ResidualBlockShape
  private let route: Route<Scalar>

  init(_ shape: ResidualBlockShape) {
    self.shape = shape
    conv1 = Conv2D(shape.inputs, shape.width, kernelSize: 1, bias: false)
    bn1 = BatchNorm2d(shape.width)
    conv2 = Conv2D(
      shape.width, shape.width, kernelSize: 3, stride: shape.stride, padding: 1, groups: shape.groups, bias: false)
    bn2 = BatchNorm2d(shape.width)
    conv3 = Conv2D(shape.width, shape.outputs, kernelSize: 1, bias: false)
    bn3 = BatchNorm2d(shape.outputs)
    downsample = shape.downsample(of: Scalar.self)
    route = Route([conv1, bn1, relu, conv2, bn2, relu, conv3, bn3], shortcut: downsample, relu: relu)
  }

  /// The block's result.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { route(input) }
}

extension BottleneckBlock: OperationCounting {
  /// The sum with the shortcut.
  public func operations(input: [Int], output: [Int]) -> OperationCount {
    OperationCount(others: output.reduce(1, *))
  }
}

extension BottleneckBlock: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: BottleneckBlock) { self.init(other.shape) }
}
