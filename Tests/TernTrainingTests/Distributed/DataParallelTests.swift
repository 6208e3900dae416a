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

  /// Methods of which every parameter is on one rank, and such as split rows, with a parameter fewer than ranks' rows.
  @Test func momentsOfEveryMethodAreSharedOut() throws {
    typealias Make = @Sendable (ParameterSelection) -> any Optimizer
    let rows: [(name: String, isWhole: Bool, make: Make)] = [
      ("LAMB", true, { LAMB($0, learningRate: 0.01) }),
      ("Adafactor", true, { Adafactor($0, learningRate: 0.05) }),
      (
        "Muon and AdamW", true,
        { source in
          let matrices = source.parameters { $1.shape.count == 2 && !$0.hasPrefix("0.") }
          let others = source.parameters { !($1.shape.count == 2 && !$0.hasPrefix("0.")) }
          return CombinedOptimizer([Muon(matrices, learningRate: 0.02), AdamW(others, learningRate: 0.01)])
        }
      ),
      (
        "Adam with moments in bfloat16", true,
        {
          let optimizer = Adam($0, learningRate: 0.01)
          optimizer.momentPrecision = .bfloat16
          return optimizer
        }
      ),
      ("SparseAdam", false, { SparseAdam($0, learningRate: 0.01) }),
      ("NAdam", false, { NAdam($0, learningRate: 0.01) }), ("Rprop", false, { Rprop($0, learningRate: 0.01) }),
      ("ASGD", false, { ASGD($0, learningRate: 0.01) }), ("Lion", false, { Lion($0, learningRate: 0.01) }),
      ("Adadelta", false, { Adadelta($0) }), ("RMSprop", false, { RMSprop($0, momentum: 0.5) }),
    ]
    @Sendable func model() -> Sequential<Float> {
      let model = Random.with(RandomGenerator(seed: 2)) {
        Sequential {
          Dense(20, 12); Tanh(); Dense(12, 7); Tanh(); Dense(7, 3)
        }
      }
      // One that no step changes.
      (model[2] as? Dense<Float>)?.bias?.isFrozen = true
      return model
    }
    @Sendable func train(_ model: Sequential<Float>, _ optimizer: any Optimizer, _ steps: Range<Int>) {
      for step in steps {
        let x = Tensor<Float>(randomNormal: [4, 20], generator: RandomGenerator(seed: UInt64(step)))
        optimizer.zeroGradients()
        model(x).square().sum().backward()
        optimizer.step()
      }
    }
    @Sendable func values(_ state: OptimizerState) -> [String: [Double]] {
      var all = state.scalars.mapValues { [$0] }
      for entry in state.tensors {
        all[entry.name] = entry.shape.map { Double($0) } + entry.converted(to: Double.self).scalars
      }
      return all
    }
    for (name, isWhole, make) in rows {
      let single = model()
      let whole = make(single.parameters { _, _ in true })
      train(single, whole, 0..<3)
      let (half, states) = (whole.state, values(whole.state))
      train(single, whole, 3..<5)
      let expected = (
        values(whole.state), whole.state.tensors.map(\.name), single.state.map { $0.tensor(Float.self)!.scalars }
      )
      for ranks in [1, 2, 3, 8] {
        let kept = try ThreadGroup(ranks).run { communicator in
          let own = model()
          let optimizer = try ShardedOptimizer(own, communicator, make: make)
          train(own, optimizer, 0..<3)
          let before = optimizer.state
          #expect(
            values(before) == states && before.tensors.map(\.name) == half.tensors.map(\.name), "\(name), \(ranks)")
          let kept = optimizer.rows.state.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
          // It goes on by another optimizer, from the state of one process.
          let second = try ShardedOptimizer(own, communicator, make: make)
          try second.load(half)
          train(own, second, 3..<5)
          #expect(own.state.map { $0.tensor(Float.self)!.scalars } == expected.2, "\(name), \(ranks)")
          let after = second.state
          #expect(values(after) == expected.0 && after.tensors.map(\.name) == expected.1, "\(name), \(ranks)")
          return kept
        }
        let total = half.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
        // Each moment is somewhere, and on no rank more than the largest parameter and its part.
        if isWhole { #expect(kept.reduce(0, +) == total, "\(name): \(kept) of \(total)") }
        if ranks == 2 && !isWhole {
          #expect(Double(kept.max()!) <= Double(total) * 0.55, "\(name): \(kept) of \(total)")
        }
      }
    }
  }

  @Test func parametersGoToTheRankThatHasLeast() {
    let named = [100, 40, 70, 1, 30].enumerated().map { index, count in
      (name: "\(index)", parameter: Parameter<Float>(Tensor(zeros: [count])) as any AnyParameter)
    }
    #expect(ShardedOptimizer.owners(of: named, 2) == [0, 1, 1, 1, 0])
    #expect(ShardedOptimizer.owners(of: named, 1) == [0, 0, 0, 0, 0])
  }

  @Test func methodsThatSeeAllParametersAreRefused() throws {
    let model = Sequential { Dense(3, 2) }
    let error = #expect(throws: TrainingError.self) { try ShardedOptimizer(model, SoleProcess()) { LBFGS($0) } }
    #expect(error?.description.hasPrefix("LBFGS cannot be sharded") == true, "\(String(describing: error))")
  }
}
