import Foundation
import Tern
import Testing

/// Folders of pictures that are trained with, scored, predicted and shown.
@Suite struct PictureTests {
  private func makePictures(_ command: Command, _ folder: String, _ classes: [String], count: Int) throws {
    for (label, name) in classes.enumerated() {
      try FileManager.default.createDirectory(
        atPath: command.path("\(folder)/\(name)"), withIntermediateDirectories: true)
      for number in 0..<count {
        let (height, width) = (12 + number % 3 * 4, 16 + number % 2 * 2)
        let values = (0..<(3 * height * width)).map { place -> UInt8 in
          let row = place / width % height
          return UInt8((label == 0 ? row : place % width) * 10 + (place * 37 + number * 91) % 40)
        }
        try PNGFile.write(
          Tensor<UInt8>(values, shape: [3, height, width]), to: command.path("\(folder)/\(name)/\(number).png"))
      }
    }
  }

  private func train(_ command: Command, _ output: String, _ options: String...) throws -> Command.End {
    let arguments =
      ["train", "--data", "pictures", "--model", "mlp", "--epochs", "3", "--batch-size", "8", "--output", output]
      + options
    let (process, pipe) = try command.start(arguments)
    return command.end(process, pipe)
  }

  @Test func theBitsAreTheSameWithAnyWorkersAndThreadsAndAfterAStop() throws {
    let command = try Command()
    try makePictures(command, "pictures", ["across", "down"], count: 15)
    let first = try train(command, "first", "--augment")
    #expect(first.status == 0, "\(first.output)")
    #expect(first.output.contains("pictures: 26 images of 3×16×16 to train, 4 to test, 2 classes"), "\(first.output)")
    #expect(first.output.contains("Augmentation: random parts"), "\(first.output)")
    let expected = try command.data("first/pictures-mlp-1/model.safetensors")
    for (index, options) in [("0", "1"), ("4", "2")].enumerated() {
      let end = try train(command, "other\(index)", "--augment", "--workers", options.0, "--threads", options.1)
      #expect(end.status == 0, "\(end.output)")
      #expect(try command.data("other\(index)/pictures-mlp-1/model.safetensors") == expected)
    }
    // Stopped twice, wherever it is, then gone on with.
    let (process, pipe) = try command.start(
      ["train", "--data", "pictures", "--model", "mlp", "--epochs", "3", "--batch-size", "8", "--output", "stopped"]
        + ["--augment", "--workers", "2"])
    let pictures = command.path("stopped/pictures-mlp-1/pictures.json")
    while process.isRunning && !FileManager.default.fileExists(atPath: pictures) { usleep(2000) }
    usleep(30_000)
    process.interrupt()
    _ = command.end(process, pipe)
    let (again, output) = try command.start(["train", "--resume", "stopped/pictures-mlp-1", "--workers", "4"])
    usleep(60_000)
    again.interrupt()
    _ = command.end(again, output)
    let resumed = try command.run("train", "--resume", "stopped/pictures-mlp-1", "--workers", "0")
    #expect(resumed.status == 0, "\(resumed.output)")
    #expect(try command.data("stopped/pictures-mlp-1/model.safetensors") == expected)
    let other = try train(command, "plain")
    #expect(other.status == 0 && !other.output.contains("Augmentation"), "\(other.output)")
    #expect(try command.data("plain/pictures-mlp-1/model.safetensors") != expected)
    let size = try command.run("train", "--resume", "stopped/pictures-mlp-1", "--size", "8")
    #expect(
      size.status == 1 && size.lines.count == 1 && size.output.contains("--size 16x16, now 8x8"), "\(size.output)")
  }

  @Test func aRunIsScoredAndAsked() throws {
    let command = try Command()
    try makePictures(command, "pictures/train", ["across", "down"], count: 12)
    try makePictures(command, "pictures/test", ["across", "down"], count: 4)
    let end = try train(command, "runs", "--size", "8x12")
    #expect(end.output.contains("24 images of 3×8×12 to train, 8 to test, 2 classes"), "\(end.output)")
    let run = "runs/pictures-mlp-1"
    let own = try command.run("evaluate", run)
    #expect(own.status == 0 && own.output.contains("8 images"), "\(own.output)")
    let same = try command.run("evaluate", run, "--data", "pictures/test")
    #expect(same.output == own.output)
    let answers = try command.run("predict", run, "pictures/test/down")
    #expect(answers.status == 0 && answers.lines.first?.contains("pictures/test/down/0.png: class ") == true)
    let classes = try Tensor<Int>(npy: command.path("pictures/test/down.classes.npy"))
    #expect(classes.shape == [4])
    let one = try command.run("predict", run, "pictures/test/down/0.png")
    #expect(one.lines.first == answers.lines.first, "\(one.output)")

    // What the network was trained with is not needed.
    try command.remove("pictures/train")
    let elsewhere = try command.run("evaluate", run, "--data", "pictures", "--workers", "2")
    #expect(elsewhere.output == own.output, "\(elsewhere.output)")
    let whole = try command.data("pictures/test/down/2.png")
    try command.write(whole.prefix(60), "pictures/test/down/2.png")
    let refused = try command.run("predict", run, "pictures/test/down")
    #expect(refused.status == 1 && refused.lines.count == 1, "\(refused.output)")
    #expect(refused.output.contains("pictures/test/down/2.png: the PNG is cut short"), "\(refused.output)")
    let table = try command.run(
      "predict", run, "pictures/test/down", "--skip-corrupt", "--workers", "0", "--output", "answers.csv")
    #expect(table.status == 0 && table.output.contains("Skipped 1 of 4 pictures:"), "\(table.output)")
    #expect(table.lines.first == answers.lines.first, "\(table.output)")
    let rows = try CSVFile(contentsOf: command.path("answers.csv"))
    #expect(rows.columnNames == ["picture", "class", "probability of across", "probability of down"])
    #expect(try rows.texts("picture") == [0, 1, 3].map { "pictures/test/down/\($0).png" })
    let scored = try command.run("evaluate", run, "--data", "pictures/test", "--skip-corrupt")
    #expect(scored.status == 0 && scored.output.contains("7 images"), "\(scored.output)")
    #expect(scored.output.contains("Skipped 1 of 8 pictures of pictures/test:"), "\(scored.output)")
  }

  @Test func whatIsWrongWithTheFolderIsSaidInALine() throws {
    let command = try Command()
    func refused(_ words: String..., options: [String] = []) throws {
      let (process, pipe) = try command.start(
        ["train", "--data", "pictures", "--model", "mlp", "--epochs", "1"] + options)
      let end = command.end(process, pipe)
      #expect(end.status == 1 && end.lines.count == 1, "\(end.output)")
      for word in words { #expect(end.output.contains(word), "\(end.output)") }
    }
    try refused("pictures: there is no such folder")
    try makePictures(command, "pictures", ["across", "down"], count: 12)
    try FileManager.default.createDirectory(atPath: command.path("pictures/none"), withIntermediateDirectories: true)
    try refused("pictures/none: there is no picture in the class")
    try command.remove("pictures/none")
    let whole = try command.data("pictures/down/5.png")
    try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: command.path("pictures/down/5.png")))
    try refused("pictures/down/5.png: the PNG is cut short after \(whole.count / 2) bytes", options: ["--size", "16"])
    let skipped = try command.run("train", "--data", "pictures", "--model", "mlp", "--epochs", "1", "--skip-corrupt")
    #expect(skipped.status == 0 && skipped.output.contains("Skipped 1 of 24 pictures"), "\(skipped.output)")
    #expect(skipped.output.contains("pictures/down/5.png: the PNG is cut short"), "\(skipped.output)")
    try whole.write(to: URL(fileURLWithPath: command.path("pictures/down/5.png")))
    for folder in ["train", "test"] { try makePictures(command, "pictures/\(folder)", ["across", "down"], count: 2) }
    try makePictures(command, "pictures/test", ["around"], count: 1)
    try refused("pictures/test/around: the class around is not among those of the training (expected across, down)")
  }

  @Test func picturesAreShownAsTheNetworkSeesThem() throws {
    let command = try Command()
    try makePictures(command, "pictures", ["across", "<down>"], count: 10)
    let sheet = try command.run("data", "show", "--data", "pictures")
    #expect(sheet.status == 0 && sheet.output.contains("9 to train, 1 to test"), "\(sheet.output)")
    let svg = try command.text("contact.svg")
    #expect(svg.contains("&lt;down&gt;: 9 to train, 1 to test") && svg.components(separatedBy: "<image ").count == 17)
    func show(_ options: String...) throws -> Data {
      let (process, pipe) = try command.start(["data", "show", "--data", "pictures", "--output", "x.png"] + options)
      let end = command.end(process, pipe)
      #expect(end.status == 0, "\(end.output)")
      return try command.data("x.png")
    }
    let plain = try show("--index", "11")
    #expect(try show("--index", "11", "--epoch", "3") == plain)
    let seen = try show("--index", "11", "--epoch", "3", "--augment")
    #expect(try show("--index", "11", "--epoch", "3", "--augment") == seen)
    #expect(try show("--index", "11", "--epoch", "2", "--augment") != seen)
    #expect(try show("--index", "11", "--epoch", "3", "--augment", "--seed", "2") != seen)
    let beyond = try command.run("data", "show", "--data", "pictures", "--index", "18")
    #expect(beyond.status == 1 && beyond.output.contains("there are 18 training pictures, numbered from 0"))
  }
}
