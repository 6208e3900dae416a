import TernBackend
import TernTensor

/// The batches of another data set, transformed as they are made: on the loader's threads, under the batch's generator.
public struct MappedDataset<Source: Dataset, Batch: Sendable>: Dataset {
  /// The data set that is transformed.
  public let source: Source
  private let transform: @Sendable (_ batch: Source.Batch, _ indices: [Int]) throws(Source.Failure) -> Batch

  init(
    _ source: Source,
    _ transform: @escaping @Sendable (_ batch: Source.Batch, _ indices: [Int]) throws(Source.Failure) -> Batch
  ) {
    self.source = source
    self.transform = transform
  }

  /// How many samples there are.
  public var count: Int { source.count }

  /// The samples at `indices`, transformed.
  public func batch(_ indices: [Int]) throws(Source.Failure) -> Batch {
    try transform(source.batch(indices), indices)
  }
}

extension Dataset {
  /// These samples with every batch transformed; random numbers depend on the loader's seed, the epoch and the batch.
  public func mappingBatches<Result: Sendable>(
    _ transform: @escaping @Sendable (Batch) throws(Failure) -> Result,
    file: StaticString = #fileID, line: UInt = #line
  ) -> MappedDataset<Self, Result> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return MappedDataset(self) { (batch, _) throws(Failure) -> Result in try transform(batch) }
  }

  /// These samples with every input transformed by itself, as augmentation does: random numbers depend on the loader's
  /// seed, the epoch and the sample, so that neither the size of the batches nor their order changes them.
  ///
  /// - Parameter transform: from one input, without the axis of samples, to what takes its place; all results have one
  ///   shape.
  public func mappingInputs<Input: TensorScalar, Label: TensorScalar>(
    _ transform: @escaping @Sendable (Tensor<Input>) throws(Failure) -> Tensor<Input>,
    file: StaticString = #fileID, line: UInt = #line
  ) -> MappedDataset<Self, LabeledBatch<Input, Label>> where Batch == LabeledBatch<Input, Label> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return MappedDataset(self) { (batch, indices) throws(Failure) -> LabeledBatch<Input, Label> in
      if indices.isEmpty { return batch }
      var inputs: [Tensor<Input>] = []
      for (row, index) in indices.enumerated() {
        inputs.append(
          try Random.withSample(index) { () throws(Failure) -> Tensor<Input> in try transform(batch.inputs[row]) })
      }
      return LabeledBatch(inputs: stack(inputs), labels: batch.labels)
    }
  }
}
