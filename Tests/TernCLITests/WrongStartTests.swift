import Foundation
import Tern
import TernTestSupport
import Testing

/// Ranks that were not started to do the same.
@Suite(.enabled(if: MPICommunicator.isBuilt && MPILauncher.path != nil, "skipped: there is no MPI"))
struct WrongStartTests {
  /// Trains as two ranks, the second of which has options of its own.
  private func train(_ command: Command, _ all: [String], first: [String] = [], second: [String] = []) throws
    -> Command.End
  {
    let shell = "exec \(([MPILauncher.path!] + MPILauncher.options).joined(separator: " ")) \"$@\""
    let program = ["-n", "1", Command.executable.path, "train", "--model", "cnn", "--epochs", "1"] + all
    let (process, pipe) = try command.start(
      program + first + [":"] + program + second, ["TERN_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"], shell: shell)
    return command.end(process, pipe)
  }

  @Test("Another option or other data on one rank is named before anything is written")
  func differences() throws {
    let command = try Command()
    var table = "a,b,label\n"
    for row in 0..<40 { table += "\(row),\(row * row % 7),\(row % 2 == 0 ? "x" : "y")\n" }
    try command.write(table, "one.csv")
    try command.write(table.replacing("4,2,x", with: "4,3,x"), "two.csv")
    let cases: [(all: [String], first: [String], second: [String], words: String)] = [
      ([], ["--seed", "1"], ["--seed", "2"], "seed 2, on rank 0 1"),
      ([], [], ["--model", "mlp"], "model mlp, on rank 0 cnn"),
      ([], [], ["--batch-size", "32"], "batch size 32, on rank 0 64"),
      ([], [], ["--epochs", "2"], "epochs 2, on rank 0 1"),
      ([], [], ["--learning-rate", "0.5"], "learning rate 0.5, on rank 0 0.001"),
      ([], [], ["--optimizer", "sgd"], "optimizer sgd, on rank 0 adam"),
      (["--shards", "4"], [], ["--patience", "3"], "patience 3, on rank 0 none"),
      ([], ["--shards", "4"], ["--shards", "8"], "shards 8, on rank 0 4"),
      ([], [], ["--freeze", "0"], "frozen [\"0\"], on rank 0 none"),
      (["--model", "mlp", "--target", "label"], ["--data", "one.csv"], ["--data", "two.csv"], "data "),
    ]
    for (all, first, second, words) in cases {
      let end = try train(command, all, first: first, second: second)
      #expect(
        end.status != 0 && end.output.contains("rank 1 does not train what rank 0 does: \(words)"), "\(end.output)")
      #expect(!command.has("runs"), "\(first) \(second)")
    }
  }

  @Test("Shards on which batches cannot be normalized are refused before anything is written")
  func shares() throws {
    let command = try Command()
    for options in [["--model", "mlp", "--shards", "40", "--batch-size", "64"], ["--shards", "1"]] {
      let end = try train(command, options)
      #expect(end.status != 0 && end.output.contains("shards"), "\(end.output)")
      #expect(!command.has("runs"), "\(end.output)")
    }
  }

  @Test("A run that one rank goes on with and the other does not keeps its bytes")
  func resuming() throws {
    let command = try Command()
    let whole = try train(command, ["--max-steps", "2", "--shards", "2"])
    #expect(whole.status == 0, "\(whole.output)")
    let files = try FileManager.default.contentsOfDirectory(atPath: command.path("runs/digits-cnn-1")).sorted()
    let before = try files.map { try command.data("runs/digits-cnn-1/\($0)") }
    let run = ["--resume", "runs/digits-cnn-1", "--shards", "2", "--max-steps", "2"]
    for (first, second) in [(run, ["--shards", "2", "--max-steps", "2"]), (run, run + ["--epochs", "3"])] {
      let end = try train(command, [], first: first, second: second)
      #expect(end.status != 0, "\(end.output)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: command.path("runs/digits-cnn-1")).sorted() == files)
    #expect(try files.map { try command.data("runs/digits-cnn-1/\($0)") } == before)
    #expect(try FileManager.default.contentsOfDirectory(atPath: command.path("runs")) == ["digits-cnn-1"])
  }
}
