import TernBackend

// Views: the same memory, read through another layout. None copies unless it says so.

extension Tensor {
  /// The same memory through another layout; not recorded.
  package func view(_ layout: Layout, offset: Int = 0) -> Tensor {
    Tensor(body: body.view(layout, offset: offset))
  }

  /// The axes in another order: axis i of the result is axis `order[i]` of this tensor.
  ///
  /// Stops unless `order` names every axis once. Gradient: the inverse order.
  public func permuted(_ order: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axes = resolve(axes: order, rank: rank, "permuted")
    check(axes.count == rank, "permuted", "\(order) does not name every axis of \(shape)")
    var inverse = axes
    for (i, axis) in axes.enumerated() { inverse[axis] = i }
    let result = view(Layout(axes.map { shape[$0] }, strides: axes.map { layout.strides[$0] }))
    OperationArguments.note("permuted", ["axes": .integers(axes)])
    return result.moved("permuted", from: self) { [inverse] in $0.permuted(inverse) }
  }

  /// The axes in another order, see ``permuted(_:file:line:)-([Int],_,_)``.
  public func permuted(_ order: Int..., file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    permuted(order, file: file, line: line)
  }

  /// The last two axes exchanged: the transpose of a matrix, or of each matrix of a batch.
  ///
  /// Stops for a rank below 2.
  public func transposed(file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(rank >= 2, "transposed", "\(shape) has no two axes")
    return transposed(-2, -1)
  }

  /// Two axes exchanged; of a single value, whose axis 0 and -1 count as there, itself.
  public func transposed(_ first: Int, _ second: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 {
      for axis in [first, second] { _ = resolve(axis: axis, rank: 1, "transposed") }
      return unchanged("transposed")
    }
    var order = Array(0..<rank)
    order.swapAt(
      resolve(axis: first, rank: rank, "transposed"), resolve(axis: second, rank: rank, "transposed"))
    return permuted(order)
  }

  /// Axes moved to other places, the rest keeping their order.
  public func movingAxes(_ source: [Int], to destination: [Int], file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let from = resolve(axes: source, rank: rank, "movingAxes")
    let to = resolve(axes: destination, rank: rank, "movingAxes")
    check(from.count == to.count, "movingAxes", "\(from.count) axes to \(to.count) places")
    var order = [Int?](repeating: nil, count: rank)
    for (a, b) in zip(from, to) { order[b] = a }
    var rest = (0..<rank).filter { !from.contains($0) }.makeIterator()
    return permuted(order.map { $0 ?? rest.next()! })
  }

  /// One axis moved to another place.
  public func movingAxis(_ source: Int, to destination: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor
  {
    movingAxes([source], to: [destination], file: file, line: line)
  }

  /// The same elements in row-major order under another shape; one extent may be -1 and is worked out.
  ///
  /// Copies only where no strides can express it. Stops when the numbers of elements differ.
  public func reshaped(_ shape: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let target = resolveShape(shape)
    if target == self.shape { return unchanged("reshaped") }
    let source = self.shape
    let result: Tensor
    if layout.isContiguous {
      result = view(Layout(target))
    } else if let strides = reshapedStrides(layout, to: target) {
      result = view(Layout(target, strides: strides))
    } else {
      let copy = detached().copied()
      result = copy.view(Layout(target))
    }
    return result.moved("reshaped", from: self) { $0.reshaped(source) }
  }

  /// The same elements under another shape, see ``reshaped(_:file:line:)-([Int],_,_)``.
  public func reshaped(_ shape: Int..., file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    reshaped(shape, file: file, line: line)
  }

  private func resolveShape(_ wanted: [Int]) -> [Int] {
    guard let unknown = wanted.firstIndex(of: -1) else {
      check(
        Layout.product(wanted) == count, "reshaped",
        "\(shape) has \(count) elements, \(wanted) has \(Layout.product(wanted))")
      return wanted
    }
    var target = wanted
    target[unknown] = 1
    let known = Layout.product(target)
    check(
      !target.contains(-1) && (known == 0 ? false : count % known == 0), "reshaped",
      "\(shape) with \(count) elements does not fit \(wanted)")
    target[unknown] = count / known
    return target
  }

  /// Axes `from` to `to` joined into one.
  public func flattened(from: Int = 0, to: Int = -1, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return reshaped([1]) }
    let (a, b) = (resolve(axis: from, rank: rank, "flattened"), resolve(axis: to, rank: rank, "flattened"))
    check(a <= b, "flattened", "axis \(from) comes after axis \(to) in \(shape)")
    return reshaped(Array(shape[..<a]) + [Layout.product(Array(shape[a...b]))] + Array(shape[(b + 1)...]))
  }

  /// An axis taken apart into several, the inverse of ``flattened(from:to:file:line:)``; one extent may be -1 and is worked out.
  ///
  /// Stops when the extents' product is not the axis' extent.
  public func unflattened(_ axis: Int, to extents: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let at = resolve(axis: axis, rank: rank, "unflattened")
    var (parts, known) = (extents, Layout.product(extents.filter { $0 != -1 }))
    if let unknown = parts.firstIndex(of: -1), known > 0, shape[at] % known == 0 {
      parts[unknown] = shape[at] / known
      known = shape[at]
    }
    check(
      !parts.isEmpty && !parts.contains { $0 < 0 } && known == shape[at], "unflattened",
      "axis \(axis) of \(shape) does not fall into \(extents)")
    return reshaped(Array(shape[..<at]) + parts + Array(shape[(at + 1)...]))
  }

  /// Without the axes of extent one: all of them, or those named (a named one of another extent stays).
  public func squeezed(_ axes: Int..., file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    squeezed(axes, file: file, line: line)
  }

  /// Without the named axes where their extent is one; with none named, without all such axes.
  public func squeezed(_ axes: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 {
      // 0 and -1 name nothing here.
      _ = resolve(axes: axes, rank: 1, "squeezed")
      return unchanged("squeezed")
    }
    let named = Set(axes.isEmpty ? Array(0..<rank) : resolve(axes: axes, rank: rank, "squeezed"))
    return reshaped((0..<rank).filter { !(named.contains($0) && shape[$0] == 1) }.map { shape[$0] })
  }

  /// With a new axis of extent one at `axis` of the result; -1 puts it last.
  public func expandedAxis(at axis: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let at = resolve(axis: axis, rank: rank + 1, "expandedAxis")
    return reshaped(Array(shape[..<at]) + [1] + Array(shape[at...]))
  }

  /// Repeated along axes of extent one, and along new leading axes, without a copy; -1 keeps an extent.
  ///
  /// Gradient: the sum over what was repeated. Stops when another extent would change.
  public func broadcast(to shape: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(shape.count >= rank, "broadcast", "\(self.shape) to fewer axes: \(shape)")
    let shift = shape.count - rank
    var target = shape
    for axis in target.indices where target[axis] == -1 {
      check(axis >= shift, "broadcast", "\(self.shape) to \(shape): a new axis has no extent to keep")
      target[axis] = self.shape[axis - shift]
    }
    if target == self.shape { return unchanged("broadcast") }
    for axis in self.shape.indices {
      check(
        self.shape[axis] == 1 || self.shape[axis] == target[axis + shift], "broadcast",
        "\(self.shape) to \(shape) (\(self.shape[axis]) ≠ \(target[axis + shift]))")
    }
    let source = self.shape
    var strides = broadcastStrides(layout, to: target)
    for axis in target.indices where axis < shift || (source[axis - shift] == 1 && target[axis] != 1) {
      strides[axis] = 0
    }
    let result = view(Layout(target, strides: strides))
    return result.moved("broadcast", from: self) { gradient in
      Tensor(body: sumGradient(gradient.body, to: source))
    }
  }
}

/// Strides that read `layout` as `shape` in row-major order without a copy; `nil` where there are none.
private func reshapedStrides(_ layout: Layout, to shape: [Int]) -> [Int]? {
  if layout.count == 0 { return Layout(shape).strides }
  var groups: [(count: Int, stride: Int)] = []
  for axis in layout.shape.indices where layout.shape[axis] != 1 {
    if let last = groups.last, last.stride == layout.strides[axis] * layout.shape[axis] {
      groups[groups.count - 1] = (last.count * layout.shape[axis], layout.strides[axis])
    } else {
      groups.append((layout.shape[axis], layout.strides[axis]))
    }
  }
  var strides = [Int](repeating: 1, count: shape.count)
  var axis = shape.count - 1
  for group in groups.reversed() {
    var remainder = group.count
    var step = group.stride
    while remainder > 1 {
      guard axis >= 0 else { return nil }
      guard remainder % shape[axis] == 0 else { return nil }
      strides[axis] = step
      step *= shape[axis]
      remainder /= shape[axis]
      axis -= 1
    }
  }
  return strides
}
