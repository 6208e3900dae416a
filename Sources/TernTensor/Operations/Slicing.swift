import TernBackend

/// One entry of a subscript: what to take of an axis.
public struct AxisIndex: Sendable, ExpressibleByIntegerLiteral {
  enum Kind: Sendable {
    case index(Int)
    case slice(start: Int?, stop: Int?, step: Int)
    case newAxis
    case ellipsis
  }

  let kind: Kind

  /// One index; the axis disappears. Negative ones count from the end.
  public init(integerLiteral value: Int) { kind = .index(value) }

  init(_ kind: Kind) { self.kind = kind }

  /// One index; the axis disappears. Negative ones count from the end.
  public static func index(_ index: Int) -> AxisIndex { AxisIndex(.index(index)) }

  /// The whole axis.
  public static var all: AxisIndex { AxisIndex(.slice(start: nil, stop: nil, step: 1)) }

  /// A new axis of extent one.
  public static var newAxis: AxisIndex { AxisIndex(.newAxis) }

  /// All the axes that the other entries do not name.
  public static var ellipsis: AxisIndex { AxisIndex(.ellipsis) }

  /// From `start` up to but without `stop`, every `step`-th, as Python's `start:stop:step`.
  ///
  /// Negative bounds count from the end, bounds outside are cut to the axis, a negative step goes backwards.
  public static func slice(_ start: Int? = nil, _ stop: Int? = nil, step: Int = 1) -> AxisIndex {
    AxisIndex(.slice(start: start, stop: stop, step: step))
  }
}

/// A half-open range of an axis.
public func ..< (start: Int, stop: Int) -> AxisIndex { .slice(start, stop) }

extension Tensor {
  /// A view of a part: an index, a slice, a new axis or the ellipsis for each axis; axes not named are taken whole.
  ///
  /// Writing replaces the part by a value that broadcasts to it. The gradient of reading adds into the part; writing
  /// into a recorded tensor records a new value in its place. Stops for an index outside the axis.
  public subscript(_ indices: AxisIndex...) -> Tensor {
    get { self[indices] }
    set { self[indices] = newValue }
  }

  /// See the subscript with the entries written out.
  public subscript(_ indices: [AxisIndex]) -> Tensor {
    get {
      let part = region(indices, of: layout)
      return recordedRegion("subscript", part.layout, part.offset) { region(indices, of: $0) }
    }
    set {
      let part = region(indices, of: layout)
      write(newValue, "subscript", shape: part.layout.shape) { region(indices, of: $0) }
    }
  }

  /// The element, or the part, at the given indices of the leading axes.
  public subscript(_ indices: Int...) -> Tensor {
    get { self[indices.map(AxisIndex.index)] }
    set { self[indices.map(AxisIndex.index)] = newValue }
  }

  /// A range of the first axis.
  public subscript(_ range: Range<Int>) -> Tensor {
    get { self[[AxisIndex.slice(range.lowerBound, range.upperBound)]] }
    set { self[[AxisIndex.slice(range.lowerBound, range.upperBound)]] = newValue }
  }

  /// `length` indices of an axis from `start`, a view.
  ///
  /// Stops when they are not all inside.
  public func narrowed(axis: Int, start: Int, length: Int) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "narrowed")
    let first = start < 0 ? start + shape[axis] : start
    check(
      first >= 0 && length >= 0 && first + length <= shape[axis], "narrowed",
      "\(length) from \(start) of axis \(axis) in \(shape)")
    var indices = [AxisIndex](repeating: .all, count: axis + 1)
    indices[axis] = .slice(first, first + length)
    return self[indices]
  }

  /// One index of an axis, which disappears: a view.
  public func selected(axis: Int, index: Int) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "selected")
    var indices = [AxisIndex](repeating: .all, count: axis + 1)
    indices[axis] = .index(index)
    return self[indices]
  }

  /// The order of some axes reversed: a view.
  public func flipped(_ axes: [Int]) -> Tensor {
    var indices = [AxisIndex](repeating: .all, count: rank)
    for axis in resolve(axes: axes, rank: rank, "flipped") { indices[axis] = .slice(step: -1) }
    return self[indices]
  }

  /// The diagonal of two axes, as the last axis: a view that writing can go through.
  ///
  /// - Parameter offset: above the main diagonal where positive, below where negative.
  public func diagonal(offset: Int = 0, axes first: Int = 0, _ second: Int = 1) -> Tensor {
    let region = diagonalRegion(offset, first, second)
    let (layout, start) = region(layout)
    return recordedRegion("diagonal", layout, start, region)
  }

  private func diagonalRegion(
    _ offset: Int, _ first: Int, _ second: Int
  ) -> @Sendable (Layout) -> (layout: Layout, offset: Int) {
    let axes = resolve(axes: [first, second], rank: rank, "diagonal")
    return { layout in
      let (a, b) = (axes[0], axes[1])
      let rows = layout.shape[a] + Swift.min(offset, 0)
      let columns = layout.shape[b] - Swift.max(offset, 0)
      let length = Swift.max(0, Swift.min(rows, columns))
      let rest = layout.shape.indices.filter { $0 != a && $0 != b }
      let start = offset >= 0 ? offset * layout.strides[b] : -offset * layout.strides[a]
      return (
        Layout(
          rest.map { layout.shape[$0] } + [length],
          strides: rest.map { layout.strides[$0] } + [layout.strides[a] + layout.strides[b]]),
        length > 0 ? start : 0
      )
    }
  }

  /// A view of a part that is recorded: its gradient adds into the part.
  fileprivate func recordedRegion(
    _ name: StaticString, _ part: Layout, _ offset: Int,
    _ region: @escaping @Sendable (Layout) -> (layout: Layout, offset: Int)
  ) -> Tensor {
    let result = view(part, offset: offset)
    guard let node, Recording.isOn else { return result }
    return Tensor(body: result.body.with(node: RegionNode(name, node, dtype: dtype, shape: shape, region)))
  }

  /// Replaces a part by values that broadcast to it.
  private mutating func write(
    _ value: Tensor, _ name: StaticString, shape partShape: [Int],
    _ region: @escaping @Sendable (Layout) -> (layout: Layout, offset: Int)
  ) {
    check(
      broadcastShape(partShape, value.shape, "\(name)") == partShape, "\(name)",
      "\(value.shape) does not broadcast to the part \(partShape)")
    let (node, valueNode) = (node, value.node)
    let records = Recording.isOn && (node != nil || valueNode != nil)
    let values = value.detached()
    if node != nil { body = body.detached }
    makeUnique()
    let (part, offset) = region(layout)
    copyElements(from: values.body, to: view(part, offset: offset).body, Scalar.self)
    if records {
      let update = UpdateNode(name, node, valueNode, dtype: dtype, valueShape: value.shape, region)
      body = body.with(node: update)
    }
  }
}

private func region(_ indices: [AxisIndex], of layout: Layout) -> (layout: Layout, offset: Int) {
  let named = indices.reduce(0) { count, entry in
    switch entry.kind {
    case .index, .slice: count + 1
    case .newAxis, .ellipsis: count
    }
  }
  check(
    named <= layout.rank, "subscript", "\(named) entries for \(layout.shape), which has \(layout.rank) axes")
  var shape: [Int] = []
  var strides: [Int] = []
  var offset = 0
  var axis = 0
  var expanded = false
  func takeWhole(_ count: Int) {
    shape += layout.shape[axis..<axis + count]
    strides += layout.strides[axis..<axis + count]
    axis += count
  }
  for entry in indices {
    switch entry.kind {
    case .newAxis:
      shape.append(1)
      strides.append(0)
    case .ellipsis:
      check(!expanded, "subscript", "the ellipsis appears twice")
      expanded = true
      takeWhole(layout.rank - named)
    case .index(let index):
      let extent = layout.shape[axis]
      let at = index < 0 ? index + extent : index
      check(at >= 0 && at < extent, "subscript", "index \(index) outside axis \(axis) of \(layout.shape)")
      offset += at * layout.strides[axis]
      axis += 1
    case .slice(let start, let stop, let step):
      check(step != 0, "subscript", "a slice with step 0")
      let (first, count) = resolveSlice(start, stop, step, extent: layout.shape[axis])
      if count > 0 { offset += first * layout.strides[axis] }
      shape.append(count)
      strides.append(layout.strides[axis] * step)
      axis += 1
    }
  }
  takeWhole(layout.rank - axis)
  return (Layout(shape, strides: strides), shape.contains(0) ? 0 : offset)
}

/// Python's rule for `start:stop:step` on an axis.
private func resolveSlice(_ start: Int?, _ stop: Int?, _ step: Int, extent: Int) -> (first: Int, count: Int) {
  func bound(_ value: Int?, _ missing: Int) -> Int {
    guard let value else { return missing }
    let at = value < 0 ? value + extent : value
    return step > 0 ? Swift.min(Swift.max(at, 0), extent) : Swift.min(Swift.max(at, -1), extent - 1)
  }
  let first = bound(start, step > 0 ? 0 : extent - 1)
  let last = bound(stop, step > 0 ? extent : -1)
  let span = step > 0 ? last - first : first - last
  return (first, span <= 0 ? 0 : (span - 1) / abs(step) + 1)
}

/// Reading a part: the gradient adds into the part of the whole's.
private final class RegionNode: Node, @unchecked Sendable {
  private let title: StaticString
  private let dtype: DType
  private let shape: [Int]
  private let region: @Sendable (Layout) -> (layout: Layout, offset: Int)

  init(
    _ title: StaticString, _ input: Node, dtype: DType, shape: [Int],
    _ region: @escaping @Sendable (Layout) -> (layout: Layout, offset: Int)
  ) {
    self.title = title
    self.dtype = dtype
    self.shape = shape
    self.region = region
    super.init(input)
  }

  override var name: String { "\(title)" }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    switch dtype {
    case .float32: add(gradient, pass, Float.self)
    case .float64: add(gradient, pass, Double.self)
    default: fail(name, "\(dtype) has no gradients")
    }
  }

  private func add<Scalar: FloatingScalar>(_ gradient: TensorBody, _ pass: BackwardPass, _: Scalar.Type) {
    let gradient = Tensor<Scalar>(body: gradient)
    if pass.createGraph {
      guard pass.wants(first) else { return }
      var whole = Tensor<Scalar>(zeros: shape)
      whole.writeRegion(gradient, name: title, region)
      pass.send(whole.body, to: first)
    } else {
      pass.send(gradient, to: first, shape: shape, region: region)
    }
  }
}

extension Tensor {
  fileprivate mutating func writeRegion(
    _ value: Tensor, name: StaticString, _ region: @escaping @Sendable (Layout) -> (layout: Layout, offset: Int)
  ) {
    write(value, name, shape: region(layout).layout.shape, region)
  }
}

/// Replacing a part: the part's gradient goes to the value, the rest to what was there before.
private final class UpdateNode: Node, @unchecked Sendable {
  private let title: StaticString
  private let dtype: DType
  private let valueShape: [Int]
  private let region: @Sendable (Layout) -> (layout: Layout, offset: Int)

  init(
    _ title: StaticString, _ whole: Node?, _ value: Node?, dtype: DType, valueShape: [Int],
    _ region: @escaping @Sendable (Layout) -> (layout: Layout, offset: Int)
  ) {
    self.title = title
    self.dtype = dtype
    self.valueShape = valueShape
    self.region = region
    super.init(whole, value)
  }

  override var name: String { "\(title)" }

  override func propagate(_ gradient: consuming TensorBody, _ pass: BackwardPass) {
    switch dtype {
    case .float32: send(gradient, pass, Float.self)
    case .float64: send(gradient, pass, Double.self)
    default: fail(name, "\(dtype) has no gradients")
    }
  }

  private func send<Scalar: FloatingScalar>(_ gradient: consuming TensorBody, _ pass: BackwardPass, _: Scalar.Type) {
    var whole = Tensor<Scalar>(body: gradient)
    if pass.wants(second) {
      let (part, offset) = region(whole.layout)
      let taken = whole.recordedRegion(title, part, offset, region)
      // The part must not share memory with what is cleared below.
      let copy = pass.createGraph ? taken : taken.copied()
      pass.send(sumGradient(copy.body, to: valueShape), to: second)
    }
    if pass.wants(first) {
      whole.writeRegion(Tensor<Scalar>(0), name: title, region)
      pass.send(whole.body, to: first)
    }
  }
}
