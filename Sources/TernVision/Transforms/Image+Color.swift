import TernBackend

// Brightness, contrast, saturation, sharpness and hue, with the arithmetic of Pillow's `ImageEnhance` and torchvision.

extension Image {
  /// factor · v: 0 is black, 1 this picture; opacity stays.
  public func adjustedBrightness(by factor: Double, file: StaticString = #fileID, line: UInt = #line) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkFactor(factor, "Image.adjustedBrightness")
    return blended(factor, .constant(0))
  }

  /// m + factor · (v − m) with the mean brightness m, rounded: 0 is gray, 1 this picture; opacity stays.
  public func adjustedContrast(by factor: Double, file: StaticString = #fileID, line: UInt = #line) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkFactor(factor, "Image.adjustedContrast")
    let gray = converted(to: .gray)
    let sum: Int
    switch gray.values {
    case .bytes(let bytes): sum = bytes.reduce(0) { $0 + Int($1) }
    case .words(let words): sum = words.reduce(0) { $0 + Int($1) }
    }
    return blended(factor, .constant(Int(Double(sum) / Double(height * width) + 0.5)))
  }

  /// g + factor · (v − g) with the brightness g of each pixel: 0 is gray, 1 this picture; opacity stays.
  public func adjustedSaturation(by factor: Double, file: StaticString = #fileID, line: UInt = #line) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkFactor(factor, "Image.adjustedSaturation")
    return format.isColor ? blended(factor, .brightness) : self
  }

  /// s + factor · (v − s) with the smoothed picture s: 0 is smooth, 1 this picture, 2 sharper; edges and opacity stay.
  public func adjustedSharpness(by factor: Double, file: StaticString = #fileID, line: UInt = #line) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkFactor(factor, "Image.adjustedSharpness")
    return blended(factor, .smoothed(height: height, width: width))
  }

  /// Every hue turned by a fraction of the circle, −1/2 to 1/2; gray pictures and opacity stay.
  ///
  /// Hue and saturation have 256 steps on the way, as in torchvision on Pillow's pictures; of 16 bits, 65536.
  public func adjustedHue(by fraction: Double, file: StaticString = #fileID, line: UInt = #line) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(-0.5...0.5 ~= fraction, "Image.adjustedHue", "a turn of \(fraction), expected −0.5 to 0.5")
    return format.isColor ? made(height: height, width: width, HueTurn(channels: channels, fraction: fraction)) : self
  }

  private func checkFactor(_ factor: Double, _ operation: String) {
    check(factor >= 0 && factor.isFinite, operation, "a factor of \(factor), expected a finite number of at least 0")
  }

  private func blended(_ factor: Double, _ other: Blend.Other) -> Image {
    let bounded = min(Float(factor), .greatestFiniteMagnitude)
    return factor == 1 ? self : made(height: height, width: width, Blend(format: format, factor: bounded, other: other))
  }
}

/// other + factor · (v − other), without what is behind the point, held to what can be.
private struct Blend: ImageValueMaker {
  enum Other {
    case constant(Int)
    case brightness
    case smoothed(height: Int, width: Int)
  }

  let format: Image.Format
  let factor: Float
  let other: Other

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    let (channels, colors) = (format.channels, format.isColor ? 3 : 1)
    for start in stride(from: 0, to: source.count, by: channels) {
      var base = 0
      if case .constant(let value) = other { base = value }
      if case .brightness = other { base = Int(Value.brightness(source[start], source[start + 1], source[start + 2])) }
      for place in start..<(start + colors) {
        if case .smoothed(let height, let width) = other { base = smoothed(source, place, height, width) }
        let value = Float(base) + factor * Float(Int(source[place]) - base)
        target[place] = value <= 0 ? 0 : value >= Float(Value.max) ? .max : Value(value)
      }
      if format.hasAlpha { target[start + colors] = source[start + colors] }
    }
  }

  /// The mean of a value and its eight neighbors, itself five times; at the edges the value.
  private func smoothed<Value: ImageValue>(
    _ source: UnsafeBufferPointer<Value>, _ place: Int, _ height: Int, _ width: Int
  ) -> Int {
    let channels = format.channels
    let (row, column) = (place / channels / width, place / channels % width)
    guard 0 < row, row < height - 1, 0 < column, column < width - 1 else { return Int(source[place]) }
    var sum = 4 * Int(source[place])
    for above in -1...1 {
      for beside in -1...1 { sum += Int(source[place + (above * width + beside) * channels]) }
    }
    return (2 * sum + 13) / 26
  }
}

private struct HueTurn: ImageValueMaker {
  let channels: Int
  let fraction: Double

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    let most = Double(Value.max)
    let turn = Value(truncatingIfNeeded: Int(fraction * Double(Value.max)))
    for place in stride(from: 0, to: source.count, by: channels) {
      let (red, green, blue) = (source[place], source[place + 1], source[place + 2])
      let (high, low) = (max(red, green, blue), min(red, green, blue))
      let range = Float(high - low)
      var (hue, saturation): (Value, Value) = (0, 0)
      if high != low {
        let (r, g, b) = (Float(high - red) / range, Float(high - green) / range, Float(high - blue) / range)
        let sector =
          red == high ? b - g : green == high ? Float(2.0 + Double(r) - Double(b)) : Float(4.0 + Double(g) - Double(r))
        let circle = Float((Double(sector) / 6 + 1).truncatingRemainder(dividingBy: 1))
        hue = Value(Double(circle) * most)
        saturation = Value(Double(range / Float(high)) * most)
      }
      let color = colors(hue &+ turn, saturation, high)
      (target[place], target[place + 1], target[place + 2]) = color
      if channels == 4 { target[place + 3] = source[place + 3] }
    }
  }

  private func colors<Value: ImageValue>(_ hue: Value, _ saturation: Value, _ value: Value) -> (Value, Value, Value) {
    if saturation == 0 { return (value, value, value) }
    let most = Double(Value.max)
    let angle = Double(hue) * 6 / most
    let sector = Int(angle)
    let (f, s, v) = (angle - Double(sector), Double(saturation) / most, Double(value))
    let p = Value.rounded(v * (1 - s))
    let q = Value.rounded(v * (1 - s * f))
    let t = Value.rounded(v * (1 - s * (1 - f)))
    switch sector % 6 {
    case 0: return (value, t, p)
    case 1: return (q, value, p)
    case 2: return (p, value, t)
    case 3: return (p, q, value)
    case 4: return (t, p, value)
    default: return (value, p, q)
    }
  }
}
