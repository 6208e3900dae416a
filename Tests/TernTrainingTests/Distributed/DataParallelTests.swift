import Foundation
import Tern
import TernTestSupport
import Testing

@testable import TernNN
@testable import TernTraining

/// Loops of one's own over ranks, scores of all ranks, and moments that are shared out.
@Suite struct DataParallelTests {
  @Test func treesOfShards() {
    // Every rank has one subtree where the number of ranks is a power of two that divides.
    for shards in 1...40 {
      for ranks in 1...shards {
        let tree = ShardTree(shards: shards, ranks: ranks)
        let own = (0..<ranks).map { tree.shards(of: $0) }
        #expect(own.first?.lowerBound == 0 && own.last?.upperBound == shards)
        for (one, next) in zip(own, own.dropFirst()) { #expect(one.upperBound == next.lowerBound) }
        #expect(own.allSatisfy { [shards / ranks, shards / ranks + 1].contains($0.count) })
        if tree.isAligned { #expect(own.allSatisfy { tree.subtrees(within: $0) == [$0] }) }
        let parts = own.flatMap { tree.subtrees(within: $0) }
        #expect(parts.reduce(0) { $0 + $1.count } == shards)
      }
    }
    let text = ShardTree.sum(0..<6, { "\($0)" }) { $0 = "(\($0)+\($1))" }
    #expect(text == "(((0+1)+2)+((3+4)+5))")
    #expect(ShardTree(shards: 8, ranks: 1).samples(of: 3, count: 5) == 1..<2)
  }

  static func loop(_ communicator: any Communicator, shards: Int?) throws -> [Float] {
    let data = ShardedTrainingTests.Pictures(48)
    let model = ShardedTrainingTests.makeModel()
    model.synchronizeStatistics(over: communicator)
    let parallel = try DataParallel(model, communicator, shards: shards, seed: 7)
    let optimizer = SGD(model, learningRate: 0.1)
    for step in 0..<3 {
      let indices = Array(step * 16..<step * 16 + 16)
      try parallel.backward { shard in
        let own = parallel.samples(of: shard, count: indices.count)
        if own.isEmpty { return nil }
        let batch = data.batch(Array(indices[own]))
        return StepLoss.crossEntropy(model(batch.inputs), batch.labels)
      }
      optimizer.step()
    }
    try parallel.checkDrift()
    return model.state.flatMap { $0.converted(to: Float.self).scalars }
  }

  @Test func aLoopOfOnesOwn() throws {
    let alone = try Self.loop(SoleProcess(), shards: 8)
    for ranks in [2, 4, 8] {
      for values in try ThreadGroup(ranks).run({ try Self.loop($0, shards: 8) }) { #expect(values == alone) }
    }
  }

  @Test func scoresAreThoseOfOneProcess() throws {
    let data = ShardedTrainingTests.Pictures(53)
    let model = ShardedTrainingTests.makeModel()
    model.eval()
    @Sendable func loss(_ model: Sequential<Float>, _ batch: LabeledBatch<Float, Int>) -> StepLoss {
      StepLoss.crossEntropy(model(batch.inputs), batch.labels)
    }
    let whole = try evaluate(model, on: data, batchSize: 7, loss: loss)
    let plain = evaluate(model, on: data, batchSize: 7)
    var area = AUROC(classes: 3)
    area.update(model(data.inputs).detached().softmax(along: 1), Tensor(data.labels))
    // What draws random numbers gets those of one process.
    @Sendable func drawing(_ model: Sequential<Float>, _ batch: LabeledBatch<Float, Int>) -> StepLoss {
      StepLoss(sum: Tensor<Float>(randomUniform: [batch.count]).sum(), count: batch.count)
    }
    let drawn = try Random.with(RandomGenerator(seed: 4)) {
      try evaluate(model, on: data, batchSize: 7, loss: drawing)
    }
    for ranks in [2, 3, 4, 11] {
      let found = try ThreadGroup(ranks).run { communicator in
        let model = ShardedTrainingTests.makeModel()
        let total = try evaluate(model, on: data, batchSize: 7, communicator: communicator, loss: loss)
        let score = try evaluate(model, on: data, batchSize: 7, communicator: communicator)
        var area = AUROC(classes: 3)
        let own = communicator.share(of: 53)
        model.eval()
        area.update(model(data.inputs[own]).detached().softmax(along: 1), Tensor(Array(data.labels[own])))
        try area.merge(over: communicator)
        let drawn = try Random.with(RandomGenerator(seed: 4)) {
          try evaluate(model, on: data, batchSize: 7, communicator: communicator, loss: drawing)
        }
        return (total, score, area.value, drawn)
      }
      for (total, score, value, numbers) in found {
        #expect(total == whole)
        #expect(score == plain)
        #expect(value == area.value)
        #expect(numbers == drawn)
      }
    }
  }

  @Test(arguments: [false, true]) func recalibrationIsThatOfOneProcess(inOnePass: Bool) throws {
    let data = ShardedTrainingTests.Pictures(53)
    @Sendable func state(_ model: Sequential<Float>) -> [Float] {
      model.state.flatMap { $0.converted(to: Float.self).scalars }
    }
    let alone = ShardedTrainingTests.makeModel()
    recalibrate(alone, over: DataLoader(data, batchSize: 6), inOnePass: inOnePass)
    for ranks in [2, 3] {
      let found = try ThreadGroup(ranks).run { communicator in
        let model = ShardedTrainingTests.makeModel()
        model.synchronizeStatistics(over: communicator)
        try recalibrate(
          model, over: DataLoader(data, batchSize: 6), inOnePass: inOnePass, communicator: communicator
        ) { _ = model($0.inputs) }
        return state(model)
      }
      for values in found { #expect(values == state(alone)) }
    }
  }

  @Test func momentsAreSharedOut() throws {
    @Sendable func model() -> Sequential<Float> {
      Random.with(RandomGenerator(seed: 2)) {
        Sequential {
          Dense(50, 20); Dense(20, 3)
        }
      }
    }
    @Sendable func train(_ model: Sequential<Float>, _ optimizer: any Optimizer) {
      for step in 0..<3 {
        let x = Tensor<Float>(randomNormal: [4, 50], generator: RandomGenerator(seed: UInt64(step)))
        optimizer.zeroGradients()
        model(x).square().sum().backward()
        optimizer.step()
      }
    }
    @Sendable func make(_ source: ParameterSelection) -> AdamW {
      let optimizer = AdamW(source, learningRate: 0.01)
      optimizer.addGroup("no decay", where: { $1.shape.count < 2 }) { $0.weightDecay = 0 }
      return optimizer
    }
    let single = model()
    let whole = make(single.parameters { _, _ in true })
    train(single, whole)
    let values = single.state.map { $0.tensor(Float.self)!.scalars }
    let expected = whole.state
    let total = whole.state.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
    for ranks in [1, 2, 3, 4] {
      _ = try ThreadGroup(ranks).run { communicator in
        let own = model()
        let optimizer = try ShardedOptimizer(own, communicator, make: make)
        train(own, optimizer)
        #expect(own.state.map { $0.tensor(Float.self)!.scalars } == values)
        let kept = optimizer.rows.state.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
        #expect(Double(kept) <= Double(total) * (1 / Double(ranks) + 0.05))
        let state = optimizer.state
        #expect(state.tensors.map(\.name) == expected.tensors.map(\.name))
        #expect(state.tensors.map(\.shape) == expected.tensors.map(\.shape))
        #expect(
          state.tensors.map { $0.tensor(Float.self)!.scalars }
            == expected.tensors.map { $0.tensor(Float.self)!.scalars })
        #expect(state.scalars == expected.scalars)
        // It goes on from a state of one process.
        let second = try ShardedOptimizer(own, communicator, make: make)
        try second.load(expected)
        #expect(
          second.state.tensors.map { $0.tensor(Float.self)!.scalars }
            == state.tensors.map { $0.tensor(Float.self)!.scalars })
      }
    }
  }

  @Test func methodsOfWholeParametersAreRefused() throws {
    let model = Sequential { Dense(3, 2) }
    #expect(throws: TrainingError.self) { try ShardedOptimizer(model, SoleProcess()) { LAMB($0) } }
  }
}
