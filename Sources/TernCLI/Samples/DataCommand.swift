import ArgumentParser
import Foundation
import Tern
import TernBackend
import TernVision

/// `tern data`: looks at what a training is given.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Shows the pictures that a training is given.", subcommands: [DataShowCommand.self])
}

/// `tern data show`: a sheet of a folder's pictures, or one picture as the network sees it.
struct DataShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows a folder of pictures, or one picture as the network sees it.",
    discussion: """
      Without --index it counts the classes and writes a sheet (SVG) with pictures of each, as they are in their files. With \
      --index it writes the training picture of that number, from 0, as the network sees it in an epoch, as a PNG: of the \
      size, and augmented where --augment is given, by the random numbers that `tern train` has with the same seed. With \
      --run the settings are those of a run.
      """)

  @Option(help: "A folder with JPEG and PNG files in a folder for each class.")
  var data: String?

  @Option(
    name: .customLong("run"), help: "The folder of a run of `tern train` over pictures, whose data and settings count.")
  var runFolder: String?

  @OptionGroup(title: "Pictures")
  var pictures: PictureOptions

  @Option(parsing: .unconditional, help: "The number of a training picture, from 0.")
  var index: Int?

  @Option(parsing: .unconditional, help: "The number of an epoch, from 1, as `tern train` prints it.")
  var epoch = 1

  @Option(parsing: .unconditional, help: "The seed of the training; 1 where not given.")
  var seed: UInt64?

  @Option(parsing: .unconditional, help: "The most pictures of a class on the sheet.")
  var perClass = 8

  @Option(help: "The file that is written; contact.svg, or sample-INDEX-epoch-EPOCH.png where not given.")
  var output: String?

  func validate() throws {
    try require("--index", index, in: 0...Int.max)
    try require("--epoch", epoch, in: RunConfiguration.allowedEpochs)
    try require("--per-class", perClass, in: 1...1000)
    if (data == nil) == (runFolder == nil) { throw ValidationError("--data DIR or --run RUN is needed, one of both") }
  }

  func run() throws {
    var (folder, number) = (data ?? "", seed ?? 1)
    var stored: PictureSettings?
    if let runFolder {
      let training = TrainingRun(folder: runFolder)
      let configuration = try training.configuration()
      stored = try PictureSettings(of: training)
      guard let path = configuration.data, stored != nil else {
        throw CommandError("\(runFolder): the run is not one over pictures")
      }
      (folder, number) = (path, configuration.seed)
      if let seed, seed != number { throw CommandError("--seed \(seed): the run has the seed \(number)") }
    }
    guard FileIO.isFolder(folder) else {
      throw CommandError(
        "\(folder): "
          + (FileIO.isFile(folder) ? "is a file (expected a folder of pictures)" : "there is no such folder"))
    }
    let set = try PictureFolder(folder, pictures.choices, stored, seed: number)
    for note in set.notes { print(note) }
    if let index { return try showSample(index, set, number) }
    let (train, test) = (set.train.classCounts, set.test.classCounts)
    let width = set.train.classNames.map(\.count).max() ?? 0
    print("\(set.name): \(set.train.count) pictures to train, \(set.test.count) to test, \(train.count) classes")
    for (label, name) in set.train.classNames.enumerated() {
      let padding = String(repeating: " ", count: width - name.count)
      print("  \(name)\(padding)  \(train[label]) to train, \(test[label]) to test")
    }
    let path = output ?? "contact.svg"
    try FileIO.write(ContactSheet(set.train, perClass: perClass).svg(testCounts: test), to: path)
    print("Sheet \(path)")
  }

  /// Writes a training picture as it is in an epoch.
  private func showSample(_ index: Int, _ set: PictureFolder, _ seed: UInt64) throws {
    guard index < set.train.count else {
      throw CommandError("--index \(index): there are \(set.train.count) training pictures, numbered from 0")
    }
    let loader = DataLoader(SeenPictures(pictures: set.train), batchSize: 1, seed: seed, workers: 0)
    guard let image = try loader.batches(ofEpoch: epoch - 1, from: index).next()?.first else { return }
    let path = output ?? "sample-\(index)-epoch-\(epoch).png"
    try image.write(png: path)
    let name = set.train.classNames[set.train.labels[index]]
    print("\(set.train.paths[index]): class \(name), \(image.height)×\(image.width), as in epoch \(epoch)")
    print("Picture \(path)")
  }
}

/// Pictures as the network sees them.
private struct SeenPictures: Dataset {
  let pictures: ImageFolder
  var count: Int { pictures.count }

  func batch(_ indices: [Int]) throws(DataError) -> [Image] {
    var result: [Image] = []
    for index in indices {
      result.append(try Random.withSample(index) { () throws(DataError) -> Image in try pictures.image(at: index) })
    }
    return result
  }
}
