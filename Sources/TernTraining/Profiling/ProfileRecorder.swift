import Foundation
import Synchronization
import TernBackend
import TernNN
import TernTensor

/// Notes what happens while it is profiled, as briefly as it can; ``ProfileTally`` makes sense of it.
///
/// An event is a read of the processor's own counter in place of a clock, and 56 bytes in memory that was touched before: on the
/// thread that made the recorder those of an ``EventTape``. Events of other threads wait under a lock, and are sorted in by their
/// time.
final class ProfileRecorder: OperationObserver, @unchecked Sendable {
  typealias Event = TapeEvent

  /// The bytes of what belongs to a model.
  struct Parts: Sendable {
    var parameters = 0, gradients = 0, optimizer = 0
    var total: Int { parameters + gradients + optimizer }
  }

  /// The memory of events, kept for the next recorder: fresh memory costs more than the events.
  private struct Storage: @unchecked Sendable {
    let events: UnsafeMutablePointer<Event>
    let layouts: UnsafeMutablePointer<Unmanaged<AnyObject>>
    static let capacity = 1 << 16
    static let spare = Mutex<Storage?>(nil)

    static func take() -> Storage {
      let known = spare.withLock { spare in
        defer { spare = nil }
        return spare
      }
      return known ?? Storage(events: .allocate(capacity: capacity), layouts: .allocate(capacity: capacity))
    }

    func giveBack() {
      let isKept = Self.spare.withLock { spare in
        if spare != nil { return false }
        spare = self
        return true
      }
      if isKept { return }
      events.deallocate()
      layouts.deallocate()
    }
  }

  /// What other threads noted.
  private struct Others: @unchecked Sendable {
    var events: [Event] = []
    var layouts: [Layout] = []
    var layers: [(layer: AnyObject, identity: UInt64)] = []
  }

  private let model: (any Module)?
  private let optimizer: (any Optimizer)?
  private let parameters: [any AnyParameter]
  private let clock = TickClock()
  private let storage = Storage.take()
  /// The events of the thread that made the recorder: what follows is its own, until the profile is made.
  private let own: EventTape
  @exclusivity(unchecked) private var tally: ProfileTally
  @exclusivity(unchecked) private var partsAtPeak: Parts
  private let others = Mutex(Others())
  private let before: Parts
  /// Loops over fewer elements are not noted.
  private static let leastLoop = 1024

  var runsOperations: Bool { false }
  var watchesValues: Bool { false }
  var tape: EventTape? { own }

  init(_ model: (any Module)?, _ optimizer: (any Optimizer)?) {
    (self.model, self.optimizer) = (model, optimizer)
    parameters = model?.parameters ?? []
    before = Self.parts(model, parameters, optimizer)
    MemoryPool.resetPeakInUse()
    tally = ProfileTally(model, start: TickClock.now)
    partsAtPeak = before
    // One more is noted before room is made.
    own = EventTape(storage.events, storage.layouts, capacity: Storage.capacity - 1)
    own.limit = Self.limit(MemoryPool.bytesInUse)
  }

  deinit {
    own.removeAll()
    storage.giveBack()
  }

  /// Nanoseconds of a clock that only goes forward.
  static var now: UInt64 { TickClock.now }

  // MARK: What happens

  @inline(__always)
  private func note(
    _ kind: Event.Kind, _ name: UnsafePointer<UInt8>? = nil, identity: UInt64 = 0, flag: Bool = false,
    layout: Layout? = nil, layer: AnyObject? = nil
  ) {
    let event = Event(kind, name, identity: identity, flag: flag)
    if !own.isOwn { return noteElsewhere(event, layout, layer.map { ($0, identity) }) }
    if let layer, own.learn(identity) { tally.keep(layer, identity) }
    // A gradient that is being added to is locked while the addition, an operation, ends: the next event looks.
    if event.peak > own.limit, kind.allowsLook { look(event.peak) }
    own.append(event, layout: layout)
    if own.isFull { makeRoom() }
  }

  /// Notes an event of another thread than the recorder's own.
  @inline(never)
  private func noteElsewhere(_ event: Event, _ layout: Layout?, _ layer: (AnyObject, UInt64)?) {
    others.withLock { others in
      var event = event
      if let layer { others.layers.append(layer) }
      if let layout {
        event.layout = Int32(others.layouts.count)
        others.layouts.append(layout)
      }
      others.events.append(event)
    }
  }

  /// A little more than ever before is not worth a look.
  private static func limit(_ peak: Int) -> Int { peak + peak / 64 }

  @inline(never)
  private func look(_ peak: Int) {
    own.limit = Self.limit(peak)
    partsAtPeak = Self.parts(model, parameters, optimizer)
  }

  /// Makes room; the time that takes is no part of what is profiled.
  @inline(never)
  private func makeRoom() {
    addToTally()
    own.append(Event(.gap, nil, identity: 0, flag: false))
  }

  private func addToTally() {
    var others = others.withLock { others in
      defer { others = Others() }
      return others
    }
    for entry in others.layers { tally.keep(entry.layer, entry.identity) }
    let events = own.events
    let layouts = own.layouts.map { unsafeDowncast($0, to: Layout.self) }
    if others.events.isEmpty {
      tally.add(events, layouts, clock.conversion())
    } else {
      for place in others.events.indices where others.events[place].layout >= 0 {
        others.events[place].layout += Int32(layouts.count)
      }
      let all = (events + others.events).sorted { $0.ticks < $1.ticks }
      all.withUnsafeBufferPointer { tally.add($0, layouts + others.layouts, clock.conversion()) }
    }
    own.removeAll()
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
    addToTally()
    var parts = partsAtPeak
    // What an optimizer keeps it keeps from its first update on.
    parts.optimizer = max(parts.optimizer, min(after.optimizer, before.optimizer))
    return tally.profile(until: end, parts: parts, before: before, peakFLOPS: peakFLOPS)
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
