import TernBackend

/// One entry of an index by tensors: what to take of an axis, or of several.
public enum TensorIndex: Sendable {
  /// The elements an index names; negative ones count from the end.
  case at(Tensor<Int>)
  /// The elements where a mask holds, over as many axes as the mask has.
  case `where`(Tensor<Bool>)
  /// The whole axis.
  case all
}

extension Tensor {
  /// x[i, j, …] by tensors, as NumPy's advanced indexing: a copy.
  ///
  /// All indices broadcast to one shape, which stands where the first index was when they follow each other, else in
  /// front; a mask stands for the indices of its true elements. Gradient: added up where the elements came from.
  /// Stops for an index outside its axis.
  public func indexed(_ indices: [TensorIndex], file: StaticString = #fileID, line: UInt = #line) -> Tensor {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let plan = IndexPlan(indices, shape)
    return plan.merged(self).taking(plan.positions, along: plan.place).reshaped(plan.resultShape)
  }

  /// A copy in which what ``indexed(_:file:line:)`` reads is replaced by values that broadcast to it.
  public func replacing(_ indices: [TensorIndex], with values: Tensor, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let plan = IndexPlan(indices, shape)
    return plan.separated(plan.merged(self).replacing(plan.positions, along: plan.place, with: plan.slices(values)))
  }
}

extension Tensor where Scalar: NumericScalar {
  /// A copy in which values, which broadcast, are added to what ``indexed(_:file:line:)`` reads, as often as it is named.
  public func adding(_ values: Tensor, at indices: [TensorIndex], file: StaticString = #fileID, line: UInt = #line)
    -> Tensor
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let plan = IndexPlan(indices, shape)
    return plan.separated(plan.merged(self).adding(plan.slices(values), at: plan.positions, along: plan.place))
  }
}

/// An index by tensors as slices of one axis: the indexed axes joined, in place or in front.
private struct IndexPlan {
  /// The axes in the order in which the indexed ones can be joined.
  private let order: [Int]
  private let shape: [Int]
  private let joined: [Int]
  /// The axis that the indexed ones become.
  let place: Int
  /// The slices of it, a vector.
  let positions: Tensor<Int>
  private let indexShape: [Int]
  let resultShape: [Int]

  init(_ entries: [TensorIndex], _ shape: [Int]) {
    var axis = 0
    var axes: [Int] = []
    var indices: [Tensor<Int>] = []
    for entry in entries {
      switch entry {
      case .all: axis += 1
      case .at(let index):
        axes.append(axis)
        indices.append(index)
        axis += 1
      case .where(let mask):
        check(
          axis + mask.rank <= shape.count && Array(shape[axis..<axis + mask.rank]) == mask.shape, "indexed",
          "mask \(mask.shape) at axis \(axis) of \(shape)")
        let found = mask.nonZero()
        for column in 0..<mask.rank {
          axes.append(axis + column)
          indices.append(found[.all, .index(column)])
        }
        axis += mask.rank
      }
    }
    check(axis <= shape.count, "indexed", "\(axis) axes named of \(shape)")
    check(!axes.isEmpty, "indexed", "no index among \(entries.count) entries")
    self.shape = shape
    let together = axes.last! - axes[0] + 1 == axes.count
    place = together ? axes[0] : 0
    let rest = shape.indices.filter { !axes.contains($0) }
    order = Array(rest[..<place]) + axes + Array(rest[place...])
    joined = axes.map { shape[$0] }

    let common = indices.reduce([]) { broadcastShape($0, $1.shape, "indexed") }
    var positions = Tensor<Int>(zeros: common)
    for (axis, index) in zip(axes, indices) {
      let extent = shape[axis]
      let low = index.isEmpty ? 0 : index.min().item
      let high = index.isEmpty ? 0 : index.max().item
      check(
        index.isEmpty || (low >= -extent && high < extent), "indexed",
        "index \(low < -extent ? low : high) outside axis \(axis) of \(shape)")
      positions = positions * extent + select(index .< 0, index + extent, index)
    }
    indexShape = common
    self.positions = positions.contiguous.reshaped([positions.count])
    let outside = rest.map { shape[$0] }
    resultShape = Array(outside[..<place]) + common + Array(outside[place...])
  }

  /// The tensor with the indexed axes as one.
  func merged<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    let moved = x.permuted(order)
    let extents = moved.shape
    return moved.reshaped(
      Array(extents[..<place]) + [Layout.product(joined)] + Array(extents[(place + joined.count)...]))
  }

  /// The indexed axes apart again and back in their places.
  func separated<Scalar>(_ x: Tensor<Scalar>) -> Tensor<Scalar> {
    var inverse = order
    for (i, axis) in order.enumerated() { inverse[axis] = i }
    return x.reshaped(order.map { shape[$0] }).permuted(inverse)
  }

  /// Values broadcast to the slices, with the index's axes as one.
  func slices<Scalar>(_ values: Tensor<Scalar>) -> Tensor<Scalar> {
    check(
      broadcastShape(resultShape, values.shape, "indexed") == resultShape, "indexed",
      "values \(values.shape) do not broadcast to \(resultShape)")
    let whole = values.broadcast(to: resultShape)
    return whole.reshaped(
      Array(resultShape[..<place]) + [Layout.product(indexShape)]
        + Array(resultShape[(place + indexShape.count)...]))
  }
}
