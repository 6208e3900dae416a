// The two libraries are linked because they are imported.
import CJPEG
import CPNG
import CTernVision
import TernData

/// A picture in a file whose header was read.
final class ImageDecoder {
  enum Kind { case jpeg, png }

  /// Where the libraries know it.
  private let state: UnsafeMutablePointer<tern_picture>
  private var picture: tern_picture { state.pointee }
  private let kind: Kind
  private let file: String
  /// The camera's orientation, 1 to 8: 1 is upright.
  let orientation: Int

  /// Reads the header; the bytes have to stay where they are.
  init(_ bytes: UnsafeBufferPointer<UInt8>, file: String, limit: Int) throws(DataError) {
    kind = try Self.kind(of: bytes, file: file)
    self.file = file
    state = .allocate(capacity: 1)
    state.initialize(to: tern_picture())
    switch kind {
    case .jpeg: tern_jpeg_open(state, bytes.baseAddress!, bytes.count)
    case .png: tern_png_open(state, bytes.baseAddress!, bytes.count, Int64(limit))
    }
    let picture = state.pointee
    let exif = UnsafeBufferPointer(start: picture.exif, count: picture.exif == nil ? 0 : picture.exif_count)
    orientation = EXIFOrientation.value(in: exif)
    try checkStatus(bytes.count)
    guard picture.width > 0, picture.height > 0, picture.height <= Int64(limit) / picture.width else {
      let most = limit == ImageLimits.maximumPixels ? ", see ImageLimits.maximumPixels and TERN_MAX_IMAGE_PIXELS" : ""
      throw DataError(
        .tooLarge, file: file, "a picture of \(picture.height)×\(picture.width) pixels",
        expected: "at most \(limit) pixels\(most)")
    }
  }

  deinit {
    switch kind {
    case .jpeg: tern_jpeg_close(state)
    case .png: tern_png_close(state)
    }
    state.deallocate()
  }

  private static func kind(of bytes: UnsafeBufferPointer<UInt8>, file: String) throws(DataError) -> Kind {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    guard !bytes.isEmpty else {
      throw DataError(.truncated, file: file, "the file is empty", expected: "a JPEG or PNG picture")
    }
    let others: [(start: String, name: String)] = [
      ("GIF8", "GIF"), ("RIFF", "WebP"), ("BM", "BMP"), ("II*\0", "TIFF"), ("MM\0*", "TIFF"),
      ("\0\0\0", "HEIC or AVIF"),
    ]
    for other in others where bytes.starts(with: other.start.utf8) {
      throw DataError(.unsupported, file: file, "seems to be a \(other.name) picture", expected: "JPEG or PNG")
    }
    let start = bytes.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
    throw DataError(
      .malformed, file: file, "begins with \(start.joined(separator: " "))", at: 0,
      expected: "FF D8 FF of a JPEG, or 89 50 4E 47 0D 0A 1A 0A of a PNG")
  }

  private func checkStatus(_ count: Int) throws(DataError) {
    let kinds: [Int32: DataError.Kind] = [
      Int32(TERN_VISION_TRUNCATED): .truncated, Int32(TERN_VISION_UNSUPPORTED): .unsupported,
      Int32(TERN_VISION_MEMORY): .tooLarge,
    ]
    guard picture.status != 0 else { return }
    let message = withUnsafeBytes(of: picture.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    let name = kind == .jpeg ? "JPEG" : "PNG"
    let failure = kinds[picture.status] ?? .malformed
    let what =
      switch failure {
      case .truncated: "cut short after \(count) bytes"
      case .unsupported: "not supported"
      case .tooLarge: "too large"
      default: "damaged"
      }
    throw DataError(failure, file: file, "the \(name) is \(what): \(message)")
  }

  /// Rows of the picture as it is to be looked at.
  var height: Int { Int(orientation > 4 ? picture.width : picture.height) }
  /// Columns of the picture as it is to be looked at.
  var width: Int { Int(orientation > 4 ? picture.height : picture.width) }

  /// Has a JPEG decoded at a half, a quarter or an eighth of its size, as small as both sides stay at least these.
  func scale(atLeast height: Int, _ width: Int) {
    guard kind == .jpeg else { return }
    let possible = min(self.height / max(height, 1), self.width / max(width, 1))
    if let denominator = [8, 4, 2].first(where: { $0 <= possible }) { tern_jpeg_scale(state, Int32(denominator)) }
  }

  /// The picture, upright.
  func decode(_ count: Int) throws(DataError) -> Image {
    let (height, width) = (Int(picture.output_height), Int(picture.output_width))
    guard let format = Image.Format(rawValue: Int(picture.channels)), picture.bits == 8 || picture.bits == 16 else {
      throw DataError(.unsupported, file: file, "\(picture.channels) channels of \(picture.bits) bits")
    }
    let total = height * width * format.channels
    let values: Image.Values
    if picture.bits == 8 {
      values = .bytes(
        [UInt8](unsafeUninitializedCapacity: total) { rows, filled in filled = fill(rows.baseAddress!, total) })
    } else {
      values = .words(
        [UInt16](unsafeUninitializedCapacity: total) { rows, filled in
          filled = rows.withMemoryRebound(to: UInt8.self) { fill($0.baseAddress!, total) }
        })
    }
    try checkStatus(count)
    return Image(height: height, width: width, format: format, values: values).oriented(orientation)
  }

  /// Decodes; returns how many values are there.
  private func fill(_ rows: UnsafeMutablePointer<UInt8>, _ total: Int) -> Int {
    let status = kind == .jpeg ? tern_jpeg_decode(state, rows) : tern_png_decode(state, rows)
    return status == 0 ? total : 0
  }
}
