import Foundation
import Tern
import Testing

@testable import TernTraining

/// How each sample was learned.
@Suite struct SampleHistoryTests {
  private func outcomes(_ losses: [Double], _ labels: [Int], _ answers: [Int]) -> SampleOutcomes {
    var result = SampleOutcomes(losses: losses)
    (result.labels, result.answers) = (labels, answers)
    result.margins = zip(labels, answers).map { $0 == $1 ? 1 : -1 }
    return result
  }

  @Test func learnedAndForgotten() {
    var history = SampleHistory(count: 4)
    history.record(outcomes([1, 2], [0, 1], [0, 0]), at: [2, 0], epoch: 1)
    history.record(outcomes([3, 1], [0, 1], [1, 1]), at: [2, 0], epoch: 2)
    history.record(outcomes([2], [0], [0]), at: [2], epoch: 3)
    history.record(outcomes([5, .nan], [0, 3], [2, 3]), at: [2, 3], epoch: 4)
    #expect(history.epochs == 4)
    #expect(
      history[2]
        == SampleRecord(
          index: 2, visits: 4, meanLoss: 11.0 / 4, lastLoss: 5, meanMargin: 0, label: 0, answer: 2, rightCount: 2,
          learnedEpoch: 1, forgottenCount: 2))
    #expect(history[0].learnedEpoch == 2 && history[0].forgottenCount == 0 && history[0].meanLoss == 1.5)
    let losses = history.losses(of: 0)
    #expect(losses[0] == 2 && losses[1] == 1 && losses[2].isNaN)
    // A sample that was not seen, or whose loss is not finite, is in no list.
    #expect(history.ranked().map(\.index) == [0, 2])
    #expect(history.forgottenSamples().map(\.index) == [2])
    #expect(history.neverLearnedSamples().isEmpty)
  }

  @Test func outcomesOfLogits() {
    let generator = RandomGenerator(seed: 4)
    let logits = Random.with(generator) { Tensor<Float>(randomNormal: [9, 5], deviation: 30) }
    let labels = Tensor((0..<9).map { $0 % 5 })
    let found = SampleOutcomes(logits: logits, labels: labels)
    let losses = crossEntropy(logits.cast(to: Double.self), labels, reduction: .none).scalars
    for row in 0..<9 {
      #expect(abs(found.losses[row] - losses[row]) <= 1e-12 * max(1, losses[row]))
      var others = logits[row].scalars
      let own = others.remove(at: row % 5)
      #expect(found.margins[row] == Double(own) - Double(others.max()!))
    }
    #expect(found.answers == logits.argmax(along: 1).scalars)
    let ignored = SampleOutcomes(logits: logits, labels: Tensor([Int](repeating: -100, count: 9)))
    #expect(ignored.losses.filter { !$0.isNaN }.isEmpty)
  }

  private func data(_ count: Int = 60) -> TensorDataset<Float, Int> {
    Random.with(RandomGenerator(seed: 5)) {
      TensorDataset(Tensor<Float>(randomNormal: [count, 4]), Tensor((0..<count).map { $0 % 3 }))
    }
  }

  private func training(
    shards: Int? = nil, history: Bool = true, communicator: (any Communicator)? = nil
  ) throws -> Trainer<Sequential<Float>, TensorDataset<Float, Int>> {
    let model = Random.with(RandomGenerator(seed: 6)) {
      Sequential {
        Dense(4, 8)
        Dropout(0.2)
        Dense(8, 3)
      }
    }
    let trainer = try Trainer(
      model, optimizer: Adam(model, learningRate: 0.01), train: data(), batchSize: 16, seed: 7,
      communicator: communicator, shards: shards)
    if history { trainer.sampleHistory = SampleHistory(count: 60) }
    return trainer
  }

  private func bits(_ history: SampleHistory?) -> [[UInt32]] {
    (0..<60).map { history?.losses(of: $0).map(\.bitPattern) ?? [] }
  }

  private func weights(_ model: some Module) -> [[Float]] { model.state.compactMap { $0.tensor(Float.self)?.scalars } }

  @Test func theSameBitsWithAndWithout() throws {
    let (with, without) = (try training(), try training(history: false))
    try with.run(epochs: 3)
    try without.run(epochs: 3)
    #expect(weights(with.model) == weights(without.model))
    #expect(with.history.epochs.map(\.trainLoss) == without.history.epochs.map(\.trainLoss))
    let history = try #require(with.sampleHistory)
    #expect((0..<60).allSatisfy { history[$0].visits == 3 })
    // The epoch's loss is the mean of those of its samples.
    for epoch in 0..<3 {
      let mean = (0..<60).reduce(0.0) { $0 + Double(history.losses(of: $1)[epoch]) } / 60
      #expect(abs(mean - with.history.epochs[epoch].trainLoss) < 1e-6)
    }
  }

  @Test func aResumedRunGoesOn() throws {
    let whole = try training()
    try whole.run(epochs: 3)
    let first = try training()
    first.shouldStop = { first.completedSteps == 6 }
    try first.run(epochs: 3)
    let path = NSTemporaryDirectory() + "samples-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try first.checkpoint.write(to: path)
    let second = try training()
    try second.restore(Checkpoint(contentsOf: path))
    try second.run(epochs: 3)
    #expect(bits(second.sampleHistory) == bits(whole.sampleHistory))
    #expect(second.sampleHistory?.ranked() == whole.sampleHistory?.ranked())
    // It may come and go, for another number of samples it does not fit.
    try training(history: false).restore(Checkpoint(contentsOf: path))
    var other = SampleHistory(count: 59)
    #expect(throws: StateMismatch.self) { try other.load(first.checkpoint.parts["sample history"]!) }
  }

  @Test func shardsAndRanksTellTheSameSamples() throws {
    let alone = try training(shards: 4)
    alone.accumulation = 2
    try alone.run(epochs: 2)
    let found = try ThreadGroup(2).run { communicator in
      let trainer = try training(shards: 4, communicator: communicator)
      trainer.accumulation = 2
      try trainer.run(epochs: 2)
      return bits(trainer.sampleHistory)
    }
    #expect(found == [bits(alone.sampleHistory), bits(alone.sampleHistory)])
  }

  @Test func numbersToForetellTellTheirLosses() throws {
    let data = Random.with(RandomGenerator(seed: 8)) {
      var labels = Tensor<Float>(randomNormal: [40, 1])
      labels[17, 0] = Tensor(90)
      return TensorDataset(Tensor<Float>(randomNormal: [40, 4]), labels)
    }
    let model = Dense(4, 1)
    let trainer = try Trainer(
      model, optimizer: SGD(model, learningRate: 0.01), train: data, batchSize: 8, seed: 1
    ) { model, batch in
      let errors = (model(batch.inputs) - batch.labels).square()
      return StepLoss(sum: errors.sum(), count: errors.count).withSamples(losses: errors.reshaped([errors.count]))
    }
    trainer.sampleHistory = SampleHistory(count: 40)
    try trainer.run(epochs: 2)
    let first = try #require(trainer.sampleHistory?.ranked().first)
    #expect(first.index == 17 && first.label == nil && first.meanMargin == nil && first.meanLoss > 5000)
  }

  @Test func thePageAndTheFile() throws {
    let trainer = try training()
    try trainer.run(epochs: 2)
    let history = try #require(trainer.sampleHistory)
    var report = SampleReport(
      history, title: "A < B", classNames: ["a", "b&", "c"], name: { "file \($0)" },
      picture: { Tensor([UInt8](repeating: UInt8($0), count: 12), shape: [1, 3, 4]) })
    report.limit = 5
    let html = report.html
    let counts = [history.ranked().count, history.forgottenSamples().count, history.neverLearnedSamples().count]
    let pictures = counts.reduce(0) { $0 + min($1, 5) }
    #expect(html.components(separatedBy: "data:image/png;base64,").count == 1 + pictures && pictures > 5)
    #expect(html.contains("A &lt; B") && html.contains("b&amp;") && !html.contains("⟦"))
    let file = try CSVFile(bytes: Array(report.csv.utf8), format: CSVFormat())
    #expect(file.rowCount == 60)
    let lines = report.csv.split(separator: "\n")
    let ranked = history.ranked()
    #expect(lines[0].hasPrefix("rank,sample,name,mean_margin,mean_loss,last_loss,visits"))
    #expect(lines[1].hasPrefix("1,\(ranked[0].index),file \(ranked[0].index),\(ranked[0].meanMargin!),"))
    #expect(zip(ranked, ranked.dropFirst()).allSatisfy { $0.meanMargin! <= $1.meanMargin! })
  }

  @Test("2 % flipped labels of Fashion-MNIST are among the first 3 %")
  func flippedLabels() throws {
    guard let folder = sharedFolder("data/fashion-mnist") else {
      print("The flipped labels are not looked for: Fashion-MNIST is not there (TERN_SHARED names its folder)")
      return
    }
    let all = try ImageSplit.read(folder).train
    let count = 4000
    var labels = Array(all.labels.prefix(count))
    let generator = RandomGenerator(seed: 7)
    let flipped = Set(generator.permutation(count).prefix(count / 50))
    let shifts = Random.with(generator) { Tensor<Float>(randomUniform: [count]).scalars }
    for index in flipped { labels[index] = UInt8((Int(labels[index]) + 1 + Int(shifts[index] * 9)) % 10) }
    let images = LabeledImages(
      pixels: Array(all.pixels.prefix(count * 784)), labels: labels, channels: 1, height: 28, width: 28, classCount: 10)
    let model = Random.with(RandomGenerator(seed: 1)) {
      NetworkKind.mlp.makeNetwork(channels: 1, height: 28, width: 28, classes: 10)
    }
    let trainer = try Trainer(
      model, optimizer: Adam(model), train: ImageDataset(images, standardization: Standardization(of: images)),
      batchSize: 64, seed: 1)
    trainer.sampleHistory = SampleHistory(count: count)
    try trainer.run(epochs: 8)
    let first = trainer.sampleHistory!.ranked().prefix(count * 3 / 100)
    let found = first.count { flipped.contains($0.index) }
    print("flipped labels: \(found) of \(flipped.count)")
    #expect(found * 10 >= flipped.count * 8, "\(found) of \(flipped.count)")
  }
}

/// A folder below `TERN_SHARED`, else below `shared` beside the package; `nil` where it is not there.
private func sharedFolder(_ name: String) -> String? {
  let checkout = (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
  let shared =
    ProcessInfo.processInfo.environment["TERN_SHARED"].map { URL(fileURLWithPath: $0) }
    ?? checkout.deletingLastPathComponent().appendingPathComponent("shared")
  let path = shared.appendingPathComponent(name).path
  return FileManager.default.fileExists(atPath: path) ? path : nil
}
