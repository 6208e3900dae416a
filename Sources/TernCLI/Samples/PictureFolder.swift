import Foundation
import Tern
import TernBackend
import TernVision

/// A folder of pictures to train with: folders of classes in it, or in its folders `train` and `test`.
struct PictureFolder {
  /// What it is called.
  let name: String
  let settings: PictureSettings
  let train: ImageFolder
  let test: ImageFolder
  /// What is said of it.
  let notes: [String]

  private static let testNames = ["test", "val", "validation", "valid"]

  /// Whether pictures lie in folders of this one.
  static func isOne(_ folder: String) -> Bool { trainFolder(of: folder) != nil }

  /// Where the classes to train with are.
  private static func trainFolder(of folder: String) -> String? {
    if hasClasses(folder + "/train") { return folder + "/train" }
    return hasClasses(folder) ? folder : nil
  }

  /// Whether a folder in this one has a picture, itself or in a folder of its own.
  private static func hasClasses(_ folder: String) -> Bool {
    folders(in: folder).contains { name in
      let inner = folder + "/" + name
      return hasPicture(inner) || folders(in: inner).contains { hasPicture(inner + "/" + $0) }
    }
  }

  private static func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  private static func folders(in folder: String) -> [String] {
    names(in: folder).filter { !$0.hasPrefix(".") && FileIO.isFolder(folder + "/" + $0) }
  }

  private static func hasPicture(_ folder: String) -> Bool {
    names(in: folder).contains { ImageFolder.isPicture($0) && FileIO.isFile(folder + "/" + $0) }
  }

  /// The folder whose pictures are scored, where there is one.
  static func testFolder(of folder: String) -> String? {
    testNames.map { folder + "/" + $0 }.first { trainFolder(of: folder) != folder && FileIO.isFolder($0) }
  }

  /// The folder whose pictures are scored by a network of these classes: one in it such as `test`, where it has no class.
  static func scoredFolder(of folder: String, _ classes: [String]) -> String {
    if let inner = testFolder(of: folder) { return inner }
    if folders(in: folder).contains(where: { classes.contains($0) }) { return folder }
    return testNames.map { folder + "/" + $0 }.first { FileIO.isFolder($0) } ?? folder
  }

  /// Opens the folder with the options of a new run, or the settings of one that is there.
  init(_ folder: String, _ options: PictureChoices, _ stored: PictureSettings?, seed: UInt64) throws {
    guard let trainFolder = Self.trainFolder(of: folder) else {
      throw CommandError("\(folder): there are no pictures (expected a folder for each class, with JPEG or PNG files)")
    }
    if let stored { try stored.check(options, folder) }
    var notes: [String] = []
    func sound(_ pictures: ImageFolder) throws -> ImageFolder {
      guard stored?.skipsCorrupt ?? options.skipCorrupt else { return pictures }
      let (sound, words) = try Self.sound(pictures)
      notes += words
      return sound
    }
    // The size comes later; none of these is decoded before.
    let opened = try sound(ImageFolder(trainFolder, height: 8, width: 8, classNames: stored?.classes))
    let validation = stored?.validation ?? options.validation
    let testFolder = validation == nil ? Self.testFolder(of: folder) : nil
    let all = try testFolder.map { try sound(ImageFolder($0, height: 8, width: 8, classNames: opened.classNames)) }
    let fraction = all == nil ? validation ?? 0.1 : nil
    let parts = fraction.map { opened.splitIndices(fraction: $0, seed: seed) }
    let trained = parts.map { opened.selecting($0.first) } ?? opened
    let held = all ?? opened.selecting(parts?.second ?? [])
    guard held.count > 0 else {
      throw CommandError(
        "\(trainFolder): no class has two pictures, so that none can be held out; put some in \(folder)/test")
    }
    var size = stored.map { ($0.height, $0.width) } ?? options.size.map { ($0.height, $0.width) }
    if size == nil {
      let median = try ImageFolder.medianSize(of: trained.paths)
      size = (median.height, median.width)
    }
    let (height, width) = size ?? (8, 8)
    let sized = trained.with(height: height, width: width) {}
    let figures = try stored?.standardization ?? sized.measuredStandardization()
    settings = PictureSettings(
      height: height, width: width, classes: opened.classNames, mean: figures.mean, deviation: figures.deviation,
      isAugmented: stored?.isAugmented ?? options.augment, validation: fraction,
      skipsCorrupt: stored?.skipsCorrupt ?? options.skipCorrupt)
    let transforms = settings.isAugmented ? Self.augmentation(height, width) : []
    train = sized.with(standardization: figures) { for stage in transforms { stage } }
    test = held.with(height: height, width: width, standardization: figures) {}
    if settings.isAugmented { notes.append("Augmentation: \(Self.augmentationText)") }
    if let fraction { notes.append("Held out: \(held.count) pictures, \(decimals(100 * fraction, 1)) % of each class") }
    self.notes = notes
    name = URL(fileURLWithPath: folder).lastPathComponent
  }

  /// The pictures that can be decoded, and what is said of the others.
  static func sound(_ pictures: ImageFolder) throws -> (pictures: ImageFolder, notes: [String]) {
    let (sound, corrupt) = pictures.withoutCorrupt(workers: Workers.count)
    if corrupt.isEmpty { return (sound, []) }
    if let index = sound.classCounts.indices.first(where: {
      sound.classCounts[$0] == 0 && pictures.classCounts[$0] > 0
    }) {
      throw CommandError("\(pictures.folder)/\(sound.classNames[index]): no picture of the class can be read")
    }
    let words = "Skipped \(corrupt.count) of \(pictures.count) pictures of \(pictures.folder):"
    return (sound, [words] + corrupt.map { "  \($0)" })
  }

  /// What is done to training pictures at random.
  private static func augmentation(_ height: Int, _ width: Int) -> [any ImageTransform] {
    [
      RandomResizedCrop(height: height, width: width, scale: 0.5...1), RandomHorizontalFlip(),
      ColorJitter(brightness: 0.2, contrast: 0.2, saturation: 0.2),
    ]
  }

  private static let augmentationText =
    "random parts of 50 to 100 % of the area, mirror images, brightness, contrast and saturation ±20 %"
}
