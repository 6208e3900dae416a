import TernBackend
import TernTensor

/// A data set that lies in two tensors, a sample at each index of their first axes.
public struct TensorDataset<Input: TensorScalar, Label: TensorScalar>: SampleDataset, FingerprintedDataset {
  /// [count, …]
  public let inputs: Tensor<Input>
  /// [count, …]
  public let labels: Tensor<Label>

  /// A data set of `inputs` and `labels`; stops where they have no first axis, or not as many samples.
  ///
  /// - Parameters:
  ///   - inputs: The inputs, samples along the first axis.
  ///   - labels: The labels, samples along the first axis.
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

  /// The sample at `index`: views of the tensors; stops for one that is not there.
  public func sample(_ index: Int) -> LabeledSample<Input, Label> {
    check(index >= 0 && index < count, "TensorDataset", "index \(index) is not in 0 ..< \(count)")
    return LabeledSample(inputs[index], label: labels[index])
  }

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
