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

  /// Goes on with bytes: four lanes of eight at a time.
  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var (a, b, c, d) = (value, value ^ 1, value ^ 2, value ^ 3)
    let multiplier: UInt64 = 0x9FB2_1C65_1E98_DF25
    var at = 0
    while at + 32 <= bytes.count {
      a = (a ^ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) &* multiplier
      b = (b ^ bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)) &* multiplier
      c = (c ^ bytes.loadUnaligned(fromByteOffset: at + 16, as: UInt64.self)) &* multiplier
      d = (d ^ bytes.loadUnaligned(fromByteOffset: at + 24, as: UInt64.self)) &* multiplier
      a ^= a >> 32
      b ^= b >> 32
      c ^= c >> 32
      d ^= d >> 32
      at += 32
    }
    while at < bytes.count {
      a = (a ^ UInt64(bytes[at])) &* multiplier
      a ^= a >> 32
      at += 1
    }
    add(a)
    add(b)
    add(c)
    add(d)
    add(bytes.count)
  }

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
    for extent in body.layout.shape { add(extent) }
    let dense = body.layout.isDense ? body : body.contiguousCopy
    defer { withExtendedLifetime(dense) {} }
    let (count, size) = (dense.layout.count, dense.dtype.byteCount)
    let base = UnsafeRawPointer(dense.pointer)
    if isWhole || count <= Self.sampleSize {
      add(UnsafeRawBufferPointer(start: base, count: count * size))
      return
    }
    let blocks = Self.sampleSize / Self.blockSize
    var state = key
    for block in 0..<blocks {
      let (start, end) = (count * block / blocks, count * (block + 1) / blocks)
      // A step of SplitMix64.
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      let free = UInt64(end - start - min(Self.blockSize, end - start) + 1)
      let first = start + Int((z ^ z >> 31) % free)
      let length = min(Self.blockSize, end - first)
      add(UnsafeRawBufferPointer(start: base + first * size, count: length * size))
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
