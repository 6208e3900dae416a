import Foundation
import TernBackend

/// How a learning rate goes on over steps or epochs: a function of the position alone.
public protocol Schedule: Sendable {
  /// The rate in effect at a position, counted from 0, where the optimizer began with `base`.
  func learningRate(at position: Int, base: Double) -> Double

  /// The momentum in effect at a position; `nil` where the schedule leaves it alone.
  func momentum(at position: Int) -> Double?
}

extension Schedule {
  /// Left alone.
  public func momentum(at position: Int) -> Double? { nil }
}

/// A rate times a factor; a rate of 0 stays 0, and so does what a factor of 0 leaves.
func scaledRate(_ base: Double, _ factor: Double) -> Double { base == 0 || factor == 0 ? 0 : base * factor }

/// The rate η₀ throughout.
public struct ConstantSchedule: Schedule {
  /// A constant rate.
  public init() {}
  /// η₀.
  public func learningRate(at position: Int, base: Double) -> Double { base }
}

/// η₀·γ^⌊t/size⌋: a factor γ after every `size` positions, as `StepLR`.
public struct StepSchedule: Schedule {
  /// Positions between factors.
  public let size: Int
  /// γ.
  public let factor: Double

  /// A factor after every `size` positions; stops unless that is at least 1.
  ///
  /// - Parameters:
  ///   - size: positions between factors, at least 1.
  ///   - factor: γ, what the rate is multiplied by.
  public init(size: Int, factor: Double = 0.1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(size >= 1, "StepSchedule", "a size of \(size)")
    self.size = size
    self.factor = factor
  }

  /// η₀·γ^⌊t/size⌋.
  public func learningRate(at position: Int, base: Double) -> Double {
    scaledRate(base, pow(factor, Double(position / size)))
  }
}

/// A factor γ at every milestone passed, as `MultiStepLR`.
public struct MultiStepSchedule: Schedule {
  /// The positions from which another factor counts.
  public let milestones: [Int]
  /// γ.
  public let factor: Double

  /// A factor at every milestone.
  ///
  /// - Parameters:
  ///   - milestones: the positions from which another factor counts, in any order.
  ///   - factor: γ, what the rate is multiplied by.
  public init(milestones: [Int], factor: Double = 0.1, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    self.milestones = milestones.sorted()
    self.factor = factor
  }

  /// η₀·γ^(milestones up to t).
  public func learningRate(at position: Int, base: Double) -> Double {
    scaledRate(base, pow(factor, Double(milestones.count { $0 <= position })))
  }
}

/// η₀·γᵗ, as `ExponentialLR`.
public struct ExponentialSchedule: Schedule {
  /// γ.
  public let factor: Double

  /// A factor at every position.
  ///
  /// - Parameter factor: γ, what the rate is multiplied by.
  public init(factor: Double) { self.factor = factor }

  /// η₀·γᵗ.
  public func learningRate(at position: Int, base: Double) -> Double {
    scaledRate(base, pow(factor, Double(position)))
  }
}

/// η_min + (η₀ − η_min)·(1 + cos(πt/T))/2: half a cosine over T positions (and on along it), as `CosineAnnealingLR`.
///
/// Source: Loshchilov & Hutter 2017, "SGDR: stochastic gradient descent with warm restarts".
public struct CosineSchedule: Schedule {
  /// T, positions down to the minimum.
  public let length: Int
  /// η_min.
  public let minimum: Double

  /// Half a cosine over `length` positions; stops unless that is at least 1.
  ///
  /// - Parameters:
  ///   - length: T, positions down to the minimum, at least 1.
  ///   - minimum: η_min, the rate at the end.
  public init(length: Int, minimum: Double = 0, file: StaticString = #fileID, line: UInt = #line) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(length >= 1, "CosineSchedule", "a length of \(length)")
    self.length = length
    self.minimum = minimum
  }

  /// η_min + (η₀ − η_min)·(1 + cos(πt/T))/2.
  public func learningRate(at position: Int, base: Double) -> Double {
    minimum + (base - minimum) * (1 + cos(.pi * Double(position) / Double(length))) / 2
  }
}

/// From η₀·start to η₀ along a line over the first positions, as `LinearLR`; then another schedule, from its beginning.
public struct WarmUpSchedule: Schedule {
  /// Positions until the full rate.
  public let length: Int
  /// The fraction of the full rate to begin with.
  public let startFactor: Double
  /// What comes after.
  public let next: any Schedule

  /// A rise over `length` positions; stops unless that is at least 1 and the factor between 0 and 1.
  ///
  /// - Parameters:
  ///   - length: positions until the full rate, at least 1.
  ///   - startFactor: the fraction of the full rate to begin with, above 0, at most 1.
  ///   - next: what comes after, from its own beginning.
  public init(
    length: Int, startFactor: Double = 1.0 / 3, then next: any Schedule = ConstantSchedule(),
    file: StaticString = #fileID, line: UInt = #line
  ) {
    RunningScope.enter(file, line)
    defer { RunningScope.leave() }
    check(length >= 1, "WarmUpSchedule", "a length of \(length)")
    check(startFactor > 0 && startFactor <= 1, "WarmUpSchedule", "a start factor of \(startFactor)")
    self.length = length
    self.startFactor = startFactor
    self.next = next
  }

  private var parts: SequentialSchedule {
    SequentialSchedule([LinearSchedule(length: length, from: startFactor), next], milestones: [length])
  }

  /// The line, then the next schedule at t − length.
  public func learningRate(at position: Int, base: Double) -> Double { parts.learningRate(at: position, base: base) }

  /// That of the next schedule, after the line.
  public func momentum(at position: Int) -> Double? { parts.momentum(at: position) }
}
