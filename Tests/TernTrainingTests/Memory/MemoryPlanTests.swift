import Foundation
import Tern
import TernTestSupport
import Testing

@testable import TernBackend
@testable import TernTraining

/// Ends the process, which is a test's own, where a condition does not hold.
private func require(_ condition: Bool, _ values: Any...) {
  if condition { return }
  FileHandle.standardError.write(Data("failed: \(values)\n".utf8))
  exit(1)
}

private func network() -> Sequential<Float> {
  Sequential {
    Dense(64, 256)
    BatchNorm1d(256)
    ReLU()
    Dense(256, 256)
    ReLU()
    Dropout(0.2)
    Dense(256, 10)
  }
}

/// The most bytes that three steps of a batch take, with the model.
private func measuredPeak(_ batch: Int, _ checkpointedIn: Int? = nil) -> Int {
  MemoryPool.trim()
  MemoryPool.resetPeakInUse()
  let before = MemoryPool.bytesInUse
  let sequence = network()
  let model = checkpointedIn.map { count in Sequential { sequence.checkpointed(segments: count) } } ?? sequence
  let optimizer = Adam(model)
  for _ in 0..<3 {
    optimizer.zeroGradients()
    model(Tensor(zeros: [batch, 64])).square().mean().backward()
    optimizer.step()
  }
  return MemoryPool.peakBytesInUse - before
}

/// The memory of all tensors is that of the process: each test has one of its own.
@Suite(.disabled(if: isAddressSanitizerActive)) struct MemoryPlanTests {
  @Test func blocksAreThoseOfThePool() async {
    await #expect(processExitsWith: .success) {
      for size in [4097, 5000, 5120, 5121, 8192, 8193, 100_000, 1 << 20, (1 << 20) + 1, 3_000_000, 7_000_001] {
        let before = MemoryPool.bytesInUse
        let block = MemoryPool.allocate(byteCount: size)
        let taken = MemoryPool.bytesInUse - before
        require(taken == MemoryBlocks.bytes(for: size), size, taken, MemoryBlocks.bytes(for: size))
        require(MemoryBlocks.bytes(for: 2 * size) == 2 * taken, size)
        MemoryPool.release(block, byteCount: size)
      }
    }
  }

  @Test(arguments: [100, 40_000, 65_536]) func thePeakIsPredicted(_ batch: Int) async {
    await #expect(processExitsWith: .success) { [batch] in
      let model = network()
      let plan = memoryPlan(of: model, input: [batch, 64], optimizer: Adam(model))
      let measured = measuredPeak(batch)
      require(abs(Double(plan.peakBytes) / Double(measured) - 1) < 0.05, plan.peakBytes, measured, plan)
      let parts =
        plan.parameterBytes + plan.gradientBytes + plan.optimizerBytes + plan.dataBytes + plan.activationBytes
        + plan.workspaceBytes
      require(parts == plan.peakBytes && plan.batchSize == batch, plan)
      // A small network is run with the batch itself.
      require(plan.measuredBatchSizes.contains(batch) == (batch == 100), plan.measuredBatchSizes)
      // A ReLU runs with the layer before it.
      require(Set(["", "0", "1", "3", "5", "6"]).isSubset(of: Set(plan.layers.map(\.path))), plan.layers)
      require(plan.layers.allSatisfy { $0.forwardPeakBytes <= plan.peakBytes }, plan)
      require(plan.parameterBytes > model.parameterCount * 4 * 9 / 10, plan)
    }
  }

  @Test func theLargestBatchFits() async {
    await #expect(processExitsWith: .success) {
      let model = network()
      let limit = MemoryLimit(.program, bytes: 300 << 20)
      let plan = memoryPlan(of: model, input: [1 << 20, 64], optimizer: Adam(model), limits: [limit])
      require(!plan.fits && plan.largestBatchSize > 1000, plan)
      let peak = measuredPeak(plan.largestBatchSize)
      require(peak <= limit.bytes && peak > limit.bytes * 8 / 10, plan, peak)
      require(measuredPeak(plan.largestBatchSize * 5 / 4) > limit.bytes, plan)
      let again = memoryPlan(
        of: model, input: [plan.largestBatchSize, 64], optimizer: Adam(model), limits: [limit])
      require(again.fits, again)
      let none = memoryPlan(
        of: model, input: [64, 64], optimizer: Adam(model), limits: [MemoryLimit(.program, bytes: 100_000)])
      require(!none.fits && none.largestBatchSize == 0, none)
      require(none.description.contains("no batch fits"), none)
    }
  }

  @Test func checkpointingIsPlannedToo() async {
    await #expect(processExitsWith: .success) {
      let model = network()
      let plan = memoryPlan(of: model, input: [40_000, 64], optimizer: Adam(model))
      guard let other = plan.checkpointing else { return require(false, plan) }
      let measured = measuredPeak(40_000, other.segments)
      require(abs(Double(other.peakBytes) / Double(measured) - 1) < 0.1, plan, measured)
      require(other.peakBytes < plan.peakBytes && other.largestBatchSize >= plan.largestBatchSize, plan)
    }
  }

  @Test func nothingIsChanged() async {
    await #expect(processExitsWith: .success) {
      let model = network()
      let optimizer = Adam(model)
      Random.seed(7)
      for _ in 0..<2 {
        optimizer.zeroGradients()
        model(Tensor(randomNormal: [32, 64])).square().mean().backward()
        optimizer.step()
      }
      func everything() -> [[Float]] {
        let values = model.state.map { $0.tensor(Float.self)?.scalars ?? [] }
        let moments = optimizer.state.tensors.map { $0.tensor(Float.self)?.scalars ?? [] }
        return values + moments + model.typedParameters.map { $0.gradient?.scalars ?? [] }
          + [optimizer.state.scalars.sorted { $0.key < $1.key }.map { Float($0.value) }]
      }
      let (before, draws) = (everything(), Random.generator.state)
      _ = memoryPlan(of: model, input: [64, 64], optimizer: optimizer)
      require(everything() == before && Random.generator.state == draws)
      // One that has made no step has no moments afterwards either.
      let fresh = Adam(model)
      _ = memoryPlan(of: model, input: [64, 64], optimizer: fresh)
      let steps = (optimizer.state.scalars, fresh.state.tensors.count, Adam(model).state.tensors.count)
      require(steps.1 == steps.2 && everything() == before, steps)
    }
  }

  @Test func aTrainingIsPlanned() async {
    await #expect(processExitsWith: .success) {
      let samples = TensorDataset(Tensor<Float>(zeros: [600, 64]), Tensor<Int>(zeros: [600]))
      func trainer(_ batch: Int, dropLast: Bool = true) throws -> Trainer<Sequential<Float>, TensorDataset<Float, Int>>
      {
        let model = network()
        let trainer = try Trainer(
          model, optimizer: Adam(model), train: samples, batchSize: batch, dropLast: dropLast, seed: 1,
          workers: 0)
        trainer.exponentialAverage = ExponentialAverage(decay: 0.9)
        trainer.accumulation = 2
        return trainer
      }
      do {
        let plan = try memoryPlan(batchSize: 200) { try trainer($0) }
        MemoryPool.resetPeakInUse()
        let before = MemoryPool.bytesInUse
        try trainer(200).run(epochs: 2)
        let measured = MemoryPool.peakBytesInUse - before
        require(abs(Double(plan.peakBytes) / Double(measured) - 1) < 0.1, plan, measured)
      } catch { require(false, error) }
    }
  }

  @Test func aLimitLeavesWhatTheProcessDoesNotNeed() {
    let limit = MemoryLimit(.addresses, bytes: 1 << 30, otherBytes: 3 << 28)
    #expect(limit.tensorBytes == 1 << 28 && "\(limit)" == "the 1024 MB of addresses (ulimit -v)")
    #expect(MemoryLimit(.machine, bytes: 1, otherBytes: 2).tensorBytes == 0)
    let current = MemoryLimit.current
    #expect(current.contains { $0.kind == .machine || $0.kind == .controlGroup })
    #expect(current.allSatisfy { $0.bytes > 0 && $0.otherBytes >= 0 })
  }

  @Test func aBatchWithoutSamplesIsRefused() async {
    let output = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let model = Sequential { Dense(2, 2) }
      _ = memoryPlan(of: model, input: [0, 2], optimizer: SGD(model, learningRate: 0.1))
    }
    let message = text(output?.standardErrorContent)
    #expect(message.contains("memoryPlan: a batch of shape [0, 2], expected at least one sample"), "\(message)")
  }
}
