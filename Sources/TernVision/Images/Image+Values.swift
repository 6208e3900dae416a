import Foundation
import TernBackend

/// A value of a channel: UInt8 or UInt16.
protocol ImageValue: FixedWidthInteger, UnsignedInteger, BitwiseCopyable, Sendable {
  static func wrapped(_ values: [Self]) -> Image.Values
}

extension UInt8: ImageValue {
  static func wrapped(_ values: [UInt8]) -> Image.Values { .bytes(values) }
}

extension UInt16: ImageValue {
  static func wrapped(_ values: [UInt16]) -> Image.Values { .words(values) }
}

extension ImageValue {
  /// The nearest value, halves upwards, within what can be.
  @inline(__always)
  static func rounded(_ value: Double) -> Self {
    let number = value + 0.5
    return number >= 1 ? (number < Double(Self.max) + 1 ? Self(number) : .max) : 0
  }
}

/// Makes values of either width.
protocol ImageValueMaker {
  func make<Value: ImageValue>(
    _ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>)
}

extension Image {
  /// Stops where the memory of a large picture cannot be had, before it is asked for.
  private func requireMemory(_ bytes: Int, _ shape: String) {
    if bytes < 1 << 26 { return }
    let probe = malloc(bytes)
    check(probe != nil, "Image", "a picture of \(shape) values takes \(bytes) bytes, which are not there")
    free(probe)
  }

  /// A picture of another size and as many bits, whose values `maker` writes, all of them.
  func made(height: Int, width: Int, format: Format? = nil, _ maker: some ImageValueMaker) -> Image {
    let format = format ?? self.format
    let count = height * width * format.channels
    requireMemory(count * (bitDepth / 8), "\(height)×\(width)×\(format.channels)")
    func run<Value: ImageValue>(_ source: [Value]) -> Values {
      Value.wrapped(
        [Value](unsafeUninitializedCapacity: count) { target, filled in
          source.withUnsafeBufferPointer {
            maker.make($0, UnsafeMutableBufferPointer(start: target.baseAddress, count: count))
          }
          filled = count
        })
    }
    let made: Values
    switch values {
    case .bytes(let bytes): made = run(bytes)
    case .words(let words): made = run(words)
    }
    return Image(height: height, width: width, format: format, values: made)
  }
}
