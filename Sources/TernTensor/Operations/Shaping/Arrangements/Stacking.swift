import TernBackend

// Parts by number or by bounds, tensors put beside each other as rows, columns and layers, and shapes that broadcast.

extension Tensor {
  /// `count` parts along an axis whose lengths differ by one at most, the longer ones first: views.
  public func split(
    into count: Int, along axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> [Tensor] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let at = resolve(axis: axis, rank: rank, "split")
    check(count > 0, "split", "\(count) parts")
    MemoryPool.require(count: count, of: 256, "split", "\(count) parts of axis \(axis) of \(shape)")
    let (length, longer) = shape[at].quotientAndRemainder(dividingBy: count)
    return (0..<count).map {
      narrowed(axis: at, start: $0 * length + Swift.min($0, longer), length: length + ($0 < longer ? 1 : 0))
    }
  }

  /// The parts of an axis before, between and behind some bounds: views.
  ///
  /// - Parameter bounds: where parts begin; negative ones count from the end, those outside are clamped to the axis.
  public func split(
    at bounds: [Int], along axis: Int = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> [Tensor] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let at = resolve(axis: axis, rank: rank, "split")
    let extent = shape[at]
    let places = [0] + bounds.map { Swift.max(0, Swift.min(extent, $0 < 0 ? Swift.max($0, -extent) + extent : $0)) }
    return zip(places, places.dropFirst() + [extent]).map {
      narrowed(axis: at, start: $0, length: Swift.max(0, $1 - $0))
    }
  }

  /// With axes of extent one so that the rank is at least as given: of a vector [n] the row [1, n], and in rank 3 the
  /// layers [1, n, 1]; of a matrix [m, n, 1].
  public func atLeast(rank wanted: Int, file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check((0...3).contains(wanted), "atLeast", "rank \(wanted), expected 0 to 3")
    if rank >= wanted { return unchanged("atLeast") }
    switch (rank, wanted) {
    case (0, _): return reshaped([Int](repeating: 1, count: wanted))
    case (1, 2): return expandedAxis(at: 0)
    case (1, _): return reshaped([1, shape[0], 1])
    default: return expandedAxis(at: -1)
    }
  }
}

/// Tensors beside each other: along axis 1, vectors along their only axis, numbers as vectors.
public func horizontalStack<Scalar: TensorScalar>(
  _ tensors: [Tensor<Scalar>], file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(!tensors.isEmpty, "horizontalStack", "no tensors")
  let parts = tensors.map { $0.atLeast(rank: 1) }
  return concatenate(parts, along: parts[0].rank == 1 ? 0 : 1)
}

/// Tensors below each other: along axis 0, numbers and vectors as rows.
public func verticalStack<Scalar: TensorScalar>(
  _ tensors: [Tensor<Scalar>], file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return concatenate(tensors.map { $0.atLeast(rank: 2) })
}

/// Tensors behind each other: along axis 2, which those of a lower rank get.
public func depthStack<Scalar: TensorScalar>(
  _ tensors: [Tensor<Scalar>], file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return concatenate(tensors.map { $0.atLeast(rank: 3) }, along: 2)
}

/// Tensors beside each other along axis 1, numbers and vectors as columns.
public func columnStack<Scalar: TensorScalar>(
  _ tensors: [Tensor<Scalar>], file: StaticString = #fileID, line: UInt = #line
) -> Tensor<Scalar> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  return concatenate(tensors.map { $0.rank < 2 ? $0.reshaped([$0.count, 1]) : $0 }, along: 1)
}

/// Tensors repeated to the shape that they all broadcast to: views.
public func broadcast<Scalar: TensorScalar>(
  _ tensors: [Tensor<Scalar>], file: StaticString = #fileID, line: UInt = #line
) -> [Tensor<Scalar>] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let shape = tensors.reduce([]) { broadcastShape($0, $1.shape, "broadcast") }
  return tensors.map { $0.broadcast(to: shape) }
}

/// The shape that some shapes broadcast to: aligned at the last axis, extents of one repeat.
public func broadcastShape(of shapes: [[Int]], file: StaticString = #fileID, line: UInt = #line) -> [Int] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  for shape in shapes { check(shape.allSatisfy { $0 >= 0 }, "broadcastShape", "\(shape) has a negative extent") }
  return shapes.reduce([]) { broadcastShape($0, $1, "broadcastShape") }
}

extension Tensor where Scalar: FloatingScalar {
  /// The sum over what broadcasting this shape from another would have repeated: of that shape.
  ///
  /// Gradient: dL/dy, repeated. Stops where `shape` does not broadcast to the shape of this tensor.
  public func sum(to shape: [Int], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      shape.count <= rank && broadcastShape(shape, self.shape, "sum") == self.shape, "sum",
      "\(shape) does not broadcast to \(self.shape)")
    return self.shape == shape ? unchanged("sum") : summed(to: shape)
  }
}
