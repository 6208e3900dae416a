import TernBackend
import TernData
import TernTensor

/// Pictures in folders, a class a folder: the classes are the folders' names in order, their pictures all JPEG and PNG files
/// in them, however deep, in order of their paths.
///
///     let train = try ImageFolder("photos/train", height: 224, width: 224) {
///       RandomResizedCrop(height: 224, width: 224)
///       RandomHorizontalFlip()
///     }
///     let test = try ImageFolder("photos/test", height: 224, width: 224, classNames: train.classNames)
///     try DataLoader(train, batchSize: 64, shuffle: true).forEach { batch in … }
///
/// Pictures are read when a batch is asked for. What the transform draws depends on the loader's seed, the epoch and the
/// sample.
public struct ImageFolder: SampleDataset, FingerprintedDataset {
  /// The folder of the classes' folders.
  public let folder: String
  /// The classes, in order.
  public let classNames: [String]
  /// The pictures' files.
  public let paths: [String]
  /// The class of each picture.
  public let labels: [Int]
  /// Rows that every picture is brought to.
  public let height: Int
  /// Columns that every picture is brought to.
  public let width: Int
  /// The channels that every picture is brought to.
  public let format: Image.Format
  /// How values are shifted and scaled, after they were brought to 0…1; `nil` leaves them there.
  public let standardization: Standardization?
  /// What becomes of a picture before it is brought to the size.
  public let transform: ImageTransforms
  private let scaling: PixelScaling

  /// The pictures of a folder; only the names are read.
  ///
  /// - Parameters:
  ///   - folder: has a folder for each class.
  ///   - height: rows that every picture is brought to, after the transform; `width` likewise.
  ///   - format: the channels that it is brought to, before the transform.
  ///   - standardization: how values are shifted and scaled; stops where it has not as many channels as the format has colors.
  ///   - classNames: where given, the classes, as those of a training; a folder of another name is an error.
  ///   - transform: what is done to every picture. Large JPEGs come at a part of their size only where there is none.
  /// - Throws: `DataError` where the folder is missing, has no class, or a class has no picture.
  public init(
    _ folder: String, height: Int, width: Int, format: Image.Format = .rgb, standardization: Standardization? = nil,
    classNames: [String]? = nil, @ImageTransformBuilder transform: () -> [any ImageTransform] = { [] },
    file: StaticString = #fileID, line: UInt = #line
  ) throws(DataError) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let (names, paths, labels) = try FolderListing.classes(of: folder, known: classNames)
    self.init(folder, names, paths, labels, height, width, format, standardization, ImageTransforms(transform()))
  }

  private init(
    _ folder: String, _ classNames: [String], _ paths: [String], _ labels: [Int], _ height: Int, _ width: Int,
    _ format: Image.Format, _ standardization: Standardization?, _ transform: ImageTransforms
  ) {
    Image.checkSize(height, width, "ImageFolder")
    let colors = format.isColor ? 3 : 1
    check(
      standardization.map { $0.mean.count == colors || $0.mean.count == format.channels } ?? true, "ImageFolder",
      "a standardization of \(standardization?.mean.count ?? 0) channels for pictures of \(format.channels)")
    self.folder = folder
    self.classNames = classNames
    self.paths = paths
    self.labels = labels
    self.height = height
    self.width = width
    self.format = format
    self.standardization = standardization
    self.transform = transform
    scaling = PixelScaling(standardization, format)
  }

  /// Whether a file is taken for a picture, by its name: `.jpg`, `.jpeg` or `.png`, in small letters or capitals.
  public static func isPicture(_ name: String) -> Bool { FolderListing.isPicture(name) }

  /// The paths of all pictures in a folder and those below it, in order of their bytes.
  ///
  /// - Throws: `DataError` where a folder cannot be listed.
  public static func pictures(below folder: String) throws(DataError) -> [String] {
    try FolderListing.pictures(below: folder, depth: 0)
  }

  /// How many pictures there are.
  public var count: Int { paths.count }

  /// How many pictures each class has.
  public var classCounts: [Int] {
    labels.reduce(into: [Int](repeating: 0, count: classNames.count)) { $0[$1] += 1 }
  }

  /// Some of these pictures, in this order; stops for an index that is not there.
  public func selecting(_ indices: [Int], file: StaticString = #fileID, line: UInt = #line) -> ImageFolder {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    for index in indices { checkIndex(index) }
    return ImageFolder(
      folder, classNames, indices.map { paths[$0] }, indices.map { labels[$0] }, height, width, format, standardization,
      transform)
  }

  /// These pictures brought to a size, shifted and scaled, after a transform.
  public func with(
    height: Int? = nil, width: Int? = nil, standardization: Standardization? = nil,
    @ImageTransformBuilder transform: () -> [any ImageTransform], file: StaticString = #fileID, line: UInt = #line
  ) -> ImageFolder {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return ImageFolder(
      folder, classNames, paths, labels, height ?? self.height, width ?? self.width, format,
      standardization ?? self.standardization, ImageTransforms(transform()))
  }

  /// A picture as a batch has it, but for the standardization: after the transform, at the size. Random numbers are the
  /// task's.
  ///
  /// - Throws: `DataError` where the file cannot be read, is cut short, damaged, or too large.
  public func image(at index: Int, file: StaticString = #fileID, line: UInt = #line) throws(DataError) -> Image {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    checkIndex(index)
    // Twice as large as what is wanted, so that it can be told neither from the whole nor waited for as long.
    let least = transform.stages.isEmpty ? (height: 2 * height, width: 2 * width) : nil
    let picture = try Image(contentsOf: paths[index], atLeast: least)
    return transform(picture.converted(toBitDepth: 8).converted(to: format)).resized(height: height, width: width)
  }

  private func checkIndex(_ index: Int) {
    check(0..<count ~= index, "ImageFolder", "index \(index) is not in 0 ..< \(count)")
  }

  /// The picture at `index` as a sample: [C, H, W], with its class [].
  ///
  /// - Throws: `DataError` where it cannot be read.
  public func sample(_ index: Int) throws(DataError) -> LabeledSample<Float, Int> {
    let image = try self.image(at: index)
    let input = Tensor<Float>(uninitialized: Layout([format.channels, height, width], order: [1, 2, 0]))
    image.write(to: input.mutablePointer, scaling)
    return LabeledSample(input, label: labels[index])
  }

  /// The pictures at `indices`, inputs [N, C, H, W] channels-last in memory, labels [N].
  ///
  /// - Throws: `DataError` for the first that cannot be read.
  public func batch(_ indices: [Int]) throws(DataError) -> LabeledBatch<Float, Int> {
    let inputs = Tensor<Float>(
      uninitialized: Layout([indices.count, format.channels, height, width], order: [0, 2, 3, 1]))
    for (row, index) in indices.enumerated() {
      let image = try Random.withSample(index) { () throws(DataError) -> Image in try self.image(at: index) }
      image.write(to: inputs.mutablePointer + row * height * width * format.channels, scaling)
    }
    return LabeledBatch(inputs: inputs, labels: Tensor(indices.map { labels[$0] }))
  }

  /// A short text that depends on the classes and, of each file, on its name below the folder, its length and its first and
  /// last 4096 bytes; empty where a file cannot be read.
  public var fingerprint: String {
    var result = Fingerprint()
    for name in classNames { result.add(name) }
    for (path, label) in zip(paths, labels) {
      guard let ends = try? FolderListing.ends(of: path, 4096) else { return "" }
      result.add(String(path.dropFirst(folder.count)))
      result.add(label)
      result.add(ends.count)
      ends.bytes.withUnsafeBytes { result.add($0) }
    }
    return result.text
  }
}
