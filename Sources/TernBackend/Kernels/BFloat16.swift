public import CTernKernels

/// A number of 16 bits with the range of `Float` and 8 significant bits: Float's upper half.
///
/// It is a type to keep numbers in: tensors of it are stored, moved, compared and converted; arithmetic is Float's, and so
/// are its results. Conversion from Float rounds to the nearest number, ties to even, as PyTorch's: what is beyond the
/// range becomes infinite, what is subnormal stays so, and NaN is the quiet NaN 0x7FC0.
public struct BFloat16: Sendable, BitwiseCopyable {
  /// Sign, 8 bits of the exponent, 7 of the significand.
  public var bitPattern: UInt16

  /// The number of these bits.
  ///
  /// - Parameter bitPattern: Sign, exponent and significand.
  @inlinable
  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// The nearest number, ties to even; NaN stays NaN.
  ///
  /// - Parameter value: The number to round.
  @inlinable
  public init(_ value: Float) {
    let bits = value.bitPattern
    bitPattern = value.isNaN ? 0x7FC0 : UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }

  /// The number rounded to Float, then to this type, as PyTorch does.
  ///
  /// - Parameter value: The number to round.
  @inlinable
  public init(_ value: Double) { self.init(Float(value)) }

  /// The number rounded to Float, then to this type.
  ///
  /// - Parameter value: The number to round.
  @inlinable
  public init<Value: BinaryInteger>(_ value: Value) { self.init(Float(value)) }

  /// ∞.
  public static var infinity: BFloat16 { BFloat16(bitPattern: 0x7F80) }
  /// The quiet NaN.
  public static var nan: BFloat16 { BFloat16(bitPattern: 0x7FC0) }
  /// The largest finite number, (2 − 2⁻⁷)·2¹²⁷.
  public static var greatestFiniteMagnitude: BFloat16 { BFloat16(bitPattern: 0x7F7F) }
  /// The least positive number that is not subnormal, 2⁻¹²⁶.
  public static var leastNormalMagnitude: BFloat16 { BFloat16(bitPattern: 0x0080) }
  /// The least positive number, 2⁻¹³³.
  public static var leastNonzeroMagnitude: BFloat16 { BFloat16(bitPattern: 0x0001) }
  /// The distance from 1 to the next number, 2⁻⁷.
  public static var ulpOfOne: BFloat16 { BFloat16(bitPattern: 0x3C00) }

  /// Whether this is NaN.
  public var isNaN: Bool { bitPattern & 0x7FFF > 0x7F80 }
  /// Whether this is ∞ or −∞.
  public var isInfinite: Bool { bitPattern & 0x7FFF == 0x7F80 }
  /// Whether this is neither NaN nor infinite.
  public var isFinite: Bool { bitPattern & 0x7F80 != 0x7F80 }
  /// The number without its sign.
  public var magnitude: BFloat16 { BFloat16(bitPattern: bitPattern & 0x7FFF) }
}

extension Float {
  /// The number itself: every `BFloat16` is a Float.
  ///
  /// - Parameter value: The number.
  @inlinable
  public init(_ value: BFloat16) { self.init(bitPattern: UInt32(value.bitPattern) << 16) }
}

extension Double {
  /// The number itself: every `BFloat16` is a Double.
  ///
  /// - Parameter value: The number.
  @inlinable
  public init(_ value: BFloat16) { self.init(Float(value)) }
}

extension BFloat16: Hashable, Comparable {
  /// Whether the numbers are equal: 0 and −0 are, NaN equals nothing.
  @inlinable
  public static func == (a: BFloat16, b: BFloat16) -> Bool { Float(a) == Float(b) }
  /// Whether a is below b.
  @inlinable
  public static func < (a: BFloat16, b: BFloat16) -> Bool { Float(a) < Float(b) }
  /// Whether a is at most b; never where one is NaN.
  @inlinable
  public static func <= (a: BFloat16, b: BFloat16) -> Bool { Float(a) <= Float(b) }
  /// Whether a is above b.
  @inlinable
  public static func > (a: BFloat16, b: BFloat16) -> Bool { Float(a) > Float(b) }
  /// Whether a is at least b; never where one is NaN.
  @inlinable
  public static func >= (a: BFloat16, b: BFloat16) -> Bool { Float(a) >= Float(b) }
  /// Feeds the number to a hasher.
  ///
  /// - Parameter hasher: The hasher.
  public func hash(into hasher: inout Hasher) { hasher.combine(Float(self)) }
}

extension BFloat16: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// The nearest number to a literal.
  ///
  /// - Parameter value: The literal.
  @inlinable
  public init(floatLiteral value: Float) { self.init(value) }
  /// The nearest number to a literal.
  ///
  /// - Parameter value: The literal.
  @inlinable
  public init(integerLiteral value: Int64) { self.init(Float(value)) }
}

extension BFloat16: KernelScalar {
  /// See ``KernelScalar``.
  @inlinable public static var _kernels: ScalarKernels { ScalarKernels(.bfloat16) }
  /// See ``KernelScalar``.
  @inlinable public var _bits: UInt64 { UInt64(bitPattern) }
}

/// Kernels that round Floats to bfloat16.
package enum BFloat16Kernels {
  /// `out[i] = Float(BFloat16(x[i]))`
  package static func round(_ n: Int, _ out: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>) {
    tern_kernels().pointee.round_to_bfloat16(n, out, x)
  }

  /// out[i] is x[i] rounded up with the probability of the part cut off, else down: number `first + i` of the stream
  /// decides.
  package static func roundStochastically(
    _ n: Int, _ out: UnsafeMutablePointer<BFloat16>, _ x: UnsafePointer<Float>, seed: UInt64, stream: UInt64, first: Int
  ) {
    out.withMemoryRebound(to: UInt16.self, capacity: n) {
      tern_kernels().pointee.round_stochastically(n, $0, x, seed, stream, first)
    }
  }
}
