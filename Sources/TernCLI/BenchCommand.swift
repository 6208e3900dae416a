import ArgumentParser
import Foundation
import Tern
import TernBackend
import TernBench

/// `tern bench`: takes the time of the workloads of the benchmark suite.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Takes the time of training steps, layers and operations.",
    discussion: """
      Prints one line of JSON for each workload: microseconds (least and median), samples, threads, and the most memory \
      held. Benchmarks/pytorch_suite.py prints the same lines for PyTorch, scripts/bench compares them.

      tern bench --vocabulary Benchmarks/vocabulary.json takes the time of every operation, layer and optimizer instead, at \
      the size, element type, layout and pass given; Benchmarks/pytorch_vocabulary.py takes PyTorch's, scripts/bench --vocabulary compares.

      tern bench --memory predicts the peak of the training steps' memory, at three batch sizes with SGD and Adam, and \
      measures it; ends with status 1 where one is off by more than 10 %.

      tern bench --soak 10000 --only train/resnet20 tells whether memory grows over 10,000 training steps.
      """)

  @Option(help: "Runs the workloads whose name contains a match of this regular expression.")
  var only: String?

  @Option(
    parsing: .unconditional, help: "Threads that work together; the processors this process may use where not given.")
  var threads: Int?

  @Option(help: "How products read Floats, float32 or bf16: forward and backward passes of every workload.")
  var precision = FloatPrecision.float32

  @Option(help: "Seconds given to each workload.")
  var seconds = 1.0

  @Option(
    help: ArgumentHelp(
      """
      Calls each workload so many times and compares the most memory held after a hundredth of them and after all; \
      ends with status 1 where it grew by more than 1 %.
      """, valueName: "calls"))
  var soak: Int?

  @Option(
    help: ArgumentHelp(
      "Profiles each workload by turns with calls that are not profiled, tells what that costs and how much of the time the "
        + "parts explain, and writes the profiles into this folder.", valueName: "folder"))
  var profile: String?

  @Option(help: ArgumentHelp("Measures the operations of this file.", valueName: "file"))
  var vocabulary: String?

  @Flag(
    help: "Takes the time of training steps of networks that grow: in batch, depth, width, and length of sequences.")
  var growth = false

  @Flag(help: "Predicts and measures the memory of training steps instead.")
  var memory = false

  @Option(help: "The size of the vocabulary's inputs: 4, 1e3, 1e5 or 1e7 elements.")
  var size = "1e5"

  @Option(help: "The memory layout of the vocabulary's inputs: contiguous, transposed or channels-last.")
  var layout = VocabularyLayout.contiguous

  @Flag(help: "Measures the vocabulary in Double.")
  var double = false

  @Flag(help: "Measures the vocabulary with its gradients.")
  var backward = false

  @Flag(help: "Prints the names of the workloads instead.")
  var list = false

  func validate() throws {
    try requireThreads(threads)
    if !(seconds > 0 && seconds <= 3600) {
      throw ValidationError("--seconds \(seconds): a number from 0 to 3600 is needed")
    }
    try require("--soak", soak, in: 1...1_000_000_000)
    if try !memory && selected.isEmpty { throw ValidationError("--only \(only ?? ""): no workload has such a name") }
  }

  /// The workloads that the options name.
  private var selected: [Workload] {
    get throws {
      let all = try everything
      guard let only else { return all }
      guard let expression = try? Regex(only) else {
        throw ValidationError("--only \(only): not a regular expression")
      }
      return all.filter { $0.name.contains(expression) }
    }
  }

  private var everything: [Workload] {
    get throws {
      guard let vocabulary else { return growth ? Workload.growth : Workload.all }
      return try Vocabulary(contentsOf: vocabulary)
        .workloads(size: size, double: double, layout: layout, backward: backward)
    }
  }

  /// Predicts and measures memory.
  private func compareMemory() throws {
    let expression = try only.map { only in
      guard let expression = try? Regex(only) else {
        throw ValidationError("--only \(only): not a regular expression")
      }
      return expression
    }
    if let threads { Workers.count = threads }
    describeMachine()
    var isOff = false
    TrainingMemory.all(only: expression) { result in
      print(result.line)
      fflush(nil)
      isOff = isOff || abs(result.difference) > 0.1
    }
    if isOff { throw ExitCode.failure }
  }

  func run() throws {
    if memory { return try compareMemory() }
    let workloads = try selected
    if list {
      for workload in workloads { print(workload.name) }
      return
    }
    if let threads { Workers.count = threads }
    describeMachine()
    var hasGrown = false
    for workload in workloads {
      if let soak {
        guard let result = try withPrecision(precision, { try Soak(workload, count: soak) }) else { continue }
        print(result.line)
        hasGrown = hasGrown || result.growth > 0.01
      } else if let profile {
        if let cost = try withPrecision(precision, { try ProfileCost(workload, seconds: seconds, folder: profile) }) {
          print(cost.line)
        }
      } else if let measurement = try withPrecision(precision, { try Measurement(workload, seconds: seconds) }) {
        print(measurement.line)
      }
      fflush(nil)
    }
    if hasGrown { throw ExitCode.failure }
  }

  /// What ran, beside the results.
  private func describeMachine() {
    let info = SystemInfo.current
    var lines =
      "\(info.processor): kernels \(info.level.rawValue), OpenBLAS core \(info.openBLASCore), \(info.threads) threads\n"
    if let warning = info.warning { lines += "warning: \(warning)\n" }
    FileHandle.standardError.write(Data(lines.utf8))
  }
}

extension VocabularyLayout: ExpressibleByArgument {}
