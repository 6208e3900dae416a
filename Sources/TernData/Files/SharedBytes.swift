import TernTensor

/// Bytes of a file, read or mapped, or of a tensor; a part of them shares their memory.
package struct SharedBytes: Sendable {
  private enum Memory: Sendable {
    case array(ArraySlice<UInt8>)
    case mapped(MappedFile)
    /// Row-major.
    case tensor(TensorBody)
  }

  private let memory: Memory
  private let range: Range<Int>

  private init(_ memory: Memory, _ range: Range<Int>) {
    self.memory = memory
    self.range = range
  }

  package init(_ bytes: ArraySlice<UInt8>) { self.init(.array(bytes), bytes.indices) }
  package init(_ bytes: [UInt8]) { self.init(bytes[...]) }
  package init(_ file: MappedFile) { self.init(.mapped(file), 0..<file.bytes.count) }

  /// The elements of a tensor as they lie in memory, row-major; they stay what they are when the tensor is written.
  package init<Scalar>(_ tensor: Tensor<Scalar>) {
    let body = withoutGradients { tensor.contiguous.body.detached }
    self.init(.tensor(body), 0..<tensor.count * MemoryLayout<Scalar>.stride)
  }

  package var count: Int { range.count }

  /// The number at a place counted from the first of these, least significant byte first; `nil` where they end before.
  package func integer<Value: FixedWidthInteger & BitwiseCopyable>(at place: Int, as _: Value.Type) -> Value? {
    guard place >= 0, place <= count - MemoryLayout<Value>.size else { return nil }
    return withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: Value.self)) }
  }

  /// A part, counted from the first of these.
  package subscript(part: Range<Int>) -> SharedBytes {
    precondition(part.lowerBound >= 0 && part.upperBound <= count)
    return SharedBytes(memory, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// The bytes as an array; of a mapped file or a tensor, a copy.
  package var array: ArraySlice<UInt8> {
    switch memory {
    case .array(let bytes): bytes[range]
    case .mapped, .tensor: withUnsafeBytes { Array($0)[...] }
    }
  }

  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    switch memory {
    case .array(let bytes): try bytes[range].withUnsafeBytes(body)
    case .mapped(let file):
      try withExtendedLifetime(file) { try body(UnsafeRawBufferPointer(rebasing: file.bytes[range])) }
    case .tensor(let tensor):
      try withExtendedLifetime(tensor) {
        try body(UnsafeRawBufferPointer(start: tensor.pointer + range.lowerBound, count: range.count))
      }
    }
  }
}
