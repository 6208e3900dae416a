import TernBackend
import TernTensor

/// Where a loader is while a data set makes a batch: what the random numbers of its samples depend on.
struct LoadingKey: Sendable {
  @TaskLocal static var current: LoadingKey?

  var seed: UInt64
  let epoch: Int

  /// The generator of a batch, or of a shard of one.
  func generator(ofBatch batch: Int, shard: Int = 0) -> RandomGenerator {
    let seed = shard == 0 ? seed : seed ^ mixed(UInt64(shard) ^ 0x7368_6172_6473_2100)
    return generator(seed, batch, salt: 0x6261_7463_6865_7321)
  }

  /// The generator of a stage of a sample.
  func generator(ofSample index: Int, stage: UInt64) -> RandomGenerator {
    generator(seed ^ stage, index, salt: 0x7361_6D70_6C65_7321)
  }

  /// The key of one of several data sets that make one together: equal indices of theirs are different samples.
  func ofPart(_ part: Int) -> LoadingKey {
    var key = self
    if part > 0 { key.seed ^= mixed(UInt64(part) ^ 0x7061_7274_7321_0000) }
    return key
  }

  private func generator(_ seed: UInt64, _ number: Int, salt: UInt64) -> RandomGenerator {
    RandomGenerator(seed: seed ^ salt, stream: UInt64(epoch), counter: UInt64(number))
  }

  /// Calls `body` with a loader's key; throws what it throws.
  static func run<Result, Failure: Error>(
    _ key: LoadingKey?, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let result: Swift.Result<Result, Failure> = $current.withValue(key) {
      do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
    }
    return try result.get()
  }
}

/// The sample that is being made, and the stage it is at.
private struct LoadingSample: Sendable {
  @TaskLocal static var current: LoadingSample?

  let key: LoadingKey
  let index: Int
  /// 0 outside of all stages, so that a sample without stages has the numbers it always had.
  let stage: UInt64

  /// Calls `body` under the sample's generator.
  func run<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let result: Swift.Result<Result, Failure> = LoadingSample.$current.withValue(self) {
      Random.with(key.generator(ofSample: index, stage: stage)) {
        do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
      }
    }
    return try result.get()
  }
}

/// The number after a stage, or a part, of `path`: 0 changes nothing.
private func path(_ path: UInt64, _ stage: Int) -> UInt64 {
  stage == 0 ? path : mixed(path &+ UInt64(bitPattern: Int64(stage)) &* 0x9E37_79B9_7F4A_7C15)
}

/// A number that differs from `word` in about half of its bits (Steele, Lea & Flood 2014).
private func mixed(_ word: UInt64) -> UInt64 {
  var word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
  word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
  return word ^ word >> 31
}

extension Random {
  /// Calls `body` under the generator of a sample: while a loader makes a batch, one that depends on the loader's seed,
  /// the epoch, `index` and `stage` alone; elsewhere one split from the generator in force.
  ///
  /// A ``Dataset`` that draws random numbers draws each sample's in here, and has the same bits whatever the threads, the
  /// size of the batches and the place where a training was taken up. A ``SampleDataset`` does so of itself.
  ///
  /// ```swift
  /// func batch(_ indices: [Int]) -> [Tensor<Float>] {
  ///   indices.map { index in
  ///     Random.withSample(index) { images[index] + Tensor(randomNormal: images[index].shape, deviation: 0.1) }
  ///   }
  /// }
  /// ```
  ///
  /// - Parameter stage: which of several things that draw, one after another; each has numbers of its own.
  public static func withSample<Result, Failure: Error>(
    _ index: Int, stage: Int = 0, _ body: () throws(Failure) -> Result,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(Failure) -> Result {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard let key = LoadingKey.current else { return try Random.run(Random.generator.split(), body) }
    return try LoadingSample(key: key, index: index, stage: path(0, stage)).run(body)
  }

  /// Calls `body` under the generator of a stage of the sample that is being made: what one stage draws changes no number
  /// of another. Outside of a sample, under one split from the generator in force.
  ///
  /// ```swift
  /// let augmented = images.map { sample in
  ///   let flipped = Random.withStage(1) { flip(sample) }
  ///   return Random.withStage(2) { crop(flipped) }
  /// }
  /// ```
  ///
  /// - Parameter stage: a number of the stage, not 0.
  public static func withStage<Result, Failure: Error>(
    _ stage: Int, _ body: () throws(Failure) -> Result, file: StaticString = #fileID, line: UInt = #line
  ) throws(Failure) -> Result {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(stage != 0, "Random.withStage", "stage 0 is the sample itself; stages are numbered from 1")
    guard let sample = LoadingSample.current else { return try Random.run(Random.generator.split(), body) }
    // Apart from the stages of mappings, whose numbers follow the sample itself.
    let inner = path(sample.stage ^ 0x7374_6167_6573_2100, stage)
    return try LoadingSample(key: sample.key, index: sample.index, stage: inner).run(body)
  }
}
