// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import TernTensor

// PyTorch's labels, so that the compiler answers them with Tern's.

extension DataLoader {
  @available(*, unavailable, message: "DataLoader(dataset, batchSize: 64, shuffle: true, dropLast: true, workers: 2)")
  public convenience init(
    _ dataset: Source, batch_size: Int, shuffle: Bool = false, num_workers: Int = 0, pin_memory: Bool = false,
    drop_last: Bool = false
  ) { unnamed() }
  @available(*, unavailable, message: "DataLoader(dataset, batchSize: 64, shuffle: true, workers: 2)")
  public convenience init(
    _ dataset: Source, batchSize: Int, shuffle: Bool = false, num_workers: Int, drop_last: Bool = false
  ) { unnamed() }
  @available(*, unavailable, message: "DataLoader(dataset, batchSize: 64, shuffle: true, workers: 2)")
  public convenience init(_ dataset: Source, batchSize: Int, shuffle: Bool = false, numWorkers: Int) { unnamed() }
  @available(*, unavailable, message: "DataLoader(dataset, batchSize: 64, shuffle: true, dropLast: true)")
  public convenience init(_ dataset: Source, batchSize: Int, shuffle: Bool = false, drop_last: Bool) { unnamed() }
}

@available(*, unavailable, message: "let (train, test) = dataset.split(0.8, 0.2, seed: 1)")
public var random_split: OtherName<[[Int]]> { unnamed() }
@available(*, unavailable, message: "DataLoader(dataset, batchSize: 64, sampler: .weighted(weights))")
public var WeightedRandomSampler: OtherName<Sampler> { unnamed() }
@available(*, unavailable, message: "[first, second].concatenated()")
public var ConcatDataset: OtherName<[Int]> { unnamed() }
