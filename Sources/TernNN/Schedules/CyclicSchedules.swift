import Foundation
import TernBackend

// Schedules that rise and fall.

/// Cosines from η₀ to η_min that start again, each longer than the last by a factor, as `CosineAnnealingWarmRestarts`.
///
/// Source: Loshchilov & Hutter 2017, "SGDR: stochastic gradient descent with warm restarts".
public struct CosineRestartsSchedule: Schedule {
  /// Positions of the first cosine.
  public let firstLength: Int
  /// How many times longer each is than the one before.
  public let growth: Int
  /// η_min.
  public let minimum: Double

  /// Stops unless length and growth are at least 1.
  ///
  /// - Parameters:
  ///   - firstLength: positions of the first cosine, at least 1.
  ///   - growth: how many times longer each is than the one before, at least 1.
  ///   - minimum: η_min, the rate at the end of each.
  public init(firstLength: Int, growth: Int = 1, minimum: Double = 0, file: StaticString = #fileID, line: UInt = #line)
  {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(firstLength >= 1, "CosineRestartsSchedule", "a length of \(firstLength)")
    check(growth >= 1, "CosineRestartsSchedule", "a growth of \(growth)")
    self.firstLength = firstLength
    self.growth = growth
    self.minimum = minimum
  }

  /// η_min + (η₀ − η_min)·(1 + cos(πt/T))/2 with t and T of the running cosine.
  public func learningRate(at position: Int, base: Double) -> Double {
    var (start, length) = (0, firstLength)
    if growth == 1 {
      start = position / length * length
    } else {
      while position - start >= length {
        start += length
        length = Sizes.saturated(length, times: growth)
      }
    }
    let fraction = Double(position - start) / Double(length)
    return minimum + (base - minimum) * (1 + cos(.pi * fraction)) / 2
  }
}

/// Up to a maximum and down to almost nothing over one run, while the momentum goes the other way, as `OneCycleLR`.
///
/// From maximum/divisor up to the maximum over the rise, then down to maximum/(divisor·finalDivisor); in three phases
/// down to the start first. Source: Smith & Topin 2019, "Super-convergence".
public struct OneCycleSchedule: Schedule {
  /// The line between two rates.
  public enum Shape: Sendable {
    /// Half a cosine.
    case cosine
    /// A straight line.
    case linear
  }

  /// The highest rate.
  public let maximum: Double
  private let start: Double, end: Double
  private let momenta: (low: Double, high: Double)?
  private let shape: Shape
  /// The last position of every phase, the rates at its ends, and whether the momentum falls, rises or stays high.
  private let phases: [(last: Double, from: Double, to: Double, momentum: Int)]
  private let length: Int

  /// One cycle over a run of a known length.
  ///
  /// - Parameters:
  ///   - maximum: the highest rate.
  ///   - length: positions of the whole run.
  ///   - rise: the fraction of them until the maximum.
  ///   - shape: cosine or straight.
  ///   - divisor: how many times lower the rate starts.
  ///   - finalDivisor: how many times lower than the start it ends.
  ///   - threePhases: as fast down to the start as up, then to the end.
  ///   - momenta: the least momentum, at the maximum, and the greatest, at both ends; `nil` leaves it alone.
  ///
  /// Stops unless the length is at least 1 and the rise in 0...1.
  public init(
    maximum: Double, length: Int, rise: Double = 0.3, shape: Shape = .cosine, divisor: Double = 25,
    finalDivisor: Double = 1e4, threePhases: Bool = false, momenta: (low: Double, high: Double)? = (0.85, 0.95),
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(length >= 1, "OneCycleSchedule", "a length of \(length)")
    check(rise >= 0 && rise <= 1, "OneCycleSchedule", "a rise over \(rise) of the run")
    self.maximum = maximum
    self.length = length
    self.shape = shape
    self.momenta = momenta
    start = maximum / divisor
    end = start / finalDivisor
    let (up, all) = (rise * Double(length), Double(length - 1))
    phases =
      threePhases
      ? [(up - 1, start, maximum, -1), (2 * up - 2, maximum, start, 1), (all, start, end, 0)]
      : [(up - 1, start, maximum, -1), (all, maximum, end, 1)]
  }

  /// The rate; `base` does not matter. Stops after the end of the run.
  public func learningRate(at position: Int, base: Double) -> Double {
    let (phase, fraction) = place(position)
    return between(phases[phase].from, phases[phase].to, fraction)
  }

  /// The momentum at a position; `nil` where it is left alone.
  public func momentum(at position: Int) -> Double? {
    guard let momenta else { return nil }
    let (phase, fraction) = place(position)
    switch phases[phase].momentum {
    case -1: return between(momenta.high, momenta.low, fraction)
    case 1: return between(momenta.low, momenta.high, fraction)
    default: return momenta.high
    }
  }

  private func place(_ position: Int) -> (phase: Int, fraction: Double) {
    check(position <= length, "OneCycleSchedule", "position \(position) of a run of \(length)")
    var first = 0.0
    for (index, phase) in phases.enumerated() {
      if Double(position) <= phase.last || index == phases.count - 1 {
        // A phase of one position is at its end, and so is what comes after the last.
        let span = phase.last - first
        return (index, span > 0 ? min(1, (Double(position) - first) / span) : 1)
      }
      first = phase.last
    }
    return (phases.count - 1, 1)
  }

  private func between(_ a: Double, _ b: Double, _ fraction: Double) -> Double {
    switch shape {
    case .cosine: b + (a - b) / 2 * (1 + cos(.pi * fraction))
    case .linear: a + (b - a) * fraction
    }
  }
}

/// Straight up and down between two rates, again and again, while the momentum goes the other way, as `CyclicLR`.
///
/// Source: Smith 2017, "Cyclical learning rates for training neural networks".
public struct CyclicSchedule: Schedule {
  /// What becomes of the height of the cycles.
  public enum Height: Sendable {
    /// It stays.
    case constant
    /// It halves with every cycle.
    case halving
    /// It shrinks by the factor with every position.
    case shrinking(factor: Double)
  }

  /// The lowest rate.
  public let minimum: Double
  /// The highest rate of the first cycle.
  public let maximum: Double
  /// Positions up.
  public let lengthUp: Int
  /// Positions down.
  public let lengthDown: Int
  /// What becomes of the height.
  public let height: Height
  /// The momentum at the first maximum, and at the lowest rate; `nil` leaves it alone.
  public let momenta: (low: Double, high: Double)?

  /// Stops unless both lengths are at least 1; `lengthDown` is that of the way up where left out.
  ///
  /// - Parameters:
  ///   - minimum: the lowest rate.
  ///   - maximum: the highest rate of the first cycle.
  ///   - lengthUp: positions up, at least 1.
  ///   - lengthDown: positions down, at least 1; as many as up where left out.
  ///   - height: what becomes of the height from cycle to cycle.
  ///   - momenta: the momentum at the first maximum, and at the lowest rate; `nil` leaves it alone.
  public init(
    from minimum: Double, to maximum: Double, lengthUp: Int = 2000, lengthDown: Int? = nil, height: Height = .constant,
    momenta: (low: Double, high: Double)? = (0.8, 0.9),
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(lengthUp >= 1 && lengthDown ?? 1 >= 1, "CyclicSchedule", "lengths \(lengthUp) and \(lengthDown ?? lengthUp)")
    Sizes.check([lengthUp, lengthDown ?? lengthUp], "CyclicSchedule", "a length of")
    self.minimum = minimum
    self.maximum = maximum
    self.lengthUp = lengthUp
    self.lengthDown = lengthDown ?? lengthUp
    self.height = height
    self.momenta = momenta
  }

  /// The rate; `base` does not matter.
  public func learningRate(at position: Int, base: Double) -> Double {
    minimum + part(of: maximum - minimum, at: position)
  }

  /// The momentum; `nil` where it is left alone.
  public func momentum(at position: Int) -> Double? {
    momenta.map { $0.high - part(of: $0.high - $0.low, at: position) }
  }

  /// How far up a position is, where the first cycle has a height: 0 at the foot, however high the cycle has grown.
  private func part(of first: Double, at position: Int) -> Double {
    let total = lengthUp + lengthDown
    let (cycle, step) = (position / total, position % total)
    let fraction =
      step <= lengthUp ? Double(step) / Double(lengthUp) : Double(total - step) / Double(lengthDown)
    let scale =
      switch height {
      case .constant: 1.0
      case .halving: pow(0.5, Double(cycle))
      case .shrinking(let factor): pow(factor, Double(position))
      }
    return fraction == 0 || first == 0 ? 0 : first * (fraction * scale)
  }
}
