extension Image {
  /// This picture with other channels: color becomes gray as 0.299 R + 0.587 G + 0.114 B, gray becomes color by repetition;
  /// opacity that is not there is full, and what is not wanted is left out.
  public func converted(to format: Format) -> Image {
    format == self.format ? self : made(height: height, width: width, format: format, Conversion(self.format, format))
  }

  /// This picture with 8 or 16 bits a value: of 16 bits the upper 8 are kept, 8 bits become v · 257.
  public func converted(toBitDepth bits: Int) -> Image {
    bits == bitDepth
      ? self : Image(height: height, width: width, format: format, values: bits == 8 ? .bytes(bytes) : .words(words))
  }
}

extension ImageValue {
  /// The brightness of a color, rounded (ITU-R 601, in whole numbers as in Pillow).
  @inline(__always)
  static func brightness(_ red: Self, _ green: Self, _ blue: Self) -> Self {
    let sum: UInt64 = UInt64(red) * 19595 + UInt64(green) * 38470 + UInt64(blue) * 7471
    return Self((sum + 0x8000) >> 16)
  }
}

private struct Conversion: ImageValueMaker {
  let from: Image.Format
  let to: Image.Format

  init(_ from: Image.Format, _ to: Image.Format) { (self.from, self.to) = (from, to) }

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    var (i, o) = (0, 0)
    while o < target.count {
      let alpha = from.hasAlpha ? source[i + from.channels - 1] : .max
      if to.isColor {
        target[o] = source[i]
        target[o + 1] = source[from.isColor ? i + 1 : i]
        target[o + 2] = source[from.isColor ? i + 2 : i]
      } else {
        target[o] = from.isColor ? Value.brightness(source[i], source[i + 1], source[i + 2]) : source[i]
      }
      if to.hasAlpha { target[o + to.channels - 1] = alpha }
      i += from.channels
      o += to.channels
    }
  }
}
