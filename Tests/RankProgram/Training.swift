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
    print("rank \(communicator.rank) \(overlaps ? "with" : "without") overlap: \(String(hash, radix: 16))")
  }
}

/// Milliseconds of steps of a residual network on every rank: computed alone, of the sums alone, and together with and without
/// overlap, as medians of alternating turns. Rank 0 prints them.
///
/// Options: `turns=9 batch=64 size=32 depth=18`; `batch` is that of a rank.
func measureSteps(_ communicator: any Communicator, _ options: [String: Int]) throws {
  let (turns, batch) = (options["turns"] ?? 9, options["batch"] ?? 16)
  let (size, depth) = (options["size"] ?? 64, options["depth"] ?? 18)
  let model = ResNet(depth == 18 ? .resNet18 : .resNet50, classes: 1000)
  let images = Tensor<Float>(
    randomNormal: [batch, 3, size, size], generator: RandomGenerator(seed: UInt64(communicator.rank)))
  let labels = Tensor((0..<batch).map { $0 % 1000 })
  let optimizer = SGD(model, learningRate: 0.01, momentum: 0.9)
  let alone = try DataParallel(model, SoleProcess())
  let together = try DataParallel(model, communicator)
  let count = model.namedParameters.reduce(0) { $0 + $1.parameter.count }
  var values = [Float](repeating: 1e-9, count: count)
  func milliseconds(_ body: () throws -> Void) throws -> Double {
    try communicator.barrier()
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    // The slowest rank counts.
    try communicator.barrier()
    return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-6
  }
  func step(_ parallel: DataParallel<ResNet<Float>>) throws {
    try parallel.backward { _ in StepLoss.crossEntropy(model(images), labels) }
    optimizer.step()
  }
  var times: [[Double]] = [[], [], [], []]
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
  let medians = times.map { $0.sorted()[$0.count / 2] }
  guard communicator.isRoot else { return }
  let names = ["compute", "sums", "overlapped", "in turn"]
  print("ranks \(communicator.count), parameters \(count), samples a rank \(batch)")
  for (name, median) in zip(names, medians) { print("\(name) \((median * 10).rounded() / 10) ms") }
  if communicator.count > 1 {
    let shown = (medians[2] - medians[0]) / medians[1]
    print("not hidden \((shown * 1000).rounded() / 10) % of the sums' time")
  }
}
