import TernBackend
import TernTensor

/// Samples that can be asked for in batches, in any order, from any thread.
///
/// A data set whose samples may be unreadable throws: it writes `func batch(_ indices: [Int]) throws -> …`, or
/// `throws(ReadError)`, and its loader is read with `try`. Random numbers drawn while a loader has a batch made depend on the
/// loader's seed, the epoch and the batch; those drawn in ``Random/withSample(_:stage:_:file:line:)`` on the sample in place of the batch.
public protocol Dataset<Batch>: Sendable {
  /// What several samples make together.
  associatedtype Batch: Sendable
  /// What is thrown for samples that cannot be read; `Never` where all can.
  associatedtype Failure: Error = Never

  /// How many samples there are.
  var count: Int { get }

  /// The samples at `indices` (each in 0 ..< count), in that order.
  func batch(_ indices: [Int]) throws(Failure) -> Batch
}

/// Samples with their labels, along the first axis of both.
public struct LabeledBatch<Input: TensorScalar, Label: TensorScalar>: Sendable {
  /// [samples, …]
  public var inputs: Tensor<Input>
  /// [samples, …]: a class a sample, or values to come near.
  public var labels: Tensor<Label>

  /// Samples with their labels.
  ///
  /// - Parameters:
  ///   - inputs: The inputs, samples along the first axis.
  ///   - labels: The labels.
  public init(inputs: Tensor<Input>, labels: Tensor<Label>) {
    self.inputs = inputs
    self.labels = labels
  }

  /// How many samples there are.
  public var count: Int { inputs.shape[0] }
}
