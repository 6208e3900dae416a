import TernBackend

extension Tensor {
  /// A part: an entry for each axis, `t[0, 1 ..< 3, .all]`; axes not named are taken whole.
  ///
  /// Entries are numbers, ranges, `.all`, `.ellipsis`, `.newAxis`, `.slice(1, -1, step: 2)`: a view. `Tensor<Int>`, arrays of
  /// `Int` and `Tensor<Bool>` are taken as in ``indexed(_:file:line:)``, after the other entries: a copy. Writing replaces the part by a
  /// value that broadcasts to it. The gradient of reading adds into the part; writing into a recorded tensor records a new value
  /// in its place. Stops for an index outside the axis; bounds of ranges are clamped to it.
  public subscript<each Entry: AxisEntry>(
    _ entries: repeat each Entry, file file: StaticString = #fileID, line line: UInt = #line
  ) -> Tensor {
    get { self[list(repeat each entries), file: file, line: line] }
    set { self[list(repeat each entries), file: file, line: line] = newValue }
    _modify {
      let indices = list(repeat each entries)
      var part = self[indices, file: file, line: line]
      defer { self[indices, file: file, line: line] = part }
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
    get { only(list(repeat each entries), file, line) }
    set { self[list(repeat each entries), file: file, line: line] = Tensor(newValue) }
    _modify {
      let indices = list(repeat each entries)
      var element = only(indices, file, line)
      defer { self[indices, file: file, line: line] = Tensor(element) }
      yield &element
    }
  }

  /// The part at an index of the first axis, which disappears.
  public subscript(_ index: Int, file file: StaticString = #fileID, line line: UInt = #line) -> Tensor {
    get { self[[.index(index)], file: file, line: line] }
    set { self[[.index(index)], file: file, line: line] = newValue }
    _modify {
      var part = self[[.index(index)], file: file, line: line]
      defer { self[[.index(index)], file: file, line: line] = part }
      yield &part
    }
  }

  /// The part at an index of each of the first two axes, which disappear.
  public subscript(_ row: Int, _ column: Int, file file: StaticString = #fileID, line line: UInt = #line) -> Tensor {
    get { self[[.index(row), .index(column)], file: file, line: line] }
    set { self[[.index(row), .index(column)], file: file, line: line] = newValue }
    _modify {
      var part = self[[.index(row), .index(column)], file: file, line: line]
      defer { self[[.index(row), .index(column)], file: file, line: line] = part }
      yield &part
    }
  }

  /// The element of a vector; writing sets every element of the part.
  @_disfavoredOverload
  public subscript(_ index: Int, file file: StaticString = #fileID, line line: UInt = #line) -> Scalar {
    get {
      guard rank == 1 else { return only([.index(index)], file, line) }
      return unsigned(pointer[elementOffset(index, file, line)])
    }
    set {
      guard rank == 1, node == nil, !OperationArguments.isWanted else {
        return self[[.index(index)], file: file, line: line] = Tensor(newValue)
      }
      makeUnique()
      mutablePointer[elementOffset(index, file, line)] = newValue
    }
  }

  /// The element of a matrix; writing sets every element of the part.
  @_disfavoredOverload
  public subscript(_ row: Int, _ column: Int, file file: StaticString = #fileID, line line: UInt = #line) -> Scalar {
    get {
      guard rank == 2 else { return only([.index(row), .index(column)], file, line) }
      return unsigned(pointer[elementOffset(row, column, file, line)])
    }
    set {
      guard rank == 2, node == nil, !OperationArguments.isWanted else {
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
        return plan.mask(view.shape).map { view.elements(where: $0) } ?? view.indexed(plan.tensors)
      }
      let part = region(indices, of: layout)
      OperationArguments.note("subscript", ["entries": .integers(regionEntries(indices, of: shape))])
      return recordedRegion("subscript", part.layout, part.offset) { region(indices, of: $0) }
    }
    set {
      RunningScope.enter(file, line)
      defer { RunningScope.leave() }
      if let plan = MixedIndex(indices, rank: rank) { return write(newValue, plan) }
      let part = region(indices, of: layout)
      OperationArguments.note("subscript", ["entries": .integers(regionEntries(indices, of: shape))])
      write(newValue, "subscript", shape: part.layout.shape) { region(indices, of: $0) }
    }
  }

  /// The only element of a part.
  private func only(_ indices: [AxisIndex], _ file: StaticString, _ line: UInt) -> Scalar {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return self[indices].item
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

private func list<each Entry: AxisEntry>(_ entries: repeat each Entry) -> [AxisIndex] {
  var indices: [AxisIndex] = []
  repeat indices.append((each entries).axisIndex)
  return indices
}
