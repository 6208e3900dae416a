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
  public init(_ vertical: Int, _ horizontal: Int) {
    self.vertical = vertical
    self.horizontal = horizontal
  }

  /// One number for both axes.
  public init(_ both: Int) { self.init(both, both) }

  /// One number for both axes.
  public init(integerLiteral value: Int) { self.init(value, value) }

  /// A number for each axis; stops unless there are two.
  public init(arrayLiteral elements: Int...) {
    check(elements.count == 2, "Pair", "\(elements) does not have two numbers")
    self.init(elements[0], elements[1])
  }

  package var array: [Int] { [vertical, horizontal] }
}

/// What is put around images before a kernel slides over them: zeros for convolutions, nothing that wins for maxima.
///
/// `.valid` is none, `.same` as much as keeps the extents at stride 1, `1` one pixel on every side, `[1, 2]` one above and
/// below and two on the left and right.
public struct Padding2D: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  package let axes: AxisPadding.Axes

  /// No padding.
  public static let valid = Padding2D(0)

  /// Keeps the extents at stride 1; an odd pixel goes to the bottom and the right.
  public static let same = Padding2D(axes: .same)

  init(axes: AxisPadding.Axes) { self.axes = axes }

  /// The same on every side.
  public init(_ all: Int) { self.init(all, all) }

  /// `vertical` above and below, `horizontal` on the left and the right.
  public init(_ vertical: Int, _ horizontal: Int) {
    self.init(top: vertical, bottom: vertical, left: horizontal, right: horizontal)
  }

  /// Every side by itself.
  public init(top: Int, bottom: Int, left: Int, right: Int) {
    axes = .amounts([AxisPadding(before: top, after: bottom), AxisPadding(before: left, after: right)])
  }

  /// The same on every side.
  public init(integerLiteral value: Int) { self.init(value) }

  /// Above and below, then left and right; stops unless there are two numbers.
  public init(arrayLiteral elements: Int...) {
    check(elements.count == 2, "Padding2D", "\(elements) does not have two numbers")
    self.init(elements[0], elements[1])
  }
}

/// What is put before and after sequences before a kernel slides over them, see ``Padding2D``.
public struct Padding1D: Hashable, Sendable, ExpressibleByIntegerLiteral {
  package let axes: AxisPadding.Axes

  /// No padding.
  public static let valid = Padding1D(0)

  /// Keeps the length at stride 1; an odd element goes to the end.
  public static let same = Padding1D(axes: .same)

  init(axes: AxisPadding.Axes) { self.axes = axes }

  /// As much before as after.
  public init(_ both: Int) { self.init(before: both, after: both) }

  /// Before and after by themselves.
  public init(before: Int, after: Int) { axes = .amounts([AxisPadding(before: before, after: after)]) }

  /// As much before as after.
  public init(integerLiteral value: Int) { self.init(value) }
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
