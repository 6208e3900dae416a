import TernBackend

extension Tensor {
  /// `length` indices of an axis from `start`, a view.
  ///
  /// Stops when they are not all inside.
  public func narrowed(axis: Int, start: Int, length: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "narrowed")
    let first = start < 0 ? start + shape[axis] : start
    check(
      first >= 0 && length >= 0 && first <= shape[axis] && length <= shape[axis] - first, "narrowed",
      "\(length) from \(start) of axis \(axis) in \(shape)")
    return part(of: axis, from: first, length, Layout(of: layout, axis, length: length))
  }

  /// Some indices of an axis, whose layout is known: a view.
  func part(of axis: Int, from first: Int, _ length: Int, _ part: Layout) -> Tensor {
    var indices: [AxisIndex] {
      var indices = [AxisIndex](repeating: .all, count: axis + 1)
      indices[axis] = .slice(first, first + length)
      return indices
    }
    OperationArguments.note("subscript", ["entries": .integers(regionEntries(indices, of: shape))])
    let offset = part.count == 0 ? 0 : first * layout.strides[axis]
    return recordedRegion("subscript", part, offset) {
      (Layout(of: $0, axis, length: length), part.count == 0 ? 0 : first * $0.strides[axis])
    }
  }

  /// One index of an axis, which disappears: a view.
  public func selected(axis: Int, index: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "selected")
    let at = index < 0 ? index + shape[axis] : index
    check(at >= 0 && at < shape[axis], "selected", "index \(index) outside axis \(axis) of \(shape)")
    return slice(of: axis, at: at, Layout(of: layout, without: axis))
  }

  /// One index of an axis, where the layout of what remains is known: a view.
  func slice(of axis: Int, at index: Int, _ part: Layout) -> Tensor {
    OperationArguments.note(
      "subscript",
      [
        "entries": .integers(
          regionEntries([AxisIndex](repeating: .all, count: axis) + [.index(index)], of: shape))
      ])
    let offset = part.count == 0 ? 0 : index * layout.strides[axis]
    return recordedRegion("subscript", part, offset) {
      (Layout(of: $0, without: axis), part.count == 0 ? 0 : index * $0.strides[axis])
    }
  }

  /// The order of some axes reversed: a view.
  public func flipped(_ axes: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var indices = [AxisIndex](repeating: .all, count: rank)
    for axis in resolve(axes: axes, rank: rank, "flipped") { indices[axis] = .slice(step: -1) }
    return self[indices]
  }

  /// The diagonal of two axes, as the last axis: a view that writing can go through.
  ///
  /// - Parameter offset: above the main diagonal where positive, below where negative.
  public func diagonal(
    offset: Int = 0, axes first: Int = 0, _ second: Int = 1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let region = diagonalRegion(offset, first, second)
    let (layout, start) = region(layout)
    OperationArguments.note("diagonal", ["offset": .integers([offset]), "axes": .integers([first, second])])
    return recordedRegion("diagonal", layout, start, region)
  }

  func diagonalRegion(
    _ offset: Int, _ first: Int, _ second: Int
  ) -> @Sendable (Layout) -> (layout: Layout, offset: Int) {
    let axes = resolve(axes: [first, second], rank: rank, "diagonal")
    return { layout in
      let (a, b) = (axes[0], axes[1])
      let rows = layout.shape[a] + Swift.min(offset, 0)
      let columns = layout.shape[b] - Swift.max(offset, 0)
      let length = Swift.max(0, Swift.min(rows, columns))
      let rest = layout.shape.indices.filter { $0 != a && $0 != b }
      let isEmpty = layout.count == 0 || length == 0
      let start = isEmpty ? 0 : offset >= 0 ? offset * layout.strides[b] : -offset * layout.strides[a]
      return (
        Layout(
          rest.map { layout.shape[$0] } + [length],
          strides: rest.map { layout.strides[$0] } + [layout.strides[a] &+ layout.strides[b]]),
        start
      )
    }
  }

  /// A view of a part that is recorded: its gradient adds into the part.
  func recordedRegion(
    _ name: StaticString, _ part: Layout, _ offset: Int,
    _ region: @escaping @Sendable (Layout) -> (layout: Layout, offset: Int)
  ) -> Tensor {
    var result = view(part, offset: offset)
    if let node, Recording.isOn {
      result.body.node = RegionNode(name, node, dtype: dtype, shape: shape, region)
    }
    if OperationObservers.isListening { OperationObservers.ended(name, from: [body], result.body) }
    return result
  }

  /// Replaces a part by values that broadcast to it.
  mutating func write(
    _ value: Tensor, _ name: StaticString, shape partShape: [Int],
    _ region: @escaping @Sendable (Layout) -> (layout: Layout, offset: Int)
  ) {
    check(
      broadcastShape(partShape, value.shape, "\(name)") == partShape, "\(name)",
      "\(value.shape) does not broadcast to the part \(partShape)")
    let (node, valueNode) = (node, value.node)
    let records = Recording.isOn && (node != nil || valueNode != nil)
    let values = value.detached()
    // Who watches sees the memory that was there before, except where nothing else refers to it and it is reused.
    let before = OperationArguments.isWanted || OperationObservers.isListening && !body.isUnique() ? body : nil
    if node != nil { body = body.detached }
    makeUnique()
    let (part, offset) = region(layout)
    copyElements(from: values.body, to: view(part, offset: offset).body, Scalar.self)
    if records {
      let update = UpdateNode(name, node, valueNode, dtype: dtype, valueShape: value.shape, region)
      body = body.with(node: update)
    }
    if OperationObservers.isListening {
      OperationObservers.ended(name, from: [before ?? body.with(node: node), value.body], body)
    }
  }
}

/// Reading a part: the gradient adds into the part of the whole's.
private final class RegionNode: Node, @unchecked Sendable {
  private let operation: StaticString
  private let dtype: DType
  private let shape: [Int]
  private let region: @Sendable (Layout) -> (layout: Layout, offset: Int)

  init(
    _ title: StaticString, _ input: Node, dtype: DType, shape: [Int],
    _ region: @escaping @Sendable (Layout) -> (layout: Layout, offset: Int)
  ) {
    operation = title
    self.dtype = dtype
    self.shape = shape
    self.region = region
    super.init(input)
  }

  override var title: StaticString { operation }

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
  private let operation: StaticString
  private let dtype: DType
  private let valueShape: [Int]
  private let region: @Sendable (Layout) -> (layout: Layout, offset: Int)

  init(
    _ title: StaticString, _ whole: Node?, _ value: Node?, dtype: DType, valueShape: [Int],
    _ region: @escaping @Sendable (Layout) -> (layout: Layout, offset: Int)
  ) {
    operation = title
    self.dtype = dtype
    self.valueShape = valueShape
    self.region = region
    super.init(whole, value)
  }

  override var title: StaticString { operation }

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

extension Layout {
  /// A layout with another extent of an axis.
  convenience init(of whole: Layout, _ axis: Int, length: Int) {
    var shape = whole.shape
    shape[axis] = length
    self.init(shape, strides: whole.strides)
  }

  /// A layout without an axis.
  convenience init(of whole: Layout, without axis: Int) {
    var (shape, strides) = (whole.shape, whole.strides)
    shape.remove(at: axis)
    strides.remove(at: axis)
    self.init(shape, strides: strides)
  }
}
