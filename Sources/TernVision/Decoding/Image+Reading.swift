import TernBackend
import TernData

extension Image {
  /// Reads the JPEG or PNG at `path`, upright as the camera was held (EXIF).
  ///
  /// Of a JPEG that is CMYK there are red, green and blue; of a PNG with a palette its colors, with opacity where it has
  /// such. Values are those that Pillow has after `exif_transpose` and, of those two, `convert("RGB")` or `("RGBA")`.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - size: where given, a JPEG that is larger may come at a half, a quarter or an eighth of its size, as fast as it is
  ///     then, but no side smaller than that of `size`; resize it to what is wanted.
  /// - Throws: `DataError` where the file is missing, cut short, damaged, no JPEG or PNG, or has more than
  ///   ``ImageLimits/maximumPixels`` pixels.
  public init(
    contentsOf path: String, atLeast size: (height: Int, width: Int)? = nil, file: StaticString = #fileID,
    line: UInt = #line
  ) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    try self.init(bytes: FileIO.read(path), atLeast: size, name: path)
  }

  /// The picture of a JPEG or PNG in memory, see ``init(contentsOf:atLeast:file:line:)``; `name` names it in errors.
  ///
  /// - Parameters:
  ///   - bytes: The contents.
  ///   - size: The size that is needed: a JPEG is decoded at an eighth, a quarter or half where that is enough.
  ///   - name: The name of the picture in errors.
  ///   - maximumPixels: The greatest number of pixels.
  public init(
    bytes: [UInt8], atLeast size: (height: Int, width: Int)? = nil, name: String = "picture",
    maximumPixels: Int = ImageLimits.maximumPixels, file: StaticString = #fileID, line: UInt = #line
  ) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self = try Self.withDecoder(bytes, name, maximumPixels) { (decoder) throws(DataError) in
      if let size { decoder.scale(atLeast: size.height, size.width) }
      return try decoder.decode(bytes.count)
    }
  }

  /// The size of the picture in a file, upright, without decoding it.
  ///
  /// - Throws: `DataError` as reading does.
  public static func size(ofFile path: String) throws(DataError) -> (height: Int, width: Int) {
    func size(_ bytes: [UInt8]) throws(DataError) -> (height: Int, width: Int) {
      try withDecoder(bytes, path, ImageLimits.maximumPixels) { (decoder) throws(DataError) in
        (decoder.height, decoder.width)
      }
    }
    // The header mostly lies at the beginning.
    let most = 1 << 16
    let reader = try FileReader(path)
    if let count = reader.count, count > most, let found = try? size(reader.bytes(0..<most)) { return found }
    return try size(FileIO.read(path))
  }

  private static func withDecoder<Result>(
    _ bytes: [UInt8], _ name: String, _ limit: Int, _ body: (ImageDecoder) throws(DataError) -> Result
  ) throws(DataError) -> Result {
    // An empty array may have no address.
    let found = (bytes.isEmpty ? [0] : bytes).withUnsafeBufferPointer { start -> Swift.Result<Result, DataError> in
      do throws(DataError) {
        let decoder = try ImageDecoder(UnsafeBufferPointer(rebasing: start[..<bytes.count]), file: name, limit: limit)
        return .success(try body(decoder))
      } catch { return .failure(error) }
    }
    return try found.get()
  }
}
