import TernBackend

/// A picture in memory: rows from the top, pixels from the left, 1 to 4 channels of 8 or 16 bits.
///
///     let picture = try Image(contentsOf: "cat.jpg")
///     let inputs = picture.resized(height: 224, width: 224).tensor()  // [3, 224, 224], 0 to 1
public struct Image: Sendable, Hashable {
  /// What the channels of a pixel are.
  public enum Format: Int, Sendable, Hashable, CaseIterable {
    /// Brightness.
    case gray = 1
    /// Brightness and opacity.
    case grayAlpha = 2
    /// Red, green and blue.
    case rgb = 3
    /// Red, green, blue and opacity.
    case rgba = 4

    /// How many channels a pixel has.
    public var channels: Int { rawValue }
    /// Whether the last channel is opacity.
    public var hasAlpha: Bool { self == .grayAlpha || self == .rgba }
    /// Whether pixels have red, green and blue.
    public var isColor: Bool { rawValue >= 3 }
  }

  /// The values, pixel by pixel.
  enum Values: Sendable, Hashable {
    case bytes([UInt8])
    case words([UInt16])
  }

  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int
  /// What the channels are.
  public let format: Format
  var values: Values

  init(height: Int, width: Int, format: Format, values: Values) {
    self.height = height
    self.width = width
    self.format = format
    self.values = values
  }

  /// A picture of bytes, pixel by pixel; stops where there are not height · width · channels, or a side is not 1 to 2³¹ − 1.
  ///
  /// - Parameters:
  ///   - height: The height, in pixels.
  ///   - width: The width, in pixels.
  ///   - format: The kinds of channels.
  ///   - bytes: The values, pixel by pixel.
  public init(
    height: Int, width: Int, format: Format, bytes: [UInt8], file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Self.check(height, width, format, bytes.count)
    self.init(height: height, width: width, format: format, values: .bytes(bytes))
  }

  /// A picture of 16 bits a value, pixel by pixel, see ``init(height:width:format:bytes:file:line:)``.
  ///
  /// - Parameters:
  ///   - height: The height, in pixels.
  ///   - width: The width, in pixels.
  ///   - format: The kinds of channels.
  ///   - words: The values, pixel by pixel.
  public init(
    height: Int, width: Int, format: Format, words: [UInt16], file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Self.check(height, width, format, words.count)
    self.init(height: height, width: width, format: format, values: .words(words))
  }

  private static func check(_ height: Int, _ width: Int, _ format: Format, _ count: Int) {
    checkSize(height, width, "Image")
    TernBackend.check(
      count / format.channels / width == height && count == height * width * format.channels, "Image",
      "\(count) values for \(height)×\(width) pixels of \(format.channels) channels")
  }

  /// Stops where a side is not one that a picture may have.
  static func checkSize(_ height: Int, _ width: Int, _ operation: String) {
    let most = Int(Int32.max)
    TernBackend.check(
      1...most ~= height && 1...most ~= width, operation, "a size of \(height)×\(width), expected 1 to \(most) each")
    TernBackend.check(
      height <= (1 << 40) / width, operation, "a size of \(height)×\(width) pixels is more than memory can hold")
  }

  /// Values a pixel has.
  public var channels: Int { format.channels }
  /// 8 or 16.
  public var bitDepth: Int {
    switch values {
    case .bytes: 8
    case .words: 16
    }
  }
  /// The value of full brightness: 255 or 65535.
  public var maximum: Int { bitDepth == 8 ? 255 : 65535 }

  /// The values as bytes, pixel by pixel; of 16 bits the upper 8.
  public var bytes: [UInt8] {
    switch values {
    case .bytes(let bytes): bytes
    case .words(let words): words.map { UInt8($0 >> 8) }
    }
  }

  /// The values as 16 bits, pixel by pixel; 8 bits become v · 257.
  public var words: [UInt16] {
    switch values {
    case .bytes(let bytes): bytes.map { UInt16($0) * 257 }
    case .words(let words): words
    }
  }

  /// The value of a channel at a row and a column; stops outside the picture.
  public subscript(row: Int, column: Int, channel: Int) -> Int {
    TernBackend.check(
      0..<height ~= row && 0..<width ~= column && 0..<channels ~= channel, "Image",
      "[\(row), \(column), \(channel)] is not in [\(height), \(width), \(channels)]")
    let place = (row * width + column) * channels + channel
    switch values {
    case .bytes(let bytes): return Int(bytes[place])
    case .words(let words): return Int(words[place])
    }
  }
}

extension Image: CustomStringConvertible {
  /// `Image(480×640, rgb, 8 bits)`
  public var description: String { "Image(\(height)×\(width), \(format), \(bitDepth) bits)" }
}
