import Foundation
import TernBackend

// Schedules that go from one rate to another over a number of positions, and several one after the other.

/// η₀·(start + (end − start)·min(t, T)/T): a line between two fractions of the rate, as `LinearLR`.
public struct LinearSchedule: Schedule {
  /// T, positions until the end of the line.
  public let length: Int
  /// The fraction of the rate at the start.
  public let startFactor: Double
  /// The fraction of the rate from T on.
  public let endFactor: Double

  /// A line over `length` positions; stops unless that is at least 1, the start above 0 and both at most 1.
  ///
  /// - Parameters:
  ///   - length: T, positions until the end of the line, at least 1.
  ///   - startFactor: the fraction of the rate at the start, above 0, at most 1.
  ///   - endFactor: the fraction of the rate from T on, at most 1.
  public init(
    length: Int = 5, from startFactor: Double = 1.0 / 3, to endFactor: Double = 1, file: StaticString = #fileID,
    line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(length >= 1, "LinearSchedule", "a length of \(length)")
    check(startFactor > 0 && startFactor <= 1, "LinearSchedule", "a start factor of \(startFactor)")
    check(endFactor >= 0 && endFactor <= 1, "LinearSchedule", "an end factor of \(endFactor)")
    self.length = length
    self.startFactor = startFactor
    self.endFactor = endFactor
  }

  /// The rate on the line.
  public func learningRate(at position: Int, base: Double) -> Double {
    if position >= length { return base * endFactor }
    return base * (startFactor + (endFactor - startFactor) * Double(position) / Double(length))
  }
}

/// η₀·factor over the first positions, η₀ after, as `ConstantLR`.
public struct ConstantFactorSchedule: Schedule {
  /// Positions with the reduced rate.
  public let length: Int
  /// The fraction of the rate over them.
  public let factor: Double

  /// A reduced rate over `length` positions; stops unless that is at least 0 and the factor in 0...1.
  ///
  /// - Parameters:
  ///   - length: positions with the reduced rate, at least 0.
  ///   - factor: the fraction of the rate over them, 0 to 1.
  public init(length: Int = 5, factor: Double = 1.0 / 3, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(length >= 0, "ConstantFactorSchedule", "a length of \(length)")
    check(factor >= 0 && factor <= 1, "ConstantFactorSchedule", "a factor of \(factor)")
    self.length = length
    self.factor = factor
  }

  /// η₀·factor before `length`, η₀ from there on.
  public func learningRate(at position: Int, base: Double) -> Double { position < length ? base * factor : base }
}

/// η₀·(1 − min(t, T)/T)ᵖ: down to 0 along a power, as `PolynomialLR`.
public struct PolynomialSchedule: Schedule {
  /// T, positions until 0.
  public let length: Int
  /// p.
  public let power: Double

  /// Down to 0 over `length` positions; stops unless that is at least 1.
  ///
  /// - Parameters:
  ///   - length: T, positions until 0, at least 1.
  ///   - power: p, the exponent.
  public init(length: Int = 5, power: Double = 1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(length >= 1, "PolynomialSchedule", "a length of \(length)")
    self.length = length
    self.power = power
  }

  /// η₀·(1 − min(t, T)/T)ᵖ.
  public func learningRate(at position: Int, base: Double) -> Double {
    scaledRate(base, pow(1 - Double(min(position, length)) / Double(length), power))
  }
}

/// Several schedules one after the other, each from its own beginning, as `SequentialLR`.
public struct SequentialSchedule: Schedule {
  /// The schedules in their order.
  public let parts: [any Schedule]
  /// The positions where the second and the following begin.
  public let milestones: [Int]

  /// Stops unless there is one milestone fewer than parts and they rise.
  ///
  /// - Parameters:
  ///   - parts: the schedules in their order.
  ///   - milestones: the positions where the second and the following begin.
  public init(_ parts: [any Schedule], milestones: [Int], file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(
      !parts.isEmpty && milestones.count == parts.count - 1, "SequentialSchedule",
      "\(milestones.count) milestones for \(parts.count) schedules")
    check(
      zip(milestones, milestones.dropFirst()).allSatisfy { $0 <= $1 }, "SequentialSchedule",
      "milestones \(milestones) do not rise")
    check(milestones.first ?? 0 >= 0, "SequentialSchedule", "milestones \(milestones) begin below 0")
    self.parts = parts
    self.milestones = milestones
  }

  /// The rate of the part that runs at the position.
  public func learningRate(at position: Int, base: Double) -> Double {
    let (part, own) = place(position)
    return part.learningRate(at: own, base: base)
  }

  /// The momentum of the part that runs at the position.
  public func momentum(at position: Int) -> Double? {
    let (part, own) = place(position)
    return part.momentum(at: own)
  }

  private func place(_ position: Int) -> (part: any Schedule, position: Int) {
    let index = milestones.count { $0 <= position }
    return (parts[index], position - (index == 0 ? 0 : milestones[index - 1]))
  }
}
