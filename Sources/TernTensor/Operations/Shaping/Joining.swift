import TernBackend

// Putting tensors together and taking them apart along an axis.

/// Tensors one after the other along an axis: their other extents agree.
///
/// Vectors without elements are passed over, whatever the others' rank. Gradient: each has its part of dL/dy, a view.
/// Stops for no tensors, and for shapes that differ elsewhere.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func concatenate<Scalar: TensorScalar>(
  _ tensors: [Tensor<Scalar>], along axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(!tensors.isEmpty, "concatenate", "no tensors")
  let parts = tensors.filter { $0.shape != [0] }
  guard let first = parts.first else { return tensors[0].unchanged("concatenate") }
  check(first.rank > 0, "concatenate", "tensors of rank 0 have no axis; stack makes one")
  let axis = resolve(axis: axis, rank: first.rank, "concatenate")
  var shape = first.shape
  for part in parts.dropFirst() {
    var same = part.shape
    if same.count == shape.count { same[axis] = first.shape[axis] }
    check(
      same == first.shape, "concatenate",
      "shapes \(first.shape) and \(part.shape) differ elsewhere than along axis \(axis)")
    shape[axis] += part.shape[axis]
  }
  if parts.count == 1 && tensors.count == 1 { return first.unchanged("concatenate") }
  let order = first.layout.isDense ? first.layout.memoryOrder : Array(shape.indices)
  let result = Tensor<Scalar>(uninitialized: Layout(shape, order: order))
  var (start, starts) = (0, [Int]())
  for part in tensors {
    starts.append(start)
    start += part.shape == [0] ? 0 : part.shape[axis]
  }
  join(parts, along: axis, order, into: result)
  OperationArguments.note("concatenate", ["axis": .integers([axis])])
  return result.recorded("concatenate", fromAll: tensors) { [starts, shapes = tensors.map(\.shape)] d in
    for index in shapes.indices {
      d.send(index) {
        if shapes[index] == [0] { return Tensor(zeros: [0]) }
        return d.gradient.narrowed(axis: axis, start: starts[index], length: shapes[index][axis])
      }
    }
  }
}

/// Writes parts one after the other along an axis of a result whose memory has this order of axes.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func join<Scalar: TensorScalar>(
  _ parts: [Tensor<Scalar>], along axis: Int, _ order: [Int], into result: Tensor<Scalar>
) {
  if result.isEmpty { return }
  let place = order.firstIndex(of: axis)!
  let outer = order[..<place].reduce(1) { $0 * result.shape[$1] }
  let inner = order[(place + 1)...].reduce(1) { $0 * result.shape[$1] }
  let (out, row, isRowMajor) = (result.mutablePointer, result.shape[axis] * inner, result.layout.isContiguous)
  let isAlike = parts.allSatisfy { part in
    isRowMajor ? part.layout.isContiguous : part.layout.hasLayout(of: Layout(part.shape, order: order))
  }
  if isAlike && outer == 1 {
    // Where each part begins and the last ends.
    let starts = parts.reduce(into: [0]) { $0.append($0.last! + $1.count) }
    Workers.run(count: result.count, grain: StridedLoop.grain) { range in
      for (part, start) in zip(parts, starts) {
        let (first, end) = (Swift.max(start, range.lowerBound), Swift.min(start + part.count, range.upperBound))
        if first < end { Scalar.copy(end - first, out + first, 1, part.pointer + (first - start), 1) }
      }
    }
    return withExtendedLifetime(parts) {}
  }
  if isAlike {
    // Rows of every part in turn, as many as the L1 cache has room for. Pointers: threads that count references to the
    // parts wait for each other.
    let most = Swift.max(1, 4096 / row)
    let sources = parts.map { (pointer: $0.pointer, length: $0.shape[axis] * inner) }
    sources.withUnsafeBufferPointer { sources in
      Workers.run(count: outer, grain: Swift.max(1, StridedLoop.grain / row)) { range in
        for first in stride(from: range.lowerBound, to: range.upperBound, by: most) {
          let rows = Swift.min(most, range.upperBound - first)
          var target = out + first * row
          for index in 0..<sources.count {
            let (source, length) = sources[index]
            Scalar.copy2D(rows, length, target, row, 1, source + first * length, length, 1)
            target += length
          }
        }
      }
    }
    withExtendedLifetime(parts) {}
    return
  }
  var start = 0
  for part in parts {
    if !part.isEmpty {
      let region = result.view(
        Layout(part.shape, strides: result.layout.strides), offset: start * result.layout.strides[axis])
      copyElements(from: part.body, to: region.body, Scalar.self)
    }
    start += part.shape[axis]
  }
  withExtendedLifetime(parts) {}
}

/// Tensors of one shape beside each other along a new axis of the result; -1 puts it last.
///
/// Gradient: each has its part of dL/dy, a view. Stops for no tensors, and for shapes that differ.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
public func stack<Scalar: TensorScalar>(
  _ tensors: [Tensor<Scalar>], along axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(!tensors.isEmpty, "stack", "no tensors")
  for tensor in tensors {
    check(tensor.shape == tensors[0].shape, "stack", "shapes differ: \(tensors[0].shape) and \(tensor.shape)")
  }
  let at = resolve(axis: axis, rank: tensors[0].rank + 1, "stack")
  if tensors[0].shape == [0] {
    var shape = [0]
    shape.insert(tensors.count, at: at)
    return Tensor(zeros: shape)
  }
  return concatenate(tensors.map { $0.expandedAxis(at: at) }, along: at)
}

extension Tensor {
  /// Parts of the given lengths along an axis: views.
  ///
  /// Stops when the lengths do not add up to the extent.
  public func split(_ lengths: [Int], along axis: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> [Tensor]
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "split")
    check(
      lengths.allSatisfy { $0 >= 0 && $0 <= shape[axis] } && lengths.reduce(0, +) == shape[axis], "split",
      "lengths \(lengths) for axis \(axis) of \(shape) (\(totalWords(lengths)) ≠ \(shape[axis]))")
    var (start, part) = (0, layout)
    return lengths.map { length in
      defer { start += length }
      // Parts of one length have one layout.
      if part === layout || part.shape[axis] != length { part = Layout(of: layout, axis, length: length) }
      return self.part(of: axis, from: start, length, part)
    }
  }

  /// Parts of one length along an axis, the last as long as what is left: views.
  public func split(every length: Int, along axis: Int = 0, file: StaticString = #fileID, line: UInt = #line)
    -> [Tensor]
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "split")
    check(length > 0 || shape[axis] == 0, "split", "parts of length \(length) of axis \(axis) in \(shape)")
    if shape[axis] == 0 { return [unchanged("split")] }
    requireParts((shape[axis] - 1) / length + 1, axis, "split")
    return split(
      stride(from: 0, to: shape[axis], by: length).map { Swift.min(length, shape[axis] - $0) }, along: axis)
  }

  /// At most `count` parts along an axis, of one length but the last: views.
  public func chunks(_ count: Int, along axis: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> [Tensor] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count > 0, "chunks", "\(count) parts")
    let axis = resolve(axis: axis, rank: rank, "chunks")
    requireParts(shape[axis] == 0 ? count : Swift.min(count, shape[axis]), axis, "chunks")
    if shape[axis] == 0 { return (0..<count).map { _ in unchanged("chunks") } }
    return split(every: (shape[axis] - 1) / count + 1, along: axis)
  }

  /// The slices of an axis, without it: views.
  public func unstacked(along axis: Int = 0, file: StaticString = #fileID, line: UInt = #line) -> [Tensor] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let axis = resolve(axis: axis, rank: rank, "unstacked")
    requireParts(shape[axis], axis, "unstacked")
    let part = Layout(of: layout, without: axis)
    return (0..<shape[axis]).map { slice(of: axis, at: $0, part) }
  }

  /// Views take some memory, too.
  private func requireParts(_ count: Int, _ axis: Int, _ operation: String) {
    MemoryPool.require(count: count, of: 1024, operation, "\(count) parts of axis \(axis) of \(shape)")
  }
}

/// The sum of lengths for messages, rounded where an Int does not hold it.
private func totalWords(_ lengths: [Int]) -> String {
  let total = lengths.reduce(0.0) { $0 + Double($1) }
  return total.magnitude < 0x1p53 ? "\(Int(total))" : "\(total)"
}
