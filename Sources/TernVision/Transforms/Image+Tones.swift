import TernBackend

// What replaces each value by another through a table; opacity stays. The values are those of Pillow's `ImageOps`.

extension Image {
  /// maximum − v.
  public var inverted: Image { replacing { _, maximum in (0...maximum).map { maximum - $0 } } }

  /// The upper bits of every value, of 1 to all it has; the others become 0.
  public func posterized(bits: Int, file: StaticString = #fileID, line: UInt = #line) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(1...bitDepth ~= bits, "Image.posterized", "\(bits) bits, expected 1 to \(bitDepth)")
    let mask = -1 << (bitDepth - bits)
    return replacing { _, maximum in (0...maximum).map { $0 & mask } }
  }

  /// maximum − v for values that are at least `threshold`, 0 to 1 of the maximum.
  public func solarized(threshold: Double, file: StaticString = #fileID, line: UInt = #line) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(0...1 ~= threshold, "Image.solarized", "a threshold of \(threshold), expected 0 to 1")
    return replacing { _, maximum in
      (0...maximum).map { Double($0) < threshold * Double(maximum) ? $0 : maximum - $0 }
    }
  }

  /// Each channel scaled such that its darkest value becomes 0 and its brightest the maximum.
  public var autocontrasted: Image {
    replacing { counts, maximum in
      guard let low = counts.firstIndex(where: { $0 > 0 }), let high = counts.lastIndex(where: { $0 > 0 }), low < high
      else { return Array(0...maximum) }
      let scale = Double(maximum) / Double(high - low)
      let offset = -Double(low) * scale
      return (0...maximum).map { min(max(Int(Double($0) * scale + offset), 0), maximum) }
    }
  }

  /// Each channel's values moved such that all occur about equally often.
  public var equalized: Image {
    replacing { counts, maximum in
      let last = counts.last { $0 > 0 } ?? 0
      let step = (height * width - last) / maximum
      if step == 0 { return Array(0...maximum) }
      var sum = step / 2
      return counts.map { count in
        defer { sum += count }
        return min(sum / step, maximum)
      }
    }
  }

  /// The picture with the values of every color replaced: `table` makes, of how often each value occurs and of the largest
  /// there can be, what becomes of each.
  private func replacing(_ table: (_ counts: [Int], _ maximum: Int) -> [Int]) -> Image {
    let colors = format.isColor ? 3 : 1
    var counts = [[Int]](repeating: [Int](repeating: 0, count: maximum + 1), count: colors)
    func count(_ values: [some ImageValue]) {
      for start in stride(from: 0, to: values.count, by: channels) {
        for color in 0..<colors { counts[color][Int(values[start + color])] += 1 }
      }
    }
    switch values {
    case .bytes(let bytes): count(bytes)
    case .words(let words): count(words)
    }
    return made(height: height, width: width, Replacing(tables: counts.map { table($0, maximum) }, channels: channels))
  }
}

private struct Replacing: ImageValueMaker {
  /// One a color.
  let tables: [[Int]]
  let channels: Int

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    for start in stride(from: 0, to: source.count, by: channels) {
      for channel in 0..<channels {
        let value = source[start + channel]
        target[start + channel] =
          channel < tables.count ? Value(truncatingIfNeeded: tables[channel][Int(value)]) : value
      }
    }
  }
}
