import Foundation
import Synchronization
import TernBackend
import TernNN
import TernTensor

/// Notes the memory in use at every operation, derivative, layer and section of a few steps.
final class MemoryRecorder: OperationObserver, @unchecked Sendable {
  /// The work between the event before and this one.
  struct Point: Sendable {
    /// The layer that ran; 0 outside of layers.
    var layer: UInt64
    /// The operation, derivative or section.
    var name: StaticString
    /// The kind of work.
    var phase: Profile.Phase
    /// The bytes in use at its end.
    var bytes: Int
    /// The most bytes in use during it.
    var peak: Int
    /// The blocks of gradients, and of the optimizer, at its end.
    var gradients: Int
    var optimizer: Int
    /// The block of the result, where it is an operation.
    var result: Int
  }

  private struct Thread {
    var layers: [(id: UInt64, bytes: Int, below: Int)] = []
    var sections: [StaticString] = []
    var nodes: [(layer: UInt64, name: StaticString)] = []
  }

  private let optimizers: [any Optimizer]
  private let parameters: [any AnyParameter]
  private let lock = Mutex<Void>(())
  // Under the lock.
  private var threads: [UInt: Thread] = [:]
  private var origins: [UInt64: UInt64] = [:]
  private var optimizerBytes: Int
  private var gradientBytes = 0
  private(set) var points: [Point] = []
  /// What calls of layers left in memory during the last step.
  private(set) var kept: [UInt64: Int] = [:]
  /// The layers that ran, in order, kept alive so that nothing else gets the place of one.
  private(set) var order: [(id: UInt64, layer: AnyObject)] = []
  /// The most bytes that a batch of data took.
  private(set) var dataBytes = 0
  private var dataStart = 0

  var runsOperations: Bool { false }

  init(_ model: any Module, _ optimizers: [any Optimizer]) {
    self.optimizers = optimizers
    parameters = model.parameters
    optimizerBytes = MemoryBlocks.moments(of: optimizers)
    MemoryPool.resetPeakInUse()
  }

  /// A step begins.
  func beginStep() { lock.withLock { _ in kept = [:] } }

  private func note(
    _ name: StaticString, result: Int = 0, isOperation: Bool = false,
    _ change: (_ thread: inout Thread, _ bytes: Int) -> Void
  ) {
    lock.withLock { _ in
      let (bytes, peak) = (MemoryPool.bytesInUse, MemoryPool.resetPeakInUse())
      let id = UInt(pthread_self())
      var thread = threads.removeValue(forKey: id) ?? Thread()
      let section = thread.sections.last.flatMap { Profile.Phase(rawValue: "\($0)") }
      let phase: Profile.Phase =
        !thread.nodes.isEmpty || section == .backward
        ? .backward : !thread.layers.isEmpty ? .forward : section ?? (isOperation ? .forward : .other)
      let layer = thread.layers.last?.id ?? thread.nodes.last?.layer ?? 0
      change(&thread, bytes)
      // A gradient that is being added to is locked while the addition ends.
      if !isOperation { gradientBytes = MemoryBlocks.gradients(of: parameters) }
      threads[id] = thread
      points.append(
        Point(
          layer: layer, name: name, phase: phase, bytes: bytes, peak: max(peak, bytes),
          gradients: gradientBytes, optimizer: optimizerBytes, result: result))
    }
  }

  func operationEnded(_ event: borrowing OperationEvent) {
    let layout = event.result.layout
    let sequence = event.node?.sequence
    note(
      event.name, result: MemoryBlocks.counted(for: layout.count * event.result.dtype.byteCount), isOperation: true
    ) { thread, _ in
      if let sequence { origins[sequence] = thread.layers.last?.id ?? thread.nodes.last?.layer ?? 0 }
    }
  }

  func backwardBegan(_ node: Node, gradient: TensorBody) {
    note("between operations") { thread, _ in
      thread.nodes.append((origins.removeValue(forKey: node.sequence) ?? 0, node.title))
    }
  }

  func backwardEnded(_ node: Node) { note(node.title) { thread, _ in _ = thread.nodes.popLast() } }

  func layerEntered(_ layer: AnyObject, input: TensorBody) {
    let id = ProfileRecorder.identity(layer)
    note("between layers") { thread, bytes in
      if !order.contains(where: { $0.id == id }) { order.append((id, layer)) }
      thread.layers.append((id, bytes, 0))
    }
  }

  func layerLeft(_ layer: AnyObject, output: TensorBody) {
    let id = ProfileRecorder.identity(layer)
    note("between operations") { thread, bytes in
      guard let index = thread.layers.lastIndex(where: { $0.id == id }) else { return }
      let call = thread.layers[index]
      thread.layers.removeSubrange(index...)
      let change = bytes - call.bytes
      if index > 0 { thread.layers[index - 1].below += change }
      if thread.nodes.isEmpty { kept[id, default: 0] += change - call.below }
    }
  }

  func sectionBegan(_ name: StaticString) {
    note("between sections") { thread, bytes in
      thread.sections.append(name)
      if "\(name)" == "data" { dataStart = bytes }
    }
  }

  func sectionEnded(_ name: StaticString) {
    let optimizer = "\(name)" == "optimizer" ? MemoryBlocks.moments(of: optimizers) : nil
    note(name) { thread, bytes in
      _ = thread.sections.popLast()
      if let optimizer { optimizerBytes = optimizer }
      if "\(name)" == "data" { dataBytes = max(dataBytes, bytes - dataStart) }
    }
  }
}
