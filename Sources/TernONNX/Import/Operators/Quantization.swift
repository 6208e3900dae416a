import TernBackend
import TernTensor

extension NodeCall {
  /// Whole numbers for real ones, by a scale and a zero point. Other than 8 bits without sign are Int32 here.
  static let quantization: [String: GraphOperator] = [
    "DequantizeLinear": { try $0.floating($0.dequantize, $0.dequantize, by: 1) },
    "DynamicQuantizeLinear": { try $0.dynamicQuantize() },
    "QuantizeLinear": { try $0.floating($0.quantize, $0.quantize, by: 1) },
    "MatMulInteger": { [try $0.integerProduct()] },
    "QLinearMatMul": { [try $0.quantizedProduct()] },
    "ConvInteger": { [try $0.integerConvolution()] },
    "QLinearConv": { [try $0.quantizedConvolution()] },
  ]

  /// A scale or zero point, to broadcast over `shape`: one number, one for each place of an axis, or one for each block.
  private func spread<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>, _ shape: [Int]) throws -> Tensor<Scalar> {
    let block = try int("block_size", 0)
    if block == 0, tensor.count == 1 { return tensor.reshaped([]) }
    let axis = try axis(int("axis", 1), shape.count)
    if block == 0 {
      try require(tensor.shape == [shape[axis]], "a scale or zero point of shape \(tensor.shape) for \(shape)")
      return tensor.reshaped([tensor.count] + [Int](repeating: 1, count: shape.count - 1 - axis))
    }
    var wanted = shape
    try require(block > 0 && block <= 1 << 32, "blocks of \(block) numbers")
    wanted[axis] = (shape[axis] + block - 1) / block
    try require(
      tensor.shape == wanted, "a scale or zero point of shape \(tensor.shape) for blocks of \(block) in \(shape)")
    return tensor.taking(Tensor((0..<shape[axis]).map { $0 / block }), along: axis)
  }

  private func dequantize<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x = try value(0)
    try require([.uint8, .int32, .int64].contains(x.dtype), "numbers of \(x.dtype)")
    let scale = try spread(tensor(1, as: Scalar.self), x.shape)
    var numbers = x.cast(to: Scalar.self)
    if has(2) { numbers = numbers - (try spread(value(2).cast(to: Scalar.self), x.shape)) }
    let type = try int("output_dtype", 0)
    return ONNXTensor(numbers * scale).narrowed(to: type == 0 ? try value(1).narrowType : type)
  }

  /// Numbers of the type of a zero point, by ONNX's number: what they can be.
  private func quantized<Scalar: FloatingScalar>(_ x: Tensor<Scalar>, type: Int) throws -> ONNXTensor {
    func whole(_ low: Int, _ high: Int) -> Tensor<Int32> {
      x.clamped(min: Scalar(low), max: Scalar(high)).cast(to: Int32.self)
    }
    switch type {
    case 2: return ONNXTensor(x.clamped(min: 0, max: 255).cast(to: UInt8.self))
    case 3: return ONNXTensor(whole(-128, 127)).marked(as: type)
    case 4: return ONNXTensor(whole(0, 65535)).marked(as: type)
    case 5: return ONNXTensor(whole(-32768, 32767)).marked(as: type)
    default: throw error("results of \(onnxTypeName(type)), which Tern does not have")
    }
  }

  /// The type of a zero point, by ONNX's number.
  private func type(ofZero index: Int) throws -> Int {
    let zero = try value(index)
    return zero.narrowType != 0 ? zero.narrowType : zero.dtype == .uint8 ? 2 : 6
  }

  private func quantize<Scalar: FloatingScalar>(_: Scalar.Type) throws -> ONNXTensor {
    let x: Tensor<Scalar> = try tensor(0)
    let named = try int("output_dtype", 0)
    let type = has(2) ? try type(ofZero: 2) : named == 0 ? 2 : named
    let scale = try spread(tensor(1, as: Scalar.self), x.shape)
    var scaled = (x / scale).round()
    if has(2) { scaled = scaled + (try spread(value(2).cast(to: Scalar.self), x.shape)) }
    return try quantized(scaled, type: type)
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

  /// Whole numbers without their zero point, which may be one a row, a column or a channel (`axis`).
  private func centered(_ index: Int, _ zero: Int, axis: Int) throws -> Tensor<Int32> {
    let x = try value(index)
    try require(x.dtype == .uint8 || x.dtype == .int32, "numbers of \(x.dtype)")
    let numbers = x.cast(to: Int32.self)
    guard has(zero) else { return numbers }
    return numbers - (try alongAxis(value(zero).cast(to: Int32.self), x.shape, axis: axis))
  }

  /// One number, or one for each place of an axis that is counted from the back where it is below 0.
  private func alongAxis<Scalar: TensorScalar>(
    _ numbers: Tensor<Scalar>, _ shape: [Int], axis: Int
  ) throws -> Tensor<Scalar> {
    if numbers.count == 1 { return numbers.reshaped([]) }
    let place = axis < 0 ? axis + shape.count : axis
    if numbers.rank == 1, place >= 0, place < shape.count, numbers.count == shape[place] {
      return numbers.reshaped([numbers.count] + [Int](repeating: 1, count: shape.count - 1 - place))
    }
    try require(
      numbers.rank <= shape.count && (try broadcast(shape, numbers.shape)) == shape,
      "a scale or zero point of shape \(numbers.shape) for \(shape)")
    return numbers
  }

  /// (a − zero point) · (b − zero point), exactly.
  private func integerProduct() throws -> ONNXTensor {
    ONNXTensor(try product(centered(0, 2, axis: -2), centered(1, 3, axis: -1)))
  }

  private func quantizedProduct() throws -> ONNXTensor {
    let whole = try product(centered(0, 2, axis: -2), centered(3, 5, axis: -1)).cast(to: Double.self)
    let scales = try (
      alongAxis(value(1).cast(to: Double.self), whole.shape, axis: -2),
      alongAxis(value(4).cast(to: Double.self), whole.shape, axis: -1)
    )
    return try requantized(whole, scales, 6)
  }

  /// The convolution of whole numbers, which double precision holds exactly.
  private func convolved(_ w: Int, zeros: (Int, Int), bias: Int?) throws -> Tensor<Double> {
    let (x, weight) = (try centered(0, zeros.0, axis: 1), try centered(w, zeros.1, axis: 0))
    let added = try bias.flatMap { has($0) ? try value($0).cast(to: Double.self) : nil }
    return try convolution(x.cast(to: Double.self), weight.cast(to: Double.self), added)
  }

  private func integerConvolution() throws -> ONNXTensor {
    ONNXTensor(try convolved(1, zeros: (2, 3), bias: nil).cast(to: Int32.self))
  }

  private func quantizedConvolution() throws -> ONNXTensor {
    let whole = try convolved(3, zeros: (2, 5), bias: 8)
    let scales = try (
      alongAxis(value(1).cast(to: Double.self), [], axis: 0),
      alongAxis(value(4).cast(to: Double.self), whole.shape, axis: 1)
    )
    return try requantized(whole, scales, 6)
  }

  /// Products of quantized numbers by the scale (`index`) and zero point (behind it) of the result.
  private func requantized(
    _ whole: Tensor<Double>, _ scales: (Tensor<Double>, Tensor<Double>), _ index: Int
  ) throws -> ONNXTensor {
    let zero = try value(index + 1)
    try require(zero.count == 1 && (try value(index)).count == 1, "a scale or zero point for each place of the result")
    let scale = scales.0 * scales.1 / (try number(index))
    return try quantized((whole * scale).round() + (try number(index + 1)), type: type(ofZero: index + 1))
  }
}
