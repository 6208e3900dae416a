/// How a camera was held, from the TIFF directory of an EXIF block.
enum EXIFOrientation {
  /// 1 to 8; 1, upright, where the block does not say, or is damaged.
  static func value(in block: UnsafeBufferPointer<UInt8>) -> Int {
    let isLittle = block.starts(with: [0x49, 0x49, 0x2A, 0])
    guard isLittle || block.starts(with: [0x4D, 0x4D, 0, 0x2A]) else { return 1 }
    func number(_ place: Int, _ size: Int) -> Int? {
      guard place >= 0, place <= block.count - size else { return nil }
      return (0..<size).reduce(0) { $0 << 8 | Int(block[isLittle ? place + size - 1 - $1 : place + $1]) }
    }
    guard let directory = number(4, 4), let count = number(directory, 2) else { return 1 }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = number(place, 2) else { return 1 }
      // A short number, alone.
      if tag == 0x0112, number(place + 2, 2) == 3, let value = number(place + 8, 2), 1...8 ~= value { return value }
    }
    return 1
  }
}

extension Image {
  /// The picture upright, of an EXIF orientation 1 to 8.
  func oriented(_ orientation: Int) -> Image {
    if orientation == 1 { return self }
    let isTurned = orientation > 4
    return made(
      height: isTurned ? width : height, width: isTurned ? height : width,
      Orientation(value: orientation, height: height, width: width, channels: channels))
  }
}

private struct Orientation: ImageValueMaker {
  let value: Int
  /// Of the source.
  let height: Int
  let width: Int
  let channels: Int

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    let isTurned = value > 4
    let (rows, columns) = isTurned ? (width, height) : (height, width)
    // Whether the source is read from the right, and from below.
    let fromRight = [2, 3, 7, 8].contains(value)
    let fromBelow = [3, 4, 6, 7].contains(value)
    var place = 0
    for row in 0..<rows {
      for column in 0..<columns {
        let (y, x) = isTurned ? (column, row) : (row, column)
        let from = ((fromBelow ? height - 1 - y : y) * width + (fromRight ? width - 1 - x : x)) * channels
        for channel in 0..<channels { target[place + channel] = source[from + channel] }
        place += channels
      }
    }
  }
}
