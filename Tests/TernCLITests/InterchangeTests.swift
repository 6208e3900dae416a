import Foundation
import Tern
import TernData
import TernModels
import Testing

@testable import TernCLI

@Suite("tern export and tern import")
struct InterchangeTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func distance(_ a: String, _ b: String) throws -> Double {
    let (x, y) = (try Tensor<Float>(npy: a), try Tensor<Float>(npy: b))
    guard x.shape == y.shape else { return .infinity }
    return Double((x - y).abs().max().item / max(y.abs().max().item, 1e-30))
  }

  @Test("Networks of the collection come back from ONNX with the same answers")
  func collection() throws {
    let cases: [(name: String, options: [String], input: [Int])] = [
      ("mobilenet_v3_small", ["--classes", "5", "--channels", "1"], [3, 1, 40, 40]),
      ("dcgan_generator", ["--channels", "1"], [3, 100, 1, 1]),
      ("lstm_language_model", [], [3, 6]),
    ]
    for (name, options, shape) in cases {
      try inFolder { folder in
        let classes = options.firstIndex(of: "--classes").flatMap { Int(options[$0 + 1]) }
        let channels = options.firstIndex(of: "--channels").flatMap { Int(options[$0 + 1]) }
        let entry = try #require(ModelCollection[name])
        let made = entry.make(classes: classes, channels: channels, of: Float.self)
        try made.module.save(to: folder + "/w.safetensors")
        if entry.takesTokens {
          let tokens = Tensor<Int>((0..<shape.reduce(1, *)).map { $0 * 31 % 997 }, shape: shape)
          try tokens.write(npy: folder + "/x.npy")
        } else {
          try Tensor<Float>(randomNormal: shape).write(npy: folder + "/x.npy")
        }
        let size = shape.last == 1 ? [] : ["--size", "\(shape.last!)"]
        try ExportCommand.parse(
          ["\(folder)/w.safetensors", "--model", name, "--onnx", "\(folder)/m.onnx"] + options + size
        ).run()
        try ModelRunCommand.parse(
          [
            name, "--weights", "\(folder)/w.safetensors", "--input", "\(folder)/x.npy", "--output", "\(folder)/y.npy",
          ] + options
        ).run()
        try ImportCommand.parse(
          ["\(folder)/m.onnx", "--check", "\(folder)/x.npy", "--output", "\(folder)/z.npy"]
        ).run()
        #expect(try distance(folder + "/z.npy", folder + "/y.npy") < 1e-5, "\(name)")
      }
    }
  }

  @Test("What a network does not take is refused with a line")
  func refusals() throws {
    try inFolder { folder in
      let autoencoder = try #require(ModelCollection["autoencoder"]).make(of: Float.self)
      try autoencoder.module.save(to: folder + "/w.safetensors")
      func message(_ arguments: String...) -> String {
        do {
          try ExportCommand.parse(["\(folder)/w.safetensors", "--onnx", "\(folder)/m.onnx"] + arguments).run()
          return ""
        } catch { return "\(error)" }
      }
      #expect(message("--model", "autoencoder", "--size", "24") == "autoencoder takes images of 25×25 at least")
      #expect(message("--model", "vit_b_16", "--size", "64") == "vit_b_16 takes images of 224×224 alone")
      #expect(message("--model", "autoencoder", "--classes", "3") == "autoencoder has no classes")
      #expect(message("--model", "resnet1").hasPrefix("no network is called \"resnet1\""))
      #expect(message("--classes", "3").contains("go with --model"))
      #expect(message("--model", "autoencoder", "--bare").contains("--bare is for runs"))
      // Weights of another network: nothing is written.
      #expect(!message("--model", "dcgan_generator").isEmpty)
      #expect(!FileManager.default.fileExists(atPath: folder + "/m.onnx"))
    }
  }

  @Test("The network of a run takes pixels, and its file says what is done to them")
  func run() throws {
    let tern = try Command()
    #expect(try tern.run("train", "--model", "mlp", "--epochs", "1", "--seed", "3").status == 0)
    let exported = try tern.run("export", "runs/digits-mlp-1", "--onnx", "m.onnx")
    #expect(exported.status == 0 && exported.output.contains("input [batch, 1, 8, 8], output [batch, 10]"))
    #expect(try tern.run("export", "runs/digits-mlp-1", "--onnx", "bare.onnx", "--bare").status == 0)
    for name in ["m.onnx", "bare.onnx"] {
      let text = String(decoding: try tern.data(name), as: Unicode.ASCII.self)
      for key in ["input_mean", "input_deviation", "input_maximum"] { #expect(text.contains(key), "\(name): \(key)") }
    }
    let pixels = (0..<3 * 64).map { Float($0 * 7 % 17) }
    try Tensor<Float>(pixels, shape: [3, 1, 8, 8]).write(npy: tern.path("x.npy"))
    #expect(try tern.run("import", "m.onnx", "--check", "x.npy", "--output", "y.npy").status == 0)
    #expect(try tern.run("predict", "runs/digits-mlp-1", "x.npy").status == 0)
    let classes = try Tensor<Int>(npy: tern.path("x.classes.npy")).scalars
    #expect(try Tensor<Float>(npy: tern.path("y.npy")).argmax(along: 1).scalars == classes)
    // It trains on, and what it learned is in the file that is written.
    let trained = try tern.run(
      "import", "m.onnx", "--check", "x.npy", "--train-steps", "2", "--learning-rate", "0.01", "--onnx", "n.onnx")
    let losses = trained.lines.filter { $0.hasPrefix("loss ") }.compactMap { Double($0.dropFirst(5)) }
    #expect(trained.status == 0 && losses.count == 2 && losses[1] < losses[0], "\(trained.output)")
    #expect(try tern.run("import", "n.onnx", "--check", "x.npy", "--output", "z.npy").status == 0)
    #expect(try distance(tern.path("z.npy"), tern.path("y.npy")) > 1e-4)
    #expect(try tern.run("import", "m.onnx", "--train-steps", "2").status != 0)
  }
}
