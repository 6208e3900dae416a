import TernBackend
import TernData
import TernNN
import TernTensor

/// How a model did on a data set.
public struct EvaluationScore: Sendable, Equatable {
  /// The mean loss.
  public var loss: Double
  /// The fraction of samples whose largest logit is their class, 0 to 1.
  public var accuracy: Double
  /// How many samples there were.
  public var count: Int
}

/// How many rows of logits [N, C] have their largest value, the first of equals, at the label [N].
public func correctCount<Scalar: FloatingScalar>(
  _ logits: Tensor<Scalar>, _ labels: Tensor<Int>, file: StaticString = #fileID, line: UInt = #line
) -> Int {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(
    logits.rank == 2 && labels.shape == [logits.shape[0]], "accuracy", "logits \(logits.shape), labels \(labels.shape)")
  return zip(largestClasses(logits), labels.scalars).count { $0 == $1 }
}

/// The class with the largest logit, the first of equals, for every row of logits [N, C].
public func largestClasses<Scalar: FloatingScalar>(
  _ logits: Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) -> [Int] {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(logits.rank == 2 && logits.shape[1] > 0, "largestClasses", "logits \(logits.shape)")
  let classes = logits.shape[1]
  var answers = [Int](repeating: 0, count: logits.shape[0])
  logits.withUnsafeScalars { scalars in
    guard let base = scalars.baseAddress else { return }
    answers.withUnsafeMutableBufferPointer {
      if let out = $0.baseAddress { Scalar.argReduce(.maximum, logits.shape[0], classes, 1, out, base) }
    }
  }
  return answers
}

/// Scores a model in evaluation mode; it is put back to the mode it was in.
///
/// - Parameters:
///   - model: from inputs to logits [N, C].
///   - dataset: samples with class labels.
///   - batchSize: how many samples go through at once.
///   - loss: of logits and labels, a mean over the batch.
public func evaluate<Model: Layer, Source: Dataset>(
  _ model: Model, on dataset: Source, batchSize: Int = 256,
  loss: (Tensor<Model.Scalar>, Tensor<Int>) -> Tensor<Model.Scalar> = { crossEntropy($0, $1) },
  file: StaticString = #fileID, line: UInt = #line
) -> EvaluationScore where Source.Batch == LabeledBatch<Model.Scalar, Int>, Source.Failure == Never {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let batches = DataLoader(dataset, batchSize: batchSize).makeIterator()
  return score(model, loss) { batches.next() }
}

/// Scores a model on samples that may be unreadable.
///
/// - Throws: the `SampleError` of the first batch that cannot be read.
public func evaluate<Model: Layer, Source: Dataset>(
  _ model: Model, on dataset: Source, batchSize: Int = 256,
  loss: (Tensor<Model.Scalar>, Tensor<Int>) -> Tensor<Model.Scalar> = { crossEntropy($0, $1) },
  file: StaticString = #fileID, line: UInt = #line
) throws -> EvaluationScore where Source.Batch == LabeledBatch<Model.Scalar, Int> {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let batches = DataLoader(dataset, batchSize: batchSize).makeIterator()
  return try score(model, loss) { try batches.next() }
}

private func score<Model: Layer>(
  _ model: Model, _ loss: (Tensor<Model.Scalar>, Tensor<Int>) -> Tensor<Model.Scalar>,
  _ next: () throws -> LabeledBatch<Model.Scalar, Int>?
) rethrows -> EvaluationScore {
  var seen = 0
  let total = try total(model, next) { batch in
    seen += batch.count
    return classificationLoss(model, batch, loss)
  }
  return EvaluationScore(
    loss: MeanTotal(sum: total.loss.sum, count: Double(seen)).mean,
    accuracy: MeanTotal(sum: total.figures["accuracy"]?.sum ?? 0, count: Double(seen)).mean, count: seen)
}

/// Scores any model on any data in evaluation mode, without gradients; it is put back to the mode it was in.
///
/// ```swift
/// let score = try evaluate(model, on: test) { model, batch in
///   let errors = model(batch.inputs) - batch.labels
///   return StepLoss(sum: errors.square().sum(), count: errors.count)
/// }
/// print(score.loss.mean)
/// ```
///
/// - Parameters:
///   - batchSize: how many samples go through at once.
///   - workers: how many threads prepare batches; with 0 the one does that scores. The bits are the same.
///   - loss: of the model and a batch, as a sum and what it was summed over, with other figures.
/// - Returns: the loss and the figures over all batches.
/// - Throws: what `loss` throws, and the `SampleError` of the first batch that cannot be read.
public func evaluate<Model: Module, Source: Dataset>(
  _ model: Model, on dataset: Source, batchSize: Int = 256, workers: Int = 1,
  loss: (Model, Source.Batch) throws -> StepLoss, file: StaticString = #fileID, line: UInt = #line
) throws -> LossTotal {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  let batches = DataLoader(dataset, batchSize: batchSize, workers: workers).makeIterator()
  return try total(model, { try batches.next() }) { try loss(model, $0) }
}

private func total<Batch>(
  _ model: some Module, _ next: () throws -> Batch?, _ loss: (Batch) throws -> StepLoss
) rethrows -> LossTotal {
  var total = LossTotal()
  try withoutGradients {
    try model.with(.evaluation) {
      while let batch = try next() { total.add(try loss(batch).total) }
    }
  }
  return total
}
