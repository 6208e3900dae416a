import TernBackend
import TernTensor

/// Where a loader is while a data set makes a batch: what the random numbers of its samples depend on.
struct LoadingKey: Sendable {
  @TaskLocal static var current: LoadingKey?

  let seed: UInt64
  let epoch: Int

  /// The generator of a batch.
  func generator(ofBatch batch: Int) -> RandomGenerator { generator(batch, salt: 0x6261_7463_6865_7321) }

  /// The generator of a sample.
  func generator(ofSample index: Int) -> RandomGenerator { generator(index, salt: 0x7361_6D70_6C65_7321) }

  private func generator(_ number: Int, salt: UInt64) -> RandomGenerator {
    RandomGenerator(seed: seed ^ salt, stream: UInt64(epoch), counter: UInt64(number))
  }
}

extension Random {
  /// Calls `body` under the generator of a sample: while a loader makes a batch, one that depends on the loader's seed,
  /// the epoch and `index` alone; elsewhere one split from the generator in force.
  ///
  /// A ``Dataset`` that draws random numbers draws each sample's in here, and has the same bits whatever the threads, the
  /// size of the batches and the place where a training was taken up:
  ///
  /// ```swift
  /// func batch(_ indices: [Int]) -> [Tensor<Float>] {
  ///   indices.map { index in
  ///     Random.withSample(index) { images[index] + Tensor(randomNormal: images[index].shape, deviation: 0.1) }
  ///   }
  /// }
  /// ```
  public static func withSample<Result, Failure: Error>(
    _ index: Int, _ body: () throws(Failure) -> Result,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(Failure) -> Result {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    let generator = LoadingKey.current?.generator(ofSample: index) ?? Random.generator.split()
    return try Random.run(generator, body)
  }
}
