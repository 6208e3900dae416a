import TernBackend

/// What may stand in a tensor's subscript: `Int`, ranges of `Int`, ``AxisIndex``, a `Tensor<Int>`, `[Int]`, a `Tensor<Bool>`.
public protocol AxisEntry {
  /// The entry as a value of the one type that all entries have in common.
  var axisIndex: AxisIndex { get }
}

/// One entry of a subscript: what to take of an axis.
public struct AxisIndex: Sendable, ExpressibleByIntegerLiteral {
  enum Kind: Sendable {
    case index(Int)
    case slice(start: Int?, stop: Int?, step: Int)
    case newAxis
    case ellipsis
    case tensor(Tensor<Int>)
    case mask(Tensor<Bool>)
  }

  let kind: Kind

  /// One index; the axis disappears. Negative ones count from the end.
  ///
  /// - Parameter value: The literal.
  public init(integerLiteral value: Int) { kind = .index(value) }

  init(_ kind: Kind) { self.kind = kind }
}

extension AxisIndex: AxisEntry {
  /// The entry itself.
  public var axisIndex: AxisIndex { self }
}

extension AxisEntry where Self == AxisIndex {
  /// One index; the axis disappears. Negative ones count from the end.
  public static func index(_ index: Int, file: StaticString = #fileID, line: UInt = #line) -> AxisIndex {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return AxisIndex(.index(index))
  }

  /// The whole axis.
  public static var all: AxisIndex { AxisIndex(.slice(start: nil, stop: nil, step: 1)) }

  /// A new axis of extent one.
  public static var newAxis: AxisIndex { AxisIndex(.newAxis) }

  /// All the axes that the other entries do not name.
  public static var ellipsis: AxisIndex { AxisIndex(.ellipsis) }

  /// From `start` up to but without `stop`, every `step`-th, as Python's `start:stop:step`.
  ///
  /// Negative bounds count from the end, bounds outside are clamped to the axis, a negative step goes backwards.
  public static func slice(_ start: Int? = nil, _ stop: Int? = nil, step: Int = 1) -> AxisIndex {
    AxisIndex(.slice(start: start, stop: stop, step: step))
  }
}

extension Int: AxisEntry {
  /// One index; the axis disappears. Negative ones count from the end.
  public var axisIndex: AxisIndex { AxisIndex(.index(self)) }
}

extension Range: AxisEntry where Bound == Int {
  /// The slice from the lower bound up to but without the upper one.
  public var axisIndex: AxisIndex { .slice(lowerBound, upperBound) }
}

extension ClosedRange: AxisEntry where Bound == Int {
  /// The slice from the lower bound to the upper one: `-2 ... -1` are the last two.
  public var axisIndex: AxisIndex { .slice(lowerBound, behind(upperBound)) }
}

extension PartialRangeFrom: AxisEntry where Bound == Int {
  /// The slice from the bound to the end.
  public var axisIndex: AxisIndex { .slice(lowerBound, nil) }
}

extension PartialRangeUpTo: AxisEntry where Bound == Int {
  /// The slice up to but without the bound: `..<(-1)` leaves the last out.
  public var axisIndex: AxisIndex { .slice(nil, upperBound) }
}

extension PartialRangeThrough: AxisEntry where Bound == Int {
  /// The slice up to the bound and with it.
  public var axisIndex: AxisIndex { .slice(nil, behind(upperBound)) }
}

/// The bound that follows an index; none behind the last.
private func behind(_ index: Int) -> Int? { index == -1 || index == .max ? nil : index + 1 }

/// The elements of a tensor that indexes another: `Int` (which elements) and `Bool` (a mask).
public protocol IndexingScalar: TensorScalar {
  /// A tensor of such elements as an entry of a subscript.
  static func axisIndex(_ tensor: Tensor<Self>) -> AxisIndex
}

extension Int: IndexingScalar {
  /// The elements of an axis that the tensor names.
  public static func axisIndex(_ tensor: Tensor<Int>) -> AxisIndex { AxisIndex(.tensor(tensor)) }
}

extension Bool: IndexingScalar {
  /// The elements where the mask holds, over as many axes as it has.
  public static func axisIndex(_ tensor: Tensor<Bool>) -> AxisIndex { AxisIndex(.mask(tensor)) }
}

extension Tensor: AxisEntry where Scalar: IndexingScalar {
  /// The elements that the tensor names, or where it holds.
  public var axisIndex: AxisIndex { Scalar.axisIndex(self) }
}

extension Array: AxisEntry where Element == Int {
  /// The elements of an axis that the array names, as a `Tensor<Int>` of one axis does.
  public var axisIndex: AxisIndex { AxisIndex(.tensor(Tensor(self))) }
}
