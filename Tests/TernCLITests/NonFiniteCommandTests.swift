import Foundation
import Tern
import Testing

/// Losses, pixels and weights that are not finite.
@Suite struct NonFiniteCommandTests {
  private let run = "runs/digits-mlp-1"

  @Test func aLossThatIsNotFiniteEndsTheTraining() throws {
    let command = try Command()
    let end = try command.run("train", "--model", "mlp", "--epochs", "2", "--learning-rate", "1e30")
    #expect(end.isExit && end.status == 1, "\(end.output)")
    let line = String(end.lines.first { $0.hasPrefix("Error: ") } ?? "")
    #expect(line.hasPrefix("Error: step 2 (epoch 1, batch 2): the loss is "), "\(end.output)")
    #expect(line.contains("the first layer whose output is not finite is ") && line.contains("(Dense)"), "\(line)")
    #expect(line.contains("--learning-rate below 1e+30") && line.contains("--keep-going"), "\(line)")
    #expect(!command.has("\(run)/model.safetensors") && !command.has("\(run)/checkpoint.safetensors"))
    let other = try command.run("train", "--model", "mlp", "--epochs", "2", "--learning-rate", "1e30", "--keep-going")
    #expect(other.status == 0 && other.output.contains("Epoch 2/2"), "\(other.output)")
    #expect(other.output.contains("nan") && !other.output.contains("-nan"), "\(other.output)")
    let score = try command.run("evaluate", "runs/digits-mlp-2")
    #expect(score.status == 1 && score.output.contains("outputs are not finite"), "\(score.output)")
    try Tensor<Float>(zeros: [1, 8, 8]).write(npy: command.path("x.npy"))
    let answer = try command.run("predict", "runs/digits-mlp-2", "x.npy")
    #expect(answer.status == 1 && answer.lines.count == 1, "\(answer.output)")
    #expect(answer.output.contains("image 0, from 0: the model's output is not finite"), "\(answer.output)")
    #expect(!command.has("x.classes.npy"))
  }

  @Test func theLastGoodCheckpointStays() throws {
    let command = try Command()
    let arguments = ["train", "--model", "mlp", "--epochs", "3"]
    let (process, pipe) = try command.start(arguments)
    #expect(command.end(process, pipe).status == 0)
    let names = ["checkpoint", "model"].map { "\(run)/\($0).safetensors" }
    let before = try names.map { try command.data($0) }
    let end = try command.run(
      "train", "--resume", run, "--epochs", "4", "--learning-rate", "1e35", "--allow-changes")
    #expect(end.status == 1 && end.output.contains("(epoch 4, batch "), "\(end.output)")
    #expect(end.output.contains("the last checkpoint is still there"), "\(end.output)")
    for (name, bytes) in zip(names, before) { #expect(try command.data(name) == bytes, "\(name)") }
    // Nor did the settings that ended so come into force.
    #expect(try command.run("train", "--resume", run).status == 0)
  }

  @Test func pixelsThatAreNotFiniteAreNamed() throws {
    let command = try Command()
    #expect(try command.run("train", "--model", "mlp", "--epochs", "1").status == 0)
    for (index, value) in [(0, Float.nan), (2, .infinity), (299, -.infinity)] {
      var images = Tensor<Float>(zeros: [300, 8, 8])
      images[index, 3, 4] = Tensor(value)
      try images.write(npy: command.path("x.npy"))
      let end = try command.run("predict", run, "x.npy")
      #expect(end.status == 1 && end.lines.count == 1, "\(end.output)")
      #expect(end.output.contains("x.npy: image \(index), from 0, has a pixel that is not finite"), "\(end.output)")
      #expect(!command.has("x.classes.npy"))
    }
    try Tensor<Float>(zeros: [3, 8, 7]).write(npy: command.path("x.npy"))
    let shape = try command.run("predict", run, "x.npy")
    #expect(shape.output == "Error: x.npy: an array of shape [3, 8, 7]; the model takes [N, 1, 8, 8]\n")
  }
}
