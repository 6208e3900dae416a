import TernBackend
import TernNN
import TernTensor

/// Makes images from noise by transposed convolutions: [N, noise, 1, 1] to [N, channels, 64, 64], values in −1 … 1.
///
/// State names, layers and starting values are those of PyTorch's example of a DCGAN. Source: Radford et al. 2016,
/// "Unsupervised representation learning with deep convolutional generative adversarial networks".
///
/// ```swift
/// let generator = DCGANGenerator()
/// let images = generator(Tensor(randomNormal: [4, 100, 1, 1]))  // [4, 3, 64, 64]
/// ```
public final class DCGANGenerator<Scalar: FloatingScalar>: Layer {
  /// The layers.
  public let main: Sequential<Scalar>
  private let sizes: [Int]

  /// Creates a generator.
  ///
  /// - Parameters:
  ///   - noise: values that an image is made of.
  ///   - width: channels of the last level but one; each before it has twice as many.
  ///   - channels: channels of the images.
  public init(
    noise: Int = 100, width: Int = 64, channels: Int = 3, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(noise >= 1 && width >= 1, "DCGANGenerator", "\(noise) values to \(width) channels")
    sizes = [noise, width, channels]
    main = Sequential<Scalar> {
      ConvTranspose2D<Scalar>(noise, 8 * width, kernelSize: 4, bias: false)
      BatchNorm2d<Scalar>(8 * width)
      ReLU<Scalar>()
      for factor in [4, 2, 1] {
        ConvTranspose2D<Scalar>(2 * factor * width, factor * width, kernelSize: 4, stride: 2, padding: 1, bias: false)
        BatchNorm2d<Scalar>(factor * width)
        ReLU<Scalar>()
      }
      ConvTranspose2D<Scalar>(width, channels, kernelSize: 4, stride: 2, padding: 1, bias: false)
      Tanh<Scalar>()
    }
    startAdversary(main)
  }

  /// Creates a generator with `Float` values.
  ///
  /// - Parameters:
  ///   - noise: values that an image is made of.
  ///   - width: channels of the last level but one; each before it has twice as many.
  ///   - channels: channels of the images.
  public convenience init(
    noise: Int = 100, width: Int = 64, channels: Int = 3, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float { self.init(noise: noise, width: width, channels: channels, fileID: file, line: line) }

  /// The images.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { main(input) }
}

extension DCGANGenerator: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: DCGANGenerator) {
    self.init(noise: other.sizes[0], width: other.sizes[1], channels: other.sizes[2])
  }
}

/// Tells images from made ones by convolutions: [N, channels, 64, 64] to probabilities [N, 1, 1, 1].
///
/// ```swift
/// let discriminator = DCGANDiscriminator()
/// let real = discriminator(Tensor(randomNormal: [4, 3, 64, 64]))  // [4, 1, 1, 1]
/// ```
public final class DCGANDiscriminator<Scalar: FloatingScalar>: Layer {
  /// The layers.
  public let main: Sequential<Scalar>
  private let sizes: [Int]

  /// Creates a discriminator.
  ///
  /// - Parameters:
  ///   - width: channels of the first level; each behind it has twice as many.
  ///   - channels: channels of the images.
  public init(width: Int = 64, channels: Int = 3, fileID file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    sizes = [width, channels]
    main = Sequential<Scalar> {
      Conv2D<Scalar>(channels, width, kernelSize: 4, stride: 2, padding: 1, bias: false)
      LeakyReLU<Scalar>(slope: 0.2)
      for factor in [2, 4, 8] {
        Conv2D<Scalar>(factor / 2 * width, factor * width, kernelSize: 4, stride: 2, padding: 1, bias: false)
        BatchNorm2d<Scalar>(factor * width)
        LeakyReLU<Scalar>(slope: 0.2)
      }
      Conv2D<Scalar>(8 * width, 1, kernelSize: 4, bias: false)
      Sigmoid<Scalar>()
    }
    startAdversary(main)
  }

  /// Creates a discriminator with `Float` values.
  ///
  /// - Parameters:
  ///   - width: channels of the first level; each behind it has twice as many.
  ///   - channels: channels of the images.
  public convenience init(width: Int = 64, channels: Int = 3, file: StaticString = #fileID, line: UInt = #line)
  where Scalar == Float { self.init(width: width, channels: channels, fileID: file, line: line) }

  /// The probabilities.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { main(input) }
}

extension DCGANDiscriminator: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: DCGANDiscriminator) {
    self.init(width: other.sizes[0], channels: other.sizes[1])
  }
}

/// Starts convolutions from a normal distribution around 0, normalizations around 1, of the deviation 0.02.
private func startAdversary<Scalar: FloatingScalar>(_ layers: Sequential<Scalar>) {
  for layer in layers {
    switch layer {
    case let layer as ConvTranspose2D<Scalar>: layer.weight.initialize(.normal(deviation: 0.02))
    case let layer as Conv2D<Scalar>: layer.weight.initialize(.normal(deviation: 0.02))
    case let layer as BatchNorm2d<Scalar>: layer.weight?.initialize(.normal(mean: 1, deviation: 0.02))
    default: break
    }
  }
}
