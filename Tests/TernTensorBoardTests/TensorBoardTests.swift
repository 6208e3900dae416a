import Foundation
import Tern
import TernMessages
import Testing

@testable import TernTensorBoard

/// Event files, read back: framing against the published sums, every value, and each step once after going on.
@Suite struct TensorBoardTests {
  /// The events of all files in a folder, in the order in which TensorBoard reads them.
  private func events(_ folder: String) throws -> [Tensorboard_Event] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().flatMap { name in
      let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")))
      var place = 0
      var found: [Tensorboard_Event] = []
      while place < bytes.count {
        let length = (0..<8).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
        let message = Array(bytes[place + 12..<place + 12 + length])
        #expect(EventFile.record(message) == Array(bytes[place..<place + 16 + length]))
        found.append(try Tensorboard_Event(serializedBytes: message))
        place += 16 + length
      }
      #expect(found.first?.fileVersion == "brain.Event:2")
      return found
    }
  }

  private func scratch() -> String { NSTemporaryDirectory() + "tern-events-\(UUID().uuidString)" }

  @Test func theSumIsThatOfTheStandard() {
    #expect(CRC32C.of("123456789".utf8) == 0xe306_9283)
    // RFC 3720, B.4.
    #expect(CRC32C.of([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(CRC32C.of([UInt8](repeating: 255, count: 32)) == 0x62a8_ab43)
    #expect(CRC32C.of(0..<32) == 0x46dd_794e)
  }

  @Test func everyKindIsReadBack() throws {
    let folder = scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let writer = try TensorBoardWriter(folder)
    writer.addScalar("loss", 0.25, step: 3)
    writer.addScalar("loss", .nan, step: 4)
    writer.addHistogram("h", Tensor<Double>([0, 1, 1, 64, .nan, .infinity]), step: 5)
    writer.addHistogram("h", Tensor<Float>([2, 2]), step: 6)
    writer.addHistogram("h", Tensor<Float>(zeros: [0]), step: 7)
    writer.addImage("i", Tensor<Float>([[0, 1, 2], [-1, 0.5, .nan]]), step: 8)
    writer.addText("t", "**so** ü", step: 9)
    writer.addHyperparameters(["rate": 0.5, "name": "x", "fast": true], metrics: ["loss"])
    writer.flush()
    let found = try events(folder)
    #expect(
      found[1].summary.value[0].simpleValue == 0.25 && found[1].step == 3 && found[2].summary.value[0].simpleValue.isNaN
    )
    let histogram = found[3].summary.value[0].histo
    #expect(histogram.num == 4 && histogram.min == 0 && histogram.max == 64 && histogram.sum == 66)
    #expect(histogram.sumSquares == 4098 && histogram.bucket.reduce(0, +) == 4 && histogram.bucket[1] == 2)
    #expect(histogram.bucketLimit.count == 64 && histogram.bucketLimit[0] == 1 && histogram.bucketLimit.last == 64)
    #expect(found[4].summary.value[0].histo.bucket == [2] && found[5].summary.value[0].histo.num == 0)
    let image = found[6].summary.value[0].image
    #expect(image.height == 2 && image.width == 3 && image.colorspace == 1)
    #expect(Array(image.encodedImageString) == PNGFile.bytes(of: Tensor<UInt8>([[0, 255, 255], [0, 128, 0]])))
    #expect(found[7].summary.value[0].tensor.stringVal == [Data("**so** ü".utf8)])
    let start = try Tensorboard_Hparams_HParamsPluginData(
      serializedBytes: found[9].summary.value[0].metadata.pluginData.content)
    #expect(start.sessionStartInfo.hparams["rate"]?.numberValue == 0.5)
    #expect(start.sessionStartInfo.hparams["fast"]?.boolValue == true)
  }

  @Test func aTrainingThatGoesOnSaysWhereAndChangesNoBit() throws {
    let folder = scratch()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func makeTrainer() throws -> Trainer<Sequential<Float>, ImageDataset> {
      let configuration = RunConfiguration(
        data: nil, model: .mlp, epochs: 2, batchSize: 256, optimizer: .adam, learningRate: 0.002, seed: 5)
      return try ImageTask(configuration).makeTrainer()
    }
    func bits(_ trainer: Trainer<Sequential<Float>, ImageDataset>) -> [[UInt32]] {
      trainer.model.parameters.map { ($0 as? Parameter<Float>)?.value.scalars.map(\.bitPattern) ?? [] }
    }
    let plain = try makeTrainer()
    try plain.run(epochs: 2)
    let first = try makeTrainer()
    var kept: Checkpoint?
    first.sinks = [TensorBoardSink(folder, settings: ["rate": 0.002], histogramInterval: 3)]
    first.afterBatch = { if $0.completedSteps == 2 { kept = $0.checkpoint } }
    first.shouldStop = { first.completedSteps >= 4 }
    try first.run(epochs: 2)
    let checkpoint = try #require(kept)
    for stop in [5, 100] {
      let trainer = try makeTrainer()
      try trainer.restore(checkpoint)
      trainer.sinks = [TensorBoardSink(folder, settings: ["rate": 0.002], histogramInterval: 3)]
      trainer.shouldStop = { trainer.completedSteps >= stop }
      try trainer.run(epochs: 2)
      if stop == 100 { #expect(bits(trainer) == bits(plain)) }
    }
    // As TensorBoard does: what a start finds of its step and later ones is dropped.
    var losses: [(step: Int64, value: Float)] = []
    var histograms: [Int64] = []
    for event in try events(folder) {
      if event.sessionLog.status == .start {
        losses.removeAll { $0.step >= event.step }
        histograms.removeAll { $0 >= event.step }
      }
      for value in event.summary.value {
        if value.tag == "train/loss" { losses.append((event.step, value.simpleValue)) }
        if value.tag == "gradients/1.weight" { histograms.append(event.step) }
      }
    }
    let count = Int64(2 * plain.stepsPerEpoch)
    #expect(losses.map(\.step) == Array(1...count))
    #expect(histograms == Array(stride(from: 1, through: count, by: 3)))
  }
}
