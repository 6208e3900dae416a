import Testing

@testable import TernData

@Suite("Data sets of images")
struct ImageSplitTests {
  @Test("The built-in digits are those of the source")
  func digits() {
    // Sums and values from scikit-learn's load_digits().
    #expect(Digits.images.count == 1797 * 64 && Digits.labels.count == 1797)
    #expect(Digits.images.reduce(0) { $0 + Int($1) } == 561_718)
    #expect(Digits.images.max() == 16)
    #expect(Digits.images[..<16] == [0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0])
    #expect(Digits.images[(1796 * 64)...].reduce(0) { $0 + Int($1) } == 392)
    #expect(Digits.labels[..<10] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(Digits.labels[1792...] == [9, 0, 8, 9, 8])
    let counts = (0..<10).map { digit in Digits.labels.count { $0 == digit } }
    #expect(counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
  }

  @Test("Every fifth image of each digit is to test with")
  func division() {
    let (train, test) = (Digits.split.train, Digits.split.test)
    #expect(test.shape == [355, 1, 8, 8] && train.shape == [1442, 1, 8, 8])
    let counts = (0..<10).map { digit in test.labels.count { $0 == digit } }
    #expect(counts == [35, 36, 35, 36, 36, 36, 36, 35, 34, 36])
    // The fifth zero of the source is its image 36.
    let firstZero = test.labels.firstIndex(of: 0)! * 64
    #expect(test.pixels[firstZero..<firstZero + 64] == Digits.images[36 * 64..<37 * 64])
    #expect(test.maximum == 16 && test.classCount == 10)
  }

  @Test("The images and labels that contradict each other stop the program")
  func contradictions() async {
    let count = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LabeledImages(pixels: [1, 2, 3], labels: [0], channels: 1, height: 2, width: 2, classCount: 2)
    }
    #expect(
      lastWords(count).contains("LabeledImages: 3 values for 1 images of [1, 2, 2]"))
    let label = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LabeledImages(pixels: [1, 2], labels: [0, 2], channels: 1, height: 1, width: 1, classCount: 2)
    }
    #expect(
      lastWords(label).contains("label 2 of image 1 is not below 2"))
  }

  /// Writes the four files of a data set of `count` images of 2×2.
  private func writeMNIST(
    to folder: String, count: Int = 3, labels: [UInt8] = [0, 1, 2], testLabels: [UInt8] = [2, 1, 0], side: UInt8 = 2
  ) throws {
    func images(_ side: UInt8) -> [UInt8] {
      [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, side, 0, 0, 0, side]
        + (0..<count * Int(side) * Int(side)).map { UInt8(truncatingIfNeeded: $0) }
    }
    func file(_ labels: [UInt8]) -> [UInt8] { [0, 0, 8, 1, 0, 0, 0, UInt8(labels.count)] + labels }
    try FileIO.write(images(2), to: folder + "/train-images-idx3-ubyte")
    try FileIO.write(Gzip.archive(file(labels)), to: folder + "/train-labels-idx1-ubyte.gz")
    try FileIO.write(Gzip.archive(images(side)), to: folder + "/t10k-images-idx3-ubyte.gz")
    try FileIO.write(file(testLabels), to: folder + "/t10k-labels-idx1-ubyte")
  }

  @Test("Files of the MNIST form, with and without gzip in one folder")
  func mnist() throws {
    try withTemporaryFolder { folder in
      try writeMNIST(to: folder)
      let dataset = try ImageSplit.read(folder + "/")
      #expect(dataset.name == "MNIST")
      #expect(dataset.train.shape == [3, 1, 2, 2] && dataset.test.shape == [3, 1, 2, 2])
      #expect(dataset.train.pixels == Array(0..<12) && dataset.test.labels == [2, 1, 0])
      #expect(dataset.train.classCount == 3)

      try writeMNIST(to: folder, labels: [0, 1])
      expectError(.mismatch, "train-labels-idx1-ubyte.gz", "2 labels", "3, one an image") {
        _ = try ImageSplit.read(folder)
      }
      try writeMNIST(to: folder, testLabels: [2, 1, 3])
      expectError(.mismatch, "t10k-labels", "byte 10: label 3", "0...2") { _ = try ImageSplit.read(folder) }
      try writeMNIST(to: folder, side: 3)
      expectError(.mismatch, "t10k-images", "[3, 3]", "[2, 2]") { _ = try ImageSplit.read(folder) }
      try writeMNIST(to: folder)
      try FileIO.write([0, 0, 8, 1, 0, 0, 0, 1, 5], to: folder + "/t10k-images-idx3-ubyte")
      expectError(.mismatch, "holds U8 of shape [1]", "[count, height, width]") { _ = try MNIST.read(folder) }
    }
  }

  @Test("Folders without a data set, or with half of one, say what is missing")
  func missing() throws {
    try withTemporaryFolder { folder in
      expectError(.notFound, "there is no data set", "train-images-idx3-ubyte") { _ = try ImageSplit.read(folder) }
      expectError(.notFound, "there is no such folder") { _ = try ImageSplit.read(folder + "/none") }
      try FileIO.write([1], to: folder + "/t10k-labels-idx1-ubyte")
      expectError(.notFound, "train-images-idx3-ubyte is missing") { _ = try ImageSplit.read(folder) }
      try FileIO.write([UInt8](repeating: 0, count: 3073), to: folder + "/data_batch_2.bin")
      expectError(.notFound, "test_batch.bin is missing") { _ = try ImageSplit.read(folder) }
    }
    try withTemporaryFolder { folder in
      try FileIO.write([UInt8](repeating: 0, count: 3073), to: folder + "/test_batch.bin")
      expectError(.notFound, "no batch to train with") { _ = try ImageSplit.read(folder) }
    }
  }

  @Test("CIFAR-10's records; any of the five batches")
  func cifar() throws {
    func record(_ label: UInt8, _ value: UInt8) -> [UInt8] { [label] + [UInt8](repeating: value, count: 3072) }
    try withTemporaryFolder { folder in
      try FileIO.write(record(9, 1) + record(0, 2), to: folder + "/data_batch_3.bin")
      try FileIO.write(Gzip.archive(record(5, 3)), to: folder + "/data_batch_5.bin.gz")
      try FileIO.write(record(7, 4), to: folder + "/test_batch.bin")
      let dataset = try ImageSplit.read(folder)
      #expect(dataset.name == "CIFAR-10" && dataset.train.shape == [3, 3, 32, 32])
      #expect(dataset.train.labels == [9, 0, 5] && dataset.test.labels == [7])
      #expect(dataset.train.pixels[3071...3072] == [1, 2] && dataset.train.pixels.last == 3)

      try FileIO.write(record(7, 4) + record(10, 4), to: folder + "/test_batch.bin")
      expectError(.malformed, "test_batch.bin: byte 3073: label 10", "0...9") { _ = try CIFAR10.read(folder) }
      try FileIO.write(record(7, 4) + [1], to: folder + "/test_batch.bin")
      expectError(.truncated, "byte 3073", "3074 bytes", "records of 3073") { _ = try CIFAR10.read(folder) }
      try FileIO.write([] as [UInt8], to: folder + "/test_batch.bin")
      expectError(.truncated, "0 bytes") { _ = try CIFAR10.read(folder) }
    }
  }

  @Test(
    "The official files", .enabled(if: sharedFolder("data") != nil, "no shared/data beside the package"),
    arguments: ["fashion-mnist", "mnist"])
  func official(name: String) throws {
    let folder = try #require(sharedFolder("data/" + name))
    let dataset = try ImageSplit.read(folder)
    #expect(dataset.name == (name == "mnist" ? "MNIST" : "Fashion-MNIST"))
    #expect(dataset.train.shape == [60_000, 1, 28, 28] && dataset.test.shape == [10_000, 1, 28, 28])
    #expect(dataset.train.classCount == 10)
    // Means and deviations that are quoted everywhere: 0.2860 and 0.3530, 0.1307 and 0.3081.
    let sum = dataset.train.pixels.reduce(0) { $0 + Int($1) }
    let squares = dataset.train.pixels.reduce(0) { $0 + Int($1) * Int($1) }
    let count = Double(dataset.train.pixels.count)
    let mean = Double(sum) / count / 255
    let deviation = (Double(squares) / count / 65025 - mean * mean).squareRoot()
    #expect(abs(mean - (name == "mnist" ? 0.1307 : 0.2860)) < 5e-5, "\(mean)")
    #expect(abs(deviation - (name == "mnist" ? 0.3081 : 0.3530)) < 5e-5, "\(deviation)")
    #expect(
      dataset.train.labels[..<10]
        == (name == "mnist" ? [5, 0, 4, 1, 9, 2, 1, 3, 1, 4] : [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]))
  }

  @Test(
    "The official files of CIFAR-10", .enabled(if: sharedFolder("data") != nil, "no shared/data beside the package"))
  func officialCIFAR() throws {
    let folder = try #require(sharedFolder("data/cifar10"))
    let dataset = try ImageSplit.read(folder)
    #expect(dataset.train.count.isMultiple(of: 10_000) && dataset.test.shape == [10_000, 3, 32, 32])
    #expect(dataset.train.labels[..<10] == [6, 9, 9, 4, 1, 1, 2, 7, 8, 3])
    #expect(dataset.test.labels[..<10] == [3, 8, 8, 0, 6, 6, 1, 6, 3, 1])
    #expect((0..<10).allSatisfy { label in dataset.test.labels.count { $0 == label } == 1000 })
  }
}
