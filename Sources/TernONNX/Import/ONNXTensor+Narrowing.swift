import TernBackend
import TernData
import TernMessages
import TernTensor

extension ElementType {
  /// ONNX's number of the type where Tern has a wider one for it; 0 otherwise.
  var narrowType: Int {
    switch self {
    case .float16: 10
    case .bfloat16: 16
    case .int8: 3
    case .uint16: 4
    case .int16: 5
    case .uint32: 12
    case .uint64: 13
    default: 0
    }
  }
}

extension ONNXTensor {
  /// The same values, known to be of a type of the file: nothing is rounded.
  func marked(as type: Int) -> ONNXTensor {
    ONNXTensor(body: body, narrowType: Self.widened(type) == dtype ? type : 0)
  }

  /// Tern's type for one of the file's that is narrower; `nil` for others.
  private static func widened(_ type: Int) -> DType? {
    switch type {
    case 10, 16: .float32
    case 3, 4, 5: .int32
    case 12, 13: .int64
    default: nil
    }
  }

  /// The nearest numbers of half precision (10, 16) in single precision, with the derivative 1; whole numbers modulo 2ⁿ in
  /// the range of n bits (3, 4, 5, 12). Itself for other types.
  func narrowed(to type: Int) -> ONNXTensor {
    guard Self.widened(type) == dtype, type != narrowType else { return self }
    switch type {
    case 10, 16:
      let x = Tensor<Float>(body: body)
      let near = withoutGradients { () -> Tensor<Float> in
        if type == 16 { return x.cast(to: BFloat16.self).cast(to: Float.self) }
        return Tensor(x.scalars.map(nearestHalf), shape: x.shape)
      }
      return ONNXTensor(body: (x.node == nil ? near : x + (near - x.detached())).body, narrowType: type)
    case 3: return wrapped(type) { Int32(Int8(truncatingIfNeeded: $0)) }
    case 4: return wrapped(type) { Int32(UInt16(truncatingIfNeeded: $0)) }
    case 5: return wrapped(type) { Int32(Int16(truncatingIfNeeded: $0)) }
    case 12: return wrapped(type) { (x: Int) in Int(UInt32(truncatingIfNeeded: x)) }
    default: return marked(as: type)
    }
  }

  private func wrapped<Scalar: TensorScalar>(_ type: Int, _ wrap: (Scalar) -> Scalar) -> ONNXTensor {
    let x = Tensor<Scalar>(body: body)
    return ONNXTensor(body: Tensor(x.scalars.map(wrap), shape: x.shape).body, narrowType: type)
  }

  /// The array as files have it, in the file's own type where that is narrower than Tern's.
  func stored(as type: ElementType?) -> StoredArray {
    guard let type, Self.widened(type.narrowType) == dtype else { return stored }
    func bytes<Scalar: TensorScalar, Narrow: BitwiseCopyable>(_ narrow: (Scalar) -> Narrow) -> StoredArray {
      let values = Tensor<Scalar>(body: body).scalars.map(narrow)
      return StoredArray(type: type, shape: shape, bytes: values.withUnsafeBytes { [UInt8]($0) }[...], source: "tensor")
    }
    switch type {
    case .float16: return bytes { (x: Float) in Float16(x).bitPattern.littleEndian }
    case .int8: return bytes { (x: Int32) in Int8(truncatingIfNeeded: x) }
    case .int16, .uint16: return bytes { (x: Int32) in UInt16(truncatingIfNeeded: x).littleEndian }
    case .uint32: return bytes { (x: Int) in UInt32(truncatingIfNeeded: x).littleEndian }
    case .uint64: return bytes { (x: Int) in UInt64(truncatingIfNeeded: x).littleEndian }
    default: return stored
    }
  }
}

/// The nearest number of half precision, the even one of two. Formula: below 2⁻¹⁴ its numbers are multiples of 2⁻²⁴, which are
/// those that single precision has around 0.75; above, 13 bits of the mantissa go.
private func nearestHalf(_ x: Float) -> Float {
  let magnitude = x.magnitude
  if magnitude < 0x1p-14 { return Float(sign: x.sign, exponent: 0, significand: (magnitude + 0.75) - 0.75) }
  if magnitude >= 65520 { return x.isNaN ? x : x.sign == .minus ? -.infinity : .infinity }
  let bits = x.bitPattern
  return Float(bitPattern: (bits &+ 0xfff &+ (bits >> 13 & 1)) & ~0x1fff)
}

extension NodeCall {
  /// Operators whose results have a type of their own, whatever the inputs are, or are rounded by the operator.
  private static let ofOwnTypes: Set<String> = [
    "Cast", "CastLike", "QuantizeLinear", "DynamicQuantizeLinear", "MatMulInteger", "ConvInteger", "QLinearMatMul",
    "QLinearConv", "Shape", "Size", "NonZero", "ArgMax", "ArgMin", "EyeLike", "ConstantOfShape", "NonMaxSuppression",
    "If",
    "Loop", "Scan",
  ]
  /// Operators whose results are values of their inputs, which need no rounding.
  private static let moving: Set<String> = [
    "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Concat", "Split", "Gather",
    "GatherND",
    "GatherElements", "Expand", "Tile", "Relu", "Max", "Min", "Where", "MaxPool", "Compress", "ReverseSequence",
    "DepthToSpace", "SpaceToDepth", "Trilu", "Neg", "Abs",
  ]

  /// A result in the file's type: that of the first input which Tern keeps in the result's type.
  func narrowed(_ result: ONNXTensor, _ position: Int) -> ONNXTensor {
    guard inputs.contains(where: { $0 != nil && $0!.narrowType != 0 }), result.narrowType == 0,
      case .tensor = result.content, !Self.ofOwnTypes.contains(operation)
    else { return result }
    if position > 0, ["LayerNormalization", "BatchNormalization", "TopK", "Unique"].contains(operation) {
      return result
    }
    let candidates = operation == "OneHot" ? inputs[2...] : inputs[...]
    let source = candidates.first { $0.map { $0.dtype == result.dtype } ?? false }
    guard let type = source??.narrowType, type != 0 else { return result }
    let isMoved = Self.moving.contains(operation) && !(type == 3 && ["Neg", "Abs"].contains(operation))
    return isMoved ? result.marked(as: type) : result.narrowed(to: type)
  }
}
