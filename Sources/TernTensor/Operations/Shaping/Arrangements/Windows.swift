import TernBackend

extension Tensor {
  /// All windows of one size over an axis, the elements of each in a new last axis: y[…, i, …, j] = x[…, i·step + j, …].
  ///
  /// A view. The axis has extent (n − size)/step + 1, rounded down. Gradient: added up over the windows that an element is
  /// in. Stops unless 0 ≤ size ≤ n, and for a step below 1.
  public func windows(
    along axis: Int, size: Int, step: Int = 1, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let at = resolve(axis: axis, rank: Swift.max(rank, 1), "windows")
    let extent = rank == 0 ? 1 : shape[at]
    check(
      size >= 0 && size <= extent && step > 0, "windows",
      "size \(size) and step \(step) over axis \(axis) of \(shape), expected a size in 0...\(extent) and a positive step"
    )
    if rank == 0 { return asVector.narrowed(axis: 0, start: 0, length: size) }
    let grid = WindowGrid(axis: at, size: size, step: Swift.min(step, extent + 1), shape: shape)
    let result = view(grid.layout(layout))
    OperationArguments.note("windows", ["axis": .integers([at]), "size": .integers([size]), "step": .integers([step])])
    return result.moved("windows", from: self) { Tensor(body: addedUp($0.body, grid)) }
  }
}

/// Windows over an axis of a shape.
private struct WindowGrid: Sendable {
  let axis: Int, size: Int, step: Int
  let shape: [Int]

  var count: Int { (shape[axis] - size) / step + 1 }

  /// All windows of a tensor.
  func layout(_ whole: Layout) -> Layout {
    var (extents, strides) = (shape, whole.strides)
    extents[axis] = count
    strides[axis] = whole.strides[axis] &* step
    return Layout(extents + [size], strides: strides + [whole.strides[axis]])
  }

  /// The elements with one place in their windows.
  func region(_ place: Int, _ whole: Layout) -> (layout: Layout, offset: Int) {
    var (extents, strides) = (shape, whole.strides)
    extents[axis] = count
    strides[axis] = whole.strides[axis] &* step
    return (Layout(extents, strides: strides), place * whole.strides[axis])
  }
}

/// A gradient of windows, added up where their elements came from.
private func addedUp(_ gradient: TensorBody, _ grid: WindowGrid) -> TensorBody {
  func sum<Scalar: FloatingScalar>(_: Scalar.Type) -> TensorBody {
    let windows = Tensor<Scalar>(body: gradient)
    var whole = Tensor<Scalar>(zeros: grid.shape)
    for place in 0..<grid.size where !windows.isEmpty {
      whole.addInPlace(windows.detached().selected(axis: -1, index: place)) { grid.region(place, $0) }
    }
    return whole.moved("windows", from: windows) { $0.windows(along: grid.axis, size: grid.size, step: grid.step) }.body
  }
  switch gradient.dtype {
  case .float32: return sum(Float.self)
  case .float64: return sum(Double.self)
  default: fail("backward", "\(gradient.dtype) has no gradients")
  }
}
