import TernBackend

// Picking elements along one axis by an index for each, and writing or adding them back: each is the others' derivative.

extension Tensor {
  /// Elements picked along an axis: y[i][j][k] = x[i][index[i][j][k]][k] for axis 1.
  ///
  /// The index has the rank of x and, but for the axis, at most its extents; y has the shape of the index. Gradient:
  /// added up where the elements came from. Stops for an index outside the axis.
  public func gathered(_ index: Tensor<Int>, along axis: Int, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 { return asVector.gathered(index.asVector, along: axis).reshaped(index.shape) }
    let axis = resolve(axis: axis, rank: rank, "gathered")
    let places = Tensor.places(index, in: layout, axis, "gathered")
    let result = Tensor(uninitialized: index.shape)
    let (out, x, at) = (result.mutablePointer, pointer, places.pointer)
    Workers.run(count: index.count, grain: StridedLoop.grain) { range in
      Scalar.gather(range.count, out + range.lowerBound, x, 1, at + range.lowerBound)
    }
    return result.recordedGather("gathered", from: self, index, along: axis)
  }

  /// Elements picked along an axis, index and x broadcasting along the others; without an axis, from the row-major order.
  ///
  /// Negative indices count from the end. Stops for an index outside the axis.
  public func gathered(
    broadcasting index: Tensor<Int>, along axis: Int?, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard let axis else { return flattened().gathered(counted(index.flattened(), of: count), along: 0) }
    let at = resolve(axis: axis, rank: rank, "gathered")
    check(
      index.rank == rank, "gathered", "index \(index.shape) for \(shape): the ranks differ (\(index.rank) ≠ \(rank))")
    var (wide, long) = (index.shape, shape)
    (wide[at], long[at]) = (1, 1)
    wide = broadcastShape(wide, long, "gathered")
    long = wide
    (wide[at], long[at]) = (index.shape[at], shape[at])
    return broadcast(to: long).gathered(counted(index, of: shape[at]).broadcast(to: wide), along: at)
  }

  /// Indices of which negative ones are counted from the end.
  private func counted(_ index: Tensor<Int>, of extent: Int) -> Tensor<Int> {
    if index.isEmpty { return index }
    let low = index.min().item
    if low >= 0 { return index }
    check(low >= -extent, "gathered", "index \(low) outside an axis of \(extent) in \(shape)")
    return select(index .< 0, index + extent, index)
  }

  /// A copy in which y[i][index[i][j][k]][k] = source[i][j][k] for axis 1; what is not named keeps x.
  ///
  /// The index has at most the extents of the source and, but for the axis, of x. Where a place is named twice the last
  /// counts. Gradients: of x, dL/dy but 0 at the places; of the source, dL/dy gathered there,
  /// and 0 for values that another replaced.
  public func scattering(
    _ source: Tensor, at index: Tensor<Int>, along axis: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 {
      return asVector.scattering(source.asVector, at: index.asVector, along: axis).reshaped([])
    }
    let axis = resolve(axis: axis, rank: rank, "scattering")
    let source = source.cropped(to: index, "scattering")
    let places = Tensor.places(index, in: Layout(shape), axis, "scattering")
    let result = detached().copied()
    let values = source.detached().contiguous
    Scalar.scatter(index.count, result.mutablePointer, 1, places.pointer, values.pointer)
    return result.recorded("scattering", from: self, source) { d in
      d.send(0) { d.gradient.scattering(Tensor(.zero), at: index, along: axis) }
      d.send(1) {
        let taken = d.gradient.gathered(index, along: axis)
        let count = d.gradient.count
        let places = Tensor.places(index, in: Layout(d.gradient.shape), axis, "scattering")
        guard let stayed = lastNamed(places.reshaped([places.count]), below: count) else { return taken }
        return select(stayed.reshaped(index.shape), taken, Tensor(.zero))
      }
    }
  }

  /// A copy in which one value replaces y[i][index[i][j][k]][k] for axis 1; what is not named keeps x.
  public func scattering(
    _ value: Scalar, at index: Tensor<Int>, along axis: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    scattering(Tensor(value), at: index, along: axis, file: file, line: line)
  }

  /// The part of a source that an index covers; a single value stands for all of it.
  func cropped(to index: Tensor<Int>, _ operation: String) -> Tensor {
    if shape == index.shape { return self }
    if rank == 0 { return broadcast(to: index.shape) }
    check(
      rank == index.rank && zip(index.shape, shape).allSatisfy { $0 <= $1 }, operation,
      "index \(index.shape) does not fit into the source \(shape)")
    return self[index.shape.map { AxisIndex.slice(0, $0) }]
  }

  /// This result, recorded as picked from `source`.
  package func recordedGather(
    _ name: StaticString, from source: Tensor, _ index: Tensor<Int>, along axis: Int
  ) -> Tensor {
    moved(name, from: source) { [shape = source.shape] gradient in
      Tensor(body: addedUp(gradient.body, at: index, along: axis, shape: shape))
    }
  }

  /// For every element of an index, in row-major order, the distance of the place it names from a layout's first.
  static func places(
    _ index: Tensor<Int>, in layout: Layout, _ axis: Int, _ operation: String
  ) -> Tensor<Int> {
    let fits = zip(index.shape, layout.shape).enumerated().allSatisfy { $0 == axis || $1.0 <= $1.1 }
    check(
      index.rank == layout.rank && fits, operation,
      "index \(index.shape) does not fit \(layout.shape) beside axis \(axis)")
    return indexedPlaces(index.contiguous, layout, axis, operation)
  }
}

extension Tensor where Scalar: NumericScalar {
  /// A copy with additions: y[i][index[i][j][k]][k] += source[i][j][k] for axis 1, in row-major order.
  ///
  /// The index has at most the extents of the source and, but for the axis, of x. Gradients: of x, dL/dy; of the source,
  /// dL/dy gathered at the places.
  public func scatterAdding(
    _ source: Tensor, at index: Tensor<Int>, along axis: Int, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if rank == 0 {
      return asVector.scatterAdding(source.asVector, at: index.asVector, along: axis).reshaped([])
    }
    let axis = resolve(axis: axis, rank: rank, "scatterAdding")
    let source = source.cropped(to: index, "scatterAdding")
    let places = Tensor.places(index, in: Layout(shape), axis, "scatterAdding")
    let result = detached().copied()
    let values = source.detached().contiguous
    Scalar.scatterAdd(index.count, result.mutablePointer, 1, places.pointer, values.pointer)
    return result.recorded("scatterAdding", from: self, source) { d in
      d.send(0) { d.gradient }
      d.send(1) { d.gradient.gathered(index, along: axis) }
    }
  }
}

/// A gradient added up, from zeros, at the places an index picked.
private func addedUp(_ gradient: TensorBody, at index: Tensor<Int>, along axis: Int, shape: [Int]) -> TensorBody {
  switch gradient.dtype {
  case .float32:
    Tensor<Float>(zeros: shape).scatterAdding(Tensor(body: gradient), at: index, along: axis).body
  case .float64:
    Tensor<Double>(zeros: shape).scatterAdding(Tensor(body: gradient), at: index, along: axis).body
  default: fail("backward", "\(gradient.dtype) has no gradients")
  }
}

private func indexedPlaces(_ index: Tensor<Int>, _ layout: Layout, _ axis: Int, _ operation: String) -> Tensor<Int> {
  let result = Tensor<Int>(uninitialized: index.shape)
  if index.isEmpty { return result }
  let (shape, extent, step) = (index.shape, layout.shape[axis], layout.strides[axis])
  var strides = layout.strides
  strides[axis] = 0
  let (n, inner) = (shape[shape.count - 1], strides[shape.count - 1])
  let (out, at) = (result.mutablePointer, index.pointer)
  Workers.run(count: index.count / n, grain: Swift.max(1, StridedLoop.grain / n)) { rows in
    for row in rows {
      var (remainder, start) = (row, 0)
      for axis in stride(from: shape.count - 2, through: 0, by: -1) {
        start += remainder % shape[axis] * strides[axis]
        remainder /= shape[axis]
      }
      for i in row * n..<(row + 1) * n {
        let place = at[i]
        check(
          place >= 0 && place < extent, operation, "index \(place) outside axis \(axis) of \(layout.shape)")
        out[i] = start + place * step
        start += inner
      }
    }
  }
  return result
}
