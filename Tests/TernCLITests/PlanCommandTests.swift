import Foundation
import Tern
import TernBackend
import TernTestSupport
import Testing

/// `tern plan`, and `tern train` where there is not enough memory.
@Suite(.disabled(if: isAddressSanitizerActive)) struct PlanCommandTests {
  /// An MNIST of 28 × 28 pixels.
  private func writeImages(_ command: Command, train: Int, test: Int) throws {
    try FileManager.default.createDirectory(atPath: command.path("data"), withIntermediateDirectories: true)
    for (name, count) in [("train", train), ("t10k", test)] {
      let number = [UInt8(count >> 24 & 255), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)]
      let pixels = (0..<count * 784).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
      let images: [UInt8] = [0, 0, 8, 3] + number + [0, 0, 0, 28, 0, 0, 0, 28] + pixels
      let labels: [UInt8] = [0, 0, 8, 1] + number + (0..<count).map { UInt8($0 % 10) }
      try command.write(Data(images), "data/\(name)-images-idx3-ubyte")
      try command.write(Data(labels), "data/\(name)-labels-idx1-ubyte")
    }
  }

  @Test func aPlanIsPrinted() throws {
    let command = try Command()
    let end = try command.run("plan", "--batch-size", "512", "--optimizer", "sgd")
    #expect(end.status == 0, "\(end.output)")
    for words in [
      "Digits: cnn with", "layer", "Conv2D", "kept MB", "parameters", "activations", "batches of 512: at most",
      "fits: ",
      "largest batch that fits: ",
    ] {
      #expect(end.output.contains(words), "\(words) is missing in \(end.output)")
    }
    #expect(!command.has("runs"))
    let wrong = try command.run("plan", "--batch-size", "0")
    #expect(wrong.status == 64 && wrong.output.contains("--batch-size 0: at least 1 is needed"), "\(wrong.output)")
  }

  /// A rank of several has a share of the batch.
  @Test func oneOfSeveralRanks() throws {
    let command = try Command()
    func needed(_ arguments: String...) throws -> Double {
      let (process, pipe) = try command.start(["plan", "--batch-size", "1024", "--model", "cnn"] + arguments)
      let end = command.end(process, pipe)
      let found = end.output.firstMatch(of: /batches of 1024: at most ([0-9.]+) MB/)
      return try #require(found.flatMap { Double($0.output.1) }, "\(end.output)")
    }
    let one = try needed()
    let four = try needed("--ranks", "4")
    #expect(four < one * 0.6, "\(four) of \(one)")
    // Three add along the tree by other ways than a power of two.
    let three = try needed("--ranks", "3")
    #expect(three < one * 0.7, "\(three) of \(one)")
  }

  @Test func whatDoesNotFitIsRefusedAndWhatIsNamedRuns() throws {
    let command = try Command()
    try writeImages(command, train: 3000, test: 40)
    let limit = "ulimit -v 1600000; exec \"$0\" \"$@\""
    let arguments = ["train", "--data", "data", "--model", "cnn", "--epochs", "1", "--batch-size"]
    func train(_ batch: Int) throws -> Command.End {
      let (process, pipe) = try command.start(
        arguments + ["\(batch)"], ["TERN_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"], shell: limit)
      return command.end(process, pipe)
    }
    let end = try train(3000)
    #expect(end.status == 1 && end.lines.last?.hasPrefix("Error: batches of 3000 take ") == true, "\(end.output)")
    #expect(!command.has("runs"), "\(end.output)")
    let named = end.output.firstMatch(of: /batch that fits is ([0-9]+): --batch-size ([0-9]+)\n/)
    let batch = try #require(named.flatMap { Int($0.output.1) }, "\(end.output)")
    #expect(batch >= 100 && batch < 3000, "\(end.output)")
    let fitting = try train(batch)
    #expect(fitting.status == 0 && fitting.output.contains("test accuracy"), "\(fitting.output)")
    #expect(command.has("runs/mnist-cnn-1/model.safetensors") || command.has("runs"), "\(fitting.output)")
  }

  /// Ranks are asked before their first step, too, and one of them says it for all.
  @Test(.enabled(if: MPICommunicator.isBuilt && MPILauncher.path != nil, "skipped: there is no MPI"))
  func ranksRefuseWhatDoesNotFit() throws {
    let command = try Command()
    try writeImages(command, train: 6000, test: 40)
    let job = ([MPILauncher.path!] + MPILauncher.options).joined(separator: " ")
    let shell = "ulimit -v 1500000; exec \(job) -n 2 \"$0\" \"$@\""
    func train(_ batch: Int) throws -> Command.End {
      let (process, pipe) = try command.start(
        ["train", "--data", "data", "--epochs", "1", "--batch-size", "\(batch)", "--workers", "0"],
        ["TERN_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"], shell: shell)
      return command.end(process, pipe)
    }
    let end = try train(6000)
    let words = end.output.matches(of: /batches of 6000 take [0-9]+ MB of tensors on each of 2 ranks/)
    #expect(end.status != 0 && words.count == 1, "\(end.output)")
    #expect(!command.has("runs"), "\(end.output)")
    let named = end.output.firstMatch(of: /batch that fits is ([0-9]+): --batch-size/)
    let batch = try #require(named.flatMap { Int($0.output.1) }, "\(end.output)")
    let fitting = try train(batch)
    #expect(fitting.status == 0 && fitting.output.contains("test accuracy"), "\(fitting.output)")
  }
}
