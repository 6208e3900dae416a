import TernBackend
import TernData
import TernMessages
import TernTensor

/// A value of an ONNX graph: a tensor of one of Tern's scalar types, known when the graph runs.
///
/// Types that Tern does not have are widened: half precision to Float; 8 and 16 bits with sign and 16 bits without to
/// Int32; 32 and 64 bits without sign to Int. Each result of a node is rounded to the file's type again, or wraps around. Of
/// 64 bits without sign Int has the bit pattern: numbers from 2⁶³ on are below 0 in ``tensor(_:)``, and right in ``cast(to:)`` to
/// a floating-point type.
public struct ONNXTensor: Sendable {
  /// What a value of a graph is.
  enum Content: Sendable {
    case tensor
    case sequence([ONNXTensor])
    /// An optional value that is not there.
    case nothing
  }

  package let body: TensorBody
  /// ONNX's number of the file's type where Tern's is wider; 0 where they are the same.
  let narrowType: Int
  /// What it is; `body` is that of a tensor alone.
  let content: Content

  init(body: TensorBody, narrowType: Int = 0) {
    self.body = body
    self.narrowType = narrowType
    content = .tensor
  }

  /// A sequence of tensors, or nothing.
  init(_ content: Content) {
    body = Tensor<Float>(zeros: [0]).body
    narrowType = 0
    self.content = content
  }

  /// A tensor as a value of a graph; one of bfloat16 as Float.
  public init<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) {
    self.init(body: Scalar.dtype == .bfloat16 ? tensor.cast(to: Float.self).body : tensor.body)
  }

  /// The array of a file as a value of a graph.
  ///
  /// - Throws: `ONNXError` for numbers that do not fit.
  public init(_ array: StoredArray) throws(ONNXError) {
    do {
      let body: TensorBody
      switch array.type {
      case .float8E4M3, .float8E5M2, .float16, .bfloat16, .float32: body = try (array.tensor() as Tensor<Float>).body
      case .float64: body = try (array.tensor() as Tensor<Double>).body
      case .int8, .int16, .uint16, .int32: body = try (array.tensor() as Tensor<Int32>).body
      case .uint32, .int64: body = try (array.tensor() as Tensor<Int>).body
      case .uint64:
        let signed = StoredArray(type: .int64, shape: array.shape, bytes: array.bytes, source: "onnx")
        body = try (signed.tensor() as Tensor<Int>).body
      case .uint8: body = try (array.tensor() as Tensor<UInt8>).body
      case .bool: body = try (array.tensor() as Tensor<Bool>).body
      }
      self.init(body: body, narrowType: array.type.narrowType)
    } catch {
      throw ONNXError("\(error)")
    }
  }

  /// The extent of every axis.
  public var shape: [Int] { body.layout.shape }
  /// The element type.
  public var dtype: DType { body.dtype }
  var rank: Int { body.layout.shape.count }
  var count: Int { body.layout.count }

  /// The tensor, where it has this scalar type; `nil` otherwise.
  public func tensor<Scalar: TensorScalar>(_: Scalar.Type = Scalar.self) -> Tensor<Scalar>? {
    dtype == Scalar.dtype ? Tensor(body: body) : nil
  }

  /// The values in another scalar type.
  public func cast<Scalar: TensorScalar>(to _: Scalar.Type) -> Tensor<Scalar> {
    switch dtype {
    case .float32: Tensor<Float>(body: body).cast(to: Scalar.self)
    case .float64: Tensor<Double>(body: body).cast(to: Scalar.self)
    case .int32: Tensor<Int32>(body: body).cast(to: Scalar.self)
    case .int64: hasLargeUnsigned ? unsigned(as: Scalar.self) : Tensor<Int>(body: body).cast(to: Scalar.self)
    case .uint8: Tensor<UInt8>(body: body).cast(to: Scalar.self)
    case .bool: Tensor<Bool>(body: body).cast(to: Scalar.self)
    case .bfloat16: Tensor<BFloat16>(body: body).cast(to: Scalar.self)
    }
  }

  /// A matrix with its axes exchanged.
  var transposed: ONNXTensor {
    func exchanged<Scalar: TensorScalar>(_: Scalar.Type) -> ONNXTensor {
      ONNXTensor(Tensor<Scalar>(body: body).transposed(0, 1)).marked(as: narrowType)
    }
    return exchanged(dtype.scalar)
  }

  /// The array as files have it.
  public var stored: StoredArray {
    switch dtype {
    case .float32: StoredArray(Tensor<Float>(body: body))
    case .float64: StoredArray(Tensor<Double>(body: body))
    case .int32: StoredArray(Tensor<Int32>(body: body))
    case .int64: StoredArray(Tensor<Int>(body: body))
    case .uint8: StoredArray(Tensor<UInt8>(body: body))
    case .bool: StoredArray(Tensor<Bool>(body: body))
    case .bfloat16: StoredArray(Tensor<BFloat16>(body: body))
    }
  }
}

extension DType {
  /// The scalar type of this name.
  var scalar: any TensorScalar.Type {
    switch self {
    case .float32: Float.self
    case .float64: Double.self
    case .int32: Int32.self
    case .int64: Int.self
    case .uint8: UInt8.self
    case .bool: Bool.self
    case .bfloat16: BFloat16.self
    }
  }

  /// Tern's type for a type of ONNX; `nil` for those that have none.
  init?(onnx type: Int) {
    guard let type = Onnx_TensorProto.DataType(rawValue: type) else { return nil }
    switch type {
    case .float, .float16, .bfloat16: self = .float32
    case .double: self = .float64
    case .int8, .int16, .uint16, .int32: self = .int32
    case .int64, .uint32, .uint64: self = .int64
    case .uint8: self = .uint8
    case .bool: self = .bool
    default: return nil
    }
  }
}

/// The name of a type of ONNX.
func onnxTypeName(_ type: Int) -> String {
  guard let type = Onnx_TensorProto.DataType(rawValue: type) else { return "type \(type)" }
  return "\(type)"
}

extension ElementType {
  /// How the raw bytes of a type of ONNX lie; `nil` for those that are not whole bytes or no numbers.
  init?(onnx type: Onnx_TensorProto.DataType) {
    switch type {
    case .float: self = .float32
    case .double: self = .float64
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .int8: self = .int8
    case .int16: self = .int16
    case .int32: self = .int32
    case .int64: self = .int64
    case .uint8: self = .uint8
    case .uint16: self = .uint16
    case .uint32: self = .uint32
    case .uint64: self = .uint64
    case .bool: self = .bool
    default: return nil
    }
  }
}

extension Onnx_TensorProto {
  /// The tensor as arrays of files are; its external data must have been read.
  func array() throws -> StoredArray {
    let name = name.isEmpty ? "a tensor" : "the tensor \"\(name)\""
    guard let kind = DataType(rawValue: Int(dataType)), let type = ElementType(onnx: kind) else {
      throw ONNXError("\(name) has elements of \(onnxTypeName(Int(dataType))), which Tern does not have")
    }
    if hasSegment { throw ONNXError("\(name) is a segment of one, which is not read") }
    let shape = dims.map { Int($0) }
    guard shape.count <= 64, let size = type.byteCount(of: shape), Layout.holds(shape) else {
      throw ONNXError("\(name) has the shape \(shape)")
    }
    var bytes: [UInt8]
    if hasRawData {
      bytes = [UInt8](rawData)
    } else {
      switch kind {
      case .float: bytes = littleEndianBytes(floatData)
      case .double: bytes = littleEndianBytes(doubleData)
      case .int64: bytes = littleEndianBytes(int64Data)
      case .uint64: bytes = littleEndianBytes(uint64Data)
      case .uint32: bytes = littleEndianBytes(uint64Data.map { UInt32(truncatingIfNeeded: $0) })
      case .int32: bytes = littleEndianBytes(int32Data)
      case .int16, .uint16, .float16, .bfloat16:
        bytes = littleEndianBytes(int32Data.map { UInt16(truncatingIfNeeded: $0) })
      default: bytes = int32Data.map { UInt8(truncatingIfNeeded: $0) }
      }
    }
    guard bytes.count == size else {
      throw ONNXError("\(name) of shape \(shape) takes \(size) bytes, the file has \(bytes.count)")
    }
    if type == .bool { for i in bytes.indices where bytes[i] > 1 { bytes[i] = 1 } }
    return StoredArray(type: type, shape: shape, bytes: bytes[...], source: "onnx")
  }
}

private func littleEndianBytes<Value: BitwiseCopyable>(_ values: [Value]) -> [UInt8] {
  values.withUnsafeBytes { littleEndian([UInt8]($0), size: MemoryLayout<Value>.size) }
}
