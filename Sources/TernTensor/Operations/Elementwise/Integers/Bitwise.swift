import TernBackend

// Operations on the bits of integers, and of Bool, element by element; operands broadcast. They have no derivative.

extension Tensor where Scalar: IntegerScalar {
  /// The bits set in both, element by element; the shapes broadcast.
  public static func & (a: Tensor, b: Tensor) -> Tensor { map("&", .bitAnd, a, b) }
  /// The bits set in every element and in a number.
  public static func & (a: Tensor, b: Scalar) -> Tensor { a & Tensor(b) }
  /// The bits set in a number and in every element.
  public static func & (a: Scalar, b: Tensor) -> Tensor { Tensor(a) & b }

  /// The bits set in either, element by element; the shapes broadcast.
  public static func | (a: Tensor, b: Tensor) -> Tensor { map("|", .bitOr, a, b) }
  /// The bits set in every element or in a number.
  public static func | (a: Tensor, b: Scalar) -> Tensor { a | Tensor(b) }
  /// The bits set in a number or in every element.
  public static func | (a: Scalar, b: Tensor) -> Tensor { Tensor(a) | b }

  /// The bits set in exactly one, element by element; the shapes broadcast.
  public static func ^ (a: Tensor, b: Tensor) -> Tensor { map("^", .bitXor, a, b) }
  /// The bits set in every element or in a number, but not in both.
  public static func ^ (a: Tensor, b: Scalar) -> Tensor { a ^ Tensor(b) }
  /// The bits set in a number or in every element, but not in both.
  public static func ^ (a: Scalar, b: Tensor) -> Tensor { Tensor(a) ^ b }

  /// The bits that are not set: −x − 1 of integers with a sign.
  public static prefix func ~ (a: Tensor) -> Tensor { a ^ ~0 }

  /// The bits moved up by b, element by element: a·2ᵇ, which wraps; the shapes broadcast.
  ///
  /// 0 where b is negative or at least the number of bits, unlike Swift's, whose negative shifts go the other way.
  public static func << (a: Tensor, b: Tensor) -> Tensor { map("<<", .shiftLeft, a, b) }
  /// The bits of every element moved up by b.
  public static func << (a: Tensor, b: Scalar) -> Tensor { a << Tensor(b) }
  /// The bits of a number moved up by every element.
  public static func << (a: Scalar, b: Tensor) -> Tensor { Tensor(a) << b }

  /// The bits moved down by b, element by element: ⌊a/2ᵇ⌋; the shapes broadcast.
  ///
  /// 0 where b is negative or at least the number of bits, and −1 there for a negative a.
  public static func >> (a: Tensor, b: Tensor) -> Tensor { map(">>", .shiftRight, a, b) }
  /// The bits of every element moved down by b.
  public static func >> (a: Tensor, b: Scalar) -> Tensor { a >> Tensor(b) }
  /// The bits of a number moved down by every element.
  public static func >> (a: Scalar, b: Tensor) -> Tensor { Tensor(a) >> b }

  /// Leaves the bits set in both.
  public static func &= (a: inout Tensor, b: Tensor) { if !a.update(.bitAnd, b) { a = a & b } }
  /// Leaves the bits set in a number too.
  public static func &= (a: inout Tensor, b: Scalar) { if !a.update(.bitAnd, Tensor(b)) { a = a & b } }
  /// Sets the bits that are set in b.
  public static func |= (a: inout Tensor, b: Tensor) { if !a.update(.bitOr, b) { a = a | b } }
  /// Sets the bits that are set in a number.
  public static func |= (a: inout Tensor, b: Scalar) { if !a.update(.bitOr, Tensor(b)) { a = a | b } }
  /// Changes the bits that are set in b.
  public static func ^= (a: inout Tensor, b: Tensor) { if !a.update(.bitXor, b) { a = a ^ b } }
  /// Changes the bits that are set in a number.
  public static func ^= (a: inout Tensor, b: Scalar) { if !a.update(.bitXor, Tensor(b)) { a = a ^ b } }
  /// Moves the bits up by b.
  public static func <<= (a: inout Tensor, b: Tensor) { if !a.update(.shiftLeft, b) { a = a << b } }
  /// Moves the bits up by b.
  public static func <<= (a: inout Tensor, b: Scalar) { if !a.update(.shiftLeft, Tensor(b)) { a = a << b } }
  /// Moves the bits down by b.
  public static func >>= (a: inout Tensor, b: Tensor) { if !a.update(.shiftRight, b) { a = a >> b } }
  /// Moves the bits down by b.
  public static func >>= (a: inout Tensor, b: Scalar) { if !a.update(.shiftRight, Tensor(b)) { a = a >> b } }
}

extension Tensor where Scalar == Bool {
  /// Whether both are true; as ``.&&(_:_:)``.
  public static func & (a: Tensor, b: Tensor) -> Tensor { a .&& b }
  /// Whether either is true; as ``.||(_:_:)``.
  public static func | (a: Tensor, b: Tensor) -> Tensor { a .|| b }
  /// Whether exactly one is true; as ``.^(_:_:)``.
  public static func ^ (a: Tensor, b: Tensor) -> Tensor { a .^ b }
  /// Whether elements are false; as ``.!(_:)``.
  public static prefix func ~ (a: Tensor) -> Tensor { .!a }
  /// Leaves what is true in both.
  public static func &= (a: inout Tensor, b: Tensor) { a = a & b }
  /// Makes true what is true in b.
  public static func |= (a: inout Tensor, b: Tensor) { a = a | b }
  /// Changes what is true in b.
  public static func ^= (a: inout Tensor, b: Tensor) { a = a ^ b }
}
