internal import CTernKernels
import Foundation

/// Something that happened while operations are watched.
package struct TapeEvent {
  package enum Kind: UInt8 {
    case operation, loop, backwardBegan, backwardEnded, layerEntered, layerLeft, sectionBegan, sectionEnded, gap

    /// Whether the observer may look at what is in memory then.
    package var allowsLook: Bool { rawValue >= Kind.backwardBegan.rawValue }
  }

  package var kind: Kind
  /// Whether an operation is done again; whether a layer's input is recorded.
  package var flag: Bool
  /// Of what a layer was given, or answered: its place among the observer's layouts; −1 for none.
  package var layout: Int32 = -1
  package var thread: UInt
  /// As ``TickClock/ticks``.
  package var ticks: UInt64
  /// Bytes in use then, and the most since the peak was reset.
  package var bytes: Int
  package var peak: Int
  /// The text that ends with a 0, of an operation, a node or a section.
  package var name: UnsafePointer<UInt8>?
  /// The layer; or 1 + the node's sequence, 0 for none.
  package var identity: UInt64

  /// What happens now.
  package init(_ kind: Kind, _ name: UnsafePointer<UInt8>?, identity: UInt64, flag: Bool) {
    (self.kind, self.flag, self.name, self.identity) = (kind, flag, name, identity)
    thread = EventTape.currentThread
    ticks = TickClock.ticks
    (bytes, peak) = (MemoryPool.bytesInUse, MemoryPool.peakBytesInUse)
  }
}

/// Memory in which the events of a thread are noted, one after the other: a few nanoseconds each where the observer is not
/// asked.
package final class EventTape: @unchecked Sendable {
  /// The tape of C, which comes first, and what calls of layers need besides.
  fileprivate struct Parts {
    var tape: tern_tape
    /// The last layers of each hash that the observer knows.
    let known: UnsafeMutablePointer<UInt64>
    /// What events of layers refer to, each retained once.
    let layouts: UnsafeMutablePointer<Unmanaged<AnyObject>>
    var layoutCount = 0

    /// The place of a layer among the known ones.
    static func place(_ identity: UInt64) -> Int { Int(truncatingIfNeeded: identity >> 4 & 255) }

    /// Has the event noted last refer to a layout.
    mutating func refer(to layout: AnyObject) {
      tape.events[Int(tape.count) - 1].layout = Int32(truncatingIfNeeded: layoutCount)
      (layouts + layoutCount).initialize(to: .passRetained(layout))
      layoutCount += 1
    }
  }

  private let parts: UnsafeMutablePointer<Parts>
  private let first: UnsafeMutablePointer<TapeEvent>

  /// A tape of this thread over memory for `capacity` events and one more, which the observer appends, and for as many layouts.
  package init(
    _ events: UnsafeMutablePointer<TapeEvent>, _ layouts: UnsafeMutablePointer<Unmanaged<AnyObject>>, capacity: Int
  ) {
    precondition(MemoryLayout<TapeEvent>.size == MemoryLayout<tern_event>.size)
    first = events
    let known = UnsafeMutablePointer<UInt64>.allocate(capacity: 256)
    known.initialize(repeating: 0, count: 256)
    let tape = tern_tape(
      events: UnsafeMutableRawPointer(events).assumingMemoryBound(to: tern_event.self), count: 0,
      capacity: Int64(capacity), thread: UInt64(Self.currentThread), limit: .max,
      first_looking: TapeEvent.Kind.backwardBegan.rawValue)
    parts = .allocate(capacity: 1)
    parts.initialize(to: Parts(tape: tape, known: known, layouts: layouts))
  }

  deinit {
    removeAll()
    parts.pointee.known.deallocate()
    parts.deallocate()
  }

  package static var currentThread: UInt { UInt(pthread_self()) }

  /// Whether it is this thread's.
  package var isOwn: Bool { parts.pointee.tape.thread == UInt64(Self.currentThread) }
  /// Whether nothing more can be noted without the observer.
  package var isFull: Bool { parts.pointee.tape.count >= parts.pointee.tape.capacity }

  /// The peak of memory above which events that allow a look are left to the observer.
  package var limit: Int {
    get { Int(parts.pointee.tape.limit) }
    set { parts.pointee.tape.limit = Int64(newValue) }
  }

  /// What was noted.
  package var events: UnsafeBufferPointer<TapeEvent> {
    UnsafeBufferPointer(start: first, count: Int(parts.pointee.tape.count))
  }

  /// What the events of layers refer to.
  package var layouts: [AnyObject] {
    UnsafeBufferPointer(start: parts.pointee.layouts, count: parts.pointee.layoutCount).map { $0.takeUnretainedValue() }
  }

  /// Notes an event, one where the tape is full already.
  package func append(_ event: TapeEvent, layout: AnyObject? = nil) {
    (first + Int(parts.pointee.tape.count)).initialize(to: event)
    parts.pointee.tape.count += 1
    if let layout { parts.pointee.refer(to: layout) }
  }

  /// Forgets what was noted.
  package func removeAll() {
    for index in 0..<parts.pointee.layoutCount { parts.pointee.layouts[index].release() }
    (parts.pointee.tape.count, parts.pointee.layoutCount) = (0, 0)
  }

  /// Makes a layer known, which the observer keeps alive from now on; false where it is already.
  package func learn(_ identity: UInt64) -> Bool {
    let place = Parts.place(identity)
    if parts.pointee.known[place] == identity { return false }
    parts.pointee.known[place] = identity
    return true
  }

  fileprivate var pointer: UnsafeMutablePointer<tern_tape> {
    UnsafeMutableRawPointer(parts).assumingMemoryBound(to: tern_tape.self)
  }
}

/// The observers of what runs on this thread, kept by who set them.
package struct ThreadAudience {
  private var audience: tern_audience

  /// Observers, whether one of them is told of operations, and the tape of the only one.
  package init(_ observers: AnyObject, hearsOperations: Bool, tape: EventTape?) {
    audience = tern_audience(
      observers: UnsafeRawPointer(Unmanaged.passUnretained(observers).toOpaque()),
      tape: tape.flatMap { $0.isOwn ? $0.pointer : nil }, hears_operations: hearsOperations)
  }

  private init(_ audience: tern_audience) { self.audience = audience }

  /// The audience of this thread.
  package static var current: ThreadAudience {
    get { ThreadAudience(tern_audience_get()) }
    set { tern_audience_set(newValue.audience) }
  }

  /// The observers of this thread; `nil` where they are to be looked for elsewhere.
  package static var observers: UnsafeRawPointer? { tern_audience_observers() }

  /// Whether one of the observers of this thread is told of operations; `nil` where they are to be looked for elsewhere.
  package static var hearsOperations: Bool? {
    let answer = tern_audience_hears()
    return answer == 2 ? nil : answer == 1
  }

  /// Notes an event on the tape of the thread; false where the observers are to be told.
  @inline(__always)
  package static func note(
    _ kind: TapeEvent.Kind, _ name: UnsafePointer<UInt8>?, identity: UInt64 = 0, flag: Bool = false
  ) -> Bool {
    tern_audience_note(kind.rawValue, name, identity, flag)
  }

  /// Notes the begin or the end of a layer on the tape of the thread; false where the observers are to be told, as of a layer
  /// that the tape does not know.
  package static func note(_ kind: TapeEvent.Kind, layer: AnyObject, _ layout: AnyObject, flag: Bool = false) -> Bool {
    guard let tape = tern_audience_get().tape else { return false }
    let identity = UInt64(UInt(bitPattern: Unmanaged.passUnretained(layer).toOpaque()))
    let parts = UnsafeMutableRawPointer(tape).assumingMemoryBound(to: EventTape.Parts.self)
    guard parts.pointee.known[EventTape.Parts.place(identity)] == identity,
      tern_audience_note(kind.rawValue, nil, identity, flag)
    else { return false }
    parts.pointee.refer(to: layout)
    return true
  }
}
