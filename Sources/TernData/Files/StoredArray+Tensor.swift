import TernBackend
import TernTensor

extension StoredArray {
  /// The values of `tensor` in row-major order: Float as F32, Double as F64, Int as I64, Int32 as I32, UInt8 as U8,
  /// Bool as BOOL, BFloat16 as BF16.
  ///
  /// A tensor that lies so in memory is not copied.
  ///
  /// - Parameter tensor: The tensor.
  public init<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) {
    let type = ElementType(tensor.dtype)
    var bytes = SharedBytes(tensor)
    if 1.littleEndian != 1 { bytes = SharedBytes(littleEndian(Array(bytes.array), size: type.size)) }
    self.init(type: type, shape: tensor.shape, stored: bytes, source: "tensor")
  }

  /// The numbers as a tensor: floating-point types as Float or Double, integer types as Int, Int32 or UInt8 where each
  /// number fits, BOOL as Bool. Half precision is converted exactly, F64 rounded to the nearest Float; BFloat16 takes what Float would
  /// take, rounded.
  ///
  /// - Throws: `DataError` where the types do not go together, or a number does not fit.
  public func tensor<Scalar: TensorScalar>(as _: Scalar.Type = Scalar.self) throws(DataError) -> Tensor<Scalar> {
    guard Layout.holds(shape) else {
      throw DataError(
        .tooLarge, file: source, "shape \(shape) has more elements than a tensor can have", expected: "at most 2⁴⁸")
    }
    return try Tensor.filled(shape: shape) { (out) throws(DataError) in try convert(to: out) }
  }

  /// Writes the numbers as `tensor(as:)` has them to `out`; `first` is the number of the first of them, for messages.
  func convert<Scalar: TensorScalar>(to out: UnsafeMutablePointer<Scalar>, first: Int = 0) throws(DataError) {
    let raw = UnsafeMutableRawPointer(out)
    if type == ElementType(Scalar.dtype), type != .bool, 1.littleEndian == 1 {
      // The bytes are the tensor's own.
      stored.withUnsafeBytes { UnsafeMutableRawBufferPointer(start: raw, count: $0.count).copyMemory(from: $0) }
      return
    }
    func put<Value: BitwiseCopyable>(_ values: [Value], _ place: Int) {
      values.withUnsafeBytes {
        UnsafeMutableRawBufferPointer(start: raw + place * MemoryLayout<Value>.stride, count: $0.count)
          .copyMemory(from: $0)
      }
    }
    // In chunks: what is between takes no memory to speak of. An empty array may be of the wrong type, too.
    let size = 1 << 16
    for start in stride(from: 0, to: max(count, 1), by: size) {
      let end = min(start + size, count)
      let chunk = StoredArray(
        type: type, shape: [end - start], stored: stored[start * type.size..<end * type.size], source: source)
      switch Scalar.dtype {
      case .float32: put(try chunk.floats(), start)
      case .float64: put(try chunk.doubles(), start)
      case .int32: put(try chunk.integers(first: first + start) as [Int32], start)
      case .int64: put(try chunk.integers(first: first + start) as [Int], start)
      case .uint8: put(try chunk.integers(first: first + start) as [UInt8], start)
      case .bool: put(try chunk.bools(first: first + start), start)
      case .bfloat16: put(try chunk.floats().map { BFloat16($0) } as [BFloat16], start)
      }
    }
  }
}

extension Tensor {
  /// A row-major tensor whose memory `fill` writes, unless it throws.
  static func filled(
    shape: [Int], _ fill: (UnsafeMutablePointer<Scalar>) throws(DataError) -> Void
  ) throws(DataError) -> Tensor {
    var failure: DataError?
    let result = Tensor(shape: shape) { out in
      do throws(DataError) { try fill(out) } catch { failure = error }
    }
    if let failure { throw failure }
    return result
  }
}

extension ElementType {
  /// How a tensor's elements lie in a file.
  ///
  /// - Parameter dtype: The element type.
  public init(_ dtype: DType) {
    switch dtype {
    case .float32: self = .float32
    case .float64: self = .float64
    case .int32: self = .int32
    case .int64: self = .int64
    case .uint8: self = .uint8
    case .bool: self = .bool
    case .bfloat16: self = .bfloat16
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
  /// Reads the NumPy file (`.npy`) at `path`; numbers are converted as `StoredArray.tensor(as:)` does. No more memory is
  /// taken than the tensor's.
  ///
  /// - Parameter path: The path of the file.
  /// - Throws: `DataError` where the file cannot be read, is wrong, or holds numbers of another kind.
  public init(npy path: String) throws(DataError) {
    self = try NPYFile.tensor(path)
  }

  /// Writes the tensor as the NumPy file (`.npy`) at `path`, whole or not at all, from where it lies in memory.
  ///
  /// - Throws: `DataError` where the file cannot be written.
  public func write(npy path: String) throws(DataError) {
    let header = try NPYFile.header(type: ElementType(dtype), shape: shape, source: "tensor")
    try FileIO.write(path) { (sink) throws(DataError) in
      try sink.write(header)
      try write(to: &sink)
    }
  }

  /// Writes the elements in row-major order; those of a view are brought into it chunk by chunk.
  private func write(to sink: inout FileIO.Sink) throws(DataError) {
    let chunkSize = 1 << 20
    let size = MemoryLayout<Scalar>.stride
    guard !layout.isContiguous, count > chunkSize / size else {
      return try sink.write(StoredArray(self).stored)
    }
    let rowCount = shape[0]
    let rowSize = count / rowCount * size
    let step = Swift.max(chunkSize / rowSize, 1)
    for start in stride(from: 0, to: rowCount, by: step) {
      let end = Swift.min(start + step, rowCount)
      let chunk = withoutGradients { rowSize > chunkSize ? self[start] : self[start..<end] }
      try chunk.write(to: &sink)
    }
  }
}
