import Foundation
import Tern
import TernTestSupport
import Testing

@Suite("PyTorch's weights and optimizers")
struct PyTorchWeightsTests {
  private final class Model<Scalar: FloatingScalar>: Layer {
    let first = Dense<Scalar>(3, 4)
    let second = Dense<Scalar>(4, 2)

    func forward(_ x: Tensor<Scalar>) -> Tensor<Scalar> { second(first(x).tanh()) }
  }

  private func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../Fixtures/\(name)").path
  }

  private func step(_ model: Model<Double>, _ optimizer: some Optimizer) {
    let x = Tensor<Double>((0..<6).map { Double($0) / 5 }, shape: [2, 3])
    let y = model(x)
    let loss = (y * y).mean()
    optimizer.zeroGradients()
    loss.backward()
    optimizer.step()
  }

  /// Goes on where PyTorch was after two steps, and expects PyTorch's weights after two more.
  private func check(
    _ name: String, _ make: (Model<Double>) -> any Optimizer, _ load: (any Optimizer, Model<Double>) throws -> Void
  )
    throws
  {
    let model = Model<Double>()
    let optimizer = make(model)
    try model.load(from: path(name), at: "model")
    try load(optimizer, model)
    for _ in 0..<2 { step(model, optimizer) }
    let after = Model<Double>()
    try after.load(from: path(name), at: "after")
    for (own, other) in zip(model.state, after.state) {
      let (own, other) = (own.tensor(Double.self)!.scalars, other.tensor(Double.self)!.scalars)
      for (a, b) in zip(own, other) { #expect(abs(a - b) <= 1e-12, "\(name): \(a), \(b)") }
    }
  }

  @Test("Trainings go on as PyTorch's do")
  func optimizers() throws {
    try check("adam.pt") {
      Adam($0, betas: (0.8, 0.99), amsgrad: true)
    } _: {
      try ($0 as! Adam).load(from: path("adam.pt"), at: "optimizer", model: $1)
    }
    try check("adamw.pt") { model in
      let optimizer = AdamW(model, weightDecay: 0.1)
      optimizer.addGroup("weights") {
        $1.shape.count == 2
      } options: {
        $0.weightDecay = 0.1
      }
      optimizer.options.weightDecay = 0
      return optimizer
    } _: { optimizer, model in
      let adam = optimizer as! AdamW
      try adam.load(from: path("adamw.pt"), at: "optimizer", model: model)
      #expect(adam.learningRates == [0.03, 0.02])
    }
    try check("sgd.pt") {
      SGD($0, momentum: 0.9)
    } _: {
      try ($0 as! SGD).load(from: path("sgd.pt"), at: "optimizer", model: $1)
    }
    try check("plain.pt") {
      SGD($0)
    } _: {
      try ($0 as! SGD).load(from: path("plain.pt"), at: "optimizer", model: $1)
    }
  }

  @Test("Optimizers that do not fit")
  func wrongOptimizers() throws {
    let model = Model<Double>()
    func words(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)" }
      return "nothing was thrown"
    }
    #expect(words { try Adam(model).load(from: path("adamw.pt"), at: "optimizer", model: model) }.contains("[2, 2]"))
    #expect(words { try Adam(model).load(from: path("adam.pt"), model: model) }.contains("no optimizer's state"))
    #expect(words { try RMSprop(model).load(from: path("adam.pt"), at: "optimizer", model: model) }.contains("RMSprop"))
    let sgd = words { try SGD(model, momentum: 0.9).load(from: path("adam.pt"), at: "optimizer", model: model) }
    #expect(sgd.contains("missing: first.bias/momentum") || sgd.contains("missing: first.weight/momentum"), "\(sgd)")
  }

  @Test("The prefixes of wrappers are taken away", arguments: ["parallel.pt", "compiled.pt", "both.pt"])
  func prefixes(_ name: String) throws {
    let (model, bare) = (Model<Float>(), Model<Float>())
    let mismatch = try model.load(from: path(name))
    #expect(mismatch.isEmpty)
    try bare.load(from: path("bare.pt"))
    for (a, b) in zip(model.state, bare.state) {
      #expect(a.tensor(Float.self)!.scalars == b.tensor(Float.self)!.scalars, "\(a.name)")
    }
  }

  @Test("A file of several dictionaries lists them")
  func dictionaries() throws {
    let model = Model<Float>()
    #expect {
      try model.load(from: path("adam.pt"))
    } throws: { "\($0)".contains("\"model\" (4 tensors)") && "\($0)".contains("at: ") }
    #expect {
      try model.load(from: path("adam.pt"), at: "state_dict")
    } throws: { "\($0)".contains("below \"state_dict\"") && "\($0)".contains("\"after\" (4 tensors)") }
    // A renaming sees the names of the file.
    var seen: [String] = []
    try model.load(from: path("adam.pt"), at: "model") { name in
      seen.append(name)
      return name
    }
    #expect(seen.sorted() == ["first.bias", "first.weight", "second.bias", "second.weight"])
  }

  @Test("What is saved as .pt is loaded again")
  func saving() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tern-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (model, other) = (Model<Double>(), Model<Double>())
    try model.save(to: folder + "/x.pth")
    #expect(try PyTorchFile(contentsOf: folder + "/x.pth").entries.map(\.name) == model.state.map(\.name))
    try other.load(from: folder + "/x.pth")
    for (a, b) in zip(model.state, other.state) {
      #expect(a.tensor(Double.self)!.scalars == b.tensor(Double.self)!.scalars, "\(a.name)")
    }
    #expect {
      try model.save(to: folder + "/x.pt", metadata: ["a": "b"])
    } throws: { "\($0)".contains("no place for metadata") }
  }
}
