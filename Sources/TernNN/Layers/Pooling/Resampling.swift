import TernBackend
import TernTensor

/// The base class of layers that only move values between channels and pixels.
public class ShuffleLayer<Scalar: FloatingScalar>: Layer, CountedAsNothing {
  let factor: Int

  /// Creates a layer that moves values.
  ///
  /// - Parameter factor: r of ``PixelShuffle`` and ``PixelUnshuffle``, the groups of ``ChannelShuffle``; at least 1.
  public init(_ factor: Int) { self.factor = factor }

  /// Creates a layer that moves values, with `Float` values.
  ///
  /// - Parameter factor: r of ``PixelShuffle`` and ``PixelUnshuffle``, the groups of ``ChannelShuffle``; at least 1.
  public init(_ factor: Int) where Scalar == Float { self.factor = factor }

  /// The input's values in their new places.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { fail("\(Self.self)", "has no forward") }
}

/// Channels spread out as pixels: [.., C·r², H, W] to [.., C, H·r, W·r]; stops where r² does not divide the channels.
///
/// Source: Shi et al. 2016, "Real-time single image and video super-resolution using an efficient sub-pixel
/// convolutional neural network".
public final class PixelShuffle<Scalar: FloatingScalar>: ShuffleLayer<Scalar> {
  /// r.
  public var upscaleFactor: Int { factor }

  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    pixelShuffle(input, upscaleFactor: upscaleFactor)
  }
}

/// Pixels gathered as channels: [.., C, H·r, W·r] to [.., C·r², H, W]; stops where r does not divide height and width.
public final class PixelUnshuffle<Scalar: FloatingScalar>: ShuffleLayer<Scalar> {
  /// r.
  public var downscaleFactor: Int { factor }

  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    pixelUnshuffle(input, downscaleFactor: downscaleFactor)
  }
}

/// The channels of each group interleaved, see ``channelShuffle(_:groups:file:line:)``; stops where the groups do not
/// divide the channels.
public final class ChannelShuffle<Scalar: FloatingScalar>: ShuffleLayer<Scalar> {
  /// How many groups the channels come in.
  public var groups: Int { factor }

  public override func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { channelShuffle(input, groups: groups) }
}
