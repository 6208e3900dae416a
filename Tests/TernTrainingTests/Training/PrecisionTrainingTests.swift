import Foundation
import Tern
import Testing

/// Images of two kinds: bright on the left or on the right.
private struct Sides: Dataset {
  let count = 48

  func batch(_ indices: [Int]) -> LabeledBatch<Float, Int> {
    let images = indices.map { index in
      let noise = Tensor<Float>(randomNormal: [16, 8, 8], generator: RandomGenerator(seed: UInt64(index))) * 0.3
      return noise + Tensor<Float>((0..<8).map { ($0 < 4) == (index % 2 == 0) ? 1 : 0 })
    }
    return LabeledBatch(inputs: stack(images), labels: Tensor(indices.map { $0 % 2 }))
  }
}

/// Training whose products read bfloat16.
@Suite struct PrecisionTrainingTests {
  private func trainer(_ precision: FloatPrecision) throws -> Trainer<Sequential<Float>, Sides> {
    let model = Random.with(RandomGenerator(seed: 1)) {
      Sequential {
        Conv2D(16, 32, kernelSize: 3, padding: 1)
        BatchNorm2d(32)
        ReLU()
        Flatten()
        Dropout(0.2)
        Dense(2048, 2)
      }
    }
    return try Trainer(
      model, optimizer: SGD(model, learningRate: 0.05, momentum: 0.9), train: Sides(), batchSize: 8, seed: 5,
      precision: precision)
  }

  private func weights(_ model: Sequential<Float>) -> [Tensor<Float>] {
    model.parameters.compactMap { ($0 as? Parameter<Float>)?.value.detached() }
  }

  @Test func theSameBitsOnTwoThreadsAndResumed() throws {
    let before = Workers.count
    defer { Workers.count = before }
    Workers.count = 1
    let one = try trainer(.bfloat16)
    try one.run(epochs: 3)
    Workers.count = 2
    let two = try trainer(.bfloat16)
    try two.run(epochs: 1)
    let resumed = try trainer(.bfloat16)
    try resumed.restore(two.checkpoint)
    try resumed.run(epochs: 3)
    try two.run(epochs: 3)
    #expect(weights(one.model) == weights(two.model))
    #expect(weights(one.model) == weights(resumed.model))
    let float = try trainer(.float32)
    try float.run(epochs: 3)
    #expect(weights(one.model) != weights(float.model))
    #expect(evaluate(one.model, on: Sides()).accuracy == 1)
  }

  @Test func aSavedModelIsHalfAsLargeAndNear() throws {
    let model = try trainer(.bfloat16).model
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("precision-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try model.save(to: folder + "/whole.safetensors")
    try model.save(to: folder + "/half.safetensors", precision: .bfloat16)
    func size(_ name: String) throws -> Int { try Data(contentsOf: URL(fileURLWithPath: folder + name)).count }
    let (whole, half) = (try size("/whole.safetensors"), try size("/half.safetensors"))
    #expect(half * 10 < whole * 6, "\(half) of \(whole) bytes")
    let expected = weights(model)
    try model.load(from: folder + "/half.safetensors")
    for (found, expected) in zip(weights(model), expected) {
      #expect(found == expected.cast(to: BFloat16.self).widened)
    }
  }
}
