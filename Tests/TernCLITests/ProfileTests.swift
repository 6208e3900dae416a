import Foundation
import Tern
import TernData
import Testing

/// Profiles of steps of a run, and of workloads.
@Suite struct ProfileTests {
  @Test func stepsOfARun() throws {
    let command = try Command()
    let end = try command.run("train", "--model", "mlp", "--epochs", "1", "--profile", "3:9")
    #expect(
      end.status == 0 && end.output.contains("Profile        runs/digits-mlp-1/profile/report.html"), "\(end.output)")
    #expect(try command.text("runs/digits-mlp-1/profile/profile.txt").hasPrefix("7 steps of "))
    let trace = try JSON(parsing: Array(command.data("runs/digits-mlp-1/profile/trace.json"))[...], file: "trace.json")
    let steps = trace["traceEvents"]?.array?.filter { $0["name"]?.string == "step" }
    #expect(steps?.count == 7)
    // The bits are those of a run without.
    #expect(try command.run("train", "--model", "mlp", "--epochs", "1").status == 0)
    let weights = try (1...2).map { try command.data("runs/digits-mlp-\($0)/model.safetensors") }
    #expect(weights[0] == weights[1])
    for steps in ["9:3", "0:3", "3", "a:b", "1:2:3", ":4"] {
      let refused = try command.run("train", "--profile", steps)
      #expect(
        refused.status == 64 && refused.output.contains("--profile \(steps): the first and the last step"),
        "\(refused.output)")
    }
    // What no epoch was finished of has no score.
    let short = try command.run("train", "--model", "mlp", "--max-steps", "2", "--output", "short")
    #expect(
      short.status == 0 && short.output.hasSuffix("\nNo epoch was finished, and nothing scored\n"), "\(short.output)")
    // Steps that the run does not have leave nothing.
    let none = try command.run("train", "--model", "mlp", "--epochs", "1", "--profile", "1000:1001")
    #expect(none.status == 0 && !command.has("runs/digits-mlp-3/profile"), "\(none.output)")
    #expect(none.output.contains("Profile        none: the run took no step of 1000:1001\n"), "\(none.output)")
  }

  @Test func workloads() throws {
    let command = try Command()
    let end = try command.run(
      "bench", "--only", "train/mlp_tiny", "--seconds", "0.01", "--profile", "profiles",
      shell: "\"$0\" \"$@\" 2> errors")
    let line = try JSON(parsing: Array(end.output.utf8)[...], file: "output")
    #expect(end.status == 0 && (line["explained_percent"]?.double ?? 0) > 50, "\(end.output)")
    #expect(command.has("profiles/train-mlp_tiny_2-20-3-1_b211_sgd/trace.json"))
  }
}
