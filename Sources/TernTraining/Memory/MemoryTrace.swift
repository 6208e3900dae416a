import TernBackend
import TernNN
import TernTensor

/// The memory of two steps with a batch of some size, event by event.
struct MemoryTrace {
  /// Samples of a batch.
  let batch: Int
  let points: [MemoryRecorder.Point]
  /// The bytes in use that have nothing to do with the steps.
  let otherBytes: Int
  /// The blocks of parameters and buffers.
  let parameterBytes: Int
  /// The blocks of a batch of data.
  let dataBytes: Int
  /// What the pool holds at the end of that: in use, and kept for steps to come.
  let poolBytes: Int
  /// What calls of layers leave in memory for backward.
  let kept: [UInt64: Int]
  /// The layers that ran, in order, with their paths from the model.
  let layers: [(id: UInt64, path: String, kind: String)]
  /// The time of the second step.
  let seconds: Double

  /// Runs two steps and notes their memory; gradients have to be away before.
  ///
  /// - Parameter step: makes a step.
  init(batch: Int, _ model: any Module, _ optimizers: [any Optimizer], steps: Int = 2, _ step: () throws -> Void)
    rethrows
  {
    let parameters = MemoryBlocks.parameters(of: model)
    let moments = MemoryBlocks.moments(of: optimizers)
    let others = MemoryPool.bytesInUse - parameters - moments
    MemoryPool.trim()
    let before = MemoryPool.statistics
    let recorder = MemoryRecorder(model, optimizers)
    var start = ProfileRecorder.now
    try OperationObservers.with(recorder) {
      for _ in 1..<steps { try step() }
      recorder.beginStep()
      start = ProfileRecorder.now
      try step()
    }
    let after = MemoryPool.statistics
    poolBytes =
      after.bytesInUse + after.bytesCached - before.bytesInUse - before.bytesCached + parameters + moments
    seconds = Double(ProfileRecorder.now - start) * 1e-9
    var paths: [UInt64: String] = [:]
    for (name, module) in model.namedModules where paths[ProfileRecorder.identity(module)] == nil {
      paths[ProfileRecorder.identity(module)] = name
    }
    self.batch = batch
    points = recorder.points
    (otherBytes, parameterBytes, dataBytes) = (others, parameters, recorder.dataBytes)
    kept = recorder.kept
    layers = recorder.order.map { id, layer in
      (id, paths[id] ?? "", "\(type(of: layer))".prefix { $0 != "<" }.description)
    }
  }

  /// The most bytes of parameters, gradients and what the optimizer keeps.
  var keptBytes: Int { points.reduce(0) { max($0, $1.gradients + $1.optimizer) } + parameterBytes }

  /// Whether the same happened, one by one, with another batch.
  func isAligned(with other: MemoryTrace) -> Bool {
    points.count == other.points.count && layers.count == other.layers.count
      && zip(points, other.points).allSatisfy { $0.phase == $1.phase && $0.name.utf8Start == $1.name.utf8Start }
  }
}

/// The memory of a step with a batch of some size, predicted from what smaller ones took.
struct MemoryPrediction {
  /// An event with what it will take.
  struct Event {
    var peak = 0
    var workspace = 0
    var gradients = 0
    var optimizer = 0
    /// Addresses of blocks on huge pages beside their bytes.
    var unusedAddresses = 0
    /// The index of the event in ``MemoryPrediction/trace``.
    var index = 0
  }

  let batch: Int
  /// The larger of the two batches that were measured.
  let trace: MemoryTrace
  /// What takes most.
  private(set) var top = Event()
  /// The most addresses that tensors take.
  private(set) var addresses = 0
  /// By layer: the most while its forward, and its backward, runs.
  private(set) var forward: [UInt64: Int] = [:]
  private(set) var backward: [UInt64: Int] = [:]
  private(set) var kept: [UInt64: Int] = [:]
  private(set) var dataBytes = 0
  /// What the pool will hold.
  private(set) var poolBytes = 0

  /// The prediction for a batch from one or two smaller ones, or for a batch of ``trace``'s size from it alone.
  init(batch: Int, from small: MemoryTrace?, _ trace: MemoryTrace) {
    (self.batch, self.trace) = (batch, trace)
    let small = small.flatMap { $0.batch < trace.batch && trace.batch < batch && $0.isAligned(with: trace) ? $0 : nil }
    // What has no smaller one beside it grows with the batch as a whole.
    let ratio = Double(batch) / Double(trace.batch)
    let slope = small.map { Double(batch - trace.batch) / Double(trace.batch - $0.batch) }
    func extended(_ large: Int, _ small: Int?, fixed: Int = 0) -> Int {
      if let small, let slope { return large + Int((Double(large - small) * slope).rounded()) }
      return fixed + Int((Double(large - fixed) * ratio).rounded())
    }
    var (bytesBefore, unused) = (0, 0)
    for (index, point) in trace.points.enumerated() {
      let other = small?.points[index]
      let fixed = trace.parameterBytes + point.gradients + point.optimizer
      func own(_ trace: MemoryTrace, _ bytes: Int) -> Int { bytes - trace.otherBytes }
      let peak = extended(
        own(trace, point.peak), small.map { own($0, $0.points[index].peak) }, fixed: fixed)
      let bytes = extended(own(trace, point.bytes), small.map { own($0, $0.points[index].bytes) }, fixed: fixed)
      let result = extended(point.result, other?.result)
      if index == 0 { bytesBefore = bytes }
      let change = bytes - bytesBefore
      if change > 0 {
        let first = min(result, change)
        unused += MemoryBlocks.unusedAddresses(first) + MemoryBlocks.unusedAddresses(change - first)
      } else if bytesBefore > 0 {
        unused = Int(Double(unused) * Double(max(bytes, 0)) / Double(bytesBefore))
      }
      let event = Event(
        peak: peak, workspace: max(0, peak - max(bytes, bytesBefore)), gradients: point.gradients,
        optimizer: point.optimizer, unusedAddresses: unused, index: index)
      if event.peak > top.peak { top = event }
      addresses = max(addresses, peak + unused + 2 * MemoryBlocks.hugePage)
      if point.phase == .forward { forward[point.layer] = max(forward[point.layer] ?? 0, peak) }
      if point.phase == .backward { backward[point.layer] = max(backward[point.layer] ?? 0, peak) }
      bytesBefore = bytes
    }
    for (id, bytes) in trace.kept {
      kept[id] = extended(bytes, small.flatMap { $0.kept[$0.layers[trace.position(of: id) ?? 0].id] })
    }
    dataBytes = extended(trace.dataBytes, small?.dataBytes)
    poolBytes = max(top.peak, extended(trace.poolBytes, small?.poolBytes, fixed: trace.keptBytes))
  }
}

extension MemoryTrace {
  fileprivate func position(of layer: UInt64) -> Int? { layers.firstIndex { $0.id == layer } }
}
