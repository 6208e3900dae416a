import Synchronization
import TernBackend

// Schedules by functions of one's own, and several at once.

/// η₀·f(t), as `LambdaLR`.
public struct FactorSchedule: Schedule {
  /// f, the fraction of the first rate at a position.
  public let factor: @Sendable (_ position: Int) -> Double

  /// The rate as a fraction of the first one.
  ///
  /// - Parameter factor: f, the fraction of the first rate at a position, counted from 0.
  public init(_ factor: @escaping @Sendable (_ position: Int) -> Double) { self.factor = factor }

  /// η₀·f(t).
  public func learningRate(at position: Int, base: Double) -> Double { scaledRate(base, factor(position)) }
}

/// η₀·Π f(s) over 1 ≤ s ≤ t: the rate times a factor at every position, as `MultiplicativeLR`.
public struct MultiplicativeSchedule: Schedule {
  /// f, what the rate is multiplied by when a position is reached.
  public let factor: @Sendable (_ position: Int) -> Double
  private let products = Products()

  /// A factor at every position.
  ///
  /// - Parameter factor: f, what the rate is multiplied by when a position is reached, counted from 1: a function of the position
  ///   alone, which may be called at any time.
  public init(factor: @escaping @Sendable (_ position: Int) -> Double) { self.factor = factor }

  /// η₀·Π f(s).
  public func learningRate(at position: Int, base: Double) -> Double {
    scaledRate(base, products.upTo(position, factor))
  }

  /// The product up to the position that was asked for last, so that a run of N positions takes N factors.
  private final class Products: Sendable {
    private let last = Mutex((position: 0, product: 1.0))

    func upTo(_ position: Int, _ factor: (Int) -> Double) -> Double {
      last.withLock { last in
        if position < last.position { last = (0, 1) }
        while last.position < position {
          last.position += 1
          last.product *= factor(last.position)
        }
        return last.product
      }
    }
  }
}

/// Several schedules at once, as `ChainedScheduler`: the first rate goes through all of them, in order.
///
/// Factors of all multiply: a warm-up chained with an exponential decay is η₀ times both. A momentum is that of the last schedule
/// that has one.
public struct ChainedSchedule: Schedule {
  /// The schedules in their order.
  public let parts: [any Schedule]

  /// Several schedules at once; stops for none.
  ///
  /// - Parameter parts: the schedules; each has what the one before it gives as its first rate.
  public init(_ parts: [any Schedule], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(!parts.isEmpty, "ChainedSchedule", "no schedules")
    self.parts = parts
  }

  /// The rate of the last schedule from that of the one before it, and so on.
  public func learningRate(at position: Int, base: Double) -> Double {
    parts.reduce(base) { $1.learningRate(at: position, base: $0) }
  }

  /// The momentum of the last schedule that has one.
  public func momentum(at position: Int) -> Double? {
    for part in parts.reversed() { if let momentum = part.momentum(at: position) { return momentum } }
    return nil
  }
}
