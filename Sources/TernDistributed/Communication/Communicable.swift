/// A type whose values ranks send: Float, Double, Int, UInt8 (bytes).
public protocol Communicable: BitwiseCopyable, Sendable {
  /// Zero.
  static var zero: Self { get }
}

/// A type whose values ranks add: Float, Double, Int. Sums of integers wrap.
public protocol CommunicableNumber: Communicable {
  /// The type as a value.
  static var elementKind: ElementKind { get }
}

/// The types that ranks add, as values.
public enum ElementKind: Sendable {
  /// `Float`.
  case float
  /// `Double`.
  case double
  /// `Int`.
  case int

  /// Bytes one element takes.
  public var byteCount: Int { self == .float ? 4 : 8 }
}

extension Float: CommunicableNumber {
  /// `float`
  public static var elementKind: ElementKind { .float }
}
extension Double: CommunicableNumber {
  /// `double`
  public static var elementKind: ElementKind { .double }
}
extension Int: CommunicableNumber {
  /// `int`
  public static var elementKind: ElementKind { .int }
}
extension UInt8: Communicable {}

extension ElementKind {
  /// own = own + other, or other + own where `otherFirst`: which payload a sum of two NaNs has depends on it.
  func add(_ other: UnsafeRawBufferPointer, to own: UnsafeMutableRawBufferPointer, otherFirst: Bool) {
    switch self {
    case .float: Self.add(Float.self, other, own, otherFirst) { $0 + $1 }
    case .double: Self.add(Double.self, other, own, otherFirst) { $0 + $1 }
    case .int: Self.add(Int.self, other, own, otherFirst) { $0 &+ $1 }
    }
  }

  @inline(__always)
  private static func add<T>(
    _: T.Type, _ other: UnsafeRawBufferPointer, _ own: UnsafeMutableRawBufferPointer, _ otherFirst: Bool,
    _ sum: (T, T) -> T
  ) {
    guard let a = own.baseAddress?.assumingMemoryBound(to: T.self),
      let b = other.baseAddress?.assumingMemoryBound(to: T.self)
    else { return }
    let count = own.count / MemoryLayout<T>.size
    if otherFirst {
      for i in 0..<count { a[i] = sum(b[i], a[i]) }
    } else {
      for i in 0..<count { a[i] = sum(a[i], b[i]) }
    }
  }
}
