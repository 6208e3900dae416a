import TernBackend
import TernTensor

/// Samples that can be asked for in batches, in any order, from any thread.
///
/// A data set whose samples may be unreadable throws: it writes `func batch(_ indices: [Int]) throws -> …`, or
/// `throws(ReadError)`, and its loader is read with `try`. Random numbers drawn while a loader has a batch made depend on the
/// loader's seed, the epoch and the batch; those drawn in ``Random/withSample(_:_:file:line:)`` on the sample in place of the batch.
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
  public init(inputs: Tensor<Input>, labels: Tensor<Label>) {
    self.inputs = inputs
    self.labels = labels
  }

  /// How many samples there are.
  public var count: Int { inputs.shape[0] }
}

/// A data set that lies in two tensors, a sample at each index of their first axes.
public struct TensorDataset<Input: TensorScalar, Label: TensorScalar>: FingerprintedDataset {
  /// [count, …]
  public let inputs: Tensor<Input>
  /// [count, …]
  public let labels: Tensor<Label>

  /// A data set of `inputs` and `labels`; stops where they have no first axis, or not as many samples.
  public init(_ inputs: Tensor<Input>, _ labels: Tensor<Label>, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      inputs.rank > 0 && labels.rank > 0 && inputs.shape[0] == labels.shape[0], "TensorDataset",
      "inputs \(inputs.shape) and labels \(labels.shape) have no first axis in common")
    self.inputs = inputs.detached().contiguous
    self.labels = labels.detached().contiguous
  }

  /// How many samples there are.
  public var count: Int { inputs.shape[0] }

  /// A short text that depends on the shapes, the types and every value.
  public var fingerprint: String {
    var result = Fingerprint()
    func add<Scalar: TensorScalar>(_ tensor: Tensor<Scalar>) {
      result.add("\(Scalar.dtype)")
      for extent in tensor.shape { result.add(extent) }
      tensor.withUnsafeScalars { result.add(UnsafeRawBufferPointer($0)) }
    }
    add(inputs)
    add(labels)
    return result.text
  }

  /// The samples at `indices`: [indices.count, …]; stops for one that is not there.
  public func batch(
    _ indices: [Int], file: StaticString = #fileID, line: UInt = #line
  ) -> LabeledBatch<Input, Label> {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return LabeledBatch(inputs: inputs.rows(indices), labels: labels.rows(indices))
  }

  /// The samples at `indices`, as loaders ask for them.
  @_disfavoredOverload
  public func batch(_ indices: [Int]) -> LabeledBatch<Input, Label> {
    LabeledBatch(inputs: inputs.rows(indices), labels: labels.rows(indices))
  }
}

/// Some samples of another data set, in an order of their own; one may be there more than once.
public struct Subset<Source: Dataset>: Dataset {
  /// The data set that they are taken from.
  public let source: Source
  /// Which of its samples these are.
  public let indices: [Int]

  /// The samples of `source` at `indices`; stops for one that is not there.
  public init(_ source: Source, indices: [Int], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    if let index = indices.first(where: { $0 < 0 || $0 >= source.count }) {
      fail("Subset", "index \(index) is not in 0 ..< \(source.count)")
    }
    self.source = source
    self.indices = indices
  }

  /// How many samples there are.
  public var count: Int { indices.count }

  /// The samples at `indices` of these.
  public func batch(_ indices: [Int]) throws(Source.Failure) -> Source.Batch {
    try source.batch(indices.map { self.indices[$0] })
  }
}

extension Subset: FingerprintedDataset where Source: FingerprintedDataset {
  /// A short text that depends on the other data set and on which of its samples these are.
  public var fingerprint: String {
    var result = Fingerprint()
    result.add(source.fingerprint)
    for index in indices { result.add(index) }
    return result.text
  }
}

extension Tensor {
  /// The slices at `indices` of the first axis of a row-major tensor.
  fileprivate func rows(_ indices: [Int]) -> Tensor {
    let size = shape.dropFirst().reduce(1, *)
    let source = pointer
    return Tensor(shape: [indices.count] + shape.dropFirst()) { out in
      for (row, index) in indices.enumerated() {
        check(index >= 0 && index < shape[0], "TensorDataset", "index \(index) is not in 0 ..< \(shape[0])")
        (out + row * size).update(from: source + index * size, count: size)
      }
    }
  }
}
