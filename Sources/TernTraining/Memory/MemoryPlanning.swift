import TernBackend
import TernNN
import TernTensor

/// Predicts what training steps of a layer take in memory, and the largest batch that fits.
///
/// ```swift
/// let model = Sequential { Dense(784, 512); ReLU(); Dense(512, 10) }
/// let plan = memoryPlan(of: model, input: [4096, 784], optimizer: Adam(model))
/// print(plan)
/// print(plan.peakBytes, plan.fits, plan.largestBatchSize)
/// ```
///
/// A few steps are made with small batches of zeros, see ``MemoryPlan``; the parameters, buffers, moments, gradients and random
/// generators are then what they were. That takes a copy of the model and the moments.
///
/// - Parameters:
///   - model: What is trained; gradients are those of the training mode.
///   - shape: The shape of a batch, samples along the first axis; at least one.
///   - optimizer: What changes the model.
///   - loss: A single value of the model's output for a batch of any size; the mean of the squares where not given.
///   - limits: What memory there is; ``MemoryLimit/current`` where not given.
public func memoryPlan<Model: Layer>(
  of model: Model, input shape: [Int], optimizer: any Optimizer,
  loss: @escaping (Tensor<Model.Scalar>) -> Tensor<Model.Scalar> = { $0.square().mean() },
  limits: [MemoryLimit]? = nil, file: StaticString = #fileID, line: UInt = #line
) -> MemoryPlan {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(!shape.isEmpty && shape[0] >= 1, "memoryPlan", "a batch of shape \(shape), expected at least one sample")
  func step(_ layer: some Layer<Model.Scalar>) -> (Int) -> Tensor<Model.Scalar> {
    { count in loss(layer(OperationObservers.section("data") { Tensor(zeros: [count] + shape.dropFirst()) })) }
  }
  return plan(model, shape[0], optimizer, step(model), checkpointed: { step($0) }, limits)
}

/// Predicts what training steps of any model take in memory, and the largest batch that fits.
///
/// ```swift
/// let plan = memoryPlan(of: model, batchSize: 256, optimizer: optimizer) { count in
///   let tokens = Tensor<Int>(zeros: [count, 128])
///   return crossEntropy(model(tokens), tokens.reshaped(-1))
/// }
/// ```
///
/// - Parameters:
///   - model: What is trained; it is put back to what it was.
///   - batchSize: Samples of a batch; at least one.
///   - optimizer: What changes the model.
///   - limits: What memory there is; ``MemoryLimit/current`` where not given.
///   - loss: The loss of a batch with so many samples, which it makes.
/// - Throws: What `loss` throws; everything is put back.
public func memoryPlan<Model: Module, Scalar: FloatingScalar>(
  of model: Model, batchSize: Int, optimizer: any Optimizer, limits: [MemoryLimit]? = nil,
  loss: (_ count: Int) throws -> Tensor<Scalar>, file: StaticString = #fileID, line: UInt = #line
) rethrows -> MemoryPlan {
  RunningScope.enter(file, line)
  defer { RunningScope.leave() }
  check(batchSize >= 1, "memoryPlan", "a batch of \(batchSize) samples, expected at least one")
  return try plan(model, batchSize, optimizer, loss, checkpointed: nil, limits)
}

/// - Parameter checkpointed: the loss with another layer in the model's place.
private func plan<Model: Module, Scalar: FloatingScalar>(
  _ model: Model, _ batchSize: Int, _ optimizer: any Optimizer, _ loss: (Int) throws -> Tensor<Scalar>,
  checkpointed: ((CheckpointedSequential<Scalar>) -> (Int) throws -> Tensor<Scalar>)?, _ limits: [MemoryLimit]?
) rethrows -> MemoryPlan {
  let snapshot = ModelSnapshot(model, optimizer)
  defer { snapshot.restore() }
  return try withoutActuallyEscaping(loss) { loss in
    func planner(_ loss: @escaping (Int) throws -> Tensor<Scalar>) -> MemoryPlanner {
      MemoryPlanner { batch in
        defer { optimizer.zeroGradients() }
        return try Random.with(RandomGenerator(seed: 0)) {
          try model.with(.training) {
            try MemoryTrace(batch: batch, model, [optimizer]) {
              optimizer.zeroGradients()
              let loss = try loss(batch)
              if loss.requiresGradient { loss.backward() }
              optimizer.step()
            }
          }
        }
      }
    }
    var others: [(segments: Int, planner: MemoryPlanner)] = []
    if let checkpointed, let sequence = model as? Sequential<Scalar> {
      others = MemoryPlan.segments(sequence.count).map {
        ($0, planner(checkpointed(sequence.checkpointed(segments: $0))))
      }
    }
    return try MemoryPlan(batchSize, planner(loss), checkpointed: others, limits)
  }
}

extension MemoryPlan {
  /// The numbers of segments that are tried for a sequence of layers.
  package static func segments(_ layers: Int) -> [Int] {
    let root = Int(Double(layers).squareRoot().rounded())
    return Array(Set([2, root, layers / 2])).filter { $0 >= 2 && $0 < layers }.sorted()
  }

  /// The plan of a batch.
  init(
    _ batchSize: Int, _ planner: MemoryPlanner, checkpointed: [(segments: Int, planner: MemoryPlanner)],
    _ known: [MemoryLimit]?, sharedBy processes: Int = 1
  ) throws {
    let prediction = try planner.prediction(batchSize)
    // Blocks of other sizes than those to come.
    MemoryPool.trim()
    // Not before steps were made: they take addresses for OpenBLAS and threads.
    let limits = known ?? MemoryLimit.current.map { $0.shared(by: processes) }
    let largest = try planner.largestBatch(from: prediction, limits)
    var best: Checkpointing?
    for other in checkpointed {
      let found = try other.planner.prediction(batchSize)
      if found.top.peak >= best?.peakBytes ?? prediction.top.peak { continue }
      best = Checkpointing(
        segments: other.segments, peakBytes: found.top.peak,
        largestBatchSize: try other.planner.largestBatch(from: found, limits))
    }
    MemoryPool.trim()
    self.init(prediction, planner, limits, largest, best)
  }

  private init(
    _ prediction: MemoryPrediction, _ planner: MemoryPlanner, _ limits: [MemoryLimit], _ largest: Int,
    _ checkpointing: Checkpointing?
  ) {
    let (trace, top) = (prediction.trace, prediction.top)
    let paths = Dictionary(trace.layers.map { ($0.id, $0.path) }, uniquingKeysWith: { first, _ in first })
    batchSize = prediction.batch
    peakBytes = top.peak
    parameterBytes = trace.parameterBytes
    (gradientBytes, optimizerBytes) = (top.gradients, top.optimizer)
    (workspaceBytes, dataBytes) = (top.workspace, prediction.dataBytes)
    let point = trace.points.indices.contains(top.index) ? trace.points[top.index] : nil
    layer = point.flatMap { paths[$0.layer] } ?? ""
    operation = point.map { "\($0.name)" } ?? ""
    phase = point?.phase ?? .other
    layers = trace.layers.compactMap { id, path, kind in
      let layer = Layer(
        path: path, kind: kind, keptBytes: prediction.kept[id] ?? 0, forwardPeakBytes: prediction.forward[id] ?? 0,
        backwardPeakBytes: prediction.backward[id] ?? 0)
      return layer
    }
    limit = planner.tightest(prediction, limits)
    neededBytes = planner.needed(prediction, limit)
    largestBatchSize = largest
    poolBytes = prediction.poolBytes
    self.checkpointing = checkpointing
    measuredBatchSizes = planner.measuredBatchSizes
  }
}
