import TernBackend

/// A data set of images in two parts: those to train with and those to test with.
public struct ImageSplit: Hashable, Sendable {
  /// What it is called.
  public let name: String
  /// The images to train with.
  public let train: LabeledImages
  /// The images to test with.
  public let test: LabeledImages

  /// A data set of two parts.
  ///
  /// - Parameters:
  ///   - name: The name.
  ///   - train: The training images.
  ///   - test: The test images.
  public init(name: String, train: LabeledImages, test: LabeledImages) {
    self.name = name
    self.train = train
    self.test = test
  }

  /// Reads the data set in `folder` from its official files, plain or gzip: MNIST and what has its form, or CIFAR-10.
  ///
  /// - Throws: `DataError` where the folder holds neither, or a file of it is wrong.
  public static func read(_ folder: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError)
    -> ImageSplit
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if let split = try CIFAR10.read(ifIn: folder) { return split }
    if let split = try MNIST.read(ifIn: folder) { return split }
    guard FileIO.isFolder(folder) else {
      throw DataError(
        .notFound, file: folder, FileIO.isFile(folder) ? "is a file" : "there is no such folder",
        expected: "a folder with a data set")
    }
    throw DataError(
      .notFound, file: folder, "there is no data set",
      expected: "\(MNIST.trainImages), … (MNIST, Fashion-MNIST) or data_batch_1.bin, … (CIFAR-10), plain or .gz; "
        + "the command tern takes JPEG and PNG files in a folder for each class, too")
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
