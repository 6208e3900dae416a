import TernBackend
import TernTensor

extension Parameter {
  /// v ← (1 − weight)·v + weight·target, in one pass and in place; no gradient. Stops for another shape.
  public func lerp(to target: Tensor<Scalar>, weight: Scalar, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    blend("lerp", target, 1 - weight, weight)
  }

  /// v ← v + scale·other, in one pass and in place; no gradient. Stops for another shape.
  public func add(_ other: Tensor<Scalar>, scaledBy scale: Scalar = 1, file: StaticString = #fileID, line: UInt = #line)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    blend("add", other, 1, scale)
  }

  /// v ← kept·v + added·other; a factor of 0 leaves its term out.
  func blend(_ operation: String, _ other: Tensor<Scalar>, _ kept: Scalar, _ added: Scalar) {
    let shape = self.shape
    check(other.shape == shape, operation, "values of shape \(other.shape) for a parameter of shape \(shape)")
    // What cannot be written while it is read: the parameter's own value stands still as a copy of its own.
    let source = other.detached().contiguous
    if added == 0 && kept == 1 { return }
    update { $0.blend(with: source, kept, added) }
  }
}

extension Tensor where Scalar: FloatingScalar {
  /// Writes kept·self + added·other over a tensor whose memory is its own.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  mutating func blend(with other: Tensor, _ kept: Scalar, _ added: Scalar) {
    if !layout.isContiguous { self = contiguous.copied() }
    let (out, source) = (mutablePointer, other.pointer)
    Workers.run(count: count, grain: StridedLoop.grain) { part in blendRow(out, source, part, kept, added) }
  }
}

/// Writes kept·out + added·source over a range of `out`; a factor of 0 leaves its term out.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func blendRow<Scalar: FloatingScalar>(
  _ out: UnsafeMutablePointer<Scalar>, _ source: UnsafePointer<Scalar>, _ range: Range<Int>, _ kept: Scalar,
  _ added: Scalar
) {
  if added == 0 {
    for i in range { out[i] = kept * out[i] }
  } else if kept == 0 {
    for i in range { out[i] = added * source[i] }
  } else {
    for i in range { out[i] = kept * out[i] + added * source[i] }
  }
}

extension Module {
  /// Moves this module toward another of the same structure: v ← decay·v + (1 − decay)·other's v for every parameter and
  /// floating buffer, as the teacher of an exponential moving average; other buffers are copied.
  ///
  /// Frozen parameters move as well. Stops where the structures differ, with the path.
  public func blend(_ other: some Module, decay: Double, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(decay >= 0 && decay <= 1, "blend", "a decay of \(decay) (0 to 1)")
    ModuleTree(self).blend(toward: ModuleTree(other), decay: decay, averagesBuffers: true, "blend")
  }

  /// Sets every parameter and floating buffer to the mean of those of some models of this structure, such as those of
  /// several runs; other buffers are the first model's. Stops without a model, and where structures differ.
  public func setToAverage(of models: [any Module], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    guard let first = models.first else { fail("setToAverage", "no models") }
    let target = ModuleTree(self)
    for model in models where model !== self {
      // All are looked at before anything changes.
      let tree = ModuleTree(model)
      _ = pairBuffers(tree, target, "setToAverage")
      pairParameters(tree, target, "setToAverage") { _, _ in }
    }
    let states = models.map { $0.state }
    for (index, entry) in first.state.enumerated() where entry.dtype == .float32 || entry.dtype == .float64 {
      var sum = entry.converted(to: Double.self)
      for state in states.dropFirst() { sum = sum + state[index].converted(to: Double.self) }
      let mean = sum / Double(models.count)
      if let place = target.parameters.first(where: { $0.name == entry.name }) {
        place.parameter.body = entry.dtype == .float32 ? mean.cast(to: Float.self).body : mean.body
      } else if let place = target.buffers.first(where: { $0.name == entry.name }) {
        place.buffer.body = entry.dtype == .float32 ? mean.cast(to: Float.self).body : mean.body
      }
    }
    let buffers = ModuleTree(first).buffers
    for (from, to) in zip(buffers, target.buffers) where from.buffer.dtype != .float32 && from.buffer.dtype != .float64
    {
      to.buffer.body = from.buffer.body
    }
  }
}

extension ModuleTree {
  /// v ← decay·v + (1 − decay)·source's v for every parameter and, where `averagesBuffers`, every floating buffer; other
  /// buffers are copied, and at a decay of 0 all. Nothing changes before the structures are compared.
  func blend(toward source: ModuleTree, decay: Double, averagesBuffers: Bool, _ operation: String) {
    let buffers = pairBuffers(source, self, operation)
    var pairs: [(from: any AnyParameter, to: any AnyParameter)] = []
    pairParameters(source, self, operation) { from, to in pairs.append((from, to)) }
    if decay != 1 {
      blendAll(pairs, Float.self, decay: decay)
      blendAll(pairs, Double.self, decay: decay)
    }
    let copiesBuffers = decay == 0 || !averagesBuffers
    for (from, to) in buffers {
      switch (from, to) {
      case (let from as Buffer<Float>, let to as Buffer<Float>) where !copiesBuffers:
        to.value = to.value * Float(decay) + from.value * Float(1 - decay)
      case (let from as Buffer<Double>, let to as Buffer<Double>) where !copiesBuffers:
        to.value = to.value * decay + from.value * (1 - decay)
      default: to.body = from.body
      }
    }
  }
}

/// v ← decay·v + (1 − decay)·other's v for all parameters of a scalar type, in one pass.
private func blendAll<Scalar: FloatingScalar>(
  _ pairs: [(from: any AnyParameter, to: any AnyParameter)], _: Scalar.Type, decay: Double
) {
  var entries: [(to: Parameter<Scalar>, source: Tensor<Scalar>)] = []
  for case let (from as Parameter<Scalar>, to as Parameter<Scalar>) in pairs {
    entries.append((to, withoutGradients { from.value.contiguous }))
  }
  let (kept, added) = (Scalar(decay), Scalar(1 - decay))
  // The order in which they are locked.
  entries.sort { ObjectIdentifier($0.to) < ObjectIdentifier($1.to) }
  var buffers = JoinedBuffers()
  var values: [UnsafeMutablePointer<Scalar>] = []
  for entry in entries {
    entry.to.beginUpdate { value in
      if !value.layout.isContiguous { value = value.contiguous.copied() }
      values.append(value.mutablePointer)
    }
    buffers.append(entry.source.count)
  }
  entries.withUnsafeBufferPointer { entries in
    values.withUnsafeBufferPointer { values in
      buffers.run { index, range in blendRow(values[index], entries[index].source.pointer, range, kept, added) }
    }
  }
  for entry in entries { entry.to.endUpdate() }
}

extension Layer {
  /// The parameters of the layer's scalar type with their names, in the order of declaration, each once.
  public var namedTypedParameters: [(name: String, parameter: Parameter<Scalar>)] {
    namedParameters.compactMap { entry in (entry.parameter as? Parameter<Scalar>).map { (entry.name, $0) } }
  }

  /// The parameters of the layer's scalar type, in the order of declaration, each once: values and gradients without casts.
  public var typedParameters: [Parameter<Scalar>] { namedTypedParameters.map(\.parameter) }
}

extension AnyParameter {
  /// The values converted to a scalar type, as a constant.
  public func value<Output: FloatingScalar>(as _: Output.Type, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor<Output>
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return StateEntry(name: "", body: body.detached).converted(to: Output.self)
  }

  /// The gradient converted to a scalar type, as a constant; `nil` without one.
  public func gradient<Output: FloatingScalar>(as _: Output.Type, file: StaticString = #fileID, line: UInt = #line)
    -> Tensor<Output>?
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    return typed.gradient?.detached().cast(to: Output.self)
  }
}
