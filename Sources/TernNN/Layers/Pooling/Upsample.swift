import TernBackend
import TernTensor

/// Sequences, images or volumes resampled to another size or by a scale, see
/// ``interpolate(_:size:mode:alignsCorners:antialiases:file:line:)`` and
/// ``interpolate(_:scale:mode:alignsCorners:recomputesScale:antialiases:file:line:)-(_,[Double],_,_,_,_,_,_)``.
public final class Upsample<Scalar: FloatingScalar>: Layer {
  /// The extents of the result, one for all axes or one for each, where they were given.
  public let size: [Int]?
  /// The factors of the extents, one for all axes or one for each, where they were given.
  public let scale: [Double]?
  /// How values between pixels are made.
  public let mode: InterpolationMode
  /// Whether the first and the last pixels coincide, for `.linear` and `.cubic` only.
  public let alignsCorners: Bool
  /// Whether positions are worked out with the ratio of the extents instead of the given scale.
  public let recomputesScale: Bool
  /// Whether every pixel of the input counts where the result is smaller.
  public let antialiases: Bool

  /// Creates a resampling of sequences, images or volumes. Stops unless the scale is finite and above 0.
  ///
  /// - Parameters:
  ///   - scale: the factors of the extents, above 0: one for all axes, or one for each.
  ///   - mode: how values between pixels are computed.
  ///   - alignsCorners: whether the first and last pixels of input and result coincide; for `.linear` and `.cubic` only.
  ///   - recomputesScale: whether positions are worked out with the ratio of the extents instead of the given scale.
  ///   - antialiases: whether every pixel of the input counts where the result is smaller; for `.linear`, `.cubic` and
  ///     `.lanczos`.
  public init(
    scale: [Double], mode: InterpolationMode = .nearest, alignsCorners: Bool = false, recomputesScale: Bool = false,
    antialiases: Bool = false, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      !scale.isEmpty && scale.allSatisfy { $0 > 0 && $0.isFinite }, "Upsample",
      "a scale of \(scale.count == 1 ? "\(scale[0])" : "\(scale)")")
    (self.size, self.scale, self.recomputesScale) = (nil, scale, recomputesScale)
    (self.mode, self.alignsCorners, self.antialiases) = (mode, alignsCorners, antialiases)
  }

  /// Creates a resampling of sequences, images or volumes, with `Float` values. Stops unless the scale is finite and above 0.
  ///
  /// - Parameters:
  ///   - scale: the factors of the extents, above 0: one for all axes, or one for each.
  ///   - mode: how values between pixels are computed.
  ///   - alignsCorners: whether the first and last pixels of input and result coincide; for `.linear` and `.cubic` only.
  ///   - recomputesScale: whether positions are worked out with the ratio of the extents instead of the given scale.
  ///   - antialiases: whether every pixel of the input counts where the result is smaller; for `.linear`, `.cubic` and
  ///     `.lanczos`.
  public convenience init(
    scale: [Double], mode: InterpolationMode = .nearest, alignsCorners: Bool = false, recomputesScale: Bool = false,
    antialiases: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      scale: scale, mode: mode, alignsCorners: alignsCorners, recomputesScale: recomputesScale,
      antialiases: antialiases,
      fileID: file, line: line)
  }

  /// Creates a resampling of sequences, images or volumes. Stops unless the scale is finite and above 0.
  ///
  /// - Parameters:
  ///   - scale: the factor of every extent, above 0.
  ///   - mode: how values between pixels are computed.
  ///   - alignsCorners: whether the first and last pixels of input and result coincide; for `.linear` and `.cubic` only.
  ///   - recomputesScale: whether positions are worked out with the ratio of the extents instead of the given scale.
  ///   - antialiases: whether every pixel of the input counts where the result is smaller; for `.linear`, `.cubic` and
  ///     `.lanczos`.
  public convenience init(
    scale: Double, mode: InterpolationMode = .nearest, alignsCorners: Bool = false, recomputesScale: Bool = false,
    antialiases: Bool = false, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    self.init(
      scale: [scale], mode: mode, alignsCorners: alignsCorners, recomputesScale: recomputesScale,
      antialiases: antialiases, fileID: file, line: line)
  }

  /// Creates a resampling of sequences, images or volumes, with `Float` values. Stops unless the scale is finite and above 0.
  ///
  /// - Parameters:
  ///   - scale: the factor of every extent, above 0.
  ///   - mode: how values between pixels are computed.
  ///   - alignsCorners: whether the first and last pixels of input and result coincide; for `.linear` and `.cubic` only.
  ///   - recomputesScale: whether positions are worked out with the ratio of the extents instead of the given scale.
  ///   - antialiases: whether every pixel of the input counts where the result is smaller; for `.linear`, `.cubic` and
  ///     `.lanczos`.
  public convenience init(
    scale: Double, mode: InterpolationMode = .nearest, alignsCorners: Bool = false, recomputesScale: Bool = false,
    antialiases: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      scale: scale, mode: mode, alignsCorners: alignsCorners, recomputesScale: recomputesScale,
      antialiases: antialiases,
      fileID: file, line: line)
  }

  /// Creates a resampling of sequences, images or volumes. Stops unless every extent is above 0.
  ///
  /// - Parameters:
  ///   - size: the extents of the result: one for all axes, or one for each.
  ///   - mode: how values between pixels are computed.
  ///   - alignsCorners: whether the first and last pixels of input and result coincide; for `.linear` and `.cubic` only.
  ///   - antialiases: whether every pixel of the input counts where the result is smaller; for `.linear`, `.cubic` and
  ///     `.lanczos`.
  public init(
    size: [Int], mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
    antialiases: Bool = false, fileID file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(!size.isEmpty && size.allSatisfy { $0 > 0 }, "Upsample", "a size of \(size)")
    (self.size, self.scale, self.recomputesScale) = (size, nil, false)
    (self.mode, self.alignsCorners, self.antialiases) = (mode, alignsCorners, antialiases)
  }

  /// Creates a resampling of sequences, images or volumes, with `Float` values. Stops unless every extent is above 0.
  ///
  /// - Parameters:
  ///   - size: the extents of the result: one for all axes, or one for each.
  ///   - mode: how values between pixels are computed.
  ///   - alignsCorners: whether the first and last pixels of input and result coincide; for `.linear` and `.cubic` only.
  ///   - antialiases: whether every pixel of the input counts where the result is smaller; for `.linear`, `.cubic` and
  ///     `.lanczos`.
  public convenience init(
    size: [Int], mode: InterpolationMode = .nearest, alignsCorners: Bool = false,
    antialiases: Bool = false, file: StaticString = #fileID, line: UInt = #line
  ) where Scalar == Float {
    self.init(
      size: size, mode: mode, alignsCorners: alignsCorners, antialiases: antialiases,
      fileID: file, line: line)
  }

  /// [N, C, H, W] to [N, C, ⌊H·scale⌋, ⌊W·scale⌋] or [N, C] and the given size, sequences and volumes likewise.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    if let size {
      return interpolate(input, size: size, mode: mode, alignsCorners: alignsCorners, antialiases: antialiases)
    }
    return interpolate(
      input, scale: scale!, mode: mode, alignsCorners: alignsCorners, recomputesScale: recomputesScale,
      antialiases: antialiases)
  }
}
