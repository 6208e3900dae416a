import TernBackend
import TernTensor

extension StoredArray {
  /// The values of `tensor` in row-major order: Float as F32, Double as F64, Int as I64, Int32 as I32, UInt8 as U8,
  /// Bool as BOOL.
  public init<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) {
    let type = ElementType(tensor.dtype)
    let bytes = tensor.withUnsafeScalars { [UInt8](UnsafeRawBufferPointer($0)) }
    self.init(type: type, shape: tensor.shape, bytes: littleEndian(bytes, size: type.size)[...], source: "tensor")
  }

  /// The numbers as a tensor: floating-point types as Float or Double, integer types as Int, Int32 or UInt8 where each
  /// number fits, BOOL as Bool. Half precision is converted exactly, F64 rounded to the nearest Float.
  ///
  /// - Throws: `DataError` where the types do not go together, or a number does not fit.
  public func tensor<Scalar: TensorScalar>(as _: Scalar.Type = Scalar.self) throws(DataError) -> Tensor<Scalar> {
    if type == ElementType(Scalar.dtype), type != .bool, 1.littleEndian == 1 {
      // The bytes are the tensor's own.
      return Tensor(shape: shape) { out in
        stored.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: out, count: $0.count).copyMemory(from: $0) }
      }
    }
    return switch Scalar.dtype {
    case .float32: try Tensor<Scalar>(body: Tensor(floats(), shape: shape).body)
    case .float64: try Tensor<Scalar>(body: Tensor(doubles(), shape: shape).body)
    case .int32: try Tensor<Scalar>(body: Tensor(int32s(), shape: shape).body)
    case .int64: try Tensor<Scalar>(body: Tensor(ints(), shape: shape).body)
    case .uint8: try Tensor<Scalar>(body: Tensor(uint8s(), shape: shape).body)
    case .bool: try Tensor<Scalar>(body: Tensor(bools(), shape: shape).body)
    }
  }
}

extension ElementType {
  /// How a tensor's elements lie in a file.
  public init(_ dtype: DType) {
    switch dtype {
    case .float32: self = .float32
    case .float64: self = .float64
    case .int32: self = .int32
    case .int64: self = .int64
    case .uint8: self = .uint8
    case .bool: self = .bool
    }
  }
}

extension SafetensorsFile {
  /// The array called `name` as a tensor, converted as `StoredArray.tensor(as:)` does.
  ///
  /// - Throws: `DataError` where there is none, the types do not go together, or a number does not fit.
  public func tensor<Scalar: TensorScalar>(
    _ name: String, as _: Scalar.Type = Scalar.self
  ) throws(DataError) -> Tensor<Scalar> {
    guard let array = self[name] else {
      throw DataError(.notFound, file: file, "there is no \"\(name)\"", expected: "one of \(entries.count) names")
    }
    return try array.tensor()
  }
}

extension Tensor {
  /// Reads the NumPy file (`.npy`) at `path`; numbers are converted as `StoredArray.tensor(as:)` does.
  ///
  /// - Throws: `DataError` where the file cannot be read, is wrong, or holds numbers of another kind.
  public init(npy path: String) throws(DataError) {
    self = try NPYFile.read(path).tensor()
  }

  /// Writes the tensor as the NumPy file (`.npy`) at `path`, whole or not at all.
  ///
  /// - Throws: `DataError` where the file cannot be written.
  public func write(npy path: String) throws(DataError) {
    try NPYFile.write(StoredArray(self), to: path)
  }
}
