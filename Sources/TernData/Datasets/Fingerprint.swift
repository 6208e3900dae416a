/// A data set that can tell whether another one has the same samples, so that a training does not go on with others unseen.
public protocol FingerprintedDataset: Dataset {
  /// A short text that depends on every sample and label; equal for equal data.
  var fingerprint: String { get }
}

/// A text that depends on bytes and sizes: FNV-1a over words of eight bytes.
package struct Fingerprint: Sendable {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  package init() {}

  /// Goes on with a number.
  package mutating func add(_ number: Int) { mix(UInt64(bitPattern: Int64(number))) }

  /// Goes on with a text.
  package mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// Goes on with bytes and their count.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    add(bytes.count)
    let words = bytes.count / 8
    for index in 0..<words { mix(bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self).littleEndian) }
    for byte in bytes[(words * 8)...] { mix(UInt64(byte)) }
  }

  private mutating func mix(_ word: UInt64) {
    state = (state ^ word) &* 0x0000_0100_0000_01B3
    state ^= state >> 32
  }

  /// The number as sixteen digits.
  package var text: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension LabeledImages {
  /// A short text that depends on the size, every pixel and every label.
  public var fingerprint: String {
    var result = Fingerprint()
    for number in shape + [Int(maximum), classCount] { result.add(number) }
    pixels.withUnsafeBytes { result.add($0) }
    labels.withUnsafeBytes { result.add($0) }
    return result.text
  }
}

extension ImageSplit {
  /// A short text that depends on the images of both parts.
  public var fingerprint: String { "\(train.fingerprint)-\(test.fingerprint)" }
}
