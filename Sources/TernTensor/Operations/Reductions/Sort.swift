import TernBackend

// Sorting along one axis. Sorts are stable, and NaN counts as the greatest value.

extension Tensor {
  /// The elements in order along an axis, and where each stood before; equals keep their order.
  ///
  /// Gradient: each goes back to where its element came from.
  /// - Complexity: O(*n* log *n*) for short rows, O(*n*) beyond a thousand elements.
  public func sorted(along axis: Int = -1, descending: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> (values: Tensor, indices: Tensor<Int>)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return ordered("sorted", axis, descending)
  }

  /// The positions of the elements in order along an axis; equals keep their order.
  public func argsort(along axis: Int = -1, descending: Bool = false, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor<Int>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return detached().ordered("argsort", axis, descending).indices
  }

  /// The k greatest (or least) elements along an axis, and where they stand, from the greatest (or least) on.
  ///
  /// Gradient: each goes to where its element came from. Stops when the axis has fewer than k.
  public func topK(
    _ k: Int, along axis: Int = -1, largest: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> (values: Tensor, indices: Tensor<Int>) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: Swift.max(rank, 1), "topK")
    let extent = rank == 0 ? 1 : shape[axis]
    check(k >= 0 && k <= extent, "topK", "\(k) of the \(extent) along axis \(axis) of \(shape)")
    // Beyond, sorting is as fast as collecting.
    if rank > 0 && (k <= 16 ? extent >= 2 * k : extent / 16 >= k) {
      let (values, indices) = leading(k, along: axis, largest: largest)
      noteOrder(indices, axis, largest)
      return (values.recordedGather("topK", from: self, indices, along: axis), indices)
    }
    let (values, indices) = ordered("topK", axis, largest)
    if rank == 0 { return (values, indices) }
    return (
      values.narrowed(axis: axis, start: 0, length: k), indices.narrowed(axis: axis, start: 0, length: k)
    )
  }

  private func ordered(
    _ name: StaticString, _ axis: Int, _ descending: Bool
  ) -> (values: Tensor, indices: Tensor<Int>) {
    if rank == 0 {
      let (values, indices) = asVector.ordered(name, axis, descending)
      return (values.reshaped([]), indices.reshaped([]))
    }
    let axis = resolve(axis: axis, rank: rank, "\(name)")
    let rest = shape.indices.filter { $0 != axis }
    // Rows lie whole in the results; in the source they may have any stride.
    let layout = Layout(shape, order: rest + [axis])
    let values = Tensor(uninitialized: layout)
    let indices = Tensor<Int>(uninitialized: layout)
    if isEmpty { return (values.recordedGather(name, from: self, indices, along: axis), indices) }
    let (n, step) = (shape[axis], self.layout.strides[axis])
    MemoryPool.require(count: count / n, of: 24, "\(name)", "\(count / n) rows of \(shape)")
    let starts = rowStarts(rest)
    let (out, at, x) = (values.mutablePointer, indices.mutablePointer, pointer)
    Workers.run(count: starts.count, grain: Swift.max(1, 4096 / Swift.max(n, 1))) { rows in
      for row in rows { Scalar.sort(n, out + row * n, at + row * n, x + starts[row], step, descending: descending) }
    }
    noteOrder(indices, axis, descending)
    return (values.recordedGather(name, from: self, indices, along: axis), indices)
  }

  /// Tells who watches that positions were found, as many as the result has.
  private func noteOrder(_ indices: Tensor<Int>, _ axis: Int, _ descending: Bool) {
    guard OperationObservers.isListening else { return }
    OperationArguments.note("order", ["axis": .integers([axis]), "isDescending": .flag(descending)])
    OperationObservers.ended("order", from: [body], indices.body)
  }

  /// Where the rows begin that are left when all but some axes are fixed, in row-major order of those.
  func rowStarts(_ axes: [Int]) -> [Int] {
    var starts = [0]
    for axis in axes {
      let step = layout.strides[axis]
      starts = starts.flatMap { start in (0..<shape[axis]).map { start + $0 * step } }
    }
    return starts
  }
}
