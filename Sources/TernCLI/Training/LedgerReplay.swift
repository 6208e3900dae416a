import Foundation
import Tern
import TernBackend

/// Does the steps of two runs again, up to the first whose hashes differ, and compares the hashes of all elements.
struct LedgerReplay {
  private let runs: [TrainingRun]
  private let ledgers: [Ledger]
  /// The first hash of the ledgers that differs.
  private let place: LedgerComparison.Place
  /// How many steps are done again at most.
  private let most: Int

  init(_ runs: [TrainingRun], _ ledgers: [Ledger], _ place: LedgerComparison.Place, most: Int) {
    (self.runs, self.ledgers, self.place, self.most) = (runs, ledgers, place, most)
  }

  /// Where the steps that are done again begin.
  private struct Start {
    var step: Int
    /// The checkpoint of each run; none at the beginning.
    var paths: [String]
  }

  /// Prints what comes of it.
  func run() {
    let (start, notes) = start
    for note in notes { print(note) }
    guard place.step - start.step <= most else {
      print(
        "Not done again: from \(words(start)) to step \(place.step) are \(place.step - start.step) steps, more than the "
          + "\(most) of --replay-steps.")
      return
    }
    var replays: [Ledger] = []
    for index in runs.indices {
      do { replays.append(try replay(index, from: start)) } catch {
        print("\(runs[index].folder) cannot be done again: \(error)")
        return
      }
    }
    let steps = place.step - start.step
    let which = steps == 1 ? "Step \(place.step)" : "Steps \(start.step + 1) to \(place.step)"
    print("\(which) of both runs done again from \(words(start)), all elements hashed:")
    for (index, replay) in replays.enumerated() {
      guard let step = ledgers[index].firstDifference(from: replay) else { continue }
      print(
        "\(runs[index].folder): step \(step) does not give again what the run's ledger has. It was made by another version of "
          + "Tern, on another processor or with other settings, or something outside of the training changed it.")
    }
    let comparison = LedgerComparison(replays[0].whole, replays[1].whole)
    switch comparison.place {
    case let found? where found == place: print("They part at \(found) too.")
    case let found?: print("They part at \(found).")
    case nil: print("They do not part.")
    }
  }

  private func words(_ start: Start) -> String {
    start.step == 0 ? "the beginning" : "the checkpoints after step \(start.step)"
  }

  /// The last step before the one that differs at which both runs are known and the same, and what is said of it.
  private var start: (Start, notes: [String]) {
    let kept = runs.map { run in LedgerCheckpoints(run.ledgerCheckpointFolder).all.filter { $0.step < place.step } }
    let second = Dictionary(kept[1].map { ($0.step, $0.path) }, uniquingKeysWith: { _, last in last })
    let common = kept[0].compactMap { entry in
      second[entry.step].map { Start(step: entry.step, paths: [entry.path, $0]) }
    }
    var notes: [String] = []
    if common.isEmpty { notes.append("No checkpoint of both runs lies before step \(place.step).") }
    for start in common.reversed() {
      do {
        let found = try differences(start.paths)
        if found.isEmpty { return (start, notes) }
        notes.append("After step \(start.step) they differ already, which no hash showed, in \(found).")
      } catch { notes.append("\(error)") }
    }
    return (Start(step: 0, paths: []), notes)
  }

  /// What is not the same in two checkpoints; empty where all is.
  private func differences(_ paths: [String]) throws -> String {
    let (a, b) = (try Checkpoint(contentsOf: paths[0]), try Checkpoint(contentsOf: paths[1]))
    func entries(_ checkpoint: Checkpoint) -> [String: StoredArray] {
      let named =
        checkpoint.model.map { ($0.name, $0.stored) }
        + checkpoint.optimizer.tensors.map { ("optimizer \($0.name)", $0.stored) }
      return Dictionary(named, uniquingKeysWith: { first, _ in first })
    }
    let (mine, others) = (entries(a), entries(b))
    var names = Set(mine.keys).union(others.keys).filter { name in
      guard let x = mine[name], let y = others[name] else { return true }
      return x.type != y.type || x.shape != y.shape || x.bytes != y.bytes
    }.sorted()
    if a.progress.generator != b.progress.generator { names.append("the random numbers") }
    if a.progress.schedule != b.progress.schedule || a.optimizer.scalars != b.optimizer.scalars {
      names.append("the optimizer's or the schedule's numbers")
    }
    return names.prefix(4).joined(separator: ", ") + (names.count > 4 ? " and \(names.count - 4) more" : "")
  }

  /// Does the steps of one run again, in a process with the kernels and the threads of the run.
  private func replay(_ index: Int, from start: Start) throws -> Ledger {
    let session = ledgers[index].session(ofStep: place.step)
    var environment = ProcessInfo.processInfo.environment
    if let name = session["kernels"], let level = CPULevel(rawValue: name) {
      let levels = CPULevel.allCases
      if let own = levels.firstIndex(of: .supported), let asked = levels.firstIndex(of: level), asked > own {
        throw CommandError("it ran with \(name) kernels, which this processor has not")
      }
      environment["TERN_CPU"] = name
      // The level alone does without the instruction for bfloat16.
      if session["bfloat16"] == "multiplied" {
        if !BFloat16Products.isSupported {
          throw CommandError("it ran with the avx512_bf16 of its processor, which this one has not")
        }
        environment["TERN_CPU"] = "avx512bf16"
      }
    }
    if let core = session["OpenBLAS"], core != SystemInfo.current.openBLASCore {
      environment["OPENBLAS_CORETYPE"] = core
    }
    let output = NSTemporaryDirectory() + "tern-replay-\(UUID().uuidString).bin"
    defer { try? FileManager.default.removeItem(atPath: output) }
    var arguments = ["replay", runs[index].folder, "--to", "\(place.step)", "--output", output]
    if start.step > 0 { arguments += ["--from", start.paths[index]] }
    if let threads = session["threads"].flatMap({ Int($0) }) { arguments += ["--threads", "\(threads)"] }
    if let ranks = session["ranks"].flatMap({ Int($0) }) { arguments += ["--shards", "\(ranks)"] }
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(
      fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    process.arguments = arguments
    process.environment = environment
    process.standardOutput = FileHandle.nullDevice
    process.standardError = pipe
    try process.run()
    let message = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      let line = message.split(separator: "\n").last.map(String.init) ?? "status \(process.terminationStatus)"
      throw CommandError(line.hasPrefix("Error: ") ? String(line.dropFirst("Error: ".count)) : line)
    }
    return try Ledger(contentsOf: output)
  }
}
