import TernBackend
import TernTensor

extension NodeCall {
  /// Sequences of tensors, and values that may be missing.
  static let sequences: [String: GraphOperator] = [
    "SequenceEmpty": { _ in [ONNXTensor(.sequence([]))] },
    "SequenceConstruct": { call in [ONNXTensor(.sequence(try call.inputs.indices.map { try call.value($0) }))] },
    "SequenceLength": { [ONNXTensor(Tensor(try $0.sequence(0).count))] },
    "SequenceAt": { [try $0.element()] },
    "SequenceInsert": { [try $0.inserted()] },
    "SequenceErase": { [try $0.erased()] },
    "SequenceMap": { try $0.mapped() },
    "SplitToSequence": { [try $0.divided()] },
    "ConcatFromSequence": { [try $0.joined()] },
    "Optional": { [$0.has(0) ? try $0.content(0) : ONNXTensor(.nothing)] },
    "OptionalHasElement": { [ONNXTensor(Tensor($0.isThere))] },
    "OptionalGetElement": { [try $0.present()] },
  ]

  private func sequence(_ index: Int) throws -> [ONNXTensor] {
    guard case .sequence(let items) = try content(index).content else { throw error("input \(index) is no sequence") }
    return items
  }

  /// A place among `count`, counted from the back where it is below 0.
  private func place(_ index: Int, _ count: Int) throws -> Int {
    let given = try integer(index)
    try require(given >= -count && given < count, "place \(given) of a sequence of \(count)")
    return given < 0 ? given + count : given
  }

  private func element() throws -> ONNXTensor {
    let items = try sequence(0)
    return items[try place(1, items.count)]
  }

  private func inserted() throws -> ONNXTensor {
    var items = try sequence(0)
    let new = try value(1)
    try require(
      items.allSatisfy { $0.dtype == new.dtype && $0.narrowType == new.narrowType },
      "a tensor of \(new.dtype) into a sequence of \(items.first?.dtype ?? new.dtype)")
    try require(items.count < 1 << 20, "a sequence of more than 2²⁰ tensors")
    // The place behind the last is one, too; below 0 places are counted from it.
    let given = has(2) ? try integer(2) : items.count
    try require(given >= -items.count && given <= items.count, "place \(given) of a sequence of \(items.count)")
    items.insert(new, at: given < 0 ? given + items.count : given)
    return ONNXTensor(.sequence(items))
  }

  private func erased() throws -> ONNXTensor {
    var items = try sequence(0)
    try require(!items.isEmpty, "nothing to erase")
    items.remove(at: has(1) ? try place(1, items.count) : items.count - 1)
    return ONNXTensor(.sequence(items))
  }

  /// A graph's results for each element of sequences, which it takes with what stays the same for all.
  private func mapped() throws -> [ONNXTensor] {
    let graph = try graph("body")
    let count = try sequence(0).count
    try require(
      graph.inputs.count == inputs.count && !graph.outputs.isEmpty, "a body of \(graph.inputs.count) inputs")
    var results = [[ONNXTensor]](repeating: [], count: graph.outputs.count)
    for place in 0..<count {
      var values = graph.constants
      for (index, name) in graph.inputs.enumerated() {
        var value = try content(index)
        if case .sequence(let items) = value.content {
          try require(items.count == count, "sequences of \(count) and \(items.count) tensors")
          value = items[place]
        }
        values[name] = value
      }
      run.nodesLeft -= 1
      try require(run.nodesLeft > 0, "more rounds than are allowed")
      for (output, value) in try run.run(graph, GraphScope(values, around: scope)).enumerated() {
        guard case .tensor = value.content else { throw error("a body whose results are no tensors") }
        results[output].append(value)
      }
    }
    return results.map { ONNXTensor(.sequence($0)) }
  }

  /// Parts of a tensor along an axis: of one length, of given ones, or single places whose axis may go.
  private func divided() throws -> ONNXTensor {
    let x = try value(0)
    let axis = try axis(int("axis", 0), x.rank)
    let extent = x.shape[axis]
    var lengths: [Int]
    var dropsAxis = false
    if !has(1) {
      lengths = [Int](repeating: 1, count: extent)
      dropsAxis = try !flag("keepdims", true)
    } else if try value(1).rank == 0 {
      let length = try integer(1)
      try require(length > 0, "parts of \(length)")
      lengths = stride(from: 0, to: extent, by: length).map { Swift.min(length, extent - $0) }
    } else {
      lengths = try integers(1)
      try require(
        lengths.allSatisfy { $0 >= 0 && $0 <= extent } && lengths.reduce(0, +) == extent,
        "lengths \(lengths) of axis \(axis) in \(x.shape)")
    }
    try require(lengths.count <= 1 << 20, "a sequence of more than 2²⁰ tensors")
    func parts<Scalar: TensorScalar>(_: Scalar.Type) -> [ONNXTensor] {
      let tensor = Tensor<Scalar>(body: x.body)
      var start = 0
      return lengths.map { length in
        defer { start += length }
        return ONNXTensor(
          dropsAxis
            ? tensor.selected(axis: axis, index: start) : tensor.narrowed(axis: axis, start: start, length: length)
        ).marked(as: x.narrowType)
      }
    }
    return ONNXTensor(.sequence(parts(x.dtype.scalar)))
  }

  /// The tensors behind each other along an axis, which may be a new one.
  private func joined() throws -> ONNXTensor {
    let items = try sequence(0)
    guard let first = items.first else { throw error("an empty sequence") }
    let isNew = try flag("new_axis")
    let axis = try axis(int("axis", 0), first.rank + (isNew ? 1 : 0))
    func rest(_ shape: [Int]) -> [Int] {
      isNew ? shape : shape.enumerated().filter { $0.offset != axis }.map(\.element)
    }
    try require(
      items.allSatisfy { $0.dtype == first.dtype && $0.rank == first.rank && rest($0.shape) == rest(first.shape) },
      "tensors of the shapes \(items.map(\.shape)) along axis \(axis)")
    var shape = first.shape
    if isNew { shape.append(items.count) } else { shape[axis] = items.reduce(0) { $0 + $1.shape[axis] } }
    try allow(shape)
    func join<Scalar: TensorScalar>(_: Scalar.Type) -> ONNXTensor {
      let tensors = items.map { Tensor<Scalar>(body: $0.body) }
      return ONNXTensor(isNew ? stack(tensors, along: axis) : concatenate(tensors, along: axis))
    }
    return join(first.dtype.scalar).marked(as: first.narrowType)
  }

  // MARK: Optional values

  private var isThere: Bool {
    guard has(0), let value = inputs[0] else { return false }
    if case .nothing = value.content { return false }
    return true
  }

  private func present() throws -> ONNXTensor {
    try require(isThere, "the value is missing")
    return try content(0)
  }
}
