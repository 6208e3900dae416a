import TernBackend
import TernTensor

// Layers that put elements around sequences [.., L] and images [.., H, W], or crop them where an amount is negative.

/// The base class of padding layers, see ``Tensor/padded(_:_:file:line:)``.
public class PaddingLayer<Scalar: FloatingScalar>: Layer {
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

/// Puts zeros around a sequence.
public final class ZeroPad1D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// The layer over a scalar type.
  public init(padding: some Padding1DConvertible, of _: Scalar.Type) {
    super.init(padding.padding1D.axes, .constant(0))
  }
  /// The layer.
  public convenience init(_ padding: some Padding1DConvertible) { self.init(padding: padding, of: Scalar.self) }
}

extension ZeroPad1D where Scalar == Float {
  /// The layer.
  public convenience init(_ padding: some Padding1DConvertible) { self.init(padding: padding, of: Float.self) }
}

/// Puts one value around a sequence.
public final class ConstantPad1D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// The layer over a scalar type.
  public init(padding: some Padding1DConvertible, value: Scalar, of _: Scalar.Type) {
    super.init(padding.padding1D.axes, .constant(value))
  }
  /// The layer.
  public convenience init(_ padding: some Padding1DConvertible, value: Scalar) {
    self.init(padding: padding, value: value, of: Scalar.self)
  }
}

extension ConstantPad1D where Scalar == Float {
  /// The layer.
  public convenience init(_ padding: some Padding1DConvertible, value: Float) {
    self.init(padding: padding, value: value, of: Float.self)
  }
}

/// Puts the elements mirrored at the edge, which is not repeated around a sequence.
public final class ReflectionPad1D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// The layer over a scalar type.
  public init(padding: some Padding1DConvertible, of _: Scalar.Type) { super.init(padding.padding1D.axes, .reflect) }
  /// The layer.
  public convenience init(_ padding: some Padding1DConvertible) { self.init(padding: padding, of: Scalar.self) }
}

extension ReflectionPad1D where Scalar == Float {
  /// The layer.
  public convenience init(_ padding: some Padding1DConvertible) { self.init(padding: padding, of: Float.self) }
}

/// Puts the edge, repeated around a sequence.
public final class ReplicationPad1D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// The layer over a scalar type.
  public init(padding: some Padding1DConvertible, of _: Scalar.Type) { super.init(padding.padding1D.axes, .replicate) }
  /// The layer.
  public convenience init(_ padding: some Padding1DConvertible) { self.init(padding: padding, of: Scalar.self) }
}

extension ReplicationPad1D where Scalar == Float {
  /// The layer.
  public convenience init(_ padding: some Padding1DConvertible) { self.init(padding: padding, of: Float.self) }
}

/// Puts the elements from the other end around a sequence.
public final class CircularPad1D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// The layer over a scalar type.
  public init(padding: some Padding1DConvertible, of _: Scalar.Type) { super.init(padding.padding1D.axes, .circular) }
  /// The layer.
  public convenience init(_ padding: some Padding1DConvertible) { self.init(padding: padding, of: Scalar.self) }
}

extension CircularPad1D where Scalar == Float {
  /// The layer.
  public convenience init(_ padding: some Padding1DConvertible) { self.init(padding: padding, of: Float.self) }
}

/// Puts zeros around an image.
public final class ZeroPad2D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// The layer over a scalar type.
  public init(padding: some Padding2DConvertible, of _: Scalar.Type) {
    super.init(padding.padding2D.axes, .constant(0))
  }
  /// The layer.
  public convenience init(_ padding: some Padding2DConvertible) { self.init(padding: padding, of: Scalar.self) }
}

extension ZeroPad2D where Scalar == Float {
  /// The layer.
  public convenience init(_ padding: some Padding2DConvertible) { self.init(padding: padding, of: Float.self) }
}

/// Puts one value around an image.
public final class ConstantPad2D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// The layer over a scalar type.
  public init(padding: some Padding2DConvertible, value: Scalar, of _: Scalar.Type) {
    super.init(padding.padding2D.axes, .constant(value))
  }
  /// The layer.
  public convenience init(_ padding: some Padding2DConvertible, value: Scalar) {
    self.init(padding: padding, value: value, of: Scalar.self)
  }
}

extension ConstantPad2D where Scalar == Float {
  /// The layer.
  public convenience init(_ padding: some Padding2DConvertible, value: Float) {
    self.init(padding: padding, value: value, of: Float.self)
  }
}

/// Puts the elements mirrored at the edge, which is not repeated around an image.
public final class ReflectionPad2D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// The layer over a scalar type.
  public init(padding: some Padding2DConvertible, of _: Scalar.Type) { super.init(padding.padding2D.axes, .reflect) }
  /// The layer.
  public convenience init(_ padding: some Padding2DConvertible) { self.init(padding: padding, of: Scalar.self) }
}

extension ReflectionPad2D where Scalar == Float {
  /// The layer.
  public convenience init(_ padding: some Padding2DConvertible) { self.init(padding: padding, of: Float.self) }
}

/// Puts the edge, repeated around an image.
public final class ReplicationPad2D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// The layer over a scalar type.
  public init(padding: some Padding2DConvertible, of _: Scalar.Type) { super.init(padding.padding2D.axes, .replicate) }
  /// The layer.
  public convenience init(_ padding: some Padding2DConvertible) { self.init(padding: padding, of: Scalar.self) }
}

extension ReplicationPad2D where Scalar == Float {
  /// The layer.
  public convenience init(_ padding: some Padding2DConvertible) { self.init(padding: padding, of: Float.self) }
}

/// Puts the elements from the other end around an image.
public final class CircularPad2D<Scalar: FloatingScalar>: PaddingLayer<Scalar> {
  /// The layer over a scalar type.
  public init(padding: some Padding2DConvertible, of _: Scalar.Type) { super.init(padding.padding2D.axes, .circular) }
  /// The layer.
  public convenience init(_ padding: some Padding2DConvertible) { self.init(padding: padding, of: Scalar.self) }
}

extension CircularPad2D where Scalar == Float {
  /// The layer.
  public convenience init(_ padding: some Padding2DConvertible) { self.init(padding: padding, of: Float.self) }
}

extension PaddingLayer: CountedAsNothing {}
