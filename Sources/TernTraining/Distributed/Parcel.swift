import Foundation

/// Numbers and texts as bytes, to the bit: what ranks tell each other besides arrays of numbers.
struct Parcel {
  private(set) var bytes: [UInt8] = []

  init() {}

  mutating func add(_ number: UInt64) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }
  mutating func add(_ number: Double) { add(number.bitPattern) }
  mutating func add(_ flag: Bool) { add(flag ? 1 : 0 as UInt64) }
  mutating func add(_ text: String) {
    add(text.utf8.count)
    bytes += Array(text.utf8)
  }
  mutating func add(_ numbers: [Double]) {
    add(numbers.count)
    numbers.withUnsafeBytes { bytes += $0 }
  }
  mutating func add(_ more: [UInt8]) {
    add(more.count)
    bytes += more
  }
}

/// Reads what a ``Parcel`` holds, in the same order. Ranks run one program: what does not fit is 0 or empty.
struct ParcelReader {
  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func word() -> UInt64 {
    guard at + 8 <= bytes.count else { return 0 }
    defer { at += 8 }
    return bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: UInt64.self)) }
  }
  mutating func int() -> Int { Int(Int64(bitPattern: word())) }
  mutating func double() -> Double { Double(bitPattern: word()) }
  mutating func bool() -> Bool { word() != 0 }
  mutating func text() -> String { String(decoding: block(), as: UTF8.self) }
  mutating func block() -> [UInt8] {
    let count = int()
    guard count >= 0, at + count <= bytes.count else { return [] }
    defer { at += count }
    return Array(bytes[at..<at + count])
  }
  mutating func doubles() -> [Double] {
    let count = int()
    guard count >= 0, at + 8 * count <= bytes.count else { return [] }
    return (0..<count).map { _ in double() }
  }
}

extension Parcel {
  mutating func add(_ total: LossTotal) {
    add(total.loss.sum)
    add(total.loss.count)
    add(total.figures.count)
    for (name, figure) in total.figures.sorted(by: { $0.key < $1.key }) {
      add(name)
      add(figure.sum)
      add(figure.count)
    }
  }
}

extension ParcelReader {
  mutating func total() -> LossTotal {
    var total = LossTotal(loss: MeanTotal(sum: double(), count: double()))
    for _ in 0..<int() {
      let name = text()
      total.figures[name] = MeanTotal(sum: double(), count: double())
    }
    return total
  }
}
