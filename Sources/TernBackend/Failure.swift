import Synchronization

/// Tells which layer runs, for messages; supplied by the layer above that knows.
package enum FailureContext {
  private static let provider = Mutex<(@Sendable () -> String?)?>(nil)

  /// Sets the function that names the layer that is running on the calling thread, `nil` outside one.
  package static func provide(_ path: @escaping @Sendable () -> String?) {
    provider.withLock { $0 = path }
  }

  static var path: String? {
    let path = provider.withLock { $0 }
    return path?()
  }
}

/// Stops the program with one line: `operation: message in layer.path`.
///
/// Release builds drop the message of `precondition`, so every check of the library ends here.
package func fail(
  _ operation: @autoclosure () -> String, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) -> Never {
  let place = FailureContext.path.map { " in \($0)" } ?? ""
  fatalError("\(operation()): \(message())\(place)", file: file, line: line)
}

/// Stops the program with one line unless `condition` holds; the message is built only then.
package func check(
  _ condition: Bool, _ operation: @autoclosure () -> String, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fail(operation(), message(), file: file, line: line) }
}
