import CTernVision
import TernBackend
import TernData

extension Image {
  /// The picture as a PNG, without loss; the same bytes for the same picture.
  public var png: [UInt8] {
    let samples: [UInt8]
    switch values {
    case .bytes(let bytes): samples = bytes
    case .words(let words): samples = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    }
    return PNGFile.bytes(samples, height: height, width: width, channels: channels, bitDepth: bitDepth)
  }

  /// Writes the picture as a PNG, whole or not at all.
  ///
  /// - Throws: `DataError` where it cannot be written.
  public func write(png path: String) throws(DataError) { try FileIO.write(png, to: path) }

  /// The picture as a JPEG of 8 bits, without its opacity.
  ///
  /// Stops where the quality is not 1 to 100, or a side is more than 65,500, which JPEG has no room for.
  ///
  /// - Parameters:
  ///   - quality: 1 to 100; more is larger and nearer to the picture.
  ///   - subsampled: whether colors have half the resolution of brightness, which is seen at sharp edges of colors only.
  public func jpeg(
    quality: Int = 90, subsampled: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) -> [UInt8] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(1...100 ~= quality, "Image.jpeg", "a quality of \(quality), expected 1 to 100")
    check(max(height, width) <= 65500, "Image.jpeg", "\(height)×\(width) pixels, expected at most 65500 a side")
    let picture = converted(to: format.isColor ? .rgb : .gray)
    var (out, count): (UnsafeMutablePointer<UInt8>?, Int) = (nil, 0)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(TERN_VISION_MESSAGE)) { message in
      message.initialize(repeating: 0)
      let status = picture.bytes.withUnsafeBufferPointer {
        tern_jpeg_encode(
          $0.baseAddress!, Int32(width), Int32(height), Int32(picture.channels), Int32(quality), subsampled ? 1 : 0,
          &out,
          &count, message.baseAddress!)
      }
      defer { tern_vision_free(out) }
      check(status == 0, "Image.jpeg", String(cString: message.baseAddress!))
      return Array(UnsafeBufferPointer(start: out, count: count))
    }
  }

  /// Writes the picture as a JPEG, whole or not at all, see ``jpeg(quality:subsampled:file:line:)``.
  ///
  /// - Throws: `DataError` where it cannot be written.
  public func write(
    jpeg path: String, quality: Int = 90, subsampled: Bool = true, file: StaticString = #fileID, line: UInt = #line
  ) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try FileIO.write(jpeg(quality: quality, subsampled: subsampled), to: path)
  }
}
