import Foundation

/// What the environment of the process asks for: read once, and checked before it counts.
package enum ProcessSettings {
  /// The variables that Tern reads, with what each may say.
  private static let known: [(name: String, allowed: String, isAllowed: @Sendable (String) -> Bool)] = [
    (
      "TERN_CPU", "baseline, avx2, avx512 or avx512bf16", { CPULevel(rawValue: $0) != nil || $0 == "avx512bf16" }
    ),
    ("TERN_NUM_THREADS", wholeNumber(in: Workers.allowed), { number($0, in: Workers.allowed) != nil }),
    ("TERN_MAX_FILE_BYTES", wholeNumber(in: 1...Int.max), { number($0, in: 1...Int.max) != nil }),
    ("TERN_DISTRIBUTED_REPORT", secondsAllowed, { number($0, in: secondsRange) != nil }),
    ("TERN_DISTRIBUTED_TIMEOUT", secondsAllowed, { number($0, in: secondsRange) != nil }),
  ]

  /// Ends the process with one line where a variable says what it may not.
  package static func check() {
    for (name, allowed, isAllowed) in known {
      guard let value = variable(name), !isAllowed(value) else { continue }
      refuse(name, value, allowed: allowed)
    }
  }

  /// The threads that `TERN_NUM_THREADS` asks for; ends the process where it asks for what cannot be.
  static var threads: Int? {
    guard let value = variable("TERN_NUM_THREADS") else { return nil }
    guard let count = number(value, in: Workers.allowed) else {
      refuse("TERN_NUM_THREADS", value, allowed: wholeNumber(in: Workers.allowed))
    }
    return count
  }

  /// The seconds that a variable asks for; ends the process where it asks for what cannot be.
  package static func seconds(_ name: String) -> Double? {
    guard let value = variable(name) else { return nil }
    guard let count = number(value, in: secondsRange) else { refuse(name, value, allowed: secondsAllowed) }
    return Double(count)
  }

  private static let secondsRange = 0...1_000_000_000
  private static let secondsAllowed = "seconds as a whole number, 0 for no limit,"

  /// Whether the environment says how many threads work together.
  package static var asksForThreads: Bool { variable("TERN_NUM_THREADS") != nil }

  /// Ends the process with one line on standard error and the status 78, that of a wrong configuration.
  ///
  /// At once, without what usually happens at the end: it may wait for threads that will never come.
  package static func stop(_ line: String) -> Never {
    fflush(nil)
    FileHandle.standardError.write(Data((line + "\n").utf8))
    _exit(78)
  }

  private static func refuse(_ name: String, _ value: String, allowed: String) -> Never {
    stop(
      "\(name)=\(value.unicodeScalars.prefix(60).map { $0.value < 32 ? "?" : String($0) }.joined()): \(allowed) is expected"
    )
  }

  /// A variable that is set and not empty.
  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
    Int(text).flatMap { range.contains($0) ? $0 : nil }
  }

  private static func wholeNumber(in range: ClosedRange<Int>) -> String {
    "a whole number from \(range.lowerBound)" + (range.upperBound == Int.max ? "" : " to \(range.upperBound)")
  }
}
