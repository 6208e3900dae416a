import TernBackend
import TernNN
import TernTensor

extension ONNXGraph {
  /// Adds what a layer does in evaluation; its path in the model stands in what cannot be exported.
  public func layer<L: Layer>(_ layer: L, _ x: ONNXValue) -> ONNXValue {
    if let own = layer as? any ONNXExportable { return own.export(x, into: self) }
    let shape = [Extent(0, perBatch: x.shape[0] / Extent.batches[0])] + x.shape.dropFirst().map { Extent($0) }
    let example = TracedExample(Tensor<L.Scalar>(zeros: [1] + x.shape.dropFirst()), perBatch: x.shape[0] / 2)
    let results = trace([example], [TracedValue(name: x.name, type: L.Scalar.dtype, shape: shape)]) { inputs in
      [layer(Tensor<L.Scalar>(body: inputs[0])).body]
    }
    return results.first?.plain ?? x
  }

  /// Runs a forward pass for several batches and adds its operations.
  ///
  /// - Parameters:
  ///   - examples: what the inputs are made of.
  ///   - values: the values that stand for the inputs.
  func trace(
    _ examples: [TracedExample], _ values: [TracedValue], _ forward: ([TensorBody]) -> [TensorBody]
  ) -> [TracedValue] {
    let isExportable = { (name: String) in OperationExporters.exporter(name) != nil }
    var runs: [TracedForward.Run] = []
    for batch in Extent.batches {
      let inputs = examples.map { $0.body(batch: batch) }
      let trace = OperationTrace(paths: paths, isExportable: isExportable)
      let outputs = withGradients { trace.record { forward(inputs) } }
      runs.append(TracedForward.Run(trace: trace, inputs: inputs, outputs: outputs))
    }
    do throws(ONNXExportError) {
      let forward = try TracedForward(runs, states: states.identities, isExportable: isExportable)
      return add(forward, inputs: values)
    } catch {
      for problem in error.problems { note(problem) }
      return []
    }
  }
}

/// What an input is made of for a batch: a sample, repeated with other values.
struct TracedExample {
  let sample: TensorBody
  /// How often the sample is repeated for a batch of one.
  let perBatch: Int

  init<Scalar: TensorScalar>(_ sample: Tensor<Scalar>, perBatch: Int = 1) {
    (self.sample, self.perBatch) = (sample.detached().body, perBatch)
  }

  /// Values that differ from batch to batch, so that nothing that is computed from them is taken for a constant: of
  /// floating-point numbers around 1, of others those of the sample in other orders.
  func body(batch: Int) -> TensorBody {
    func numbers<Scalar: FloatingScalar>(_: Scalar.Type) -> TensorBody {
      let example = Tensor<Scalar>(body: sample)
      let shape = [batch * perBatch] + example.shape.dropFirst()
      let generator = RandomGenerator(seed: UInt64(batch))
      let noise = Tensor<Scalar>(randomNormal: shape, generator: generator)
      return (example + noise).asVariable().body
    }
    func others<Scalar: TensorScalar>(_: Scalar.Type) -> TensorBody {
      let example = Tensor<Scalar>(body: sample)
      let values = example.scalars
      let count = batch * perBatch * values.count
      let shape = [batch * perBatch] + example.shape.dropFirst()
      return Tensor<Scalar>((0..<count).map { values[($0 * 7 + batch) % values.count] }, shape: Array(shape)).body
    }
    switch sample.dtype {
    case .float32: return numbers(Float.self)
    case .float64: return numbers(Double.self)
    case .int32: return others(Int32.self)
    case .int64: return others(Int.self)
    case .uint8: return others(UInt8.self)
    case .bool: return others(Bool.self)
    case .bfloat16: return others(BFloat16.self)
    }
  }
}
