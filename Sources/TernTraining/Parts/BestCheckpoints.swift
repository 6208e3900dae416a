import Foundation
import TernBackend
import TernData
import TernNN

/// Keeps checkpoints of the best epochs in a folder, `best-epoch-12.safetensors`, and removes those that are no longer.
///
/// ```swift
/// var best = BestCheckpoints(keep: 3, by: .validationAccuracy, in: "runs/mine")
/// for epoch in 1...100 {
///   …
///   try best.update(accuracy, epoch: epoch) { path, _ in try model.save(to: path) }
/// }
/// ```
public struct BestCheckpoints: TrainingPart, Sendable, Equatable {
  /// One that is kept.
  public struct Entry: Sendable, Equatable {
    /// The number of its epoch, from 1.
    public let epoch: Int
    /// Its value.
    public let value: Double
  }

  /// How many are kept.
  public let count: Int
  /// What is compared.
  public let figure: MonitoredFigure
  /// The folder they are kept in, which is made where there is none.
  public let folder: String
  /// Those that are kept, the best first; of equals the earlier.
  public private(set) var entries: [Entry] = []

  /// Keeps the best epochs' checkpoints.
  ///
  /// - Parameters:
  ///   - count: how many are kept, at least 1.
  ///   - figure: what is compared.
  ///   - folder: where they are kept.
  public init(
    keep count: Int, by figure: MonitoredFigure = .validationLoss, in folder: String,
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(count >= 1, "BestCheckpoints", "\(count) checkpoints to keep (at least 1)")
    (self.count, self.figure, self.folder) = (count, figure, folder)
  }

  /// The file of an epoch.
  public func path(ofEpoch epoch: Int) -> String { "\(folder)/best-epoch-\(epoch).safetensors" }

  /// The file of the best epoch; `nil` before the first.
  public var bestPath: String? { entries.first.map { path(ofEpoch: $0.epoch) } }

  /// Takes the value of an epoch: one that is among the best is written, and what is no longer among them removed. What is
  /// no number is never among them.
  ///
  /// - Parameters:
  ///   - value: the figure of the epoch.
  ///   - epoch: its number, from 1.
  ///   - write: writes the file; it is given what is kept from now on too, which a checkpoint may have in it.
  /// - Returns: whether the epoch is among the best.
  /// - Throws: what `write` throws, and `DataError` where the folder cannot be made; nothing has changed then.
  @discardableResult
  public mutating func update(
    _ value: Double, epoch: Int, write: (_ path: String, _ kept: BestCheckpoints) throws -> Void
  ) throws -> Bool {
    try update(value, epoch: epoch, removes: true, write: write)
  }

  /// The same; of several ranks one removes files.
  @discardableResult
  mutating func update(
    _ value: Double, epoch: Int, removes: Bool, write: (_ path: String, _ kept: BestCheckpoints) throws -> Void
  ) throws -> Bool {
    if value.isNaN { return false }
    var kept = self
    kept.entries.removeAll { $0.epoch == epoch }
    let place = kept.entries.firstIndex { figure.isBetter(value, than: $0.value) } ?? kept.entries.count
    if place >= count { return false }
    kept.entries.insert(Entry(epoch: epoch, value: value), at: place)
    let gone = kept.entries.dropFirst(count)
    kept.entries = Array(kept.entries.prefix(count))
    try makeFolder()
    try write(path(ofEpoch: epoch), kept)
    for entry in gone where removes { try? FileManager.default.removeItem(atPath: path(ofEpoch: entry.epoch)) }
    self = kept
    return true
  }

  /// Makes the folder where there is none.
  func makeFolder() throws(DataError) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw DataError(
        .unwritable, file: folder, "no folder can be made there: \(error.localizedDescription)",
        expected: "a folder that may be written")
    }
  }

  /// The epochs that are kept, with their values.
  public var state: PartState {
    var scalars: [String: Double] = [:]
    for (index, entry) in entries.enumerated() {
      scalars["\(index).epoch"] = Double(entry.epoch)
      scalars["\(index).value"] = entry.value
    }
    return PartState(tensors: [], scalars: scalars)
  }

  /// Restores a state; on an error nothing has changed. Files are left alone.
  ///
  /// - Throws: `StateMismatch` with all that does not fit.
  public mutating func load(_ state: PartState) throws(StateMismatch) {
    var reader = StateReader(state)
    let found = (0..<state.scalars.count / 2).map { index in
      Entry(epoch: reader.count("\(index).epoch"), value: reader.number("\(index).value"))
    }
    try reader.finish()
    entries = Array(found.prefix(count))
  }
}
