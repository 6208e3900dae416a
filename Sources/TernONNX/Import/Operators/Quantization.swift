import TernBackend
import TernTensor

extension NodeCall {
  /// Whole numbers for real ones, by a scale and a zero point. Eight bits with sign are Int32 here.
  static let quantization: [String: GraphOperator] = [
    "DequantizeLinear": { try $0.floating($0.dequantize, $0.dequantize, by: 1) },
    "DynamicQuantizeLinear": { try $0.dynamicQuantize() },
    "QuantizeLinear": { try $0.floating($0.quantize, $0.quantize, by: 1) },
    "MatMulInteger": { [try $0.integerProduct()] },
  ]

  /// A scale or zero point, to broadcast over `shape`.
  private func spread<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>, _ shape: [Int]) throws -> Tensor<Scalar> {
    try require(try int("block_size", 0) == 0, "blocks of numbers")
    if tensor.count == 1 { return tensor.reshaped([]) }
    let axis = try axis(int("axis", 1), shape.count)
    try require(tensor.shape == [shape[axis]], "a scale or zero point of shape \(tensor.shape) for \(shape)")
    return tensor.reshaped([tensor.count] + [Int](repeating: 1, count: shape.count - 1 - axis))
  }

  private func dequantize<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x = try value(0)
    try require([.uint8, .int32, .int64].contains(x.dtype), "numbers of \(x.dtype)")
    let scale = try spread(tensor(1, as: Scalar.self), x.shape)
    var numbers = x.cast(to: Scalar.self)
    if has(2) { numbers = numbers - (try spread(value(2).cast(to: Scalar.self), x.shape)) }
    return ONNXTensor(numbers * scale)
  }

  private func quantize<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    // The file's type of the zero point says the result's; only one of 8 bits without sign is known by itself.
    guard has(2) ? try value(2).dtype == .uint8 : true else {
      throw error("numbers other than 8 bits without sign, which Tern does not have")
    }
    try require([0, 2].contains(try int("output_dtype", 0)), "a type that Tern does not have")
    let scale = try spread(tensor(1, as: Scalar.self), x.shape)
    var scaled = (x / scale).round()
    if has(2) { scaled = scaled + (try spread(value(2).cast(to: Scalar.self), x.shape)) }
    return ONNXTensor(scaled.clamped(min: 0, max: 255).cast(to: UInt8.self))
  }

  private func dynamicQuantize() throws -> [ONNXTensor] {
    let x: Tensor<Float> = try tensor(0)
    try require(!x.isEmpty, "an input of shape \(x.shape)")
    let (low, high) = (Swift.min(x.min().item, 0), Swift.max(x.max().item, 0))
    let scale = (high - low) / 255
    let zero = scale == 0 ? 0 : Swift.min(Swift.max((-low / scale).rounded(.toNearestOrEven), 0), 255)
    let values = ((x / (scale == 0 ? 1 : scale)).round() + zero).clamped(min: 0, max: 255).cast(to: UInt8.self)
    return [
      ONNXTensor(values), ONNXTensor(Tensor(scale)), ONNXTensor(Tensor(UInt8(zero.isFinite ? zero : 0))),
    ]
  }

  /// (a − zero point) · (b − zero point), exactly.
  private func integerProduct() throws -> ONNXTensor {
    func numbers(_ index: Int, _ zero: Int, isRows: Bool) throws -> Tensor<Int32> {
      let x = try value(index)
      try require(x.dtype == .uint8 || x.dtype == .int32, "numbers of \(x.dtype)")
      var numbers = x.cast(to: Int32.self)
      if has(zero) {
        var point = try value(zero).cast(to: Int32.self)
        if point.count > 1, point.rank == 1, isRows { point = point.reshaped([point.count, 1]) }
        try require(try broadcast(x.shape, point.shape) == x.shape, "a zero point of shape \(point.shape)")
        numbers = numbers - point
      }
      return numbers
    }
    return ONNXTensor(try product(numbers(0, 2, isRows: true), numbers(1, 3, isRows: false)))
  }
}
