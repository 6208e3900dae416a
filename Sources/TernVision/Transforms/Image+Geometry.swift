import TernBackend

extension Image {
  /// A region of the picture; stops where it is not within.
  public func cropped(_ region: ImageRegion, file: StaticString = #fileID, line: UInt = #line) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkRegion(region, "Image.cropped")
    if region == whole { return self }
    return made(
      height: region.height, width: region.width,
      Rows(
        stride: width * channels, start: (region.top * width + region.left) * channels, count: region.width * channels,
        rows: 0..<region.height))
  }

  /// The middle of the picture, padded with `fill` where it is smaller; halves of pixels go as in torchvision.
  public func centerCropped(
    height: Int, width: Int, fill: Double = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    Self.checkSize(height, width, "Image.centerCropped")
    let (missingRows, missingColumns) = (max(height - self.height, 0), max(width - self.width, 0))
    let picture = padded(
      top: missingRows / 2, bottom: (missingRows + 1) / 2, left: missingColumns / 2, right: (missingColumns + 1) / 2,
      fill: fill)
    // Halves go to the even number.
    func start(_ whole: Int, _ part: Int) -> Int { Int((Double(whole - part) / 2).rounded(.toNearestOrEven)) }
    return picture.cropped(
      ImageRegion(top: start(picture.height, height), left: start(picture.width, width), height: height, width: width))
  }

  /// The picture with rows and columns around it whose values are `fill`, 0 to 1 of the largest value.
  public func padded(
    top: Int, bottom: Int, left: Int, right: Int, fill: Double = 0, file: StaticString = #fileID, line: UInt = #line
  ) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let most = Int(Int32.max)
    check(
      [top, bottom, left, right].allSatisfy { 0...most ~= $0 }, "Image.padded",
      "padding of \(top), \(bottom), \(left), \(right) pixels, expected 0 to \(most)")
    if top + bottom + left + right == 0 { return self }
    Self.checkSize(height + top + bottom, width + left + right, "Image.padded")
    return made(
      height: height + top + bottom, width: width + left + right,
      Padding(source: self, top: top, left: left, width: width + left + right, fill: fill))
  }

  /// Left and right exchanged.
  public var flippedHorizontally: Image { oriented(2) }
  /// Top and bottom exchanged.
  public var flippedVertically: Image { oriented(4) }

  /// The picture turned counterclockwise by so many right angles.
  public func turned(quarters: Int) -> Image {
    switch ((quarters % 4) + 4) % 4 {
    case 1: oriented(8)
    case 2: oriented(3)
    case 3: oriented(6)
    default: self
    }
  }
}

/// Parts of rows, as they are.
private struct Rows: ImageValueMaker {
  let stride: Int
  let start: Int
  let count: Int
  let rows: Range<Int>

  func make<Value: ImageValue>(_ source: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    for row in rows {
      (target.baseAddress! + row * count).initialize(from: source.baseAddress! + start + row * stride, count: count)
    }
  }
}

private struct Padding: ImageValueMaker {
  let source: Image
  let top: Int
  let left: Int
  let width: Int
  let fill: Double

  func make<Value: ImageValue>(_ values: UnsafeBufferPointer<Value>, _ target: UnsafeMutableBufferPointer<Value>) {
    target.initialize(repeating: .rounded(fill * Double(Value.max)))
    let count = source.width * source.channels
    for row in 0..<source.height {
      let place = ((top + row) * width + left) * source.channels
      (target.baseAddress! + place).update(from: values.baseAddress! + row * count, count: count)
    }
  }
}
