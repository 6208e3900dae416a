import TernBackend
import TernNN
import TernTensor

/// A code of images and the images from it, by convolutions: [N, channels, 28, 28] to the same shape, values in 0 … 1.
///
/// Extents are multiples of 4, at least 28: an image of 28×28 has a code of [64, 1, 1]. Names are `encoder.0.weight` and
/// so on, as a PyTorch module of two Sequentials has them. Source: Hinton & Salakhutdinov 2006, "Reducing the
/// dimensionality of data with neural networks".
///
/// ```swift
/// let model = Autoencoder(channels: 1)
/// let again = model(Tensor(randomNormal: [8, 1, 28, 28]))  // [8, 1, 28, 28]
/// let codes = model.encoder(Tensor(randomNormal: [8, 1, 28, 28]))  // [8, 64, 1, 1]
/// ```
public final class Autoencoder<Scalar: FloatingScalar>: Layer {
  /// From images to codes.
  public let encoder: Sequential<Scalar>
  /// From codes to images.
  public let decoder: Sequential<Scalar>

  /// Creates an autoencoder.
  ///
  /// - Parameters:
  ///   - channels: channels of the images.
  ///   - width: channels of the first level; the second has twice, the code four times as many.
  public init(channels: Int = 1, width: Int = 16, fileID file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    encoder = Sequential<Scalar> {
      Conv2D<Scalar>(channels, width, kernelSize: 3, stride: 2, padding: 1)
      ReLU<Scalar>()
      Conv2D<Scalar>(width, 2 * width, kernelSize: 3, stride: 2, padding: 1)
      ReLU<Scalar>()
      Conv2D<Scalar>(2 * width, 4 * width, kernelSize: 7)
    }
    decoder = Sequential<Scalar> {
      ConvTranspose2D<Scalar>(4 * width, 2 * width, kernelSize: 7)
      ReLU<Scalar>()
      ConvTranspose2D<Scalar>(2 * width, width, kernelSize: 3, stride: 2, padding: 1, outputPadding: 1)
      ReLU<Scalar>()
      ConvTranspose2D<Scalar>(width, channels, kernelSize: 3, stride: 2, padding: 1, outputPadding: 1)
      Sigmoid<Scalar>()
    }
  }

  /// Creates an autoencoder with `Float` values.
  ///
  /// - Parameters:
  ///   - channels: channels of the images.
  ///   - width: channels of the first level; the second has twice, the code four times as many.
  public convenience init(channels: Int = 1, width: Int = 16, file: StaticString = #fileID, line: UInt = #line)
  where Scalar == Float { self.init(channels: channels, width: width, fileID: file, line: line) }

  /// The images again.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { decoder(encoder(input)) }
}

extension Autoencoder: CopyableModule {
  /// Another of the same structure.
  public convenience init(copying other: Autoencoder) {
    let weights = other.encoder[0, as: Conv2D.self].weight.shape
    self.init(channels: weights[1], width: weights[0])
  }
}
