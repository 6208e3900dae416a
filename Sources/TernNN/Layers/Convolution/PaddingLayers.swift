import TernBackend
import TernTensor

// Layers that put elements around sequences [.., L] and images [.., H, W], or crop them where an amount is negative.

/// The base class of padding layers, see ``Tensor/padded(_:_:file:line:)``.
public class PaddingLayer<Scalar: FloatingScalar>: Layer, CountedAsNothing {
  /// What stands around.
  public let mode: PaddingMode<Scalar>
  private let amounts: [AxisPadding]

  init(_ axes: AxisPadding.Axes, _ mode: PaddingMode<Scalar>) {
    guard case .amounts(let amounts) = axes else { fail("\(Self.self)", "padding by .same: only a kernel has it") }
    self.amounts = amounts
    self.mode = mode
  }

  /// The input with its surroundings.
  ///
  /// Stops for more mirrored or circular elements than there are, and for crops of more than there is.
  public func forward(_ input: Tensor<Scalar>) -> Tensor<Scalar> {
    check(input.rank >= amounts.count, "\(Self.self)", "input \(input.shape) has fewer than \(amounts.count) axes")
    return input.padded(amounts.map { ($0.before, $0.after) }, mode)
  }
}

/// The base class of padding of sequences: each surrounds its input in a way of its own.
public class PaddingLayer1D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// Creates a layer that pads sequences.
  ///
  /// - Parameter padding: positions before and after a sequence; a negative number crops. Stops for `.same`.
  public init(_ padding: some Padding1DConvertible) { super.init(padding.padding1D.axes, Self.surroundings) }

  /// Creates a layer that pads sequences, with `Float` values.
  ///
  /// - Parameter padding: positions before and after a sequence; a negative number crops. Stops for `.same`.
  public init(_ padding: some Padding1DConvertible) where Scalar == Float {
    super.init(padding.padding1D.axes, Self.surroundings)
  }

  class var surroundings: PaddingMode<Scalar> { .constant(0) }
}

/// The base class of padding of images: each surrounds its input in a way of its own.
public class PaddingLayer2D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// Creates a layer that pads images.
  ///
  /// - Parameter padding: pixels around an image; a negative number crops. Stops for `.same`.
  public init(_ padding: some Padding2DConvertible) { super.init(padding.padding2D.axes, Self.surroundings) }

  /// Creates a layer that pads images, with `Float` values.
  ///
  /// - Parameter padding: pixels around an image; a negative number crops. Stops for `.same`.
  public init(_ padding: some Padding2DConvertible) where Scalar == Float {
    super.init(padding.padding2D.axes, Self.surroundings)
  }

  class var surroundings: PaddingMode<Scalar> { .constant(0) }
}

/// Pads a sequence with zeros.
public final class ZeroPad1D<Scalar: FloatingScalar>: PaddingLayer1D<Scalar> {}

/// Pads a sequence with its elements mirrored at the edge; the edge itself is not repeated.
public final class ReflectionPad1D<Scalar: FloatingScalar>: PaddingLayer1D<Scalar> {
  override class var surroundings: PaddingMode<Scalar> { .reflect }
}

/// Pads a sequence with its edge, repeated.
public final class ReplicationPad1D<Scalar: FloatingScalar>: PaddingLayer1D<Scalar> {
  override class var surroundings: PaddingMode<Scalar> { .replicate }
}

/// Pads a sequence with the elements from the other end.
public final class CircularPad1D<Scalar: FloatingScalar>: PaddingLayer1D<Scalar> {
  override class var surroundings: PaddingMode<Scalar> { .circular }
}

/// Pads a sequence with one value.
public final class ConstantPad1D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// Creates a layer that pads a sequence with one value.
  ///
  /// - Parameters:
  ///   - padding: positions before and after a sequence; a negative number crops. Stops for `.same`.
  ///   - value: the value that is put there.
  @_disfavoredOverload
  public init(_ padding: some Padding1DConvertible, value: Scalar) {
    super.init(padding.padding1D.axes, .constant(value))
  }

  /// Creates a layer that pads a sequence with one value, with `Float` values.
  ///
  /// - Parameters:
  ///   - padding: positions before and after a sequence; a negative number crops. Stops for `.same`.
  ///   - value: the value that is put there, as a `Float`.
  public init(_ padding: some Padding1DConvertible, value: Double) where Scalar == Float {
    super.init(padding.padding1D.axes, .constant(Float(value)))
  }
}

/// Pads an image with zeros.
public final class ZeroPad2D<Scalar: FloatingScalar>: PaddingLayer2D<Scalar> {}

/// Pads an image with its elements mirrored at the edge; the edge itself is not repeated.
public final class ReflectionPad2D<Scalar: FloatingScalar>: PaddingLayer2D<Scalar> {
  override class var surroundings: PaddingMode<Scalar> { .reflect }
}

/// Pads an image with its edge, repeated.
public final class ReplicationPad2D<Scalar: FloatingScalar>: PaddingLayer2D<Scalar> {
  override class var surroundings: PaddingMode<Scalar> { .replicate }
}

/// Pads an image with the elements from the other end.
public final class CircularPad2D<Scalar: FloatingScalar>: PaddingLayer2D<Scalar> {
  override class var surroundings: PaddingMode<Scalar> { .circular }
}

/// Pads an image with one value.
public final class ConstantPad2D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// Creates a layer that pads an image with one value.
  ///
  /// - Parameters:
  ///   - padding: pixels around an image; a negative number crops. Stops for `.same`.
  ///   - value: the value that is put there.
  @_disfavoredOverload
  public init(_ padding: some Padding2DConvertible, value: Scalar) {
    super.init(padding.padding2D.axes, .constant(value))
  }

  /// Creates a layer that pads an image with one value, with `Float` values.
  ///
  /// - Parameters:
  ///   - padding: pixels around an image; a negative number crops. Stops for `.same`.
  ///   - value: the value that is put there.
  public init(_ padding: some Padding2DConvertible, value: Double) where Scalar == Float {
    super.init(padding.padding2D.axes, .constant(Float(value)))
  }
}
