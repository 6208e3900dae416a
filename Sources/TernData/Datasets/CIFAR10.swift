import TernBackend

/// CIFAR-10 in its binary form: records of a label and the red, green and blue planes of 32×32.
public enum CIFAR10 {
  /// What the ten classes are.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  private static let recordSize = 1 + 3 * 32 * 32
  private static let test = "test_batch.bin"

  /// Reads those of `data_batch_1.bin` to `data_batch_5.bin` that are in `folder`, or in its `cifar-10-batches-bin`,
  /// and `test_batch.bin`; plain or gzip.
  ///
  /// - Throws: `DataError` where there is no batch to train with, none to test with, or one is wrong.
  public static func read(_ folder: String, file: StaticString = #fileID, line: UInt = #line) throws(DataError)
    -> ImageSplit
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard let dataset = try read(ifIn: folder) else {
      throw DataError(.notFound, file: folder, "there is no CIFAR-10", expected: "data_batch_1.bin, …, \(test)")
    }
    return dataset
  }

  /// The data set, or `nil` where `folder` has none of its files.
  static func read(ifIn folder: String) throws(DataError) -> ImageSplit? {
    let inner = folder.hasSuffix("/") ? folder + "cifar-10-batches-bin" : folder + "/cifar-10-batches-bin"
    for folder in [folder, inner] {
      let batches = (1...5).compactMap { path(of: "data_batch_\($0).bin", in: folder) }
      let hasTest = path(of: test, in: folder) != nil
      guard !batches.isEmpty || hasTest else { continue }
      guard !batches.isEmpty else {
        throw DataError(
          .notFound, file: folder, "there is no batch to train with", expected: "data_batch_1.bin to data_batch_5.bin")
      }
      return try ImageSplit(
        name: "CIFAR-10", train: images(batches), test: images([requiredPath(of: test, in: folder)]))
    }
    return nil
  }

  private static func images(_ paths: [String]) throws(DataError) -> LabeledImages {
    var pixels: [UInt8] = []
    var labels: [UInt8] = []
    for path in paths {
      var bytes = try FileIO.read(path)
      // A batch has 10,000 records; ten times as many are none of its kind.
      if Gzip.isArchive(bytes) {
        bytes = try Gzip.contents(of: bytes, file: path, limit: 100_000 * recordSize)
      }
      try append(bytes, file: path, to: &pixels, &labels)
    }
    return LabeledImages(pixels: pixels, labels: labels, channels: 3, height: 32, width: 32, classCount: 10)
  }

  /// Appends the records of a batch.
  static func append(
    _ bytes: [UInt8], file: String, to pixels: inout [UInt8], _ labels: inout [UInt8]
  ) throws(DataError) {
    guard !bytes.isEmpty, bytes.count.isMultiple(of: recordSize) else {
      throw DataError(
        .truncated, file: file, "\(bytes.count) bytes", at: bytes.count / recordSize * recordSize,
        expected: "records of \(recordSize) bytes")
    }
    pixels.reserveCapacity(pixels.count + bytes.count)
    for start in stride(from: 0, to: bytes.count, by: recordSize) {
      guard bytes[start] < 10 else {
        throw DataError(.malformed, file: file, "label \(bytes[start])", at: start, expected: "0...9")
      }
      labels.append(bytes[start])
      pixels += bytes[(start + 1)..<(start + recordSize)]
    }
  }
}
