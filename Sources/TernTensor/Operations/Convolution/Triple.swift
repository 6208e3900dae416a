import TernBackend

/// Three whole numbers for the axes of volumes, depth, vertical and horizontal: the extents of a kernel, strides, dilations.
///
/// A literal `3` stands for all axes, `[1, 2, 2]` names them apart: depth first, as in the shape of a volume.
public struct Triple: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// The number for the axis of depth.
  public var depth: Int
  /// The number for the vertical axis.
  public var vertical: Int
  /// The number for the horizontal axis.
  public var horizontal: Int

  /// A number for each axis.
  ///
  /// - Parameters:
  ///   - depth: The number for the depth.
  ///   - vertical: The number for the vertical axis.
  ///   - horizontal: The number for the horizontal axis.
  public init(_ depth: Int, _ vertical: Int, _ horizontal: Int) {
    self.depth = depth
    self.vertical = vertical
    self.horizontal = horizontal
  }

  /// One number for all axes.
  ///
  /// - Parameter all: The number for all.
  public init(_ all: Int) { self.init(all, all, all) }

  /// One number for all axes.
  ///
  /// - Parameter value: The literal.
  public init(integerLiteral value: Int) { self.init(value) }

  /// A number for each axis; stops unless there are three.
  ///
  /// - Parameter elements: The literals.
  public init(arrayLiteral elements: Int...) {
    check(elements.count == 3, "Triple", Triple.miscount(elements))
    self.init(elements[0], elements[1], elements[2])
  }

  package var array: [Int] { [depth, vertical, horizontal] }

  static func miscount(_ numbers: [Int]) -> String {
    "\(numbers) does not have three numbers: depth, the vertical and the horizontal one"
  }
}

/// What may be given for a ``Triple``: an `Int` for all axes, an array `[1, k, k]` of three, a `Triple`.
public protocol TripleConvertible {
  /// The three numbers; stops unless an array has three.
  var triple: Triple { get }
}

extension Triple: TripleConvertible {
  /// The triple itself.
  public var triple: Triple { self }
}

extension Int: TripleConvertible {
  /// The number for all axes.
  public var triple: Triple { Triple(self) }
}

extension Array: TripleConvertible where Element == Int {
  /// Depth, then the vertical and the horizontal number; stops unless there are three.
  public var triple: Triple {
    check(count == 3, "Triple", Triple.miscount(self))
    return Triple(self[0], self[1], self[2])
  }
}

/// What is put around volumes before a kernel slides over them, see ``Padding2D``.
///
/// `.valid` is none, `.same` as much as keeps the extents at stride 1, `1` one voxel on every side, `[1, 2, 3]` one in front
/// and behind, two above and below, three on the left and right.
public struct Padding3D: Hashable, Sendable, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  package let axes: AxisPadding.Axes

  init(axes: AxisPadding.Axes) { self.axes = axes }

  /// The same on every side.
  ///
  /// - Parameter all: The number for all.
  public init(_ all: Int) { self.init(all, all, all) }

  /// `depth` in front and behind, `vertical` above and below, `horizontal` on the left and the right.
  ///
  /// - Parameters:
  ///   - depth: The number for the depth.
  ///   - vertical: The number for the vertical axis.
  ///   - horizontal: The number for the horizontal axis.
  public init(_ depth: Int, _ vertical: Int, _ horizontal: Int) {
    self.init(front: depth, back: depth, top: vertical, bottom: vertical, left: horizontal, right: horizontal)
  }

  /// Every side by itself.
  ///
  /// - Parameters:
  ///   - front: In front.
  ///   - back: Behind.
  ///   - top: At the top.
  ///   - bottom: At the bottom.
  ///   - left: On the left.
  ///   - right: On the right.
  public init(front: Int, back: Int, top: Int, bottom: Int, left: Int, right: Int) {
    axes = .amounts([
      AxisPadding(before: front, after: back), AxisPadding(before: top, after: bottom),
      AxisPadding(before: left, after: right),
    ])
  }

  /// The same on every side.
  ///
  /// - Parameter value: The literal.
  public init(integerLiteral value: Int) { self.init(value) }

  /// Depth, vertical, horizontal; stops unless there are three numbers.
  ///
  /// - Parameter elements: The literals.
  public init(arrayLiteral elements: Int...) {
    check(elements.count == 3, "Padding3D", Padding3D.miscount(elements))
    self.init(elements[0], elements[1], elements[2])
  }

  static func miscount(_ numbers: [Int]) -> String {
    "\(numbers) does not have three numbers: depth, the vertical and the horizontal one; "
      + "six sides are Padding3D(front:back:top:bottom:left:right:)"
  }
}

/// What may be given for a ``Padding3D``: an `Int` for every side, an array `[1, k, k]` of three or a ``Triple``, `.same`,
/// `.valid`, a `Padding3D`.
public protocol Padding3DConvertible {
  /// The padding; stops unless an array has three numbers.
  var padding3D: Padding3D { get }
}

extension Padding3D: Padding3DConvertible {
  /// The padding itself.
  public var padding3D: Padding3D { self }
}

extension Triple: Padding3DConvertible {
  /// In front and behind, above and below, left and right.
  public var padding3D: Padding3D { Padding3D(depth, vertical, horizontal) }
}

extension Int: Padding3DConvertible {
  /// The same on every side.
  public var padding3D: Padding3D { Padding3D(self) }
}

extension Array: Padding3DConvertible where Element == Int {
  /// In front and behind, above and below, left and right; stops unless there are three numbers.
  public var padding3D: Padding3D {
    check(count == 3, "Padding3D", Padding3D.miscount(self))
    return Padding3D(self[0], self[1], self[2])
  }
}

extension Padding3DConvertible where Self == Padding3D {
  /// No padding.
  public static var valid: Padding3D { Padding3D(0) }

  /// Keeps the extents at stride 1; an odd voxel goes to the back, the bottom and the right.
  public static var same: Padding3D { Padding3D(axes: .same) }
}
