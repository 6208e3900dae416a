import TernBackend

/// Images of one size with their classes, as their files hold them: a byte a value.
public struct LabeledImages: Hashable, Sendable {
  /// The values: image by image, channel by channel, row by row.
  public let pixels: [UInt8]
  /// The class of each image, from 0.
  public let labels: [UInt8]
  /// Values a pixel has: 1 for grey, 3 for red, green and blue.
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
  public init(
    pixels: [UInt8], labels: [UInt8], channels: Int, height: Int, width: Int, maximum: UInt8 = 255, classCount: Int
  ) {
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

/// A data set of images, divided into those to train with and those to test with.
public struct ImageDataset: Hashable, Sendable {
  /// What it is called.
  public let name: String
  /// The images to train with.
  public let train: LabeledImages
  /// The images to test with.
  public let test: LabeledImages

  /// A data set of two parts.
  public init(name: String, train: LabeledImages, test: LabeledImages) {
    self.name = name
    self.train = train
    self.test = test
  }

  /// Reads the data set in `folder` from its official files, plain or gzip: MNIST and what has its form, or CIFAR-10.
  ///
  /// - Throws: `DataError` where the folder holds neither, or a file of it is wrong.
  public static func read(_ folder: String) throws(DataError) -> ImageDataset {
    if let dataset = try CIFAR10.read(ifIn: folder) { return dataset }
    if let dataset = try MNIST.read(ifIn: folder) { return dataset }
    guard FileIO.isFolder(folder) else {
      throw DataError(.notFound, file: folder, "there is no such folder", expected: "a folder with a data set")
    }
    throw DataError(
      .notFound, file: folder, "there is no data set",
      expected: "\(MNIST.trainImages), … (MNIST, Fashion-MNIST) or data_batch_1.bin, … (CIFAR-10), plain or .gz")
  }
}

/// The path of the file called `name` in `folder`, or of `name.gz`; `nil` where neither is there.
func path(of name: String, in folder: String) -> String? {
  let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
  return [path, path + ".gz"].first { FileIO.isFile($0) }
}

/// The path of the file called `name`, or `name.gz`, in `folder`.
///
/// - Throws: `DataError` where neither is there.
func requiredPath(of name: String, in folder: String) throws(DataError) -> String {
  guard let path = path(of: name, in: folder) else {
    throw DataError(.notFound, file: folder, "\(name) is missing", expected: "\(name) or \(name).gz")
  }
  return path
}
