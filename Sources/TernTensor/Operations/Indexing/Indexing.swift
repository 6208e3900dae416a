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
    if indices.count == 1, case .where(let mask) = indices[0], mask.shape == shape, rank > 0 {
      return elements(where: mask)
    }
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
    // Each index with the axes that it names, a mask all of its axes at once, and whether it may be negative.
    var indices: [(index: Tensor<Int>, axis: Int, extent: Int, isMask: Bool)] = []
    for entry in entries {
      switch entry {
      case .all: axis += 1
      case .at(let index):
        axes.append(axis)
        // Too many axes are told of below.
        indices.append((index, axis, axis < shape.count ? shape[axis] : 0, false))
        axis += 1
      case .where(let mask):
        check(
          axis + mask.rank <= shape.count && Array(shape[axis..<axis + mask.rank]) == mask.shape, "indexed",
          "mask \(mask.shape) at axis \(axis) of \(shape)")
        if mask.rank > 0 { indices.append((truePositions(mask.contiguous), axis, mask.count, true)) }
        axes += axis..<axis + mask.rank
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

    let common = indices.reduce([]) { broadcastShape($0, $1.index.shape, "indexed") }
    var positions: Tensor<Int>?
    for (index, axis, extent, isMask) in indices {
      var named = index
      if !isMask && !index.isEmpty {
        let (low, high) = (index.min().item, index.max().item)
        check(
          low >= -extent && high < extent, "indexed",
          "index \(low < -extent ? low : high) outside axis \(axis) of \(shape)")
        if low < 0 { named = select(index .< 0, index + extent, index) }
      }
      positions = positions.map { $0 * extent + named } ?? named
    }
    indexShape = common
    self.positions = positions!.broadcast(to: common).contiguous.reshaped([Layout.product(common)])
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
