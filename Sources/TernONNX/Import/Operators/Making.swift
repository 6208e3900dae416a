import TernBackend
import TernTensor

extension NodeCall {
  /// Operators that make tensors.
  static let making: [String: GraphOperator] = [
    "ConstantOfShape": { [try $0.constantOfShape()] },
    "Range": { [try $0.range($0.numeric)] },
    "EyeLike": { [try $0.eyeLike()] },
  ]

  private func constantOfShape() throws -> ONNXTensor {
    let shape = try integers(0)
    try require(shape.count <= 64 && shape.allSatisfy { $0 >= 0 }, "the shape \(shape)")
    try allow(shape)
    func filled<Scalar: TensorScalar>(_ value: Tensor<Scalar>) -> ONNXTensor {
      ONNXTensor(Tensor<Scalar>(full: shape, value.scalars[0]))
    }
    guard let attribute = node.attributes["value"] else { return ONNXTensor(Tensor<Float>(zeros: shape)) }
    guard case .tensor(let value) = attribute, value.count == 1 else { throw error("its value is not one number") }
    func opened<Scalar: TensorScalar>(_: Scalar.Type) -> ONNXTensor { filled(Tensor<Scalar>(body: value.body)) }
    return opened(value.dtype.scalar).marked(as: value.narrowType)
  }

  /// start, start + step, … below the limit.
  private func range<Scalar: NumericScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let numbers: [Tensor<Scalar>] = try (0..<3).map { try tensor($0) }
    try require(numbers.allSatisfy { $0.count == 1 }, "bounds that are not one number each")
    let (start, limit, step) = (numbers[0].scalars[0], numbers[1].scalars[0], numbers[2].scalars[0])
    let (first, end, delta) = (start.number, limit.number, step.number)
    try require(delta != 0 && (first + end + delta).isFinite, "from \(first) to \(end) by \(delta)")
    let exact = Swift.max(((end - first) / delta).rounded(.up), 0)
    try require(exact <= Double(run.limit), "\(exact) elements")
    let count = Int(exact)
    if let start = start as? Int, let step = step as? Int {
      return ONNXTensor(Tensor((0..<count).map { start &+ $0 &* step }))
    }
    let values = (0..<count).map { Scalar(number: first + Double($0) * delta) }
    return ONNXTensor(Tensor(values))
  }

  private func eyeLike() throws -> ONNXTensor {
    let x = try value(0)
    try require(x.rank == 2, "an input of shape \(x.shape)")
    let offset = try int("k", 0)
    let (rows, columns) = (x.shape[0], x.shape[1])
    try allow(x.shape)
    var values = [UInt8](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      let (column, overflow) = row.addingReportingOverflow(offset)
      if !overflow, column >= 0, column < columns { values[row * columns + column] = 1 }
    }
    let ones = ONNXTensor(Tensor(values, shape: x.shape))
    let type = try int("dtype", 0)
    guard let dtype = type == 0 ? x.dtype : DType(onnx: type) else {
      throw error("elements of \(onnxTypeName(type)), which Tern does not have")
    }
    func opened<Scalar: TensorScalar>(_: Scalar.Type) -> ONNXTensor { ONNXTensor(ones.cast(to: Scalar.self)) }
    return opened(dtype.scalar).marked(as: type == 0 ? x.narrowType : type)
  }
}
