import ArgumentParser
import Foundation
import Tern
import TernBackend
import TernVision

/// Rows and columns, as `64` or `48x64`.
struct PictureSize: ExpressibleByArgument, Equatable {
  let height: Int
  let width: Int

  init?(argument: String) {
    let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count <= 2, let height = parts[0], let width = parts[parts.count - 1], 1...65536 ~= height,
      1...65536 ~= width
    else { return nil }
    (self.height, self.width) = (height, width)
  }
}

/// The options for folders of pictures.
struct PictureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What pictures are brought to: a number, or HEIGHTxWIDTH; the median of the training pictures, rounded to 8, where "
        + "not given.", valueName: "size"))
  var size: PictureSize?

  @Flag(help: "Changes the training pictures at random in every epoch; what is done is printed.")
  var augment = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The fraction of every class that is not trained with but scored after each epoch; where not given, the pictures in "
        + "DIR/test are, and 0.1 where there is none."))
  var validation: Double?

  @Flag(help: "Leaves pictures out that cannot be read, and names them.")
  var skipCorrupt = false

  func validate() throws {
    if let validation, !(validation > 0 && validation < 1) {
      throw ValidationError("--validation \(validation): a number above 0 and below 1 is needed")
    }
  }

  /// What was asked for.
  var choices: PictureChoices {
    PictureChoices(size: size, augment: augment, validation: validation, skipCorrupt: skipCorrupt)
  }
}

/// What is asked for of a folder of pictures.
struct PictureChoices {
  var size: PictureSize?
  var augment = false
  var validation: Double?
  var skipCorrupt = false

  /// The first option that was given.
  var firstGiven: String? {
    if size != nil { return "--size" }
    if augment { return "--augment" }
    if validation != nil { return "--validation" }
    return skipCorrupt ? "--skip-corrupt" : nil
  }
}

/// What a run does with pictures, `pictures.json` in its folder.
struct PictureSettings: Codable, Equatable {
  var height: Int
  var width: Int
  var classes: [String]
  var mean: [Double]
  var deviation: [Double]
  var isAugmented: Bool
  /// The fraction that is held out; `nil` where a folder of its own is scored.
  var validation: Double?
  var skipsCorrupt: Bool

  var standardization: Standardization { Standardization(mean: mean, deviation: deviation) }

}

extension PictureSettings {
  static func path(_ run: TrainingRun) -> String { run.folder + "/pictures.json" }

  func write(to run: TrainingRun) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try FileIO.write(String(decoding: encoder.encode(self), as: UTF8.self) + "\n", to: Self.path(run))
  }

  /// The settings of a run, `nil` where it has none.
  init?(of run: TrainingRun) throws {
    let path = Self.path(run)
    guard FileIO.isFile(path) else { return nil }
    guard let settings = try? JSONDecoder().decode(Self.self, from: Data(FileIO.read(path))) else {
      throw DataError(
        .malformed, file: path, "the settings of pictures cannot be read", expected: "those of tern train")
    }
    guard 1...65536 ~= settings.height, 1...65536 ~= settings.width, !settings.classes.isEmpty,
      settings.mean.count == 3, settings.mean.allSatisfy(\.isFinite), settings.deviation.count == 3,
      settings.deviation.allSatisfy({ $0 > 0 && $0.isFinite }), settings.validation.map({ $0 > 0 && $0 < 1 }) ?? true
    else {
      throw DataError(
        .malformed, file: path, "a setting of pictures cannot be",
        expected: "sizes of 1 to 65536, classes, three finite means and three deviations above 0")
    }
    self = settings
  }

  /// Stops where options ask for something else than a run was begun with.
  func check(_ options: PictureChoices, _ folder: String) throws {
    var differences: [String] = []
    if let size = options.size, size != PictureSize(argument: "\(height)x\(width)") {
      differences.append("--size \(height)x\(width), now \(size.height)x\(size.width)")
    }
    if options.augment && !isAugmented { differences.append("no --augment, now --augment") }
    if options.skipCorrupt && !skipsCorrupt { differences.append("no --skip-corrupt, now --skip-corrupt") }
    if let asked = options.validation, asked != validation {
      differences.append("--validation \(validation.map { "\($0)" } ?? "not given"), now \(asked)")
    }
    if differences.isEmpty { return }
    throw CommandError(
      "\(folder): what the run was begun with is not what it is to go on with: \(differences.joined(separator: "; ")): begin "
        + "a new one")
  }
}
