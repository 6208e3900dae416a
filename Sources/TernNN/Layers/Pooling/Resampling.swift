import TernBackend
import TernTensor

/// Images or sequences resampled to ⌊extent·scale⌋, see ``interpolate(_:scale:mode:alignsCorners:file:line:)-(_,Double,_,_,_,_)``.
public final class Upsample<Scalar: FloatingScalar>: Layer {
  /// The factor along every axis.
  public let scale: Double
  /// How values between pixels are made.
  public let mode: InterpolationMode
  /// Whether the first and the last pixels coincide, for `.linear` only.
  public let alignsCorners: Bool

  /// The layer over a scalar type.
  public init(
    scale: Double, mode: InterpolationMode, alignsCorners: Bool, of _: Scalar.Type, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(scale > 0 && scale.isFinite, "Upsample", "a scale of \(scale)")
    self.scale = scale
    self.mode = mode
    self.alignsCorners = alignsCorners
  }
  /// The layer.
  public convenience init(scale: Double, mode: InterpolationMode = .nearest, alignsCorners: Bool = false) {
    self.init(scale: scale, mode: mode, alignsCorners: alignsCorners, of: Scalar.self)
  }
  /// [N, C, H, W] to [N, C, ⌊H·scale⌋, ⌊W·scale⌋], sequences likewise.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    interpolate(input, scale: scale, mode: mode, alignsCorners: alignsCorners)
  }
}

extension Upsample where Scalar == Float {
  /// The layer.
  public convenience init(scale: Double, mode: InterpolationMode = .nearest, alignsCorners: Bool = false) {
    self.init(scale: scale, mode: mode, alignsCorners: alignsCorners, of: Float.self)
  }
}

/// Channels spread out as pixels: [.., C·r², H, W] to [.., C, H·r, W·r]. Source: Shi et al. 2016, "Real-time single image
/// and video super-resolution using an efficient sub-pixel convolutional neural network".
public final class PixelShuffle<Scalar: FloatingScalar>: Layer {
  /// r.
  public let upscaleFactor: Int

  /// The layer over a scalar type.
  public init(upscaleFactor: Int, of _: Scalar.Type) {
    self.upscaleFactor = upscaleFactor
  }
  /// The layer.
  public convenience init(_ upscaleFactor: Int) { self.init(upscaleFactor: upscaleFactor, of: Scalar.self) }
  /// The image; stops where r² does not divide the channels.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { pixelShuffle(input, upscaleFactor: upscaleFactor) }
}

extension PixelShuffle where Scalar == Float {
  /// The layer.
  public convenience init(_ upscaleFactor: Int) { self.init(upscaleFactor: upscaleFactor, of: Float.self) }
}

/// Pixels gathered as channels: [.., C, H·r, W·r] to [.., C·r², H, W].
public final class PixelUnshuffle<Scalar: FloatingScalar>: Layer {
  /// r.
  public let downscaleFactor: Int

  /// The layer over a scalar type.
  public init(downscaleFactor: Int, of _: Scalar.Type) {
    self.downscaleFactor = downscaleFactor
  }
  /// The layer.
  public convenience init(_ downscaleFactor: Int) { self.init(downscaleFactor: downscaleFactor, of: Scalar.self) }
  /// The channels; stops where r does not divide height and width.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    pixelUnshuffle(input, downscaleFactor: downscaleFactor)
  }
}

extension PixelUnshuffle where Scalar == Float {
  /// The layer.
  public convenience init(_ downscaleFactor: Int) { self.init(downscaleFactor: downscaleFactor, of: Float.self) }
}

/// Channels of groups dealt out in turn, see ``channelShuffle(_:groups:file:line:)``.
public final class ChannelShuffle<Scalar: FloatingScalar>: Layer {
  /// How many groups the channels come in.
  public let groups: Int

  /// The layer over a scalar type.
  public init(groups: Int, of _: Scalar.Type) {
    self.groups = groups
  }
  /// The layer.
  public convenience init(_ groups: Int) { self.init(groups: groups, of: Scalar.self) }
  /// The channels in their new order; stops where the groups do not divide them.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> { channelShuffle(input, groups: groups) }
}

extension ChannelShuffle where Scalar == Float {
  /// The layer.
  public convenience init(_ groups: Int) { self.init(groups: groups, of: Float.self) }
}

extension PixelShuffle: CountedAsNothing {}

extension PixelUnshuffle: CountedAsNothing {}

extension ChannelShuffle: CountedAsNothing {}
