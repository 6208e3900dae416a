import TernBackend

/// Two whole numbers for the vertical and the horizontal axis of images: the extents of a kernel, strides, dilations.
///
/// A literal `3` stands for both axes, `[2, 1]` names them apart: vertical first, as in the shape of an image.
public struct Pair: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// The number for the vertical axis.
  public var vertical: Int
  /// The number for the horizontal axis.
  public var horizontal: Int

  /// A number for each axis.
  ///
  /// - Parameters:
  ///   - vertical: The number for the vertical axis.
  ///   - horizontal: The number for the horizontal axis.
  public init(_ vertical: Int, _ horizontal: Int) {
    self.vertical = vertical
    self.horizontal = horizontal
  }

  /// One number for both axes.
  ///
  /// - Parameter both: The number for both.
  public init(_ both: Int) { self.init(both, both) }

  /// One number for both axes.
  ///
  /// - Parameter value: The literal.
  public init(integerLiteral value: Int) { self.init(value, value) }

  /// A number for each axis; stops unless there are two.
  ///
  /// - Parameter elements: The literals.
  public init(arrayLiteral elements: Int...) {
    check(elements.count == 2, "Pair", Pair.miscount(elements))
    self.init(elements[0], elements[1])
  }

  package var array: [Int] { [vertical, horizontal] }

  static func miscount(_ numbers: [Int]) -> String {
    "\(numbers) does not have two numbers, the vertical and the horizontal one"
  }
}

/// What may be given for a ``Pair``: an `Int` for both axes, an array `[1, k]` of two, a `Pair`.
public protocol PairConvertible {
  /// The two numbers; stops unless an array has two.
  var pair: Pair { get }
}

extension Pair: PairConvertible {
  /// The pair itself.
  public var pair: Pair { self }
}

extension Int: PairConvertible {
  /// The number for both axes.
  public var pair: Pair { Pair(self, self) }
}

extension Array: PairConvertible where Element == Int {
  /// The vertical number, then the horizontal one; stops unless there are two.
  public var pair: Pair {
    check(count == 2, "Pair", Pair.miscount(self))
    return Pair(self[0], self[1])
  }
}

/// What is put around images before a kernel slides over them: zeros for convolutions, nothing that wins for maxima.
///
/// `.valid` is none, `.same` as much as keeps the extents at stride 1, `1` one pixel on every side, `[1, 2]` one above and
/// below and two on the left and right.
public struct Padding2D: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  package let axes: AxisPadding.Axes

  init(axes: AxisPadding.Axes) { self.axes = axes }

  /// The same on every side.
  ///
  /// - Parameter all: The number for all.
  public init(_ all: Int) { self.init(all, all) }

  /// `vertical` above and below, `horizontal` on the left and the right.
  ///
  /// - Parameters:
  ///   - vertical: The number for the vertical axis.
  ///   - horizontal: The number for the horizontal axis.
  public init(_ vertical: Int, _ horizontal: Int) {
    self.init(top: vertical, bottom: vertical, left: horizontal, right: horizontal)
  }

  /// Every side by itself.
  ///
  /// - Parameters:
  ///   - top: At the top.
  ///   - bottom: At the bottom.
  ///   - left: On the left.
  ///   - right: On the right.
  public init(top: Int, bottom: Int, left: Int, right: Int) {
    axes = .amounts([AxisPadding(before: top, after: bottom), AxisPadding(before: left, after: right)])
  }

  /// The same on every side.
  ///
  /// - Parameter value: The literal.
  public init(integerLiteral value: Int) { self.init(value) }

  /// Above and below, then left and right; stops unless there are two numbers.
  ///
  /// - Parameter elements: The literals.
  public init(arrayLiteral elements: Int...) {
    check(elements.count == 2, "Padding2D", Padding2D.miscount(elements))
    self.init(elements[0], elements[1])
  }
}

extension Padding2D {
  static func miscount(_ numbers: [Int]) -> String {
    "\(numbers) does not have two numbers, the vertical and the horizontal one; "
      + "four sides are Padding2D(top:bottom:left:right:)"
  }
}

/// What is put before and after sequences before a kernel slides over them, see ``Padding2D``.
public struct Padding1D: Hashable, Sendable, ExpressibleByIntegerLiteral {
  package let axes: AxisPadding.Axes

  init(axes: AxisPadding.Axes) { self.axes = axes }

  /// As much before as after.
  ///
  /// - Parameter both: The number for both.
  public init(_ both: Int) { self.init(before: both, after: both) }

  /// Before and after by themselves.
  ///
  /// - Parameters:
  ///   - before: Before the first element.
  ///   - after: After the last element.
  public init(before: Int, after: Int) { axes = .amounts([AxisPadding(before: before, after: after)]) }

  /// As much before as after.
  ///
  /// - Parameter value: The literal.
  public init(integerLiteral value: Int) { self.init(value) }
}

/// What may be given for a ``Padding2D``: an `Int` for every side, an array `[1, k]` of two or a ``Pair``, `.same`,
/// `.valid`, a `Padding2D`.
public protocol Padding2DConvertible {
  /// The padding; stops unless an array has two numbers.
  var padding2D: Padding2D { get }
}

extension Padding2D: Padding2DConvertible {
  /// The padding itself.
  public var padding2D: Padding2D { self }
}

extension Pair: Padding2DConvertible {
  /// Above and below, then left and right.
  public var padding2D: Padding2D { Padding2D(vertical, horizontal) }
}

extension Int: Padding2DConvertible {
  /// The same on every side.
  public var padding2D: Padding2D { Padding2D(self) }
}

extension Array: Padding2DConvertible where Element == Int {
  /// Above and below, then left and right; stops unless there are two numbers.
  public var padding2D: Padding2D {
    check(count == 2, "Padding2D", Padding2D.miscount(self))
    return Padding2D(self[0], self[1])
  }
}

extension Padding2DConvertible where Self == Padding2D {
  /// No padding.
  public static var valid: Padding2D { Padding2D(0) }

  /// Keeps the extents at stride 1; an odd pixel goes to the bottom and the right.
  public static var same: Padding2D { Padding2D(axes: .same) }
}

/// What may be given for a ``Padding1D``: an `Int` for both ends, `.same`, `.valid`, a `Padding1D`.
public protocol Padding1DConvertible {
  /// The padding.
  var padding1D: Padding1D { get }
}

extension Padding1D: Padding1DConvertible {
  /// The padding itself.
  public var padding1D: Padding1D { self }
}

extension Int: Padding1DConvertible {
  /// As much before as after.
  public var padding1D: Padding1D { Padding1D(self) }
}

extension Padding1DConvertible where Self == Padding1D {
  /// No padding.
  public static var valid: Padding1D { Padding1D(0) }

  /// Keeps the length at stride 1; an odd element goes to the end.
  public static var same: Padding1D { Padding1D(axes: .same) }
}

/// The padding of one axis.
package struct AxisPadding: Hashable, Sendable {
  package let before: Int
  package let after: Int

  /// The padding of all axes that a kernel slides over.
  package enum Axes: Hashable, Sendable {
    case same
    case amounts([AxisPadding])
  }
}

/// Extents for messages: `3×5`.
package func extents(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: "×") }
