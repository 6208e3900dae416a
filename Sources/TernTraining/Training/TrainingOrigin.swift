/// What a checkpoint was taken from: where one of these is another, a training does not go on to the same bits.
public struct TrainingOrigin: Sendable, Codable, Equatable {
  /// The seed of batches and random numbers.
  public var seed: UInt64
  /// Samples a step.
  public var batchSize: Int
  /// How many samples there are to train with.
  public var samples: Int
  /// What the samples to train with are, see ``FingerprintedDataset``; `nil` where they do not tell.
  public var data: String?
  /// What the samples to test with are; `nil` where there are none, or they do not tell.
  public var test: String?
  /// How many batches make a step; `nil` for one.
  public var accumulation: Int?
  /// How many shards a step has, where that was said.
  public var shards: Int?

  /// An origin of these.
  ///
  /// - Parameters:
  ///   - seed: The seed.
  ///   - batchSize: The number of samples per batch.
  ///   - samples: The number of samples.
  ///   - data: The fingerprint of the training data.
  ///   - test: The fingerprint of the test data.
  ///   - accumulation: The number of batches per step.
  public init(
    seed: UInt64, batchSize: Int, samples: Int, data: String? = nil, test: String? = nil, accumulation: Int? = nil,
    shards: Int? = nil
  ) {
    self.seed = seed
    self.batchSize = batchSize
    self.samples = samples
    self.data = data
    self.test = test
    self.accumulation = accumulation
    self.shards = shards
  }

  /// What differs from where a checkpoint was taken, a phrase each: `seed 3, now 5`. What one of both does not know does
  /// not count.
  public func differences(from other: TrainingOrigin) -> [String] {
    var result: [String] = []
    if samples != other.samples { result.append("\(other.samples) samples, now \(samples)") }
    if let data, let before = other.data, data != before, samples == other.samples {
      result.append("other training data of the same size")
    }
    if let test, let before = other.test, test != before { result.append("other test data") }
    if batchSize != other.batchSize { result.append("batch size \(other.batchSize), now \(batchSize)") }
    if accumulation != other.accumulation {
      result.append("\(other.accumulation ?? 1) batches a step, now \(accumulation ?? 1)")
    }
    if shards != other.shards {
      func words(_ shards: Int?) -> String { shards.map { "\($0) shards a step" } ?? "no shards" }
      result.append("\(words(other.shards)), now \(words(shards))")
    }
    if seed != other.seed { result.append("seed \(other.seed), now \(seed)") }
    return result
  }
}
