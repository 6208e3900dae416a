import TernBackend

/// Images of one size with their classes, as their files hold them: a byte a value.
public struct LabeledImages: Hashable, Sendable {
  /// The values: image by image, channel by channel, row by row.
  public let pixels: [UInt8]
  /// The class of each image, from 0.
  public let labels: [UInt8]
  /// Values a pixel has: 1 for gray, 3 for red, green and blue.
  public let channels: Int
  /// Rows of an image.
  public let height: Int
  /// Columns of an image.
  public let width: Int
  /// The value that stands for full brightness.
  public let maximum: UInt8
  /// How many classes there are.
  public let classCount: Int

  /// Images from their values; stops where the counts contradict each other or a label is no class.
  ///
  /// - Parameters:
  ///   - pixels: The bytes: image by image, channel by channel, row by row.
  ///   - labels: The labels.
  ///   - channels: The number of channels.
  ///   - height: The height, in pixels.
  ///   - width: The width, in pixels.
  ///   - maximum: The byte that stands for 1.
  ///   - classCount: The number of classes.
  public init(
    pixels: [UInt8], labels: [UInt8], channels: Int, height: Int, width: Int, maximum: UInt8 = 255, classCount: Int,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      channels > 0 && height > 0 && width > 0 && pixels.count == labels.count * channels * height * width,
      "LabeledImages",
      "\(pixels.count) values for \(labels.count) images of [\(channels), \(height), \(width)]")
    if let index = labels.firstIndex(where: { $0 >= classCount }) {
      fail("LabeledImages", "label \(labels[index]) of image \(index) is not below \(classCount)")
    }
    self.pixels = pixels
    self.labels = labels
    self.channels = channels
    self.height = height
    self.width = width
    self.maximum = maximum
    self.classCount = classCount
  }

  /// How many images there are.
  public var count: Int { labels.count }

  /// [count, channels, height, width].
  public var shape: [Int] { [count, channels, height, width] }
}
