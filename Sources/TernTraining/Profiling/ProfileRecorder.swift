import Foundation
import Synchronization
import TernBackend
import TernNN
import TernTensor

/// Notes what happens while it is profiled, as briefly as it can; ``ProfileTally`` makes sense of it.
///
/// An event is a read of the processor's own counter in place of a clock, and 56 bytes in memory that was touched before.
final class ProfileRecorder: OperationObserver, @unchecked Sendable {
  /// Something that happened.
  struct Event {
    enum Kind: UInt8 {
      case operation, loop, backwardBegan, backwardEnded, layerEntered, layerLeft, sectionBegan, sectionEnded, gap
    }

    var kind: Kind
    /// Whether an operation is done again; whether a layer's input is recorded.
    var flag: Bool
    /// Of what a layer was given, or answered: its place among the layouts; −1 for none.
    var layout: Int32
    var thread: UInt
    /// As ``TickClock/ticks``.
    var ticks: UInt64
    /// Bytes in use then, and the most since the recording began.
    var bytes: Int
    var peak: Int
    /// The text that ends with a 0, of an operation, a node or a section.
    var name: UnsafePointer<UInt8>?
    /// The layer; or 1 + the node's sequence, 0 for none.
    var identity: UInt64
  }

  /// The bytes of what belongs to a model.
  struct Parts: Sendable {
    var parameters = 0, gradients = 0, optimizer = 0
    var total: Int { parameters + gradients + optimizer }
  }

  /// The memory of events, kept for the next recorder: fresh memory costs more than the events.
  private struct Storage: @unchecked Sendable {
    let events: UnsafeMutablePointer<Event>
    static let capacity = 1 << 16
    static let spare = Mutex<Storage?>(nil)

    static func take() -> Storage {
      let known = spare.withLock { spare in
        defer { spare = nil }
        return spare
      }
      return known ?? Storage(events: .allocate(capacity: capacity))
    }

    func giveBack() {
      let isKept = Self.spare.withLock { spare in
        if spare != nil { return false }
        spare = self
        return true
      }
      if !isKept { events.deallocate() }
    }
  }

  private let model: (any Module)?
  private let optimizer: (any Optimizer)?
  private let parameters: [any AnyParameter]
  private let lock = Mutex<Void>(())
  private let clock = TickClock()
  private let storage = Storage.take()
  // Under the lock.
  @exclusivity(unchecked) private var count = 0
  @exclusivity(unchecked) private var layouts: [Layout] = []
  /// The layers whose identity has these last bits, known to be kept.
  @exclusivity(unchecked) private var kept = [UInt64](repeating: 0, count: 256)
  @exclusivity(unchecked) private var tally: ProfileTally
  @exclusivity(unchecked) private var partsAtPeak: Parts
  /// The most bytes at which the parts were looked at last.
  @exclusivity(unchecked) private var knownPeak: Int
  private let before: Parts
  /// Loops over fewer elements are not noted.
  private static let leastLoop = 1024

  var runsOperations: Bool { false }
  var watchesValues: Bool { false }

  init(_ model: (any Module)?, _ optimizer: (any Optimizer)?) {
    (self.model, self.optimizer) = (model, optimizer)
    parameters = model?.parameters ?? []
    before = Self.parts(model, parameters, optimizer)
    MemoryPool.resetPeakInUse()
    tally = ProfileTally(model, start: TickClock.now)
    (partsAtPeak, knownPeak) = (before, MemoryPool.bytesInUse)
  }

  deinit { storage.giveBack() }

  /// Nanoseconds of a clock that only goes forward.
  static var now: UInt64 { TickClock.now }

  // MARK: What happens

  @inline(__always)
  private func note(
    _ kind: Event.Kind, _ name: UnsafePointer<UInt8>? = nil, identity: UInt64 = 0, flag: Bool = false,
    layout: Layout? = nil, layer: AnyObject? = nil
  ) {
    let (bytes, peak) = (MemoryPool.bytesInUse, MemoryPool.peakBytesInUse)
    let thread = UInt(pthread_self())
    lock.withLock { _ in
      if let layer { keep(layer, identity) }
      // A little more than ever before is not worth a look. A gradient that is being added to is locked while the addition,
      // an operation, ends: the next event looks.
      if peak > knownPeak, kind != .operation, kind != .loop { look(peak) }
      var place: Int32 = -1
      if let layout {
        place = Int32(layouts.count)
        layouts.append(layout)
      }
      storage.events.advanced(by: count).initialize(
        to: Event(
          kind: kind, flag: flag, layout: place, thread: thread, ticks: TickClock.ticks, bytes: bytes, peak: peak,
          name: name, identity: identity))
      count += 1
      if count == Storage.capacity { tallyFull(thread) }
    }
  }

  /// Keeps a layer alive.
  @inline(__always)
  private func keep(_ layer: AnyObject, _ identity: UInt64) {
    let place = Int(truncatingIfNeeded: identity >> 4 & 255)
    if kept[place] == identity { return }
    kept[place] = identity
    tally.keep(layer, identity)
  }

  @inline(never)
  private func look(_ peak: Int) {
    if peak <= knownPeak + knownPeak / 64 { return }
    knownPeak = peak
    partsAtPeak = Self.parts(model, parameters, optimizer)
  }

  /// Makes room; the time that takes is no part of what is profiled.
  @inline(never)
  private func tallyFull(_ thread: UInt) {
    addToTally()
    let (bytes, peak) = (MemoryPool.bytesInUse, MemoryPool.peakBytesInUse)
    storage.events.initialize(
      to: Event(
        kind: .gap, flag: false, layout: -1, thread: thread, ticks: TickClock.ticks, bytes: bytes, peak: peak,
        name: nil,
        identity: 0))
    count = 1
  }

  private func addToTally() {
    tally.add(UnsafeBufferPointer(start: storage.events, count: count), layouts, clock.conversion())
    count = 0
    layouts.removeAll(keepingCapacity: true)
  }

  func operationTimed(_ name: StaticString, recordedAs node: Node?) {
    let isRepetition = ObservationScope.current.isInDerivative && Replay.current?.isRepetition == true
    note(.operation, name.utf8Start, identity: node.map { $0.sequence + 1 } ?? 0, flag: isRepetition)
  }

  func loopEnded(_ name: StaticString, result: TensorBody) {
    if result.layout.count >= Self.leastLoop { note(.loop, name.utf8Start) }
  }

  func backwardBegan(_ node: Node, gradient: TensorBody) {
    note(.backwardBegan, node.title.utf8Start, identity: node.sequence + 1)
  }

  func backwardEnded(_ node: Node) { note(.backwardEnded, identity: node.sequence + 1) }

  func layerEntered(_ layer: AnyObject, input: TensorBody) {
    note(
      .layerEntered, identity: Self.identity(layer), flag: input.node != nil, layout: input.layout, layer: layer)
  }

  func layerLeft(_ layer: AnyObject, output: TensorBody) {
    note(.layerLeft, identity: Self.identity(layer), layout: output.layout)
  }

  func sectionBegan(_ name: StaticString) { note(.sectionBegan, name.utf8Start) }

  func sectionEnded(_ name: StaticString) { note(.sectionEnded, name.utf8Start) }

  /// What passed since the last event is no part of what is profiled.
  func skip() { note(.gap) }

  static func identity(_ layer: AnyObject) -> UInt64 {
    UInt64(UInt(bitPattern: Unmanaged.passUnretained(layer).toOpaque()))
  }

  // MARK: The end

  /// The profile of all that was noted.
  func profile() -> Profile {
    let end = Self.now
    let after = Self.parts(model, parameters, optimizer)
    let peakFLOPS = MachinePeak.flops
    return lock.withLock { _ in
      addToTally()
      var parts = partsAtPeak
      // What an optimizer keeps it keeps from its first update on.
      parts.optimizer = max(parts.optimizer, min(after.optimizer, before.optimizer))
      return tally.profile(until: end, parts: parts, before: before, peakFLOPS: peakFLOPS)
    }
  }

  private static func parts(
    _ model: (any Module)?, _ parameters: [any AnyParameter], _ optimizer: (any Optimizer)?
  ) -> Parts {
    var parts = Parts()
    func bytes(_ parameter: some AnyParameter) -> (value: Int, gradient: Int) {
      let size = parameter.count * parameter.dtype.byteCount
      return (size, parameter.typed.gradient == nil ? 0 : size)
    }
    for parameter in parameters {
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
