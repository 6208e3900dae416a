import TernBackend

// Whole slices of one axis, named by a list of indices: taking them, adding to them, replacing them.

extension Tensor {
  /// Slices of an axis in the order of a list: y[i][l][k] = x[i][indices[l]][k] for axis 1.
  ///
  /// The axis is replaced by the axes of the indices, so that `weights.taking(words, along: 0)` looks rows up. Gradient:
  /// added up where the slices came from. Stops for an index outside the axis.
  public func taking(_ indices: Tensor<Int>, along axis: Int = 0, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return taken(indices, along: axis, by: "taking")
  }

  /// ``taking(_:along:file:line:)`` for an operation whose name messages are to show.
  func taken(_ indices: Tensor<Int>, along axis: Int, by operation: StaticString) -> Tensor {
    if rank == 0 && indices.count == 1 {
      return asVector.taken(indices.asVector, along: axis, by: operation).reshaped([])
    }
    let axis = resolve(axis: axis, rank: rank, "\(operation)")
    let list = SliceList(indices, axis, of: shape, "\(operation)")
    let source = detached().contiguous
    let result = Tensor(uninitialized: list.shape)
    let (out, x, at) = (result.mutablePointer, source.pointer, list.indices.pointer)
    let (n, inner, extent) = (list.count, list.inner, shape[axis])
    if result.isEmpty {
      // Nothing to copy, however long the other axes are.
    } else if inner == 1 {
      // The rows' parts count as rows where they are long.
      let parts = (n - 1) / StridedLoop.grain + 1
      let length = (n - 1) / parts + 1
      Workers.run(count: list.outer * parts, grain: Swift.max(1, StridedLoop.grain / length)) { range in
        for part in range {
          let (o, first) = (part / parts, part % parts * length)
          let count = Swift.min(length, n - first)
          if count > 0 { Scalar.gather(count, out + o * n + first, x + o * extent, 1, at + first) }
        }
      }
    } else {
      Workers.run(count: list.outer * n, grain: Swift.max(1, StridedLoop.grain / Swift.max(inner, 1))) { range in
        for i in range { Scalar.copy(inner, out + i * inner, 1, x + (i / n * extent + at[i % n]) * inner, 1) }
      }
    }
    OperationArguments.note(
      operation, ["index": .tensor(indices.body), "axis": .integers([axis]), "kind": .word("taken")])
    return result.moved(operation, from: self) { [shape, indices = list.indices] gradient in
      Tensor(body: sliceSums(gradient.body, at: indices, along: axis, shape: shape))
    }
  }

  /// A copy in which slices of an axis are replaced: y[i][indices[l]][k] = values[i][l][k] for axis 1.
  ///
  /// The values broadcast to what ``taking(_:along:file:line:)`` would give; of an index that is named twice the last counts,
  /// and it alone has a gradient.
  public func replacing(
    _ indices: Tensor<Int>, along axis: Int = 0, with values: Tensor, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 {
      return asVector.replacing(indices.asVector, along: axis, with: values.asVector).reshaped([])
    }
    let axis = resolve(axis: axis, rank: rank, "replacing")
    let list = SliceList(indices, axis, of: shape, "replacing")
    let source = list.fitting(values, "replacing")
    var result = detached().copied()
    if list.inner == 1 {
      list.runRows(&result, source) { n, target, at, values in Scalar.scatter(n, target, 1, at, values) }
    } else {
      list.run(&result, source) { n, target, value in Scalar.copy(n, target, 1, value, 1) }
    }
    OperationArguments.note("replacing", ["index": .tensor(indices.body), "axis": .integers([axis])])
    return result.recorded("replacing", from: self, values) {
      [indices = list.indices, sliced = list.shape, extent = list.extent, valueShape = values.shape] d in
      d.send(0) { d.gradient.replacing(indices, along: axis, with: Tensor(.zero)) }
      d.send(1) {
        var taken = d.gradient.taking(indices, along: axis)
        let stayed = lastNamed(indices, below: extent)
        if let stayed, !d.createGraph {
          // The slices are this derivative's own.
          let inner = Layout.product(Array(taken.shape[(axis + 1)...]))
          let (slices, stays, n) = (taken.mutablePointer, stayed.pointer, stayed.count)
          for slice in 0..<taken.count / Swift.max(inner, 1) where !stays[slice % n] {
            Scalar.fill(inner, slices + slice * inner, 1, .zero)
          }
          withExtendedLifetime(stayed) {}
        } else if let stayed {
          taken = select(
            stayed.reshaped([-1] + [Int](repeating: 1, count: taken.rank - axis - 1)), taken, Tensor(.zero))
        }
        return Tensor(body: sumGradient(taken.reshaped(sliced).body, to: valueShape))
      }
    }
  }
}

/// For every entry of a vector of indices whether it is the last to name its index; `nil` where none is named twice.
func lastNamed(_ indices: Tensor<Int>, below extent: Int) -> Tensor<Bool>? {
  let (at, n) = (indices.pointer, indices.count)
  var last = [Int](repeating: -1, count: extent)
  var isRepeated = false
  for i in 0..<n {
    isRepeated = isRepeated || last[at[i]] >= 0
    last[at[i]] = i
  }
  guard isRepeated else { return nil }
  return withExtendedLifetime(indices) {
    Tensor<Bool>(shape: [n]) { out in for i in 0..<n { out[i] = last[at[i]] == i } }
  }
}

extension Tensor where Scalar: NumericScalar {
  /// A copy in which values are added to slices of an axis: y[i][indices[l]][k] += values[i][l][k] for axis 1, in order.
  ///
  /// The values broadcast to what ``taking(_:along:file:line:)`` would give.
  public func adding(
    _ values: Tensor, at indices: Tensor<Int>, along axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return asVector.adding(values.asVector, at: indices.asVector, along: axis).reshaped([]) }
    return added(values, at: indices, along: axis, isOwned: false)
  }

  /// - Parameter isOwned: whether nobody else reads this tensor's memory, which the result takes over.
  func added(_ values: Tensor, at indices: Tensor<Int>, along axis: Int, isOwned: Bool) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "adding")
    let list = SliceList(indices, axis, of: shape, "adding")
    let source = list.fitting(values, "adding")
    var result = isOwned ? detached() : detached().copied()
    if list.inner == 1 {
      list.runRows(&result, source) { n, target, at, values in Scalar.scatterReduce(.sum, n, target, 1, at, values) }
    } else {
      list.run(&result, source) { n, target, value in Scalar.binary(.add, n, target, 1, target, 1, value, 1, 1) }
    }
    OperationArguments.note("adding", ["index": .tensor(indices.body), "axis": .integers([axis])])
    return result.recorded("adding", from: self, values) {
      [indices = list.indices, sliced = list.shape, valueShape = values.shape] d in
      d.send(0) { d.gradient }
      d.send(1) {
        Tensor(body: sumGradient(d.gradient.taking(indices, along: axis).reshaped(sliced).body, to: valueShape))
      }
    }
  }
}

/// A list of slices of an axis, checked against a shape: [outer, extent, inner] with the axis in the middle.
struct SliceList {
  /// Contiguous, of rank 1.
  let indices: Tensor<Int>
  /// The shape of all slices together.
  let shape: [Int]
  let outer: Int, extent: Int, inner: Int
  var count: Int { indices.count }

  init(_ list: Tensor<Int>, _ axis: Int, of shape: [Int], _ operation: String) {
    indices = list.contiguous.reshaped([list.count])
    self.shape = Array(shape[..<axis]) + list.shape + Array(shape[(axis + 1)...])
    outer = Layout.product(Array(shape[..<axis]))
    extent = shape[axis]
    inner = Layout.product(Array(shape[(axis + 1)...]))
    if indices.areInside(0..<extent) { return }
    let at = indices.pointer
    for i in 0..<indices.count {
      check(at[i] >= 0 && at[i] < extent, operation, "index \(at[i]) outside axis \(axis) of \(shape)")
    }
  }

  /// Values broadcast to the slices, row-major.
  func fitting<Scalar: TensorScalar>(_ values: Tensor<Scalar>, _ operation: String) -> Tensor<Scalar> {
    check(
      broadcastShape(shape, values.shape, operation) == shape, operation,
      "values \(values.shape) do not broadcast to \(shape)")
    return values.detached().broadcast(to: shape).contiguous
  }

  /// Calls `body(n, target, indices, values)` for every row, where the axis is the last: the slices are single elements.
  func runRows<Scalar: TensorScalar>(
    _ result: inout Tensor<Scalar>, _ values: Tensor<Scalar>,
    _ body: (Int, UnsafeMutablePointer<Scalar>, UnsafePointer<Int>, UnsafePointer<Scalar>) -> Void
  ) {
    let (out, x, at, n) = (result.mutablePointer, values.pointer, indices.pointer, count)
    if n == 0 { return }
    Workers.run(count: outer, grain: Swift.max(1, StridedLoop.grain / n)) { rows in
      for o in rows { body(n, out + o * extent, at, x + o * n) }
    }
  }

  /// Calls `body(n, target, value)` for every slice, in order: threads share columns, never a slice's order.
  func run<Scalar: TensorScalar>(
    _ result: inout Tensor<Scalar>, _ values: Tensor<Scalar>,
    _ body: (Int, UnsafeMutablePointer<Scalar>, UnsafePointer<Scalar>) -> Void
  ) {
    let (out, x, at, n) = (result.mutablePointer, values.pointer, indices.pointer, count)
    if n == 0 { return }
    let width = Swift.max(64, 0x20000 / n)
    let panels = (inner + width - 1) / width
    Workers.run(chunks: outer * panels) { chunk in
      let (o, start) = (chunk / panels, chunk % panels * width)
      let length = Swift.min(width, inner - start)
      for i in 0..<n { body(length, out + (o * extent + at[i]) * inner + start, x + (o * n + i) * inner + start) }
    }
  }
}

/// A gradient added up, from zeros, at the slices a list took.
func sliceSums(_ gradient: TensorBody, at indices: Tensor<Int>, along axis: Int, shape: [Int]) -> TensorBody {
  func sum<Scalar: FloatingScalar>(_: Scalar.Type) -> TensorBody {
    let sliced = Array(shape[..<axis]) + [indices.count] + Array(shape[(axis + 1)...])
    return Tensor<Scalar>(zeros: shape)
      .added(
        Tensor(body: gradient).reshaped(sliced), at: indices, along: axis, isOwned: !OperationObservers.isListening
      ).body
  }
  switch gradient.dtype {
  case .float32: return sum(Float.self)
  case .float64: return sum(Double.self)
  default: fail("backward", "\(gradient.dtype) has no gradients")
  }
}
