import Foundation
import Tern
import TernBackend

/// What steps of a network take in memory: predicted from small batches, and measured.
package struct TrainingMemory {
  /// A network with the loss of a batch of any size.
  struct Network {
    let name: String
    /// The batch of the benchmark's step.
    let batch: Int
    let make: () -> Sequential<Float>
    /// The input of so many samples.
    let input: (Int) -> Tensor<Float>
    /// The loss of a network's output for so many samples.
    let loss: (Tensor<Float>, Int) -> Tensor<Float>
  }

  /// The network, the batch and the optimizer.
  package let name: String
  /// The plan.
  package let plan: MemoryPlan
  /// The time that the plan took.
  package let seconds: Double
  /// The most bytes that tensors had in three steps.
  package let measuredBytes: Int
  /// By how much the process grew meanwhile, in bytes; `nil` where the system does not tell.
  package let residentBytes: Int?

  /// predicted/measured − 1.
  package var difference: Double { Double(plan.peakBytes) / Double(max(measuredBytes, 1)) - 1 }

  /// Plans and measures the networks of the benchmark whose name contains a match, each with three batches and two optimizers.
  package static func all(only expression: Regex<AnyRegexOutput>?, _ each: (TrainingMemory) -> Void) {
    for network in networks {
      for batch in [network.batch / 2, network.batch, network.batch * 3] {
        for optimizer in ["sgd", "adam"] {
          let name = "\(network.name)_b\(batch)_\(optimizer)"
          if let expression, !name.contains(expression) { continue }
          each(TrainingMemory(network, name, batch, optimizer))
        }
      }
    }
  }

  private init(_ network: Network, _ name: String, _ batch: Int, _ optimizer: String) {
    func makeOptimizer(_ model: Sequential<Float>) -> any Optimizer {
      optimizer == "adam" ? Adam(model) : SGD(model, learningRate: 0.01, momentum: 0.9)
    }
    self.name = name
    let start = ContinuousClock.now
    let planned = network.make()
    plan = memoryPlan(of: planned, batchSize: batch, optimizer: makeOptimizer(planned)) { count in
      network.loss(planned(network.input(count)), count)
    }
    seconds = (ContinuousClock.now - start) / .seconds(1)
    MemoryPool.trim()
    PeakMemory.reset()
    let resident = PeakMemory.megabytes
    MemoryPool.resetPeakInUse()
    let before = MemoryPool.bytesInUse
    let model = network.make()
    let (input, rule) = (network.input(batch), makeOptimizer(model))
    for _ in 0..<3 {
      rule.zeroGradients()
      network.loss(model(input), batch).backward()
      rule.step()
    }
    measuredBytes = MemoryPool.peakBytesInUse - before
    residentBytes = resident.flatMap { first in PeakMemory.megabytes.map { Int(($0 - first) * 0x1p20) } }
  }

  /// The result as one line of JSON.
  package var line: String {
    let batches = plan.measuredBatchSizes.map { "\($0)" }.joined(separator: ", ")
    return String(
      format: "{\"name\": \"\(name)\", \"predicted_mb\": %.2f, \"measured_mb\": %.2f, \"difference_percent\": %.2f, "
        + "\"pool_mb\": %.1f, \"rss_mb\": %.1f, \"plan_seconds\": %.2f, \"largest_batch\": \(plan.largestBatchSize), \"batches_run\": [\(batches)]}",
      Double(plan.peakBytes) / 0x1p20, Double(measuredBytes) / 0x1p20, difference * 100,
      Double(plan.poolBytes) / 0x1p20, Double(residentBytes ?? 0) / 0x1p20, seconds)
  }

  private static func classifier(
    _ name: String, _ batch: Int, classes: Int = 10, _ input: @escaping (Int) -> Tensor<Float>,
    _ make: @escaping () -> Sequential<Float>
  ) -> Network {
    Network(name: name, batch: batch, make: make, input: input) { crossEntropy($0, labels($1, classes: classes)) }
  }

  /// The networks of ``Workload/training``.
  static var networks: [Network] {
    [
      Network(
        name: "mlp_tiny_2-20-3-1", batch: 211, make: { mlp(2, 20, 3, 1) }, input: { random($0, 2) },
        loss: { binaryCrossEntropy(logits: $0, Tensor<Float>(zeros: [$1, 1])) }),
      classifier("mlp_bn_sigmoid_784-100x3-10", 60, { random($0, 784) }) {
        mlp(784, 100, 100, 100, 10, normalized: true, sigmoid: true)
      },
      classifier("mlp_784-512-512-10", 128, { random($0, 784) }) { mlp(784, 512, 512, 10) },
      classifier("mlp_1024-2048-2048-1000", 256, classes: 1000, { random($0, 1024) }) { mlp(1024, 2048, 2048, 1000) },
      classifier("lenet5", 128, { images($0, 1, 28, 28) }) { lenet5() },
      classifier("fashion_cnn", 64, { images($0, 1, 28, 28) }) { fashionCNN() },
      classifier("resnet20", 64, { images($0, 3, 32, 32) }) { resnet20() },
      classifier("ghostnet_cifar", 64, { images($0, 3, 32, 32) }) { ghostNet() },
      Network(
        name: "transformer_block_d256_h8_t128", batch: 16,
        make: {
          let layer = TransformerEncoderLayer(
            256, heads: 8, innerFeatures: 1024, dropout: 0, activation: .gelu, batchFirst: true, normFirst: true)
          return Sequential { layer }
        }, input: { random($0, 128, 256) }, loss: { output, _ in meanSquaredError(output, Tensor(zeros: output.shape)) }
      ),
    ]
  }
}
