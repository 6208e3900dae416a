import Foundation
import TernTestSupport
import Testing

@testable import Tern
@testable import TernTraining

/// Mutated and random bytes as checkpoints: a thrown error, or a training that goes on.
@Suite struct CheckpointFuzzTests {
  private func makeTrainer() throws -> Trainer<Sequential<Float>, ImageDataset> {
    let model = Sequential {
      Flatten()
      Dense(64, 10)
    }
    let optimizer = Adam(model)
    optimizer.addGroup("vectors", where: { $1.shape.count == 1 }) { $0.learningRate = 1 }
    return try Trainer(
      model, optimizer: optimizer, scheduler: PlateauScheduler(optimizer), train: ImageDataset(Digits.split.train),
      batchSize: 64, seed: 1)
  }

  @Test func damagedCheckpointsAreRefusedOrRight() throws {
    let folder = ScratchFolder()
    let path = folder.path + "/checkpoint.safetensors"
    let training = try makeTrainer()
    var batches = 0
    training.afterBatch = { _ in batches += 1 }
    training.shouldStop = { batches == 2 }
    try training.run(epochs: 1)
    try training.checkpoint.write(to: path)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let words = [
      "-1", "1e300", "\\\"NaN\\\"", "\\\"Infinity\\\"", "99999999999999999999", "null", "\"F64\"", "[64,10]", "step",
      "[]",
    ]
    var mutations = Mutations(of: [bytes], with: words)
    let (attempts, target) = (Mutations.count, try makeTrainer())
    var (errors, answers) = (0, 0)
    for _ in 0..<attempts {
      do {
        try target.restore(Checkpoint(SafetensorsFile(bytes: mutations.next()), "x"))
        answers += 1
      } catch {
        #expect(error is DataError || error is StateMismatch, "\(error)")
        errors += 1
      }
    }
    #expect(errors > attempts / 10 && answers > 0, "\(errors) errors, \(answers) answers")
  }

  @Test func aPlaceThatIsNotThereIsRefused() throws {
    let training = try makeTrainer()
    for (epoch, batch) in [(0, -1), (-1, 0), (0, 1000)] {
      var checkpoint = training.checkpoint
      (checkpoint.progress.epoch, checkpoint.progress.batch) = (epoch, batch)
      let error = #expect(throws: StateMismatch.self) { try training.restore(checkpoint) }
      #expect(
        error?.mismatched == ["batch \(batch) of epoch \(epoch) for epochs of \(training.loader.batchCount) batches"])
    }
  }
}
