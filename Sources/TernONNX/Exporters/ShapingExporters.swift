import TernTensor

extension OperationExporters {
  /// What gives elements other places.
  static let shaping: [String: Exporter] = [
    "reshaped": { x in x.reshaped(x.x, from: x.inputs[0].shape, to: x.shape) },
    "permuted": { x throws(Refusal) in x.node("Transpose", [x.x], ["perm": .ints(try x.integers("axes"))]) },
    "broadcast": { x in
      if x.inputs[0].shape == x.shape { return x.x }
      return x.node("Expand", [x.x, x.graph.sizes(x.shape)])
    },
    "subscript": { x throws(Refusal) in
      x.inputs.count == 1 ? try part(x) : try updated(x)
    },
    "concatenate": { x throws(Refusal) in
      let parts = x.inputs.filter { $0.shape != [0] || x.shape == [0] }
      return x.node("Concat", parts.map { $0.name }, ["axis": .int(try x.integer("axis"))])
    },
    "padded": { x throws(Refusal) in
      if x.arguments["value"] != nil {
        let amounts = try x.integers("before") + x.integers("after")
        return x.node("Pad", [x.x, x.integers(amounts), try x.scalar("value")], ["mode": .string("constant")])
      }
      var result = x.x
      for axis in x.shape.indices where x.arguments["indices of axis \(axis)"] != nil {
        let indices = x.integers(try x.integers("indices of axis \(axis)"))
        result = x.node("Gather", [result, indices], ["axis": .int(axis)])
      }
      return result
    },
    "lowerTriangle": { x throws(Refusal) in try triangle(x, upper: false) },
    "upperTriangle": { x throws(Refusal) in try triangle(x, upper: true) },
    "diagonal": { x throws(Refusal) in
      let axes = try x.integers("axes").map { $0 < 0 ? $0 + x.inputs[0].shape.count : $0 }
      let offset = try x.integer("offset")
      let source = x.inputs[0].shape
      guard source[axes[0]].isFixed, source[axes[1]].isFixed, let count = x.shape.last, count.isFixed else {
        throw Refusal("a diagonal along the batch")
      }
      let rest = source.indices.filter { !axes.contains($0) }
      let moved = x.node("Transpose", [x.x], ["perm": .ints(rest + axes)])
      let flat = rest.map { source[$0] } + [Extent(source[axes[0]].fixed * source[axes[1]].fixed)]
      let joined = x.reshaped(moved, from: (rest + axes).map { source[$0] }, to: flat)
      let width = source[axes[1]].fixed
      let start = offset >= 0 ? offset : -offset * width
      let places = (0..<count.fixed).map { start + $0 * (width + 1) }
      return x.node("Gather", [joined, x.integers(places)], ["axis": .int(rest.count)])
    },
    "windows": { x throws(Refusal) in
      // Positions of all windows taken at once, [count · size], then taken apart with the window as the last axis.
      let (axis, size, step) = (try x.integer("axis"), try x.integer("size"), try x.integer("step"))
      guard x.shape[axis].isFixed else { throw Refusal("windows along the batch") }
      let places = (0..<x.shape[axis].fixed).flatMap { window in (0..<size).map { window * step + $0 } }
      let taken = x.node("Gather", [x.x, x.integers(places)], ["axis": .int(axis)])
      var (from, to) = (x.inputs[0].shape, x.inputs[0].shape)
      from[axis] = Extent(places.count)
      to.replaceSubrange(axis...axis, with: [x.shape[axis], Extent(size)])
      let apart = x.reshaped(taken, from: from, to: to)
      let order = Array(0...axis) + Array((axis + 2)..<(to.count)) + [axis + 1]
      return x.node("Transpose", [apart], ["perm": .ints(order)])
    },
  ]

  private static func triangle(_ x: TracedOperation, upper: Bool) throws(Refusal) -> String {
    let diagonal = x.integers(try x.integers("diagonal"))
    let scalar = x.node("Reshape", [diagonal, x.integers([])])
    if x.type != .bool { return x.node("Trilu", [x.x, scalar], ["upper": .int(upper ? 1 : 0)]) }
    let numbers = x.cast(x.x, .bool, to: .float32)
    return x.cast(x.node("Trilu", [numbers, scalar], ["upper": .int(upper ? 1 : 0)]), .float32, to: .bool)
  }

  /// An entry of a subscript.
  private struct Entry {
    enum Kind: Int { case slice, index, newAxis }
    let kind: Kind
    let first: Extent, step: Int, count: Extent
  }

  private static func entries(_ x: TracedOperation) throws(Refusal) -> [Entry] {
    let numbers = try x.extents("entries")
    var entries: [Entry] = []
    for place in stride(from: 0, to: numbers.count, by: 4) {
      guard let kind = Entry.Kind(rawValue: numbers[place].fixed), numbers[place + 2].isFixed else {
        throw Refusal("a step that depends on the batch")
      }
      entries.append(
        Entry(kind: kind, first: numbers[place + 1], step: numbers[place + 2].fixed, count: numbers[place + 3]))
    }
    return entries
  }

  /// Reading a part.
  private static func part(_ x: TracedOperation) throws(Refusal) -> String {
    var (starts, ends, axes, steps) = ([Extent](), [Extent](), [Int](), [Int]())
    var sliced = x.inputs[0].shape
    let entries = try entries(x).filter { $0.kind != .newAxis }
    for (axis, entry) in entries.enumerated() where entry.first != 0 || entry.step != 1 || entry.count != sliced[axis] {
      var end = Extent(
        entry.first.fixed + entry.step * entry.count.fixed,
        perBatch: entry.first.perBatch + entry.step * entry.count.perBatch)
      // Before the first element of all.
      if entry.step < 0 && end.isFixed && end.fixed < 0 { end = Extent(-1 << 62) }
      starts.append(entry.first)
      ends.append(end)
      axes.append(axis)
      steps.append(entry.step)
      sliced[axis] = entry.count
    }
    let result =
      axes.isEmpty
      ? x.x
      : x.node("Slice", [x.x, x.graph.sizes(starts), x.graph.sizes(ends), x.integers(axes), x.integers(steps)])
    return x.reshaped(result, from: sliced, to: x.shape)
  }

  /// Writing a part: the value brought to its places along every axis, and chosen there.
  private static func updated(_ x: TracedOperation) throws(Refusal) -> String {
    let (entries, value) = (try entries(x), x.inputs[1])
    // The value's extents along every axis of the whole; those of new axes are one.
    let kept = entries.filter { $0.kind != .index }
    var open = Array(repeating: Extent(1), count: max(0, kept.count - value.shape.count)) + value.shape
    if open.count > kept.count { open.removeFirst(open.count - kept.count) }
    var (extents, place) = ([Extent](), 0)
    for entry in entries {
      switch entry.kind {
      case .index: extents.append(1)
      case .slice:
        extents.append(open[place])
        place += 1
      case .newAxis: place += 1
      }
    }
    var result = x.reshaped(value.name, from: value.shape, to: extents)
    let axes = entries.filter { $0.kind != .newAxis }
    var mask: String?
    for (axis, entry) in axes.enumerated() where entry.first != 0 || entry.step != 1 || entry.count != x.shape[axis] {
      guard x.shape[axis].isFixed, entry.first.isFixed, entry.count.isFixed else {
        throw Refusal("a part of the batch is written")
      }
      var (sources, isWritten) = (
        [Int](repeating: 0, count: x.shape[axis].fixed), [Int](repeating: 0, count: x.shape[axis].fixed)
      )
      for index in 0..<entry.count.fixed {
        sources[entry.first.fixed + index * entry.step] = index
        isWritten[entry.first.fixed + index * entry.step] = 1
      }
      if extents[axis] != 1 {
        result = x.node("Gather", [result, x.integers(sources)], ["axis": .int(axis)])
      }
      var shape = [Extent](repeating: 1, count: x.rank)
      shape[axis] = x.shape[axis]
      let flags = x.cast(
        x.reshaped(x.integers(isWritten), from: [x.shape[axis]], to: shape), .int64, to: .bool)
      mask = mask.map { x.node("And", [$0, flags]) } ?? flags
    }
    guard let mask else { return x.node("Expand", [result, x.graph.sizes(x.shape)]) }
    return x.node("Where", [mask, result, x.x])
  }
}
