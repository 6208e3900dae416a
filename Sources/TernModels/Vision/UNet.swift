import TernBackend
import TernNN
import TernTensor

/// How a ``UNet`` is built.
public struct UNetConfiguration: Sendable, Hashable {
  /// Channels of the first level; each level below has twice as many.
  public var width: Int
  /// How many times the image is halved.
  public var depth: Int

  /// Creates a configuration.
  ///
  /// - Parameters:
  ///   - width: channels of the first level.
  ///   - depth: how many times the image is halved, at least 1.
  public init(width: Int = 64, depth: Int = 4) { (self.width, self.depth) = (width, depth) }

  /// 64 to 1024 channels: 31.0 million parameters.
  public static let standard = UNetConfiguration()
}

/// Convolutions down to small images and back up, each level with what it had on the way down: images [N, channels, H, W]
/// to scores [N, classes, H, W] of every pixel.
///
/// State names are those of the widespread PyTorch U-Net (`inc.double_conv.0.weight`, `down1.maxpool_conv.1…`, `up1.up…`,
/// `outc.conv…`). Source: Ronneberger et al. 2015, "U-Net: convolutional networks for biomedical image segmentation", with
/// batch normalization and padded convolutions.
///
/// ```swift
/// let model = UNet(classes: 2)
/// let scores = model(Tensor(randomNormal: [1, 3, 96, 96]))  // [1, 2, 96, 96]
/// ```
public final class UNet<Scalar: FloatingScalar>: Layer, CustomReflectable {
  /// How it is built.
  public let configuration: UNetConfiguration
  /// The convolutions of the first level, `inc`.
  public let first: NamedSequential<Scalar>
  /// The levels on the way down, `down1` and so on: a maximum of 2×2 pixels and two convolutions.
  public let down: [NamedSequential<Scalar>]
  /// The levels on the way up, `up1` and so on.
  public let up: [UNetUp<Scalar>]
  /// The scores, `outc`.
  public let last: NamedSequential<Scalar>
  private let channels: Int
  private let classes: Int

  /// Creates a network. Stops unless it halves the image at least once.
  ///
  /// - Parameters:
  ///   - configuration: width and depth.
  ///   - classes: how many classes have a score at every pixel.
  ///   - channels: channels of the images.
  public init(
    _ configuration: UNetConfiguration = .standard, classes: Int = 2, channels: Int = 3,
    fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      (1...16).contains(configuration.depth) && configuration.width >= 1, "UNet",
      "\(configuration.depth) levels from \(configuration.width) channels (expected 1 to 16)")
    (self.configuration, self.channels, self.classes) = (configuration, channels, classes)
    let widths = (0...configuration.depth).map { configuration.width << $0 }
    func convolutions(_ inputs: Int, _ outputs: Int) -> NamedSequential<Scalar> { doubleConvolution(inputs, outputs) }
    first = convolutions(channels, widths[0])
    down = (1...configuration.depth).map { level in
      let layers = Sequential<Scalar> {
        MaxPool2D<Scalar>(2)
        convolutions(widths[level - 1], widths[level])
      }
      return NamedSequential([("maxpool_conv", layers)])
    }
    up = (1...configuration.depth).reversed().map { UNetUp(widths[$0], widths[$0 - 1]) }
    last = NamedSequential([("conv", Conv2D<Scalar>(widths[0], classes, kernelSize: 1))])
  }

  /// Creates a network with `Float` values. Stops unless it halves the image at least once.
  ///
  /// - Parameters:
  ///   - configuration: width and depth.
  ///   - classes: how many classes have a score at every pixel.
  ///   - channels: channels of the images.
  public convenience init(
    _ configuration: UNetConfiguration = .standard, classes: Int = 2, channels: Int = 3,
    file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(configuration, classes: classes, channels: channels, fileID: file, line: line)
  }

  /// The parts by their names.
  public var customMirror: Mirror {
    var children: [(label: String?, value: Any)] = [("inc", first)]
    for (level, part) in down.enumerated() { children.append(("down\(level + 1)", part)) }
    for (level, part) in up.enumerated() { children.append(("up\(level + 1)", part)) }
    return Mirror(self, children: children + [("outc", last)], displayStyle: .class)
  }

  /// The scores of the pixels, [N, classes, H, W].
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    var levels = [first(input)]
    for part in down { levels.append(part(levels[levels.count - 1])) }
    var x = levels.removeLast()
    for part in up { x = part(x, beside: levels.removeLast()) }
    return last(x)
  }
}

extension UNet: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: UNet) {
    self.init(other.configuration, classes: other.classes, channels: other.channels)
  }
}

/// Two 3×3 convolutions, each normalized and rectified.
private func doubleConvolution<Scalar: FloatingScalar>(_ inputs: Int, _ outputs: Int) -> NamedSequential<Scalar> {
  let layers = Sequential<Scalar> {
    Conv2D<Scalar>(inputs, outputs, kernelSize: 3, padding: 1, bias: false)
    BatchNorm2d<Scalar>(outputs)
    ReLU<Scalar>()
    Conv2D<Scalar>(outputs, outputs, kernelSize: 3, padding: 1, bias: false)
    BatchNorm2d<Scalar>(outputs)
    ReLU<Scalar>()
  }
  return NamedSequential([("double_conv", layers)])
}

/// A level of ``UNet`` on the way up: twice the extents, what the level had on the way down beside it, two convolutions.
public final class UNetUp<Scalar: FloatingScalar>: Module {
  /// The transposed convolution.
  public let up: ConvTranspose2D<Scalar>
  /// The convolutions.
  public let conv: NamedSequential<Scalar>

  init(_ inputs: Int, _ outputs: Int) {
    up = ConvTranspose2D(inputs, outputs, kernelSize: 2, stride: 2)
    conv = doubleConvolution(inputs, outputs)
  }

  func callAsFunction(_ input: Tensor<Scalar>, beside other: Tensor<Scalar>) -> Tensor<Scalar> {
    var x = up(input)
    // Odd extents lost a row or a column on the way down.
    let (rows, columns) = (other.shape[2] - x.shape[2], other.shape[3] - x.shape[3])
    if rows > 0 || columns > 0 {
      x = x.padded([(0, 0), (0, 0), (rows / 2, rows - rows / 2), (columns / 2, columns - columns / 2)])
    }
    return conv(concatenate([other, x], along: 1))
  }
}
