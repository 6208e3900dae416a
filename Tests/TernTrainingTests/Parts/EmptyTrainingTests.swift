import Foundation
import Tern
import TernTestSupport
import Testing

/// Trainings of nothing: no samples, no label that counts, no step that is made, no folder.
@Suite struct EmptyTrainingTests {
  private func data(_ count: Int, label: Int = 0, value: Float = 1) -> TensorDataset<Float, Int> {
    TensorDataset(Tensor<Float>(full: [count, 3], value), Tensor<Int>(full: [count], label))
  }

  private func trainer(
    _ train: TensorDataset<Float, Int>, _ validation: TensorDataset<Float, Int>? = nil
  ) throws -> Trainer<Dense<Float>, TensorDataset<Float, Int>> {
    let model = Dense(3, 2)
    return try Trainer(
      model, optimizer: Adam(model), train: train, validation: validation, batchSize: 4, seed: 1
    ) { StepLoss.crossEntropy($0($1.inputs), $1.labels) }
  }

  @Test func noSamplesAreRefusedAtTheStart() {
    let train = #expect(throws: TrainingError.self) { try trainer(data(0)) }
    #expect(train?.description.contains("there are no batches") == true)
    let validation = #expect(throws: TrainingError.self) { try trainer(data(4), data(0)) }
    #expect(validation?.description == "there is validation data, and it has no samples")
    let score = evaluate(Dense(3, 2), on: data(0))
    #expect(score.loss.isNaN && score.loss.sign == .plus && score.count == 0 && score.accuracy.sign == .plus)
  }

  @Test func validationOfLabelsThatDoNotCountIsNamed() throws {
    let training = try trainer(data(8), data(4, label: -100))
    let error = #expect(throws: NonFiniteError.self) { try training.run(epochs: 1) }
    #expect("\(error!)".contains("the test loss is over nothing that counts; every parameter is finite"), "\(error!)")
  }

  @Test func nothingThatCountsMakesNoSteps() throws {
    let training = try trainer(data(8, label: -100))
    let before = training.model.weight.value.scalars
    #expect(try training.run(epochs: 2))
    #expect(training.model.weight.value.scalars == before)
    #expect(training.history.epochs.map(\.trainLoss.isNaN) == [true, true])
  }

  @Test func anEpochOfSkippedStepsHasNoLoss() throws {
    let training = try trainer(data(8, value: .nan))
    training.nonFinite = .skip(atMost: 9)
    training.earlyStopping = EarlyStopping(patience: 2, by: .trainingLoss)
    #expect(try !training.run(epochs: 5))
    #expect(training.stopReason == .earlyStopping && training.history.events.count == 4)
    #expect(training.history.epochs.map(\.trainLoss.isNaN) == [true, true])
    #expect(try TrainingHistory(json: training.history.json).epochs.allSatisfy(\.trainLoss.isNaN))
  }

  @Test func theFolderOfTheBestIsMade() throws {
    let folder = ScratchFolder()
    let training = try trainer(data(8), data(4))
    training.bestCheckpoints = BestCheckpoints(keep: 1, in: folder.path + "/a/b")
    try training.run(epochs: 2)
    let path = try #require(training.bestCheckpoints?.bestPath)
    #expect(FileManager.default.fileExists(atPath: path))
    // Where none can be made the training does not begin.
    let other = try trainer(data(8), data(4))
    other.bestCheckpoints = BestCheckpoints(keep: 1, in: path + "/c")
    let error = #expect(throws: DataError.self) { try other.run(epochs: 1) }
    #expect("\(error!)".contains("no folder can be made there") && other.progress.epoch == 0)
  }
}
