// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation, AlwaysUseLowerCamelCase

import TernTensor

// PyTorch's labels, so that the compiler answers them with Tern's.

extension DataLoader {
  @available(*, unavailable, message: "DataLoader(dataset, batchSize: 64, shuffle: true, dropLast: true)")
  public convenience init(
    _ dataset: Source, batch_size: Int, shuffle: Bool = false, num_workers: Int = 0, pin_memory: Bool = false,
    drop_last: Bool = false
  ) { unnamed() }
  @available(
    *, unavailable, message: "there are no workers to count: each batch is prepared while the one before is used"
  )
  public convenience init(
    _ dataset: Source, batchSize: Int, shuffle: Bool = false, num_workers: Int, drop_last: Bool = false
  ) { unnamed() }
  @available(
    *, unavailable, message: "there are no workers to count: each batch is prepared while the one before is used"
  )
  public convenience init(_ dataset: Source, batchSize: Int, shuffle: Bool = false, numWorkers: Int) { unnamed() }
  @available(*, unavailable, message: "DataLoader(dataset, batchSize: 64, shuffle: true, dropLast: true)")
  public convenience init(_ dataset: Source, batchSize: Int, shuffle: Bool = false, drop_last: Bool) { unnamed() }
}

@available(
  *, unavailable,
  message:
    "Subset(dataset, indices: Array(order[..<800])), of let order = Tensor(randomPermutation: dataset.count).scalars"
)
public var random_split: OtherName<[[Int]]> { unnamed() }
