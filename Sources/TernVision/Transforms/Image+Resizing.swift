import CTernVision
import TernBackend

/// A rectangle of a picture, in pixels from its top left corner.
public struct ImageRegion: Sendable, Hashable {
  /// The first row.
  public var top: Int
  /// The first column.
  public var left: Int
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// A rectangle.
  ///
  /// - Parameters:
  ///   - top: At the top.
  ///   - left: On the left.
  ///   - height: The height, in pixels.
  ///   - width: The width, in pixels.
  public init(top: Int, left: Int, height: Int, width: Int) {
    (self.top, self.left, self.height, self.width) = (top, left, height, width)
  }
}

extension Image {
  /// This picture, or a region of it, brought to another size.
  ///
  /// Where it shrinks, the filter covers all old pixels of a new one (antialiased). Colors of transparent pixels do not bleed
  /// into others. The values are Pillow's: `resize(…, reducing_gap=None)`.
  ///
  /// - Parameters:
  ///   - region: what is brought to the size, the whole where not given; what lies around does not count.
  public func resized(
    height: Int, width: Int, filter: ResizeFilter = .bilinear, region: ImageRegion? = nil,
    file: StaticString = #fileID, line: UInt = #line
  ) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Self.checkSize(height, width, "Image.resized")
    let region = region ?? whole
    checkRegion(region, "Image.resized")
    if region.height == height && region.width == width { return cropped(region) }
    if filter == .nearest {
      return made(height: height, width: width, NearestResizing(source: self, region: region, height, width))
    }
    if format.hasAlpha {
      return (region == whole ? self : cropped(region)).premultiplied.resampled(height, width, filter).unpremultiplied
    }
    return resampled(height, width, filter, region)
  }

  /// The whole picture as a region.
  var whole: ImageRegion { ImageRegion(top: 0, left: 0, height: height, width: width) }

  func checkRegion(_ region: ImageRegion, _ operation: String) {
    check(
      region.height > 0 && region.width > 0 && 0...height ~= region.top && 0...width ~= region.left
        && region.height <= height - region.top && region.width <= width - region.left, operation,
      "the region of \(region.height)×\(region.width) at (\(region.top), \(region.left)) is not within \(height)×\(width)"
    )
  }

  private func resampled(_ height: Int, _ width: Int, _ filter: ResizeFilter, _ region: ImageRegion? = nil) -> Image {
    let region = region ?? whole
    let columns = region.width == width ? nil : ResizeWeights(filter, from: region.width, to: width)
    let rows = region.height == height ? nil : ResizeWeights(filter, from: region.height, to: height)
    let resampling = Resampling(
      region: region, sourceWidth: self.width, channels: channels, height: height, width: width, columns: columns,
      rows: rows)
    return made(height: height, width: width, resampling)
  }
}

private struct NearestResizing: ImageValueMaker {
  /// Where in the source each row and column comes from.
  let rows: [Int]
  let columns: [Int]
  let channels: Int

  init(source: Image, region: ImageRegion, _ height: Int, _ width: Int) {
    channels = source.channels
    func places(_ start: Int, _ length: Int, _ count: Int) -> [Int] {
      let scale = Double(length) / Double(count)
      // Added up, as in Pillow, whose choice among two equally near ones it is.
      var at = scale * 0.5
      return (0..<count).map { _ in
        defer { at += scale }
        return start + min(Int(at), length - 1)
      }
    }
    rows = places(region.top, region.height, height).map { $0 * source.width }
    columns = places(region.left, region.width, width)
  }

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    var place = 0
    for row in rows {
      for column in columns {
        for channel in 0..<channels { target[place + channel] = source[(row + column) * channels + channel] }
        place += channels
      }
    }
  }
}

/// Two passes: along the rows, then down the columns; the other way where many more rows than columns go, as in Pillow 13.
private struct Resampling: ImageValueMaker {
  let region: ImageRegion
  let sourceWidth: Int
  let channels: Int
  let height: Int
  let width: Int
  let columns: ResizeWeights?
  let rows: ResizeWeights?

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    let start = source.baseAddress! + (region.top * sourceWidth + region.left) * channels
    let stride = sourceWidth * channels
    let out = target.baseAddress!
    guard let columns else { return vertical(start, stride, out, width) }
    guard rows != nil else { return horizontal(start, stride, out, columns, region.height) }
    let lost = region.height - height
    let beginsWithColumns = lost > 0 && lost > 2 * (region.width - width)
    let count = beginsWithColumns ? height * region.width : region.height * width
    withUnsafeTemporaryAllocation(of: Value.self, capacity: count * channels) { middle in
      if beginsWithColumns {
        vertical(start, stride, middle.baseAddress!, region.width)
        horizontal(middle.baseAddress!, region.width * channels, out, columns, height)
      } else {
        horizontal(start, stride, middle.baseAddress!, columns, region.height)
        vertical(middle.baseAddress!, width * channels, out, width)
      }
    }
  }

  private func horizontal<Value: ImageValue>(
    _ source: UnsafePointer<Value>, _ stride: Int, _ out: UnsafeMutablePointer<Value>, _ columns: ResizeWeights,
    _ rowCount: Int
  ) {
    if let source = source as? UnsafePointer<UInt8>, let out = out as? UnsafeMutablePointer<UInt8> {
      return tern_resize_horizontal(
        source, stride, Int64(region.width), out, width * channels, Int64(rowCount), Int64(width), Int32(channels),
        columns.first, columns.counts, columns.fixed, Int64(columns.taps))
    }
    for row in 0..<rowCount {
      for x in 0..<width {
        let from = source + row * stride + Int(columns.first[x]) * channels
        for channel in 0..<channels {
          var sum = 0.0
          for k in 0..<Int(columns.counts[x]) {
            sum += Double(from[k * channels + channel]) * columns.weights[x * columns.taps + k]
          }
          out[(row * width + x) * channels + channel] = .rounded(sum)
        }
      }
    }
  }

  private func vertical<Value: ImageValue>(
    _ source: UnsafePointer<Value>, _ stride: Int, _ out: UnsafeMutablePointer<Value>, _ columnCount: Int
  ) {
    guard let rows else { return }
    let rowCount = columnCount * channels
    if let source = source as? UnsafePointer<UInt8>, let out = out as? UnsafeMutablePointer<UInt8> {
      return tern_resize_vertical(
        source, stride, out, rowCount, Int64(rowCount), Int64(height), rows.first, rows.counts, rows.fixed,
        Int64(rows.taps))
    }
    for y in 0..<height {
      let from = source + Int(rows.first[y]) * stride
      for x in 0..<rowCount {
        var sum = 0.0
        for k in 0..<Int(rows.counts[y]) { sum += Double(from[k * stride + x]) * rows.weights[y * rows.taps + k] }
        out[y * rowCount + x] = .rounded(sum)
      }
    }
  }
}

extension Image {
  /// Colors times opacity.
  var premultiplied: Image { made(height: height, width: width, Premultiplication(channels: channels)) }
  /// Colors divided by opacity.
  var unpremultiplied: Image { made(height: height, width: width, Unpremultiplication(channels: channels)) }
}

private struct Premultiplication: ImageValueMaker {
  let channels: Int

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    let maximum = UInt64(Value.max)
    for start in stride(from: 0, to: source.count, by: channels) {
      let alpha = source[start + channels - 1]
      for place in start..<(start + channels - 1) {
        // The nearest to v · alpha / maximum.
        target[place] = Value((UInt64(source[place]) * UInt64(alpha) * 2 + maximum) / (2 * maximum))
      }
      target[start + channels - 1] = alpha
    }
  }
}

private struct Unpremultiplication: ImageValueMaker {
  let channels: Int

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    let maximum = UInt64(Value.max)
    for start in stride(from: 0, to: source.count, by: channels) {
      let alpha = source[start + channels - 1]
      for place in start..<(start + channels - 1) {
        target[place] =
          alpha == 0 ? source[place] : Value(min(maximum * UInt64(source[place]) / UInt64(alpha), maximum))
      }
      target[start + channels - 1] = alpha
    }
  }
}
