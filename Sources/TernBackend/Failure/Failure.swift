internal import CTernKernels
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

/// Stops the program with one line: `main.swift:7: Fatal error: operation: message in layer.path`.
///
/// Release builds drop the message of `precondition`, so every check of the library ends here. Named is the innermost
/// place outside Tern's own modules that called for what runs; Tern's own where there is none.
package func fail(
  _ operation: @autoclosure () -> String, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) -> Never {
  let path = FailureContext.path.map { " in \($0)" } ?? ""
  let own = CallerPlace(fileID: "\(file)", line: line)
  let place = own.isOwn ? RunningScope.places.first { !$0.isOwn } ?? own : own
  stop("\(place): Fatal error: \(operation()): \(message())\(path)\n")
}

/// Writes a line to standard error and ends the program with a trap.
func stop(_ line: String) -> Never {
  var text = line
  text.withUTF8 { bytes in
    bytes.withMemoryRebound(to: CChar.self) { tern_stop($0.baseAddress, Int64($0.count)) }
  }
}

/// Stops the program with one line unless `condition` holds; the message is built only then.
package func check(
  _ condition: Bool, _ operation: @autoclosure () -> String, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition { fail(operation(), message(), file: file, line: line) }
}
