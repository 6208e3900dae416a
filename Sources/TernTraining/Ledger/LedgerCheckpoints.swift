import Foundation
import TernData

/// The checkpoints that are kept beside a ledger, so that steps can be done again: those of at most eight epochs' ends, evenly
/// apart, and the last one.
package struct LedgerCheckpoints {
  package let folder: String
  private static let most = 8

  package init(_ folder: String) { self.folder = folder }

  /// The number of steps and the file of each, in order.
  package var all: [(step: Int, path: String)] {
    files.map { ($0.step, "\(folder)/\($0.name)") }
  }

  private var files: [(step: Int, epoch: Int, isEnd: Bool, name: String)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      let words = name.split(separator: "-")
      guard name.hasSuffix(".safetensors"), words.count == 5, words[0] == "after", words[1] == "step",
        let step = Int(words[2]), words[3] == "epoch",
        let epoch = Double(words[4].dropLast(".safetensors".count)), epoch >= 0, epoch < 0x1p48
      else { return nil }
      return (step, Int(epoch), epoch == epoch.rounded(), name)
    }.sorted { $0.step < $1.step }
  }

  /// Keeps a checkpoint that was written just now; it takes no time, and no space until the file is replaced.
  ///
  /// - Parameters:
  ///   - path: the checkpoint.
  ///   - step: how many steps were done.
  ///   - progress: where the training was.
  /// - Throws: `DataError` where the folder or the file cannot be made.
  package func keep(_ path: String, afterStep step: Int, _ progress: TrainingProgress) throws(DataError) {
    let epoch = progress.batch == 0 ? "\(progress.epoch)" : "\(progress.epoch).5"
    let place = "\(folder)/after-step-\(step)-epoch-\(epoch).safetensors"
    do {
      let manager = FileManager.default
      try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
      // Where the system has no links it is copied.
      if unlink(place) != 0 && errno != ENOENT { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
      if link(path, place) != 0 { try manager.copyItem(atPath: path, toPath: place) }
    } catch {
      throw DataError(
        .unwritable, file: place, "the checkpoint cannot be kept: \(error.localizedDescription)",
        expected: "a folder that may be written")
    }
    thinOut()
  }

  /// Removes what is not to be kept.
  private func thinOut() {
    let files = files
    guard let last = files.last else { return }
    var interval = 1
    while last.epoch / interval > Self.most { interval *= 2 }
    for file in files.dropLast() where !file.isEnd || !file.epoch.isMultiple(of: interval) { remove(file.name) }
  }

  /// Removes the checkpoints after a step, as a run that begins anew there makes others.
  package func removeAll(afterStep step: Int) {
    for file in files where file.step > step { remove(file.name) }
  }

  private func remove(_ name: String) { unlink("\(folder)/\(name)") }
}
