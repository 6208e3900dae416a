import TernBackend
import TernTensor

extension NodeCall {
  /// Operators that take elements by their positions.
  static let indexing: [String: GraphOperator] = [
    "Gather": { [try $0.gather($0.scalar)] },
    "GatherElements": { [try $0.gatherElements($0.scalar)] },
    "GatherND": { [try $0.gatherND($0.scalar)] },
    "Compress": { [try $0.compress($0.scalar)] },
    "NonZero": { [try $0.nonZero($0.scalar)] },
    "OneHot": { [try $0.oneHot($0.value(2).dtype.scalar)] },
    "ReverseSequence": { [try $0.reverseSequence($0.scalar)] },
  ]

  /// Positions counted from the front; throws for one outside `extent`.
  func checked(_ positions: Tensor<Int>, extent: Int) throws -> Tensor<Int> {
    if positions.isEmpty { return positions }
    let (low, high) = (positions.min().item, positions.max().item)
    try require(low >= -extent && high < extent, "position \(low < -extent ? low : high) of \(extent)")
    return low < 0 ? select(positions .< 0, positions + extent, positions) : positions
  }

  private func gather<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let axis = try axis(int("axis", 0), x.rank)
    let indices = try checked(positions(1), extent: x.shape[axis])
    let shape = Array(x.shape[..<axis]) + indices.shape + x.shape[(axis + 1)...]
    try allow(shape)
    if indices.count == 1, !x.isEmpty {
      return ONNXTensor(x.narrowed(axis: axis, start: indices.scalars[0], length: 1).reshaped(shape))
    }
    return ONNXTensor(x.taking(indices.reshaped([indices.count]), along: axis).reshaped(shape))
  }

  /// Throws unless `index` has the rank of `shape` and is nowhere larger, `axis` left out.
  func requireFits(_ index: [Int], _ shape: [Int], axis: Int?) throws {
    let fits =
      index.count == shape.count && shape.indices.allSatisfy { $0 == axis || index[$0] <= shape[$0] }
    try require(fits, "positions of shape \(index) for \(shape)")
  }

  private func gatherElements<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let axis = try axis(int("axis", 0), x.rank)
    let indices = try checked(positions(1), extent: x.shape[axis])
    try requireFits(indices.shape, x.shape, axis: axis)
    try allow(indices.shape)
    if indices.isEmpty { return ONNXTensor(Tensor<Scalar>(zeros: indices.shape)) }
    return ONNXTensor(x.gathered(indices, along: axis))
  }

  /// Tuples of positions as positions in the axes that they name, flattened; `extents` are those axes'.
  func flattened(_ tuples: Tensor<Int>, _ extents: [Int]) throws -> [Int] {
    let width = extents.count
    let numbers = tuples.scalars
    let count = tuples.shape.dropLast().reduce(1, *)
    var flat = [Int](repeating: 0, count: count)
    for row in 0..<count {
      for (place, extent) in extents.enumerated() {
        let index = numbers[row * width + place]
        try require(index >= -extent && index < extent, "position \(index) of \(extent)")
        flat[row] = flat[row] * extent + (index < 0 ? index + extent : index)
      }
    }
    return flat
  }

  private func gatherND<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let indices = try positions(1)
    let batch = try int("batch_dims", 0)
    try require(
      batch >= 0 && batch < indices.rank && batch < x.rank && indices.shape[..<batch] == x.shape[..<batch],
      "\(batch) axes of a batch in \(x.shape) and \(indices.shape)")
    let width = indices.shape[indices.rank - 1]
    try require(width >= 1 && batch + width <= x.rank, "tuples of \(width) positions for \(x.shape)")
    let named = Array(x.shape[batch..<batch + width])
    let rest = Array(x.shape[(batch + width)...])
    let shape = Array(indices.shape.dropLast()) + rest
    try allow(shape)
    var flat = try flattened(indices, named)
    let (batches, perBatch) = (x.shape[..<batch].reduce(1, *), named.reduce(1, *))
    if flat.isEmpty || x.isEmpty {
      try require(shape.contains(0), "positions in \(x.shape)")
      return ONNXTensor(Tensor<Scalar>(zeros: shape))
    }
    let each = flat.count / Swift.max(batches, 1)
    for i in flat.indices { flat[i] += i / each * perBatch }
    let rows = x.reshaped([batches * perBatch, rest.reduce(1, *)])
    return ONNXTensor(rows.taking(Tensor(flat), along: 0).reshaped(shape))
  }

  private func compress<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    var x: Tensor<Scalar> = try tensor(0)
    let condition: Tensor<Bool> = try tensor(1)
    var axis = 0
    if hasAttribute("axis") { axis = try self.axis(int("axis", 0), x.rank) } else { x = x.reshaped([x.count]) }
    try require(
      condition.rank == 1 && condition.count <= x.shape[axis], "a condition \(condition.shape) for \(x.shape)")
    let places = condition.scalars.enumerated().filter(\.element).map(\.offset)
    return ONNXTensor(x.taking(Tensor(places), along: axis))
  }

  private func nonZero<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    if x.rank == 0 { return ONNXTensor(Tensor<Int>(zeros: [x.scalars[0] == .zero ? 0 : 1, 0]).transposed()) }
    return ONNXTensor(x.nonZero().transposed())
  }

  /// off everywhere but at the position along a new axis, where on is.
  private func oneHot<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let given = try value(0)
    try require(given.dtype != .bool, "positions of truth values")
    let indices = given.cast(to: Int.self)
    let values: Tensor<Scalar> = try tensor(2)
    try require(values.shape == [2], "values of shape \(values.shape)")
    let depth = Int(try number(1))
    try require(depth >= 0, "\(depth) classes")
    let axis = try axis(int("axis", -1), indices.rank + 1)
    var shape = indices.shape
    shape.insert(depth, at: axis)
    try allow(shape)
    var column = [Int](repeating: 1, count: shape.count)
    column[axis] = depth
    let classes = Tensor((0..<depth).map { $0 }).reshaped(column)
    let wanted = select(indices .< 0, indices + depth, indices).expandedAxis(at: axis)
    let (off, on) = (values.scalars[0], values.scalars[1])
    return ONNXTensor(select(wanted .== classes, Tensor<Scalar>(full: shape, on), off))
  }

  private func reverseSequence<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let lengths = try integers(1)
    let (time, batch) = (try int("time_axis", 0), try int("batch_axis", 1))
    try require(
      x.rank >= 2 && Set([time, batch]) == [0, 1] && lengths.count == x.shape[batch],
      "\(lengths.count) lengths for \(x.shape)")
    let rows = try lengths.enumerated().map { index, length in
      try require(length >= 0 && length <= x.shape[time], "a length of \(length) in \(x.shape)")
      let row = x.narrowed(axis: batch, start: index, length: 1)
      let head = row.narrowed(axis: time, start: 0, length: length).flipped([time])
      return concatenate(
        [head, row.narrowed(axis: time, start: length, length: x.shape[time] - length)], along: time)
    }
    return ONNXTensor(rows.isEmpty ? x : concatenate(rows, along: batch))
  }
}
