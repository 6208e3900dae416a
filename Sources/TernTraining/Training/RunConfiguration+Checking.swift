import Foundation
import TernBackend
import TernData

extension RunConfiguration {
  /// Epochs that can be asked for.
  public static let allowedEpochs = 1...1_000_000_000
  /// Samples a step that can be asked for.
  public static let allowedBatchSizes = 1...1_000_000_000

  /// What is wrong with the settings, the first of it: a setting's name, what it is, and what is allowed.
  public var problem: (setting: String, value: String, allowed: String)? {
    if !Self.allowedEpochs.contains(epochs) {
      return ("epochs", "\(epochs)", Self.words(Self.allowedEpochs))
    }
    if !Self.allowedBatchSizes.contains(batchSize) {
      return ("batchSize", "\(batchSize)", Self.words(Self.allowedBatchSizes))
    }
    if !(learningRate > 0 && learningRate.isFinite) {
      return ("learningRate", "\(learningRate)", "a finite number above 0")
    }
    return nil
  }

  /// The settings in JSON; `file` names it in errors.
  ///
  /// - Parameters:
  ///   - bytes: The text.
  ///   - file: The name of the file in errors.
  /// - Throws: `DataError` where the text is not JSON, and where a setting is missing, unknown or out of its range: its
  ///   name, what it is, and what is allowed.
  public init(json bytes: [UInt8], file: String) throws(DataError) {
    let json = try JSON(parsing: bytes[...], file: file)
    guard let members = json.members else {
      throw DataError(.malformed, file: file, "the settings are \(json.kind)", expected: "an object of tern train")
    }
    func refuse(_ key: String, _ allowed: String) -> DataError {
      DataError(
        .malformed, file: file, json[key].map { "\(key) is \(printable("\($0)", limit: 60))" } ?? "\(key) is missing",
        expected: allowed)
    }
    let keys = ["batchSize", "data", "epochs", "fingerprint", "learningRate", "model", "optimizer", "seed", "training"]
    for member in members where !keys.contains(member.key) {
      throw DataError(
        .malformed, file: file, "there is no setting \(printable(member.key, limit: 60))",
        expected: keys.joined(separator: ", "))
    }
    func text(_ key: String) throws(DataError) -> String? {
      guard let value = json[key], value != .null else { return nil }
      guard let text = value.string else { throw refuse(key, "a string") }
      return text
    }
    func number(_ key: String, _ range: ClosedRange<Int>) throws(DataError) -> Int {
      guard let value = json[key]?.int, range.contains(value) else { throw refuse(key, Self.words(range)) }
      return value
    }
    func word<Word: RawRepresentable & CaseIterable>(_ key: String) throws(DataError) -> Word
    where Word.RawValue == String {
      guard let word = json[key]?.string.flatMap({ Word(rawValue: $0) }) else {
        throw refuse(key, Word.allCases.map(\.rawValue).joined(separator: " or "))
      }
      return word
    }
    // Half of the seeds are beyond what `JSON` has as a whole number.
    struct Seed: Decodable { var seed: UInt64 }
    guard let seed = try? JSONDecoder().decode(Seed.self, from: Data(bytes)).seed else {
      throw refuse("seed", "a whole number from 0 to \(UInt64.max)")
    }
    try self.init(
      data: text("data"), model: word("model"), epochs: number("epochs", Self.allowedEpochs),
      batchSize: number("batchSize", Self.allowedBatchSizes), optimizer: word("optimizer"),
      learningRate: json["learningRate"]?.double ?? .nan, seed: seed, fingerprint: text("fingerprint"))
    if let problem { throw refuse(problem.setting, problem.allowed) }
    if let settings = json["training"], settings != .null { training = try TrainingSettings(settings, file: file) }
  }

  private static func words(_ range: ClosedRange<Int>) -> String {
    "a whole number from \(range.lowerBound) to \(range.upperBound)"
  }

  /// What differs from the settings a training was begun with, a phrase each: `seed 3, now 5`.
  ///
  /// Where the data lies does not count where what it holds is known of both.
  public func differences(from other: RunConfiguration, file: StaticString = #fileID, line: UInt = #line) -> [String] {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    var result: [String] = []
    func compare<Value: Equatable>(_ name: String, _ before: Value, _ now: Value) {
      if before != now { result.append("\(name) \(before), now \(now)") }
    }
    if let fingerprint, let before = other.fingerprint {
      if fingerprint != before { result.append("the data of \(data ?? "the digits") has other pixels or labels") }
    } else {
      compare("data", other.data ?? "the digits", data ?? "the digits")
    }
    compare("network", other.model.rawValue, model.rawValue)
    compare("epochs", other.epochs, epochs)
    compare("batch size", other.batchSize, batchSize)
    compare("optimizer", other.optimizer.rawValue, optimizer.rawValue)
    compare("learning rate", other.learningRate, learningRate)
    compare("seed", other.seed, seed)
    let none = TrainingSettings()
    return result + (training ?? none).differences(from: other.training ?? none)
  }
}
