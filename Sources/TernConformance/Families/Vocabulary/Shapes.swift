import TernTensor

/// Windows, diagonals, triangles, combinations, stacks and parts, memory order.
enum Shapes: ConformanceFamily {
  static let name = "shapes"

  static func run<Scalar: FloatingScalar>(_ arguments: Arguments<Scalar>) throws -> [AnyTensor] {
    switch try arguments.any(0) {
    case .int(let x): return try indices(x, arguments) ?? views(x, arguments) ?? lists(x, arguments)
    case .int32(let x): return try views(x, arguments) ?? lists(x, arguments)
    case .uint8(let x): return try views(x, arguments) ?? lists(x, arguments)
    case .bool(let x): return try views(x, arguments) ?? lists(x, arguments)
    case .float, .double:
      let x = try arguments.tensor(0)
      return try floating(x, arguments) ?? views(x, arguments) ?? lists(x, arguments)
    }
  }

  private static func indices<S>(_ x: Tensor<Int>, _ arguments: Arguments<S>) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let (rows, columns) = try (attributes.int("row", default: 0), attributes.int("col", default: 0))
    let offset = try attributes.int("offset", default: 0)
    switch arguments.operation {
    case "tril_indices": return results(lowerTriangleIndices(rows: rows, columns: columns, diagonal: offset))
    case "triu_indices": return results(upperTriangleIndices(rows: rows, columns: columns, diagonal: offset))
    case "unravel_index": return x.unraveled(try attributes.ints("shape") ?? []).map { AnyTensor($0) }
    default: return nil
    }
  }

  private static func floating<Scalar: FloatingScalar>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<Scalar>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    let axis = try attributes.int("dim", default: 0)
    switch arguments.operation {
    case "sum_to_size": return results(x.sum(to: try attributes.ints("size") ?? []))
    case "prelu": return results(x.prelu(try arguments.tensor(1)))
    case "index_add": return results(x.adding(try arguments.tensor(2), at: try arguments.index(1), along: axis))
    case "index_copy": return results(x.replacing(try arguments.index(1), along: axis, with: try arguments.tensor(2)))
    case "index_select": return results(x.taking(try arguments.index(1), along: axis))
    case "channels_last":
      let y = x.asChannelsLast()
      guard y.isChannelsLast else { throw ConformanceError("the channels are not last") }
      return results(y)
    default: return nil
    }
  }

  /// What one tensor is made into.
  private static func views<Scalar: TensorScalar, S>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor]? {
    let attributes = arguments.attributes
    func int(_ name: String, _ missing: Int = 0) throws -> Int { try attributes.int(name, default: missing) }
    func ints(_ name: String) throws -> [Int] { try attributes.ints(name) ?? [] }
    switch arguments.operation {
    case "expand_as": return results(x.broadcast(to: try arguments.any(1).shape))
    case "reshape_as", "view_as": return results(x.reshaped(try arguments.any(1).shape))
    case "clone": return results(x.clone())
    case "contiguous": return results(x.asContiguous())
    case "unfold":
      return results(x.windows(along: try int("dimension"), size: try int("size"), step: try int("step", 1)))
    case "diag_embed":
      return results(x.diagonalMatrices(offset: try int("offset"), axes: try int("dim1", -2), try int("dim2", -1)))
    case "diagonal":
      return results(x.diagonal(offset: try int("offset"), axes: try int("dim1"), try int("dim2", 1)))
    case "rot90":
      let axes = try attributes.ints("dims") ?? [0, 1]
      return results(x.rotated(quarterTurns: try int("k", 1), axes: axes[0], axes[1]))
    case "combinations":
      return results(x.combinations(of: try int("r", 2), repeating: try attributes.bool("with_replacement")))
    case "unflatten": return results(x.unflattened(try int("dim"), to: try ints("sizes")))
    case "swapaxes": return results(x.transposed(try int("axis0"), try int("axis1")))
    case "transpose": return results(x.transposed(try int("dim0"), try int("dim1")))
    case "squeeze": return results(x.squeezed(try ints("dim")))
    case "fliplr": return results(x.flipped([1]))
    case "flipud": return results(x.flipped([0]))
    case "argwhere": return results(x.nonZero())
    case "roll": return results(x.rolled(by: try ints("shifts")))
    case "repeat_interleave": return results(x.repeatingElements(try arguments.index(1), along: try int("dim")))
    case "atleast_1d": return results(x.atLeast(rank: 1))
    case "atleast_2d": return results(x.atLeast(rank: 2))
    case "atleast_3d": return results(x.atLeast(rank: 3))
    case "tensor_split": return try parts(x, attributes, along: int("dim"))
    case "hsplit": return try parts(x, attributes, along: x.rank == 1 ? 0 : 1)
    case "vsplit": return try parts(x, attributes, along: 0)
    case "dsplit": return try parts(x, attributes, along: 2)
    default: return nil
    }
  }

  private static func parts<Scalar: TensorScalar>(
    _ x: Tensor<Scalar>, _ attributes: Attributes, along axis: Int
  ) throws -> [AnyTensor] {
    var numbers: [Int]?
    var isList = false
    for name in ["indices_or_sections", "indices", "sections"] where numbers == nil {
      numbers = try attributes.ints(name)
      isList = attributes.isList(name)
    }
    guard let numbers, isList || !numbers.isEmpty else { throw ConformanceError("indices_or_sections is missing") }
    let parts = isList ? x.split(at: numbers, along: axis) : x.split(into: numbers[0], along: axis)
    return parts.map { AnyTensor($0) }
  }

  /// What several tensors are made into.
  private static func lists<Scalar: TensorScalar, S>(
    _ x: Tensor<Scalar>, _ arguments: Arguments<S>
  ) throws -> [AnyTensor] {
    let all: [Tensor<Scalar>] = try arguments.inputs.indices.map { try arguments.typed($0) }
    switch arguments.operation {
    case "block_diag": return results(blockDiagonal(all))
    case "cartesian_prod": return results(cartesianProduct(all))
    case "hstack": return results(horizontalStack(all))
    case "vstack": return results(verticalStack(all))
    case "dstack": return results(depthStack(all))
    case "column_stack": return results(columnStack(all))
    case "broadcast_tensors": return broadcast(all).map { AnyTensor($0) }
    default: throw arguments.unknownOperation
    }
  }
}
