import Foundation
import TernBackend
import TernData

extension Checkpoint {
  /// The largest count that a checkpoint may hold: beyond it a Double cannot count on.
  private static let most = 1 << 53

  /// The value under a key of the metadata.
  ///
  /// - Throws: `DataError` with the field that is wrong, what it is, and what is allowed.
  static func decode<Value: Decodable>(
    _: Value.Type, _ key: String, _ metadata: [String: String], _ path: String
  ) throws(DataError) -> Value {
    guard let text = metadata[key] else {
      throw DataError(.malformed, file: path, "the checkpoint's \(key) is missing", expected: "JSON")
    }
    let json = try JSON(parsing: [UInt8](text.utf8)[...], file: path)
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: infinities.positive, negativeInfinity: infinities.negative, nan: infinities.nan)
    do {
      return try decoder.decode(Value.self, from: Data(text.utf8))
    } catch {
      var fields: [String] = []
      switch error {
      case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
        DecodingError.dataCorrupted(let context):
        fields = context.codingPath.map(\.stringValue)
      case DecodingError.keyNotFound(let missing, let context):
        fields = (context.codingPath + [missing]).map(\.stringValue)
      default: break
      }
      let value = fields.reduce(Optional(json)) { $0?[$1] }
      let name = printable(([key] + fields).joined(separator: "."), limit: 100)
      throw DataError(
        .malformed, file: path,
        "the checkpoint's \(name) is " + (value.map { printable("\($0)", limit: 60) } ?? "missing"),
        expected: "what tern train writes there")
    }
  }

  /// Checks every number that a training goes on with.
  ///
  /// - Throws: `DataError` with the first that cannot be: its name, what it is, and what is allowed.
  func checkNumbers(_ path: String) throws(DataError) {
    func require(_ isRight: Bool, _ name: String, _ value: some Any, _ allowed: String) throws(DataError) {
      if isRight { return }
      throw DataError(
        .malformed, file: path, "the checkpoint's \(printable(name, limit: 100)) is \(value)", expected: allowed)
    }
    func count(_ name: String, _ value: Int, _ most: Int) throws(DataError) {
      try require(0...most ~= value, name, value, "a whole number from 0 to \(most)")
    }
    try count("progress.epoch", progress.epoch, RunConfiguration.allowedEpochs.upperBound)
    try count("progress.batch", progress.batch, Self.most)
    try count("progress.seen", progress.seen, Self.most)
    try count("progress.correct", progress.correct, progress.seen)
    try require(
      progress.seconds >= 0 && progress.seconds.isFinite, "progress.seconds", progress.seconds,
      "a finite number from 0")
    for (name, total) in (progress.figures ?? [:]).sorted(by: { $0.key < $1.key }) {
      try require(
        total.count >= 0 && total.count.isFinite, "progress.figures.\(name).count", total.count,
        "a finite number from 0")
    }
    if let weight = progress.lossCount {
      try require(weight >= 0 && weight.isFinite, "progress.lossCount", weight, "a finite number from 0")
    }
    if let last = history.epochs.last?.number {
      try require(
        last <= progress.epoch, "history", "of \(last) epochs", "at most the \(progress.epoch) that are done")
    }
    for (name, value) in progress.schedule.sorted(by: { $0.key < $1.key }) {
      try check("progress.schedule.\(name)", name, value)
    }
    for (part, state) in parts.sorted(by: { $0.key < $1.key }) where part.hasPrefix("optimizer ") {
      for (name, value) in state.scalars.sorted(by: { $0.key < $1.key }) {
        try check("\(part).\(name)", name, value)
      }
    }
    for (name, value) in optimizer.scalars.sorted(by: { $0.key < $1.key }) {
      try check("optimizer.\(name)", name, value)
    }
    func check(_ name: String, _ key: String, _ value: Double) throws(DataError) {
      switch key.split(separator: "/").last ?? "" {
      case "learning_rate": try require(value >= 0 && value.isFinite, name, value, "a finite number from 0")
      case let word where word.hasPrefix("base."):
        try require(value >= 0 && value.isFinite, name, value, "a finite number from 0")
      case "momentum": try require(value >= 0 && value.isFinite, name, value, "a finite number from 0")
      case "step" where key.contains("/"), "position", "bad_steps", "resting", "iterations", "evaluations", "history":
        try require(
          value >= 0 && value <= Double(Self.most) && value.rounded() == value, name, value,
          "a whole number from 0 to \(Self.most)")
      default: break
      }
    }
  }
}
