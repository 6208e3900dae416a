import TernTensor

extension PyTorchFile {
  /// A tensor as a file describes it; its numbers are read when they are asked for.
  public struct TensorEntry: Sendable {
    /// How its numbers lie in the file.
    public let type: ElementType
    /// The extent of each axis; empty for a single number.
    public let shape: [Int]

    private let strides: [Int]
    /// In elements.
    private let offset: Int
    private let storage: PyTorchStorage
    private let place: String

    /// A view of a storage.
    ///
    /// - Throws: `DataError` where any of it lies outside the storage.
    init(
      type: ElementType, shape: [Int], strides: [Int], offset: Int, storage: PyTorchStorage, place: String
    ) throws(DataError) {
      guard shape.count == strides.count, shape.count <= 64 else {
        throw DataError(
          .malformed, file: place, "\(shape.count) sizes and \(strides.count) strides", expected: "as many, at most 64")
      }
      guard type.byteCount(of: shape) != nil, Layout.holds(shape) else {
        throw DataError(.malformed, file: place, "shape \(shape) is none that a tensor can have")
      }
      guard offset >= 0, strides.allSatisfy({ $0 >= 0 }) else {
        throw DataError(.malformed, file: place, "offset \(offset), strides \(strides)", expected: "none below 0")
      }
      let count = storage.byteCount / type.size
      if !shape.contains(0) {
        // The last element: offset + Σ (size − 1) · stride.
        var last: Int? = offset
        for (size, stride) in zip(shape, strides) {
          let (step, overflows) = (size - 1).multipliedReportingOverflow(by: stride)
          let sum = last?.addingReportingOverflow(step)
          last = overflows || sum?.overflow != false ? nil : sum?.partialValue
        }
        guard let last, last < count else {
          throw DataError(
            .malformed, file: place, "shape \(shape) with strides \(strides) from element \(offset)",
            expected: "within the \(count) of storage \"\(storage.key)\"")
        }
      }
      self.type = type
      self.shape = shape
      // An axis of one element is never stepped along, whatever its stride is.
      self.strides = zip(shape, strides).map { $0 == 1 ? 0 : $1 }
      self.offset = offset
      self.storage = storage
      self.place = place
    }

    /// How many numbers there are.
    public var count: Int { shape.reduce(1, *) }

    /// The numbers in row-major order: from where they are in the file, or copied where the tensor is a view of other
    /// strides. Entries of one storage, as those of tied weights, share its memory.
    ///
    /// - Throws: `DataError` where they are damaged, or larger than ``FileLimits/maximumBytes``.
    public func array() throws(DataError) -> StoredArray {
      // The product fits: the shape was checked.
      let byteCount = type.byteCount(of: shape) ?? 0
      guard byteCount > 0 else {
        return StoredArray(type: type, shape: shape, bytes: [], source: place)
      }
      let bytes = try storage.bytes(elementSize: type.size)
      if isDense {
        let start = offset * type.size
        return StoredArray(type: type, shape: shape, stored: bytes[start..<start + byteCount], source: place)
      }
      guard byteCount <= FileLimits.maximumBytes else {
        throw DataError(
          .tooLarge, file: place, "shape \(shape) takes \(byteCount) bytes",
          expected: FileLimits.words(FileLimits.maximumBytes))
      }
      let dense = bytes.withUnsafeBytes { source in
        switch type.size {
        case 1: gathered(source, UInt8.self, byteCount)
        case 2: gathered(source, UInt16.self, byteCount)
        case 4: gathered(source, UInt32.self, byteCount)
        default: gathered(source, UInt64.self, byteCount)
        }
      }
      return StoredArray(type: type, shape: shape, bytes: dense[...], source: place)
    }

    /// The numbers as a tensor, converted as `StoredArray.tensor(as:)` does.
    ///
    /// - Throws: `DataError` where the types do not go together, or a number does not fit.
    public func tensor<Scalar: TensorScalar>(as _: Scalar.Type = Scalar.self) throws(DataError) -> Tensor<Scalar> {
      try array().tensor()
    }

    /// Whether the elements follow each other in row-major order.
    private var isDense: Bool {
      var expected = 1
      for (size, stride) in zip(shape, strides).reversed() where size != 1 {
        if stride != expected { return false }
        expected *= size
      }
      return true
    }

    /// The elements in row-major order, none of which lies outside of `source`.
    private func gathered<Element: BitwiseCopyable>(
      _ source: UnsafeRawBufferPointer, _: Element.Type, _ byteCount: Int
    ) -> [UInt8] {
      let size = MemoryLayout<Element>.size
      let (inner, innerStride) = (shape.last ?? 1, (strides.last ?? 0) * size)
      return [UInt8](unsafeUninitializedCapacity: byteCount) { out, filled in
        var index = [Int](repeating: 0, count: max(shape.count - 1, 0))
        var start = offset * size
        for row in stride(from: 0, to: byteCount, by: inner * size) {
          for column in 0..<inner {
            UnsafeMutableRawPointer(out.baseAddress! + row + column * size).storeBytes(
              of: source.loadUnaligned(fromByteOffset: start + column * innerStride, as: Element.self), as: Element.self
            )
          }
          for axis in index.indices.reversed() {
            index[axis] += 1
            start += strides[axis] * size
            if index[axis] < shape[axis] { break }
            start -= shape[axis] * strides[axis] * size
            index[axis] = 0
          }
        }
        filled = byteCount
      }
    }
  }
}
