import TernTensor

/// Shapes, views, joining and picking.
enum Shaping: ConformanceFamily {
  static let name = "shaping"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch try arguments.any(0) {
    case .int(let x):
      return try integer(x, arguments) ?? numeric(x, arguments) ?? views(x, arguments) ?? any(x, arguments)
    case .int32(let x): return try numeric(x, arguments) ?? views(x, arguments) ?? any(x, arguments)
    case .uint8(let x): return try numeric(x, arguments) ?? views(x, arguments) ?? any(x, arguments)
    case .bool(let x): return try views(x, arguments) ?? any(x, arguments)
    case .float, .double:
      let x = try arguments.tensor(0)
      return try floating(x, arguments) ?? numeric(x, arguments) ?? views(x, arguments) ?? any(x, arguments)
    }
  }

  private static func floating<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<Scalar>
  ) throws -> [AnyTensor]? {
    switch arguments.operation {
    case "unfold": return results(x.unfolded(try patches(arguments)))
    case "fold":
      let size = try pair(arguments, "output_size", 1)
      return results(x.folded(into: size, try patches(arguments)))
    default: return nil
    }
  }

  private static func patches<S>(_ arguments: Arguments<S>) throws -> PatchGeometry {
    try PatchGeometry(
      kernel: pair(arguments, "kernel_size", 1), dilation: pair(arguments, "dilation", 1),
      padding: pair(arguments, "padding", 0), stride: pair(arguments, "stride", 1))
  }

  private static func pair<S>(_ arguments: Arguments<S>, _ name: String, _ missing: Int) throws -> (Int, Int) {
    let list = try arguments.attributes.ints(name) ?? [missing]
    return (list[0], list.count > 1 ? list[1] : list[0])
  }

  private static func integer<S>(_ x: Tensor<Int>, _ arguments: Arguments<S>) throws -> [AnyTensor]? {
    switch arguments.operation {
    case "one_hot":
      let classes = try arguments.attributes.int("num_classes", default: -1)
      return results(x.oneHot(classes: classes < 0 ? nil : classes))
    case "bincount":
      let length = try arguments.attributes.int("minlength", default: 0)
      guard arguments.has(1) else { return results(x.binCounts(minimumLength: length)) }
      return results(x.binCounts(weights: try arguments.tensor(1), minimumLength: length))
    default: return nil
    }
  }

  private static func numeric<Scalar: NumericScalar, S>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    switch arguments.operation {
    case "scatter_add":
      return results(
        x.scatterAdding(
          try arguments.typed(2), at: try arguments.index(1), along: try attributes.int("dim", default: 0)))
    case "searchsorted":
      return results(searchSorted(x, try arguments.typed(1), right: try attributes.bool("right")))
    case "index_put" where try attributes.bool("accumulate"):
      return results(x.adding(try arguments.typed(1), at: try indices(arguments, from: 2)))
    default: return nil
    }
  }

  /// What the same memory shows.
  private static func views<Scalar: TensorScalar, S>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    func int(_ name: String, _ missing: Int = 0) throws -> Int { try attributes.int(name, default: missing) }
    func list(_ name: String) throws -> [Int] { try attributes.ints(name) ?? [] }
    switch arguments.operation {
    case "reshape": return results(x.reshaped(try list("shape")))
    case "permute": return results(x.permuted(try list("dims")))
    case "transpose": return results(x.transposed(try int("dim0"), try int("dim1")))
    case "squeeze": return results(x.squeezed(try list("dim")))
    case "unsqueeze": return results(x.expandedAxis(at: try int("dim")))
    case "flatten": return results(x.flattened(from: try int("start_dim"), to: try int("end_dim", -1)))
    case "expand": return results(x.broadcast(to: try list("size")))
    case "split":
      let lengths = try list("split_size_or_sections")
      let axis = try int("dim")
      let parts =
        attributes.isList("split_size_or_sections")
        ? x.split(lengths, along: axis) : x.split(every: lengths.first ?? 0, along: axis)
      return parts.map { AnyTensor($0) }
    case "chunk": return x.chunks(try int("chunks"), along: try int("dim")).map { AnyTensor($0) }
    case "slice":
      let slices = try attributes.optionalIntLists("slices") ?? []
      return results(x[slices.map { AxisIndex.slice($0[0], $0[1], step: $0[2] ?? 1) }])
    case "select": return results(x.selected(axis: try int("dim"), index: try int("index")))
    case "narrow":
      return results(x.narrowed(axis: try int("dim"), start: try int("start"), length: try int("length")))
    case "flip": return results(x.flipped(try list("dims")))
    case "diagonal":
      return results(x.diagonal(offset: try int("offset"), axes: try int("dim1"), try int("dim2", 1)))
    case "movedim": return results(x.movingAxes(try list("source"), to: try list("destination")))
    default: return nil
    }
  }

  /// Operations of any element type that copy.
  private static func any<Scalar: TensorScalar, S>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor] {
    let attributes = arguments.attributes
    func int(_ name: String, _ missing: Int = 0) throws -> Int { try attributes.int(name, default: missing) }
    func list(_ name: String) throws -> [Int] { try attributes.ints(name) ?? [] }
    func all() throws -> [Tensor<Scalar>] { try arguments.inputs.indices.map { try arguments.typed($0) } }
    switch arguments.operation {
    case "cat": return results(concatenate(try all(), along: try int("dim")))
    case "stack": return results(stack(try all(), along: try int("dim")))
    case "meshgrid":
      return meshgrid(try all(), indexing: attributes.string("indexing") == "xy" ? .xy : .ij).map { AnyTensor($0) }
    case "index_select": return results(x.taking(try arguments.index(1), along: try int("dim")))
    case "gather": return results(x.gathered(try arguments.index(1), along: try int("dim")))
    case "take_along_dim":
      return results(x.gathered(broadcasting: try arguments.index(1), along: try attributes.int("dim")))
    case "scatter":
      let source = try value(attributes, "value", Scalar.self).map { Tensor($0) } ?? arguments.typed(2)
      return results(x.scattering(source, at: try arguments.index(1), along: try int("dim")))
    case "masked_fill":
      return results(x.filled(with: try value(attributes, "value", Scalar.self)!, where: try arguments.mask(1)))
    case "masked_select": return results(x.elements(where: try arguments.mask(1)))
    case "roll": return results(x.rolled(by: try list("shifts"), along: try attributes.ints("dims")))
    case "tile": return results(x.tiled(try list("dims")))
    case "repeat": return results(x.tiled(try list("repeats")))
    case "repeat_interleave":
      let axis = try attributes.int("dim")
      guard let times = try attributes.int("repeats") else {
        return results(x.repeatingElements(try arguments.index(1), along: axis))
      }
      return results(x.repeatingElements(times, along: axis))
    case "pad": return results(x.padded(try amounts(list("pad")), try mode(attributes)))
    case "tril": return results(x.lowerTriangle(diagonal: try int("diagonal")))
    case "triu": return results(x.upperTriangle(diagonal: try int("diagonal")))
    case "diag":
      let offset = try int("diagonal")
      return results(x.rank == 1 ? x.diagonalMatrix(offset: offset) : x.diagonal(offset: offset))
    case "unique":
      let found = try attributes.int("dim").map { x.unique(along: $0) } ?? x.unique()
      return try results(found.values)
        + (attributes.bool("return_inverse") ? results(found.inverse) : [])
        + (attributes.bool("return_counts") ? results(found.counts) : [])
    case "nonzero": return results(x.nonZero())
    case "index": return results(x.indexed(try indices(arguments, from: 1)))
    case "index_put": return results(x.replacing(try indices(arguments, from: 2), with: try arguments.typed(1)))
    default: throw arguments.unknownOperation
    }
  }

  private static func indices<S>(_ arguments: Arguments<S>, from first: Int) throws -> [TensorIndex] {
    try arguments.inputs.indices.dropFirst(first).map { place in
      guard arguments.has(place) else { return .all }
      if case .bool(let mask) = try arguments.any(place) { return .where(mask) }
      return .at(try arguments.index(place))
    }
  }

  /// Pairs of the last axis first, as pairs of the last axis last.
  private static func amounts(_ pad: [Int]) -> [(before: Int, after: Int)] {
    stride(from: pad.count - 2, through: 0, by: -2).map { (pad[$0], pad[$0 + 1]) }
  }

  private static func mode<Scalar: TensorScalar>(_ attributes: Attributes) throws -> PaddingMode<Scalar> {
    switch attributes.string("mode") {
    case "reflect": .reflect
    case "replicate": .replicate
    case "circular": .circular
    default: .constant(try value(attributes, "value", Scalar.self) ?? .zero)
    }
  }

  /// A number among the attributes as a scalar of any type.
  private static func value<Scalar: TensorScalar>(
    _ attributes: Attributes, _ name: String, _: Scalar.Type
  ) throws -> Scalar? {
    try attributes.number(name).map { Tensor<Double>($0).cast(to: Scalar.self).item }
  }
}
