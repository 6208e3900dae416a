import Synchronization
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
    let rows = IndexRows(index, in: layout, axis, "gathered")
    let result = Tensor(uninitialized: index.shape)
    rows.pick(result.mutablePointer, pointer)
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
    func counted(_ index: Tensor<Int>, of extent: Int) -> Tensor<Int> {
      index.countedFromEnd(of: extent, "gathered", "an axis of \(extent) in \(shape)")
    }
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
    withExtendedLifetime((places, values)) {}
    OperationArguments.note("scattering", ["index": .tensor(index.body), "axis": .integers([axis])])
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
    OperationArguments.note(
      name, ["index": .tensor(index.body), "axis": .integers([axis]), "kind": .word("gathered")])
    return moved(name, from: source) { [shape = source.shape] gradient in
      Tensor(body: addedUp(gradient.body, at: index, along: axis, shape: shape))
    }
  }

  /// For every element of an index, in row-major order, the distance of the place it names from a layout's first.
  static func places(
    _ index: Tensor<Int>, in layout: Layout, _ axis: Int, _ operation: String
  ) -> Tensor<Int> {
    let rows = IndexRows(index, in: layout, axis, operation)
    let result = Tensor<Int>(uninitialized: index.shape)
    rows.writePlaces(result.mutablePointer)
    return result
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
    let rows = IndexRows(index, in: Layout(shape), axis, "scatterAdding")
    let result = detached().copied()
    let values = source.detached().contiguous
    rows.reduce(.sum, result.mutablePointer, values.pointer)
    withExtendedLifetime(values) {}
    OperationArguments.note("scatterAdding", ["index": .tensor(index.body), "axis": .integers([axis])])
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

/// An index along one axis of a layout, by its rows along the last axis.
struct IndexRows {
  private let index: Tensor<Int>
  private let layout: Layout
  private let axis: Int
  private let operation: String
  /// How many rows there are, and how long they are.
  private let count: Int, n: Int
  private let shape: [Int], strides: [Int]
  /// From one element of a row to the next, beside what the index says; and from one named place to the next.
  private let inner: Int, step: Int

  init(_ index: Tensor<Int>, in layout: Layout, _ axis: Int, _ operation: String) {
    let fits = zip(index.shape, layout.shape).enumerated().allSatisfy { $0 == axis || $1.0 <= $1.1 }
    check(
      index.rank == layout.rank && fits, operation,
      "index \(index.shape) does not fit \(layout.shape) beside axis \(axis)")
    (self.index, self.layout, self.axis, self.operation) = (index.contiguous, layout, axis, operation)
    shape = index.shape
    var strides = layout.strides
    step = strides[axis]
    strides[axis] = 0
    self.strides = strides
    inner = strides[shape.count - 1]
    n = shape[shape.count - 1]
    count = index.isEmpty ? 0 : index.count / n
  }

  /// Where a row begins in the layout.
  private func start(_ row: Int) -> Int {
    var (remainder, start) = (row, 0)
    for axis in stride(from: shape.count - 2, through: 0, by: -1) {
      start += remainder % shape[axis] * strides[axis]
      remainder /= shape[axis]
    }
    return start
  }

  /// Stops for an index outside the axis among some of a row.
  private func require(_ count: Int, _ at: UnsafePointer<Int>) {
    let extent = layout.shape[axis]
    if IndexKernels.areInside(count, at, extent) { return }
    for i in 0..<count {
      check(
        at[i] >= 0 && at[i] < extent, operation, "index \(at[i]) outside axis \(axis) of \(layout.shape)")
    }
  }

  /// Calls `body(count, first, start)` for parts of all rows: how many elements, the first of them in row-major order, and
  /// from where in the layout their places are counted; all indices are inside the axis.
  ///
  /// - Parameter apart: which parts may run at once: any, or only such as do not lead to each other's places.
  @inline(__always)
  private func walk(apart: Bool, _ body: (_ count: Int, _ first: Int, _ start: Int) -> Void) {
    let at = index.pointer
    // As many at a time as stay in the L1 cache from the check to the use.
    @inline(__always) func part(_ row: Int, _ columns: Range<Int>) {
      let begin = start(row)
      for column in stride(from: columns.lowerBound, to: columns.upperBound, by: 2048) {
        let (count, first) = (Swift.min(2048, columns.upperBound - column), row * n + column)
        require(count, at + first)
        body(count, first, begin + column * inner)
      }
    }
    let namesRows = axis == shape.count - 1
    if apart ? !namesRows : count == 1 {
      // Columns lead to places of their own where the index names another axis than theirs.
      let grain = Swift.max(16, StridedLoop.grain / Swift.max(count, 1))
      Workers.run(count: count == 0 ? 0 : n, grain: grain) { columns in for row in 0..<count { part(row, columns) } }
    } else {
      Workers.run(count: count, grain: Swift.max(1, StridedLoop.grain / Swift.max(n, 1))) { rows in
        for row in rows { part(row, 0..<n) }
      }
    }
    withExtendedLifetime(index) {}
  }

  /// `out[i] = x[place of i]`
  func pick<Scalar: TensorScalar>(_ out: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>) {
    let at = index.pointer
    walk(apart: false) { [inner, step] count, first, start in
      Scalar.gather(count, out + first, x + start, step, inner: inner, at + first)
    }
  }

  /// The places themselves, as distances from the layout's first.
  func writePlaces(_ out: UnsafeMutablePointer<Int>) {
    let at = index.pointer
    walk(apart: false) { [inner, step] count, first, start in
      let (out, at) = (out + first, at + first)
      for i in 0..<count { out[i] = start &+ at[i] &* step &+ i &* inner }
    }
  }

  /// Calls `body(places, first, start)` for parts of all rows that do not lead to each other's places: where the elements go
  /// from `start` on in the layout, and the first of them in row-major order.
  func forEachPart(_ body: (_ places: IndexPlaces, _ first: Int, _ start: Int) -> Void) {
    let at = index.pointer
    walk(apart: true) { [inner, step] count, first, start in
      body(IndexPlaces(at: at + first, count: count, step: step, inner: inner), first, start)
    }
  }

  /// `out[place of i] = kernel(out[place of i], x[i])`, in row-major order of the index wherever places are the same.
  func reduce<Scalar: NumericScalar>(
    _ kernel: ReductionKernel, _ out: UnsafeMutablePointer<Scalar>, _ x: UnsafePointer<Scalar>
  ) {
    let at = index.pointer
    walk(apart: true) { [inner, step] count, first, start in
      Scalar.scatterReduce(kernel, count, out + start, step, inner: inner, at + first, x + first)
    }
  }
}

/// Where the elements of a part of a row go.
struct IndexPlaces {
  let at: UnsafePointer<Int>
  let count: Int
  /// From one named place to the next, and from one element of the row to the next beside that.
  let step: Int, inner: Int

  @inline(__always) subscript(_ i: Int) -> Int { at[i] &* step &+ i &* inner }
}

extension Tensor<Int> {
  /// Whether all of these contiguous indices are in a range that begins with 0.
  func areInside(_ range: Range<Int>) -> Bool {
    let (at, extent) = (pointer, range.upperBound)
    if count <= StridedLoop.grain { return IndexKernels.areInside(count, at, extent) }
    let areInside = Atomic<Bool>(true)
    Workers.run(count: count, grain: StridedLoop.grain) { range in
      if !IndexKernels.areInside(range.count, at + range.lowerBound, extent) {
        areInside.store(false, ordering: .relaxed)
      }
    }
    return areInside.load(ordering: .relaxed)
  }

  /// Indices of which negative ones are counted from the end of what they point into, `place` in messages.
  func countedFromEnd(of extent: Int, _ operation: String, _ place: @autoclosure () -> String) -> Tensor<Int> {
    if isEmpty || layout.isContiguous && areInside(0..<extent) { return self }
    let low = min().item
    if low >= 0 { return self }
    check(low >= -extent, operation, "index \(low) outside \(place())")
    return select(self .< 0, self + extent, self)
  }
}
