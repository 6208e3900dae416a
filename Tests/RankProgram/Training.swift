import Foundation
import Tern
import TernDistributed
import TernModels
import TernTraining

/// A network whose gradients fill several buckets, trained for some steps of four shards with and without overlap: prints a
/// hash of the parameters of each.
func train(_ communicator: any Communicator) throws {
  for overlaps in [false, true] {
    let model = Random.with(RandomGenerator(seed: 3)) {
      Sequential {
        Dense(64, 1100); BatchNorm1d(1100); ReLU(); Dropout(0.3); Dense(1100, 1100); ReLU(); Dense(1100, 10)
      }
    }
    let parallel = try DataParallel(model, communicator, shards: 4, seed: 7)
    parallel.overlapsReduction = overlaps
    let optimizer = Adam(model, learningRate: 1e-3)
    for step in 0..<3 {
      let generator = RandomGenerator(seed: UInt64(step))
      let inputs = Tensor<Float>(randomNormal: [16, 64], generator: generator)
      let labels = (0..<16).map { ($0 * 7 + step) % 10 }
      try parallel.backward { shard in
        let own = parallel.samples(of: shard, count: 16)
        return StepLoss.crossEntropy(model(inputs[own]), Tensor(Array(labels[own])))
      }
      optimizer.step()
    }
    try parallel.checkDrift()
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for entry in model.state {
      for value in entry.converted(to: Float.self).scalars {
        hash = (hash ^ UInt64(value.bitPattern)) &* 0x100_0000_01b3
      }
    }
    printLine("rank \(communicator.rank) \(overlaps ? "with" : "without") overlap: \(String(hash, radix: 16))")
  }
}

/// What a rank computes in a step.
struct Workload {
  let model: any Module
  let loss: () -> StepLoss

  /// - Parameter batch: images, or sequences of 128 tokens.
  init(_ network: String, batch: Int, size: Int, seed: Int) throws {
    let generator = RandomGenerator(seed: UInt64(seed))
    let images = Tensor<Float>(randomNormal: [batch, 3, size, size], generator: generator)
    let labels = Tensor((0..<batch).map { $0 % 10 })
    switch network {
    case "resnet18":
      let model = ResNet(.resNet18, classes: 1000)
      self.init(model) { StepLoss.crossEntropy(model(images), labels) }
    case "resnet20":
      let model = resnet20()
      self.init(model) { StepLoss.crossEntropy(model(images), labels) }
    case "gpt2":
      let model = GPT2(.small)
      let tokens = Tensor((0..<batch * 128).map { $0 * 7919 % 50257 }, shape: [batch, 128])
      let next = Tensor((0..<batch * 128).map { ($0 + 1) * 7919 % 50257 })
      self.init(model) { StepLoss.crossEntropy(model(tokens).reshaped([batch * 128, 50257]), next) }
    default: throw Refused(description: "no network \(network): resnet18, resnet20, gpt2")
    }
  }

  private init(_ model: any Module, _ loss: @escaping () -> StepLoss) { (self.model, self.loss) = (model, loss) }
}

/// A residual network of 20 layers for images of 32×32. Source: He et al. 2016, section 4.2, with projections.
func resnet20() -> Sequential<Float> {
  func convolution(_ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1) -> Sequential<Float> {
    Sequential {
      Conv2D(
        inputs, outputs, kernelSize: Pair(kernel), stride: Pair(stride), padding: Padding2D(kernel / 2), bias: false)
      BatchNorm2d(outputs)
    }
  }
  var inputs = 16
  return Sequential {
    convolution(3, 16)
    ReLU()
    for (outputs, stride) in [(16, 1), (16, 1), (16, 1), (32, 2), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1)] {
      let shortcut = inputs == outputs ? nil : convolution(inputs, outputs, kernel: 1, stride: stride)
      Residual(shortcut: shortcut) {
        convolution(inputs, outputs, stride: stride)
        ReLU()
        convolution(outputs, outputs)
      }
      ReLU()
      let _ = inputs = outputs
    }
    AdaptiveAvgPool2D(1)
    Flatten()
    Dense(64, 10)
  }
}

/// Milliseconds of steps on every rank: computed alone, of the sums alone, and together with and without overlap, as medians of
/// alternating turns, and the processor time of a rank in each. Rank 0 prints them.
///
/// Options: `network=resnet18 batch=16 size=64 turns=9`; `batch` is that of a rank.
func measureSteps(_ communicator: any Communicator, _ options: [String: String]) throws {
  func number(_ name: String, _ other: Int) -> Int { options[name].flatMap(Int.init) ?? other }
  let (turns, batch, network) = (number("turns", 9), number("batch", 16), options["network"] ?? "resnet18")
  let workload = try Workload(network, batch: batch, size: number("size", 64), seed: communicator.rank)
  func measure<Model: Module>(_ model: Model) throws {
    let optimizer = SGD(model, learningRate: 0.01, momentum: 0.9)
    let alone = try DataParallel(model, SoleProcess())
    let together = try DataParallel(model, communicator)
    let count = model.namedParameters.reduce(0) { $0 + $1.parameter.count }
    var values = [Float](repeating: 1e-9, count: count)
    func milliseconds(_ body: () throws -> Void) throws -> [Double] {
      try communicator.barrier()
      let (start, used) = (DispatchTime.now().uptimeNanoseconds, clock())
      try body()
      // The slowest rank counts.
      let spent = clock() - used
      try communicator.barrier()
      return [
        Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6, Double(spent) * 1e3 / Double(CLOCKS_PER_SEC),
      ]
    }
    func step(_ parallel: DataParallel<Model>) throws {
      try parallel.backward { _ in workload.loss() }
      optimizer.step()
    }
    var times: [[[Double]]] = [[], [], [], []]
    for turn in 0...turns {
      let found = [
        try milliseconds { try step(alone) },
        try milliseconds { try communicator.sum(&values, name: "all gradients") },
        try milliseconds {
          together.overlapsReduction = true
          try step(together)
        },
        try milliseconds {
          together.overlapsReduction = false
          try step(together)
        },
      ]
      // The first warms up.
      if turn > 0 { for index in times.indices { times[index].append(found[index]) } }
    }
    guard communicator.isRoot else { return }
    func median(_ index: Int, _ kind: Int) -> Double {
      let sorted = times[index].map { $0[kind] }.sorted()
      return (sorted[sorted.count / 2] * 10).rounded() / 10
    }
    print("\(network): ranks \(communicator.count), parameters \(count), samples a rank \(batch)")
    for (index, name) in ["compute", "sums", "overlapped", "in turn"].enumerated() {
      print("\(name) \(median(index, 0)) ms, processor time \(median(index, 1)) ms")
    }
    if communicator.count > 1 {
      let shown = (median(2, 0) - median(0, 0)) / median(1, 0)
      print("not hidden \((shown * 1000).rounded() / 10) % of the sums' time")
    }
  }
  try measure(workload.model)
}
