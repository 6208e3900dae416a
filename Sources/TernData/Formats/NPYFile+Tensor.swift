import TernTensor

extension NPYFile {
  /// The array of the file at `path` as a tensor, read into its memory: bytes that are to be turned or converted pass
  /// through a small buffer.
  static func tensor<Scalar: TensorScalar>(_ path: String) throws(DataError) -> Tensor<Scalar> {
    let reader = try FileReader(path)
    guard let count = reader.count else { return try read(path).tensor() }
    guard count <= FileLimits.maximumBytes else {
      throw DataError(
        .tooLarge, file: path, "has \(count) bytes", expected: FileLimits.words(FileLimits.maximumBytes))
    }
    let (header, dataStart) = try header(count: count, file: path) { (part) throws(DataError) in
      try reader.bytes(part)[...]
    }
    let type = header.type
    let isDirect = type == ElementType(Scalar.dtype) && type != .bool && !header.isBigEndian && 1.littleEndian == 1
    let isReversed = header.isFortranOrder && header.shape.count > 1
    return try Tensor.filled(shape: header.shape) { (out) throws(DataError) in
      if isDirect, !isReversed {
        return try reader.read(UnsafeMutableRawBufferPointer(start: out, count: count - dataStart), from: dataStart)
      }
      var order = ReversedOrder(header.shape)
      let elementCount = (count - dataStart) / type.size
      let chunkCount = 1 << 16
      let buffer = UnsafeMutablePointer<Scalar>.allocate(capacity: isReversed ? chunkCount : 1)
      defer { buffer.deallocate() }
      // Of an empty array the type is still looked at.
      for start in stride(from: 0, to: max(elementCount, 1), by: chunkCount) {
        let end = min(start + chunkCount, elementCount)
        var bytes = try reader.bytes(dataStart + start * type.size..<dataStart + end * type.size)
        if header.isBigEndian { bytes = reversingBytes(bytes, size: type.size) }
        let chunk = StoredArray(type: type, shape: [end - start], stored: SharedBytes(bytes), source: path)
        try chunk.convert(to: isReversed ? buffer : out + start, first: start)
        if isReversed { for index in 0..<end - start { out[order.next()] = buffer[index] } }
      }
    }
  }
}

/// Places in a row-major array, in the order in which the last axis moves slowest.
private struct ReversedOrder {
  private let shape: [Int]
  private var strides: [Int]
  private var index: [Int]
  private var place = 0

  init(_ shape: [Int]) {
    self.shape = shape
    strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * max(shape[axis + 1], 1) }
    index = [Int](repeating: 0, count: shape.count)
  }

  mutating func next() -> Int {
    defer {
      for axis in shape.indices {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= strides[axis] * shape[axis]
        index[axis] = 0
      }
    }
    return place
  }
}
