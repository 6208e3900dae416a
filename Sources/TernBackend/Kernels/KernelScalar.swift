public import CTernKernels

/// A scalar type that kernels work on: Float, Double, Int32, Int, UInt8, Bool, BFloat16.
///
/// The kernels of a scalar type are static functions of it inside the package. They take counts, pointers and strides.
/// Strides are in elements and may be 0 or negative. The result may be an operand itself, but must not overlap one in
/// part. Nothing is checked: that is the caller's business.
public protocol KernelScalar: Sendable {
  /// The kernels for this type.
  static var _kernels: ScalarKernels { get }
  /// The bits of the value, as kernels take a scalar.
  var _bits: UInt64 { get }
}

/// A scalar type one can calculate with: Float, Double, Int32, Int, UInt8. Integer arithmetic wraps.
public protocol NumericKernelScalar: KernelScalar {}

/// A type whose sums and products are Int: Int32, Int, UInt8, Bool.
public protocol CountingKernelScalar: KernelScalar {}

/// A floating scalar type: Float, Double.
public protocol FloatingKernelScalar: NumericKernelScalar, BinaryFloatingPoint {}

/// The kernels of a scalar type.
public struct ScalarKernels: Sendable {
  @usableFromInline let scalar: ScalarKind
  @inlinable init(_ scalar: ScalarKind) { self.scalar = scalar }
}

// The parts of the table of kernels for a scalar type, at the level of the CPU in use.

extension KernelScalar {
  /// Which scalar type this is.
  @inlinable @inline(__always) package static var scalarKind: ScalarKind { _kernels.scalar }

  @inlinable @inline(__always) package static var elementKernels: UnsafePointer<tern_element_kernels> {
    tern_element(scalarKind)
  }
}

extension NumericKernelScalar {
  @inlinable @inline(__always) package static var numericKernels: UnsafePointer<tern_numeric_kernels> {
    tern_numeric(scalarKind)
  }
}

extension CountingKernelScalar {
  @inlinable @inline(__always) package static var countingKernels: UnsafePointer<tern_counting_kernels> {
    tern_counting(scalarKind)
  }
}

extension FloatingKernelScalar {
  @inlinable @inline(__always) package static var floatingKernels: UnsafePointer<tern_floating_kernels> {
    tern_floating(scalarKind)
  }
}

extension Float: FloatingKernelScalar {
  /// See ``KernelScalar``.
  @inlinable public static var _kernels: ScalarKernels { ScalarKernels(.float32) }
  /// See ``KernelScalar``.
  @inlinable public var _bits: UInt64 { UInt64(bitPattern) }
}

extension Double: FloatingKernelScalar {
  /// See ``KernelScalar``.
  @inlinable public static var _kernels: ScalarKernels { ScalarKernels(.float64) }
  /// See ``KernelScalar``.
  @inlinable public var _bits: UInt64 { bitPattern }
}

extension Int32: NumericKernelScalar, CountingKernelScalar {
  /// See ``KernelScalar``.
  @inlinable public static var _kernels: ScalarKernels { ScalarKernels(.int32) }
}

extension Int: NumericKernelScalar, CountingKernelScalar {
  /// See ``KernelScalar``.
  @inlinable public static var _kernels: ScalarKernels { ScalarKernels(.int64) }
}

extension UInt8: NumericKernelScalar, CountingKernelScalar {
  /// See ``KernelScalar``.
  @inlinable public static var _kernels: ScalarKernels { ScalarKernels(.uint8) }
}

extension KernelScalar where Self: FixedWidthInteger {
  /// See ``KernelScalar``.
  @inlinable public var _bits: UInt64 { UInt64(truncatingIfNeeded: self) }
}

extension Bool: CountingKernelScalar {
  /// See ``KernelScalar``.
  @inlinable public static var _kernels: ScalarKernels { ScalarKernels(.boolean) }
  /// See ``KernelScalar``.
  @inlinable public var _bits: UInt64 { self ? 1 : 0 }
}
