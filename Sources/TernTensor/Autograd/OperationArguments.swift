import Synchronization

/// What an operation was called with beside its inputs.
package enum OperationArgument: Sendable {
  case integers([Int])
  case number(Double)
  case numbers([Double])
  case flag(Bool)
  case word(String)
  /// A constant of the operation's derivative that is an input of the operation itself: indices, a mask.
  case tensor(TensorBody)
}

/// The arguments of the operations that run, for who writes them down: an operation notes them just before it ends.
///
/// While nobody asks for them, an operation costs one relaxed load more.
package enum OperationArguments {
  /// What was noted and not taken, by the operations' names.
  package final class Notes: @unchecked Sendable {
    fileprivate var pending: [String: [String: OperationArgument]] = [:]

    package init() {}

    /// The arguments of the operation that has just ended; they are forgotten.
    package func take(_ name: String) -> [String: OperationArgument] { pending.removeValue(forKey: name) ?? [:] }
  }

  private static let count = Atomic<Int>(0)
  @TaskLocal private static var notes: Notes?

  /// Whether anyone asks for them, on any thread. Then what is written in place is copied before, so that it is seen as it was.
  @inline(__always)
  static var isWanted: Bool { count.load(ordering: .relaxed) != 0 }

  /// Collects the arguments of the operations that `body` runs on this task.
  package static func collect<Result>(in notes: Notes, _ body: () throws -> Result) rethrows -> Result {
    count.wrappingAdd(1, ordering: .relaxed)
    defer { count.wrappingSubtract(1, ordering: .relaxed) }
    return try $notes.withValue(notes, operation: body)
  }

  /// Notes what the operation of this name that ends next was called with.
  @inline(__always)
  package static func note(_ name: StaticString, _ arguments: @autoclosure () -> [String: OperationArgument]) {
    if isWanted { keep(name, arguments()) }
  }

  @inline(never)
  private static func keep(_ name: StaticString, _ arguments: [String: OperationArgument]) {
    notes?.pending["\(name)"] = arguments
  }
}
