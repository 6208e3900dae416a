internal import CTernKernels

/// A clock that costs some nanoseconds to read: ticks, whose length it finds out from the time between two looks.
package struct TickClock: Sendable {
  private let firstTicks = TickClock.ticks
  private let firstTime = TickClock.now

  package init() {}

  /// Ticks of the processor's steady counter, where it has one.
  package static var ticks: UInt64 { tern_ticks() }
  /// Nanoseconds of a clock that only goes forward.
  package static var now: UInt64 { tern_clock() }

  /// What turns ticks since this clock was made into nanoseconds of ``now``; exact to some nanoseconds.
  package func conversion() -> Conversion {
    let (ticks, time) = (TickClock.ticks, TickClock.now)
    let passed = Double(ticks &- firstTicks)
    return Conversion(
      ticks: firstTicks, time: firstTime, length: passed > 0 ? Double(time &- firstTime) / passed : 1)
  }

  /// Turns ticks into nanoseconds.
  package struct Conversion: Sendable {
    fileprivate let ticks, time: UInt64
    /// Nanoseconds of a tick.
    fileprivate let length: Double

    package func nanoseconds(_ ticks: UInt64) -> UInt64 {
      ticks <= self.ticks ? time : time &+ UInt64(Double(ticks &- self.ticks) * length)
    }
  }
}
