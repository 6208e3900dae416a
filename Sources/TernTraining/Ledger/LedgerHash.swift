import TernBackend
import TernTensor

/// A hash of bits: two runs with the same bits have the same, and others hardly ever.
struct LedgerHash {
  private(set) var value: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0xBF58_476D_1CE4_E5B9
    value ^= value >> 29
  }

  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

  /// Goes on with bytes.
  mutating func add(_ bytes: UnsafeRawBufferPointer) { value = MemoryHash.value(bytes, seed: value) }

  /// Goes on with a text.
  mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// How many elements of a tensor are looked at.
  static let sampleSize = 4096
  /// How many of them lie beside each other.
  private static let blockSize = 64

  /// Goes on with elements of a tensor: with all where there are few, or `isWhole`; else with 64 stretches of 64 elements at
  /// places that depend on `key`, one in each 64th of the tensor.
  mutating func add(_ body: TensorBody, key: UInt64, isWhole: Bool = false) {
    let layout = body.layout
    for extent in layout.shape { add(extent) }
    let dense = layout.isDense ? body : body.contiguousCopy
    let (count, size) = (layout.count, body.dtype.byteCount)
    let base = UnsafeRawPointer(dense.pointer)
    withExtendedLifetime(dense) {
      if isWhole || count <= Self.sampleSize {
        add(UnsafeRawBufferPointer(start: base, count: count * size))
      } else {
        value = MemoryHash.sample(
          base, count: count, size: size, blocks: Self.sampleSize / Self.blockSize, length: Self.blockSize, key: key,
          seed: value)
      }
    }
  }
}

extension TensorBody {
  /// The values one after the other.
  fileprivate var contiguousCopy: TensorBody {
    OperationObservers.silently {
      withoutGradients {
        switch dtype {
        case .float32: Tensor<Float>(body: detached).contiguous.body
        case .float64: Tensor<Double>(body: detached).contiguous.body
        case .int64: Tensor<Int>(body: detached).contiguous.body
        case .int32: Tensor<Int32>(body: detached).contiguous.body
        case .uint8: Tensor<UInt8>(body: detached).contiguous.body
        case .bool: Tensor<Bool>(body: detached).contiguous.body
        case .bfloat16: Tensor<BFloat16>(body: detached).contiguous.body
        }
      }
    }
  }
}
