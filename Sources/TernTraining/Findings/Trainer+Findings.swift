import TernBackend
import TernNN
import TernTensor

/// What a step began with, besides the parameters, which no step changes before it is whole: so that it can be done again.
struct StepStart {
  var generator: RandomGenerator.State
  var buffers: [TensorBody]
}

extension Trainer {
  /// What the step that comes next begins with: references, no copies.
  var stepStart: StepStart {
    var bodies: [TensorBody] = []
    for buffer in runningBuffers { bodies.append(buffer.body.detached) }
    return StepStart(generator: Random.generator.state, buffers: bodies)
  }

  private func put(_ bodies: [TensorBody]) {
    for (buffer, body) in zip(runningBuffers, bodies) { buffer.body = body }
  }

  /// The name of the first parameter with a gradient that is not finite. Of large gradients only some parts are looked at,
  /// unless steps that are not finite are to be skipped: looking costs next to nothing.
  func firstBrokenGradient(_ source: ParameterSelection) -> String? {
    if keepsGoing { return nil }
    if nonFinite.checksGradients { return source.firstBrokenGradient }
    // Ranks decide alike, or not at all.
    if engine != nil { return nil }
    return source.namedParameters.first { $0.parameter.hasBrokenGradientPart }?.name
  }

  /// The error of a step whose loss is not finite: the batches before that run as they did, and then it is watched.
  func brokenStep(
    _ batches: [Source.Batch], _ broken: BrokenLoss, _ start: StepStart,
    _ loss: (Source.Batch) throws -> StepLoss
  ) -> NonFiniteError {
    let after = stepStart.buffers
    defer { put(after) }
    put(start.buffers)
    if broken.index > 0 {
      Random.with(RandomGenerator(state: start.generator)) {
        for batch in batches[..<broken.index] { _ = try? loss(batch) }
      }
    }
    return brokenStep(
      batches[broken.index], broken, samples: sampleIndices(ofBatch: progress.batch + broken.index), loss)
  }

  /// The error of a step with a gradient that is not finite: its batches run again, backward too, watched.
  func brokenStep(
    _ batches: [Source.Batch], _ broken: BrokenGradient, _ start: StepStart,
    _ loss: (Source.Batch) throws -> StepLoss
  ) -> NonFiniteError {
    let after = stepStart.buffers
    let parameters = model.parameters
    defer {
      put(after)
      for parameter in parameters { parameter.zeroGradient() }
    }
    put(start.buffers)
    for parameter in parameters { parameter.zeroGradient() }
    var origin: NonFiniteOrigin?
    var number = 0
    Random.with(RandomGenerator(state: start.generator)) {
      for (index, batch) in batches.enumerated() where origin == nil {
        let search = NonFiniteSearch(
          model, batch: tensors(in: batch), samples: sampleIndices(ofBatch: progress.batch + index), notesNodes: true)
        OperationObservers.with(search) {
          guard let loss = try? loss(batch) else { return }
          if batches.count == 1 { loss.backward() } else { loss.backward(scaledBy: 1) }
        }
        origin = search.originOfGradients()
        number = index
      }
    }
    var error = brokenGradient(broken.name)
    guard let origin else { return error }
    error = NonFiniteError(
      step: error.step, epoch: error.epoch, batch: progress.batch + 1 + number, what: error.what,
      layer: origin.layer, cause: "\(error.cause); \(origin)", learningRate: error.learningRate)
    error.origin = origin
    return error
  }
}

extension AnyParameter {
  /// Whether its gradient has a value that is not finite among some parts of it: all of a small one.
  var hasBrokenGradientPart: Bool {
    guard let gradient = typed.gradient else { return false }
    guard gradient.count > 65_536, gradient.layout.isDense else { return !gradient.isAllFinite }
    let (parts, size) = (16, 4096)
    let stride = (gradient.count - size) / (parts - 1)
    let base = gradient.body.pointer.assumingMemoryBound(to: Scalar.self)
    return withExtendedLifetime(gradient) {
      (0..<parts).contains { !Scalar.areAllFinite(size, base + $0 * stride) }
    }
  }
}

extension FloatingScalar {
  @specialized(where Self == Float)
  @specialized(where Self == Double)
  static func areAllFinite(_ n: Int, _ x: UnsafePointer<Self>) -> Bool {
    var others: Int32 = 0
    for i in 0..<n { others |= x[i] - x[i] == 0 ? 0 : 1 }
    return others == 0
  }
}
