import TernBackend
import TernTensor

// Layers that put elements around volumes [.., D, H, W], or crop them where an amount is negative.

/// The base class of padding of volumes: each surrounds its input in a way of its own.
public class PaddingLayer3D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// Creates a layer that pads volumes.
  ///
  /// - Parameter padding: voxels around a volume; a negative number crops. Stops for `.same`.
  public init(_ padding: some Padding3DConvertible) { super.init(padding.padding3D.axes, Self.surroundings) }

  /// Creates a layer that pads volumes, with `Float` values.
  ///
  /// - Parameter padding: voxels around a volume; a negative number crops. Stops for `.same`.
  public init(_ padding: some Padding3DConvertible) where Scalar == Float {
    super.init(padding.padding3D.axes, Self.surroundings)
  }

  class var surroundings: PaddingMode<Scalar> { .constant(0) }
}

/// Pads a volume with zeros.
public final class ZeroPad3D<Scalar: FloatingScalar>: PaddingLayer3D<Scalar> {}

/// Pads a volume with its elements mirrored at the edge; the edge itself is not repeated.
public final class ReflectionPad3D<Scalar: FloatingScalar>: PaddingLayer3D<Scalar> {
  override class var surroundings: PaddingMode<Scalar> { .reflect }
}

/// Pads a volume with its edge, repeated.
public final class ReplicationPad3D<Scalar: FloatingScalar>: PaddingLayer3D<Scalar> {
  override class var surroundings: PaddingMode<Scalar> { .replicate }
}

/// Pads a volume with the elements from the other end.
public final class CircularPad3D<Scalar: FloatingScalar>: PaddingLayer3D<Scalar> {
  override class var surroundings: PaddingMode<Scalar> { .circular }
}

/// Pads a volume with one value.
public final class ConstantPad3D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// Creates a layer that pads a volume with one value.
  ///
  /// - Parameters:
  ///   - padding: voxels around a volume; a negative number crops. Stops for `.same`.
  ///   - value: the value that is put there.
  @_disfavoredOverload
  public init(_ padding: some Padding3DConvertible, value: Scalar) {
    super.init(padding.padding3D.axes, .constant(value))
  }

  /// Creates a layer that pads a volume with one value, with `Float` values.
  ///
  /// - Parameters:
  ///   - padding: voxels around a volume; a negative number crops. Stops for `.same`.
  ///   - value: the value that is put there.
  public init(_ padding: some Padding3DConvertible, value: Double) where Scalar == Float {
    super.init(padding.padding3D.axes, .constant(Float(value)))
  }
}
