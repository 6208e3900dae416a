/// When a training ends at the latest, between two steps.
public struct TrainingLimits: Sendable, Equatable {
  /// The most steps.
  public var steps: Int?
  /// The most seconds of training, without scoring, those before it was taken up again included.
  public var seconds: Double?

  /// No limits, where none are given.
  ///
  /// - Parameters:
  ///   - steps: The number of steps.
  ///   - seconds: The time, in seconds.
  public init(steps: Int? = nil, seconds: Double? = nil) { (self.steps, self.seconds) = (steps, seconds) }

  /// Whether so many steps, or seconds, are enough.
  public func isReached(steps done: Int, seconds spent: Double) -> Bool {
    steps.map { done >= $0 } ?? false || seconds.map { spent >= $0 } ?? false
  }
}
