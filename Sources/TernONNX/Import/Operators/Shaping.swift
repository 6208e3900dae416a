import TernBackend
import TernTensor

extension NodeCall {
  /// Operators that arrange elements without changing them.
  static let shaping: [String: GraphOperator] = [
    "Reshape": { [try $0.reshape($0.scalar)] },
    "Flatten": { [try $0.flatten($0.scalar)] },
    "Squeeze": { [try $0.squeeze($0.scalar)] },
    "Unsqueeze": { [try $0.unsqueeze($0.scalar)] },
    "Transpose": { [try $0.transpose($0.scalar)] },
    "Expand": { [try $0.expand($0.scalar)] },
    "DepthToSpace": { [try $0.depthToSpace($0.scalar)] },
    "SpaceToDepth": { [try $0.spaceToDepth($0.scalar)] },
    "Trilu": { [try $0.triangle($0.scalar)] },
    "Shape": { [try $0.shapeOf()] },
    "Size": { [ONNXTensor(Tensor(try $0.value(0).count))] },
    "Cast": { [try $0.cast()] },
    "CastLike": { [try $0.castLike()] },
  ]

  private func reshape<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    var shape = opset < 5 && !has(1) ? try ints("shape") ?? [] : try integers(1)
    try require(shape.count <= 64 && shape.allSatisfy { $0 >= -1 }, "the shape \(shape)")
    if try !flag("allowzero") {
      for axis in shape.indices where shape[axis] == 0 {
        try require(axis < x.rank, "the shape \(shape) of \(x.shape)")
        shape[axis] = x.shape[axis]
      }
    }
    if let open = shape.firstIndex(of: -1) {
      var others = shape
      others.remove(at: open)
      try require(!others.contains(-1), "the shape \(shape)")
      try allow(others)
      let known = others.reduce(1, *)
      try require(known > 0 && x.count % known == 0, "\(x.shape) does not become \(shape)")
      shape[open] = x.count / known
    }
    try allow(shape)
    try require(shape.reduce(1, *) == x.count, "\(x.shape) does not become \(shape)")
    return ONNXTensor(x.reshaped(shape))
  }

  private func flatten<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    var axis = try int("axis", 1)
    try require(axis >= -x.rank && axis <= x.rank, "axis \(axis) of a tensor of rank \(x.rank)")
    if axis < 0 { axis += x.rank }
    return ONNXTensor(x.reshaped([x.shape[..<axis].reduce(1, *), x.shape[axis...].reduce(1, *)]))
  }

  private func squeeze<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    var gone = Set(x.shape.indices.filter { x.shape[$0] == 1 })
    if let named = try axesInput(1, from: 13) {
      let axes = Set(try named.map { try axis($0, x.rank) })
      try require(axes.isSubset(of: gone), "axes \(named) of \(x.shape) are not of extent 1")
      gone = axes
    }
    return ONNXTensor(x.reshaped(x.shape.indices.filter { !gone.contains($0) }.map { x.shape[$0] }))
  }

  private func unsqueeze<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    guard let named = try axesInput(1, from: 13) else { throw error("axes are missing") }
    let rank = x.rank + named.count
    try require(rank <= 64, "\(named.count) new axes")
    let new = Set(try axes(named, rank))
    var old = x.shape[...]
    return ONNXTensor(x.reshaped((0..<rank).map { new.contains($0) ? 1 : old.removeFirst() }))
  }

  private func transpose<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let order = try ints("perm") ?? Array((0..<x.rank).reversed())
    try require(order.sorted() == Array(0..<x.rank), "the order \(order) of axes for \(x.shape)")
    return ONNXTensor(x.rank == 0 ? x : x.permuted(order))
  }

  private func expand<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let wanted = try integers(1)
    try require(wanted.count <= 64 && wanted.allSatisfy { $0 >= 0 }, "the shape \(wanted)")
    return ONNXTensor(x.broadcast(to: try broadcast(x.shape, wanted)))
  }

  private func depthToSpace<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let size = try int("blocksize", 0)
    try require(x.rank == 4 && size >= 1 && size <= 1 << 16, "blocks of \(size) in \(x.shape)")
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    try require(c % (size * size) == 0, "blocks of \(size) in \(x.shape)")
    let inner = c / (size * size)
    let parts: Tensor<Scalar>
    switch try text("mode", "DCR") {
    case "DCR": parts = x.reshaped([n, size, size, inner, h, w]).permuted([0, 3, 4, 1, 5, 2])
    case "CRD": parts = x.reshaped([n, inner, size, size, h, w]).permuted([0, 1, 4, 2, 5, 3])
    default: throw error("a mode that is neither DCR nor CRD")
    }
    return ONNXTensor(parts.reshaped([n, inner, h * size, w * size]))
  }

  private func spaceToDepth<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let size = try int("blocksize", 0)
    try require(
      x.rank == 4 && size >= 1 && size <= 1 << 16 && x.shape[2] % size == 0 && x.shape[3] % size == 0,
      "blocks of \(size) in \(x.shape)")
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2] / size, x.shape[3] / size)
    let isCRD = try text("mode", "DCR") == "CRD"
    let parts = x.reshaped([n, c, h, size, w, size]).permuted(isCRD ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4])
    return ONNXTensor(parts.reshaped([n, c * size * size, h, w]))
  }

  private func triangle<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    try require(x.rank >= 2, "\(x.shape) has no matrices")
    let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    let offset = Swift.min(Swift.max(has(1) ? try integer(1) : 0, -rows - 1), columns + 1)
    if x.isEmpty { return ONNXTensor(x) }
    return ONNXTensor(try flag("upper", true) ? x.upperTriangle(diagonal: offset) : x.lowerTriangle(diagonal: offset))
  }

  private func shapeOf() throws -> ONNXTensor {
    let shape = try value(0).shape
    func place(_ index: Int) -> Int { Swift.min(Swift.max(index < 0 ? index + shape.count : index, 0), shape.count) }
    let start = place(try int("start", 0))
    let end = place(try int("end", shape.count))
    return ONNXTensor(Tensor(start < end ? Array(shape[start..<end]) : []))
  }

  private func cast() throws -> ONNXTensor {
    let type = try int("to", 0)
    let x = try value(0)
    switch type {
    case 1: return ONNXTensor(x.cast(to: Float.self))
    case 3, 4, 5, 12, 13: return try wholeNumbers(x, of: type)
    case 2: return ONNXTensor(x.dtype == .float32 || x.dtype == .float64 ? x.cast(to: UInt8.self) : wrapped(x))
    case 6: return ONNXTensor(x.dtype == .int64 ? wrapped32(x) : x.cast(to: Int32.self))
    case 7: return ONNXTensor(x.cast(to: Int.self))
    case 9: return ONNXTensor(x.cast(to: Bool.self))
    case 10, 16: return ONNXTensor(x.cast(to: Float.self)).narrowed(to: type)
    case 11: return ONNXTensor(x.cast(to: Double.self))
    default: throw error("elements of \(onnxTypeName(type)), which Tern does not have")
    }
  }

  /// Whole numbers modulo 256.
  private func wrapped(_ x: ONNXTensor) -> Tensor<UInt8> {
    Tensor(x.cast(to: Int.self).scalars.map { UInt8(truncatingIfNeeded: $0) }, shape: x.shape)
  }

  private func wrapped32(_ x: ONNXTensor) -> Tensor<Int32> {
    Tensor(x.cast(to: Int.self).scalars.map { Int32(truncatingIfNeeded: $0) }, shape: x.shape)
  }

  /// Whole numbers of a type of the file, of which the lowest bits are kept.
  private func wholeNumbers(_ x: ONNXTensor, of type: Int) throws -> ONNXTensor {
    if type == 13 {
      guard let words = x.unsignedWords else { throw error("numbers that 64 bits without sign do not have") }
      return words.marked(as: type)
    }
    let whole = x.cast(to: Int.self)
    return (type == 12 ? ONNXTensor(whole) : ONNXTensor(wrapped32(ONNXTensor(whole)))).narrowed(to: type)
  }

  private func castLike() throws -> ONNXTensor {
    let (x, like) = (try value(0), try value(1))
    if [3, 4, 5, 12, 13].contains(like.narrowType) { return try wholeNumbers(x, of: like.narrowType) }
    func convert<Scalar: TensorScalar>(_: Scalar.Type) throws -> ONNXTensor {
      ONNXTensor(x.cast(to: Scalar.self)).narrowed(to: like.narrowType)
    }
    return try convert(like.dtype.scalar)
  }
}
