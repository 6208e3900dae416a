import TernBackend

extension Tensor {
  /// A part: an entry for each axis, `t[0, 1 ..< 3, .all]`; axes not named are taken whole.
  ///
  /// Entries are numbers, ranges, `.all`, `.ellipsis`, `.newAxis`, `.slice(1, -1, step: 2)`: a view. `Tensor<Int>` and
  /// `Tensor<Bool>` are taken as in ``indexed(_:file:line:)``, after the other entries: a copy. Writing replaces the part by a value
  /// that broadcasts to it. The gradient of reading adds into the part; writing into a recorded tensor records a new value
  /// in its place. Stops for an index outside the axis; bounds of ranges are cut to it.
  public subscript<each Entry: AxisEntry>(
    _ entries: repeat each Entry, file file: StaticString = #fileID, line line: UInt = #line
  ) -> Tensor {
    get {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      var indices: [AxisIndex] = []
      repeat indices.append((each entries).axisIndex)
      return self[indices]
    }
    set {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      var indices: [AxisIndex] = []
      repeat indices.append((each entries).axisIndex)
      self[indices] = newValue
    }
    _modify {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      var indices: [AxisIndex] = []
      repeat indices.append((each entries).axisIndex)
      var part = self[indices]
      defer { self[indices] = part }
      yield &part
    }
  }

  /// The only element of a part, `let x: Float = t[0, 2]`; writing sets every element of the part: `t[.all, 1] = 0`.
  ///
  /// Reading stops where the part has more than one element.
  @_disfavoredOverload
  public subscript<each Entry: AxisEntry>(
    _ entries: repeat each Entry, file file: StaticString = #fileID, line line: UInt = #line
  ) -> Scalar {
    get {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      var indices: [AxisIndex] = []
      repeat indices.append((each entries).axisIndex)
      return self[indices].item
    }
    set {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      var indices: [AxisIndex] = []
      repeat indices.append((each entries).axisIndex)
      self[indices] = Tensor(newValue)
    }
    _modify {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      var indices: [AxisIndex] = []
      repeat indices.append((each entries).axisIndex)
      var element = self[indices].item
      defer { self[indices] = Tensor(element) }
      yield &element
    }
  }

  /// The part at an index of the first axis, which disappears.
  public subscript(_ index: Int, file file: StaticString = #fileID, line line: UInt = #line) -> Tensor {
    get {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      return self[[.index(index)]]
    }
    set {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      self[[.index(index)]] = newValue
    }
    _modify {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      var part = self[[.index(index)]]
      defer { self[[.index(index)]] = part }
      yield &part
    }
  }

  /// The part at an index of each of the first two axes, which disappear.
  public subscript(_ row: Int, _ column: Int, file file: StaticString = #fileID, line line: UInt = #line) -> Tensor {
    get {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      return self[[.index(row), .index(column)]]
    }
    set {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      self[[.index(row), .index(column)]] = newValue
    }
    _modify {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      var part = self[[.index(row), .index(column)]]
      defer { self[[.index(row), .index(column)]] = part }
      yield &part
    }
  }

  /// The element of a vector; writing sets every element of the part.
  @_disfavoredOverload
  public subscript(_ index: Int, file file: StaticString = #fileID, line line: UInt = #line) -> Scalar {
    get {
      guard rank == 1 else { return self[[.index(index)], file: file, line: line].item }
      return unsigned(pointer[elementOffset(index, file, line)])
    }
    set {
      guard rank == 1, node == nil else { return self[[.index(index)], file: file, line: line] = Tensor(newValue) }
      makeUnique()
      mutablePointer[elementOffset(index, file, line)] = newValue
    }
  }

  /// The element of a matrix; writing sets every element of the part.
  @_disfavoredOverload
  public subscript(_ row: Int, _ column: Int, file file: StaticString = #fileID, line line: UInt = #line) -> Scalar {
    get {
      guard rank == 2 else { return self[[.index(row), .index(column)], file: file, line: line].item }
      return unsigned(pointer[elementOffset(row, column, file, line)])
    }
    set {
      guard rank == 2, node == nil else {
        return self[[.index(row), .index(column)], file: file, line: line] = Tensor(newValue)
      }
      makeUnique()
      mutablePointer[elementOffset(row, column, file, line)] = newValue
    }
  }

  /// See the subscript with the entries written out.
  public subscript(_ indices: [AxisIndex], file file: StaticString = #fileID, line line: UInt = #line) -> Tensor {
    get {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      if let plan = MixedIndex(indices, rank: rank) {
        let view = self[plan.views]
        return plan.mask(view.shape).map(view.elements) ?? view.indexed(plan.tensors)
      }
      let part = region(indices, of: layout)
      return recordedRegion("subscript", part.layout, part.offset) { region(indices, of: $0) }
    }
    set {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      if let plan = MixedIndex(indices, rank: rank) { return write(newValue, plan) }
      let part = region(indices, of: layout)
      write(newValue, "subscript", shape: part.layout.shape) { region(indices, of: $0) }
    }
  }

  private func elementOffset(_ index: Int, _ file: StaticString, _ line: UInt) -> Int {
    let extent = layout.shape[0]
    let at = index < 0 ? index + extent : index
    check(at >= 0 && at < extent, "subscript", "index \(index) outside axis 0 of \(shape)", file: file, line: line)
    return at * layout.strides[0]
  }

  private func elementOffset(_ row: Int, _ column: Int, _ file: StaticString, _ line: UInt) -> Int {
    let extent = layout.shape[1]
    let at = column < 0 ? column + extent : column
    check(at >= 0 && at < extent, "subscript", "index \(column) outside axis 1 of \(shape)", file: file, line: line)
    return elementOffset(row, file, line) + at * layout.strides[1]
  }

  private mutating func write(_ value: Tensor, _ plan: MixedIndex) {
    var part = self[plan.views]
    if value.rank == 0, let mask = plan.mask(part.shape) {
      part = select(mask, value, part)
    } else {
      part = part.replacing(plan.tensors, with: value)
    }
    if plan.takesAll { self = part } else { self[plan.views] = part }
  }
}

/// Entries among which are index tensors or masks: the others as a view, and what is taken of the view's axes.
private struct MixedIndex {
  let views: [AxisIndex]
  let tensors: [TensorIndex]
  /// Whether the view is the whole tensor.
  let takesAll: Bool

  /// Nothing where no entry is a tensor.
  init?(_ entries: [AxisIndex], rank: Int) {
    guard entries.contains(where: \.isTensor) else { return nil }
    let named = entries.reduce(0) { $0 + $1.axisCount }
    check(named <= rank, "subscript", "\(named) axes named of a tensor of rank \(rank)")
    var views: [AxisIndex] = []
    var tensors: [TensorIndex] = []
    var takesAll = true
    for entry in entries {
      switch entry.kind {
      case .tensor(let index):
        views.append(.all)
        tensors.append(.at(index))
      case .mask(let mask):
        views += [AxisIndex](repeating: .all, count: mask.rank)
        tensors.append(.where(mask))
      case .ellipsis:
        views.append(entry)
        tensors += [TensorIndex](repeating: .all, count: rank - named)
      case .index:
        views.append(entry)
        takesAll = false
      case .slice(let start, let stop, let step):
        views.append(entry)
        tensors.append(.all)
        takesAll = takesAll && start == nil && stop == nil && step == 1
      case .newAxis:
        views.append(entry)
        tensors.append(.all)
        takesAll = false
      }
    }
    self.views = views
    self.tensors = tensors
    self.takesAll = takesAll
  }

  /// The mask, where there is nothing but one over all axes of the view.
  func mask(_ shape: [Int]) -> Tensor<Bool>? {
    guard tensors.count == 1, case .where(let mask) = tensors[0], mask.shape == shape else { return nil }
    return mask
  }
}

extension AxisIndex {
  fileprivate var isTensor: Bool {
    switch kind {
    case .tensor, .mask: true
    case .index, .slice, .newAxis, .ellipsis: false
    }
  }

  /// How many axes of the tensor the entry is about.
  fileprivate var axisCount: Int {
    switch kind {
    case .index, .slice, .tensor: 1
    case .newAxis, .ellipsis: 0
    case .mask(let mask): mask.rank
    }
  }
}

private func region(_ indices: [AxisIndex], of layout: Layout) -> (layout: Layout, offset: Int) {
  let named = indices.reduce(0) { $0 + $1.axisCount }
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
      offset &+= at &* layout.strides[axis]
      axis += 1
    case .slice(let start, let stop, let step):
      check(step != 0 && step != .min, "subscript", "a slice with step \(step)")
      let (first, count) = resolveSlice(start, stop, step, extent: layout.shape[axis])
      if count > 0 { offset &+= first &* layout.strides[axis] }
      shape.append(count)
      strides.append(count > 1 ? layout.strides[axis] &* step : layout.strides[axis])
      axis += 1
    case .tensor, .mask: fail("subscript", "an index tensor among the entries of a view")
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
