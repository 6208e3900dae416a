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
  private let tape: UnsafeMutablePointer<tern_tape>
  private let first: UnsafeMutablePointer<TapeEvent>

  /// A tape of this thread over memory for `capacity` events and one more, which the observer appends.
  package init(_ events: UnsafeMutablePointer<TapeEvent>, capacity: Int) {
    precondition(MemoryLayout<TapeEvent>.size == MemoryLayout<tern_event>.size)
    first = events
    tape = .allocate(capacity: 1)
    tape.initialize(
      to: tern_tape(
        events: UnsafeMutableRawPointer(events).assumingMemoryBound(to: tern_event.self), count: 0,
        capacity: Int64(capacity), thread: UInt64(Self.currentThread), limit: .max,
        first_looking: TapeEvent.Kind.backwardBegan.rawValue))
  }

  deinit { tape.deallocate() }

  package static var currentThread: UInt { UInt(pthread_self()) }

  /// Whether it is this thread's.
  package var isOwn: Bool { tape.pointee.thread == UInt64(Self.currentThread) }
  /// Whether nothing more can be noted without the observer.
  package var isFull: Bool { tape.pointee.count >= tape.pointee.capacity }

  /// The peak of memory above which events that allow a look are left to the observer.
  package var limit: Int {
    get { Int(tape.pointee.limit) }
    set { tape.pointee.limit = Int64(newValue) }
  }

  /// What was noted.
  package var events: UnsafeBufferPointer<TapeEvent> {
    UnsafeBufferPointer(start: first, count: Int(tape.pointee.count))
  }

  /// Notes an event, one where the tape is full already.
  package func append(_ event: TapeEvent) {
    (first + Int(tape.pointee.count)).initialize(to: event)
    tape.pointee.count += 1
  }

  /// Forgets what was noted.
  package func removeAll() { tape.pointee.count = 0 }

  fileprivate var pointer: UnsafeMutablePointer<tern_tape> { tape }
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
}
