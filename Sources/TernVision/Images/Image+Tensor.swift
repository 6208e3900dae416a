import TernBackend
import TernData
import TernTensor

extension Image {
  /// A picture of bytes from a tensor [C, H, W] with 1 to 4 channels, or [H, W]; stops for other shapes.
  ///
  /// - Parameter tensor: The tensor.
  public init(_ tensor: Tensor<UInt8>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (shape, format) = Self.shape(of: tensor.shape)
    let bytes = withoutGradients { tensor.detached().reshaped(shape).permuted([1, 2, 0]).scalars }
    self.init(height: shape[1], width: shape[2], format: format, values: .bytes(bytes))
  }

  /// A picture from numbers 0 to 1, [C, H, W] with 1 to 4 channels, or [H, W]: each times 255, or 65535 for 16 bits, rounded
  /// and held to what can be; NaN is 0. Stops for other shapes and bit depths.
  ///
  /// - Parameters:
  ///   - tensor: The tensor.
  ///   - bitDepth: The bits of a value, 8 or 16.
  public init<Scalar: FloatingScalar>(
    _ tensor: Tensor<Scalar>, bitDepth: Int = 8, file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (shape, format) = Self.shape(of: tensor.shape)
    check(bitDepth == 8 || bitDepth == 16, "Image", "a bit depth of \(bitDepth), expected 8 or 16")
    let numbers = withoutGradients { tensor.detached().reshaped(shape).permuted([1, 2, 0]).scalars }
    let values: Values =
      bitDepth == 8
      ? .bytes(numbers.map { UInt8.rounded($0.number * 255) })
      : .words(numbers.map { UInt16.rounded($0.number * 65535) })
    self.init(height: shape[1], width: shape[2], format: format, values: values)
  }

  private static func shape(of shape: [Int]) -> (shape: [Int], format: Format) {
    let whole = shape.count == 2 ? [1] + shape : shape
    guard whole.count == 3, let format = Format(rawValue: whole[0]), whole[1] > 0, whole[2] > 0 else {
      fail("Image", "a tensor of shape \(shape), expected [C, H, W] with 1 to 4 channels, or [H, W]")
    }
    checkSize(whole[1], whole[2], "Image")
    return (whole, format)
  }

  /// The values divided by the largest there can be, [C, H, W] from 0 to 1, channels-last in memory.
  public func tensor<Scalar: FloatingScalar>(
    as _: Scalar.Type = Float.self, file: StaticString = #fileID, line: UInt = #line
  ) -> Tensor<Scalar> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let result = Tensor<Scalar>(uninitialized: Layout([channels, height, width], order: [1, 2, 0]))
    write(to: result.mutablePointer, PixelScaling(nil, format))
    return result
  }

  /// The values as bytes, [C, H, W], see ``bytes``.
  public var byteTensor: Tensor<UInt8> {
    Tensor<UInt8>(bytes, shape: [height, width, channels]).permuted([2, 0, 1])
  }

  /// Writes the scaled values pixel by pixel.
  func write<Scalar: FloatingScalar>(to out: UnsafeMutablePointer<Scalar>, _ scaling: PixelScaling) {
    let channels = channels
    switch values {
    case .bytes(let bytes):
      scaling.withTable(Scalar.self) { table in
        bytes.withUnsafeBufferPointer { bytes in
          var place = 0
          while place < bytes.count {
            for channel in 0..<channels {
              out[place] = table[channel << 8 | Int(bytes[place])]
              place += 1
            }
          }
        }
      }
    case .words(let words):
      for place in words.indices {
        out[place] = Scalar(scaling.value(Double(words[place]) / 65535, place % channels))
      }
    }
  }
}

/// What becomes of the values of each channel on their way into a tensor: (v / maximum − mean) / deviation.
struct PixelScaling: Sendable {
  private let mean: [Double]
  private let deviation: [Double]
  private let table: [Float]

  /// Channels that `standardization` does not have, as opacity, stay as they are.
  init(_ standardization: Standardization?, _ format: Image.Format) {
    let missing = format.channels - (standardization?.mean.count ?? 0)
    let mean = (standardization?.mean ?? []) + [Double](repeating: 0, count: max(missing, 0))
    let deviation = (standardization?.deviation ?? []) + [Double](repeating: 1, count: max(missing, 0))
    (self.mean, self.deviation) = (mean, deviation)
    table = (0..<format.channels).flatMap { channel in
      (0..<256).map { Float((Double($0) / 255 - mean[channel]) / deviation[channel]) }
    }
  }

  func value(_ value: Double, _ channel: Int) -> Double { (value - mean[channel]) / deviation[channel] }

  /// What each byte becomes, 256 numbers a channel.
  func withTable<Scalar: FloatingScalar>(_: Scalar.Type, _ body: (UnsafePointer<Scalar>) -> Void) {
    if let table = table as? [Scalar] { return table.withUnsafeBufferPointer { body($0.baseAddress!) } }
    let numbers = table.indices.map { Scalar(value(Double($0 & 255) / 255, $0 >> 8)) }
    numbers.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}
