import Foundation
import Synchronization
import TernBackend
import TernNN
import TernTensor

/// Notes what happens while it is profiled, as briefly as it can; ``ProfileTally`` makes sense of it.
final class ProfileRecorder: OperationObserver, @unchecked Sendable {
  /// Something that happened.
  struct Event: Sendable {
    enum Kind: UInt8, Sendable {
      case operation, backwardBegan, backwardEnded, layerEntered, layerLeft, sectionBegan, sectionEnded, gap
    }

    var kind: Kind
    /// Whether an operation is done again; whether a layer's input is recorded.
    var flag = false
    var thread: UInt = 0
    var time: UInt64 = 0
    /// Bytes in use then, and the most since the recording began.
    var bytes = 0
    var peak = 0
    /// Of an operation, a node or a section.
    var name: StaticString = ""
    /// The layer; or 1 + the node's sequence, 0 for none.
    var identity: UInt64 = 0
    /// Of what a layer was given, or answered.
    var layout: Layout?
  }

  /// The bytes of what belongs to a model.
  struct Parts: Sendable {
    var parameters = 0, gradients = 0, optimizer = 0
    var total: Int { parameters + gradients + optimizer }
  }

  private struct State {
    var events: [Event] = []
    var tally: ProfileTally
    var partsAtPeak = Parts()
    /// The most bytes at which the parts were looked at last.
    var knownPeak = 0
  }

  private let model: (any Module)?
  private let optimizer: (any Optimizer)?
  private let lock = Mutex<Void>(())
  // Under the lock.
  private var state: State
  private let before: Parts
  /// How many events are kept until they are tallied.
  private static let most = 1 << 17

  var runsOperations: Bool { false }

  init(_ model: (any Module)?, _ optimizer: (any Optimizer)?) {
    (self.model, self.optimizer) = (model, optimizer)
    before = Self.parts(model, optimizer)
    MemoryPool.resetPeakInUse()
    state = State(tally: ProfileTally(model, start: Self.now), knownPeak: MemoryPool.bytesInUse)
    state.partsAtPeak = before
  }

  /// Nanoseconds of a clock that only goes forward.
  static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }

  // MARK: What happens

  private func note(_ event: Event, _ layer: AnyObject? = nil) {
    var event = event
    event.thread = UInt(pthread_self())
    event.bytes = MemoryPool.bytesInUse
    event.peak = MemoryPool.peakBytesInUse
    lock.withLock { _ in
      if let layer { state.tally.keep(layer, event.identity) }
      // A little more than ever before is not worth a look. A gradient that is being added to is locked while the addition,
      // an operation, ends: the next event looks.
      if event.kind != .operation, event.peak > state.knownPeak + state.knownPeak / 64 {
        state.knownPeak = event.peak
        state.partsAtPeak = Self.parts(model, optimizer)
      }
      event.time = Self.now
      state.events.append(event)
      if state.events.count >= Self.most {
        state.tally.add(state.events)
        state.events.removeAll(keepingCapacity: true)
      }
    }
  }

  func operationEnded(_ event: borrowing OperationEvent) {
    note(
      Event(
        kind: .operation, flag: event.isRepetition, name: event.name, identity: event.node.map { $0.sequence + 1 } ?? 0)
    )
  }

  func backwardBegan(_ node: Node, gradient: TensorBody) {
    note(Event(kind: .backwardBegan, name: node.title, identity: node.sequence + 1))
  }

  func backwardEnded(_ node: Node) { note(Event(kind: .backwardEnded, identity: node.sequence + 1)) }

  func layerEntered(_ layer: AnyObject, input: TensorBody) {
    note(
      Event(kind: .layerEntered, flag: input.node != nil, identity: Self.identity(layer), layout: input.layout), layer)
  }

  func layerLeft(_ layer: AnyObject, output: TensorBody) {
    note(Event(kind: .layerLeft, identity: Self.identity(layer), layout: output.layout))
  }

  func sectionBegan(_ name: StaticString) { note(Event(kind: .sectionBegan, name: name)) }

  func sectionEnded(_ name: StaticString) { note(Event(kind: .sectionEnded, name: name)) }

  /// What passed since the last event is no part of what is profiled.
  func skip() { note(Event(kind: .gap)) }

  static func identity(_ layer: AnyObject) -> UInt64 {
    UInt64(UInt(bitPattern: Unmanaged.passUnretained(layer).toOpaque()))
  }

  // MARK: The end

  /// The profile of all that was noted.
  func profile() -> Profile {
    let end = Self.now
    let after = Self.parts(model, optimizer)
    let peakFLOPS = MachinePeak.flops
    return lock.withLock { _ in
      state.tally.add(state.events)
      state.events = []
      var parts = state.partsAtPeak
      // What an optimizer keeps it keeps from its first update on.
      parts.optimizer = max(parts.optimizer, min(after.optimizer, before.optimizer))
      return state.tally.profile(until: end, parts: parts, before: before, peakFLOPS: peakFLOPS)
    }
  }

  private static func parts(_ model: (any Module)?, _ optimizer: (any Optimizer)?) -> Parts {
    var parts = Parts()
    func bytes(_ parameter: some AnyParameter) -> (value: Int, gradient: Int) {
      let size = parameter.count * parameter.dtype.byteCount
      return (size, parameter.typed.gradient == nil ? 0 : size)
    }
    for parameter in model?.parameters ?? [] {
      let (value, gradient) = bytes(parameter)
      parts.parameters += value
      parts.gradients += gradient
    }
    for entry in model?.namedBuffers ?? [] { parts.parameters += entry.buffer.count * entry.buffer.dtype.byteCount }
    for entry in optimizer?.state.tensors ?? [] {
      parts.optimizer += entry.body.layout.count * entry.body.dtype.byteCount
    }
    return parts
  }
}
