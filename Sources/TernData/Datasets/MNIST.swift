import TernBackend

/// MNIST, Fashion-MNIST and what comes in files of the same names: gray images and their classes.
public enum MNIST {
  static let trainImages = "train-images-idx3-ubyte"
  static let trainLabels = "train-labels-idx1-ubyte"
  static let testImages = "t10k-images-idx3-ubyte"
  static let testLabels = "t10k-labels-idx1-ubyte"

  /// Reads the four official files, plain or gzip, in `folder`.
  ///
  /// - Throws: `DataError` where a file is missing or wrong, or where images and labels do not belong together.
  public static func read(_ folder: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError)
    -> ImageSplit
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let train = try (images(trainImages, in: folder), labels(trainLabels, in: folder))
    let test = try (images(testImages, in: folder), labels(testLabels, in: folder))
    guard train.0.shape[1...] == test.0.shape[1...] else {
      throw DataError(
        .mismatch, file: test.0.source, "images of \(test.0.shape[1...])", at: 8,
        expected: "\(train.0.shape[1...]) as for training")
    }
    let classCount = Int(train.1.bytes.max() ?? 0) + 1
    let isFashion = folder.lowercased().contains("fashion")
    return try ImageSplit(
      name: isFashion ? "Fashion-MNIST" : "MNIST", train: join(train.0, train.1, classCount),
      test: join(test.0, test.1, classCount))
  }

  /// The data set, or `nil` where `folder` has none of its files.
  static func read(ifIn folder: String) throws(DataError) -> ImageSplit? {
    let names = [trainImages, trainLabels, testImages, testLabels]
    guard names.contains(where: { path(of: $0, in: folder) != nil }) else { return nil }
    return try read(folder)
  }

  private static func images(_ name: String, in folder: String) throws(DataError) -> StoredArray {
    let path = try requiredPath(of: name, in: folder)
    let images = try IDXFile.read(path)
    guard images.type == .uint8, images.shape.count == 3, !images.shape.contains(0) else {
      throw DataError(
        .mismatch, file: path, "holds \(images.type.rawValue) of shape \(images.shape)", at: 0,
        expected: "images: U8 of shape [count, height, width]")
    }
    return images
  }

  private static func labels(_ name: String, in folder: String) throws(DataError) -> StoredArray {
    let path = try requiredPath(of: name, in: folder)
    let labels = try IDXFile.read(path)
    guard labels.type == .uint8, labels.shape.count == 1 else {
      throw DataError(
        .mismatch, file: path, "holds \(labels.type.rawValue) of shape \(labels.shape)", at: 0,
        expected: "labels: U8 of shape [count]")
    }
    return labels
  }

  private static func join(
    _ images: StoredArray, _ labels: StoredArray, _ classCount: Int
  ) throws(DataError) -> LabeledImages {
    guard labels.count == images.shape[0] else {
      throw DataError(
        .mismatch, file: labels.source, "\(labels.count) labels", at: 4, expected: "\(images.shape[0]), one an image")
    }
    if let index = labels.bytes.firstIndex(where: { $0 >= classCount }) {
      throw DataError(
        .mismatch, file: labels.source, "label \(labels.bytes[index])", at: index,
        expected: "a class of the training labels, 0...\(classCount - 1)")
    }
    return LabeledImages(
      pixels: Array(images.bytes), labels: Array(labels.bytes), channels: 1, height: images.shape[1],
      width: images.shape[2], classCount: classCount)
  }
}
