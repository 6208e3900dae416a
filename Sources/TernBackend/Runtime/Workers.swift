internal import CTernKernels
import Foundation

/// The threads that operations are spread over.
///
/// Work is split into chunks by its size alone, and every chunk does the same on any thread: results have the same bits
/// with any number of threads. Parallel work inside parallel work runs on the thread that meets it; where several
/// threads of a program call at once, one gets the workers and the others work alone.
public enum Workers {
  /// How many threads work together, the caller included.
  ///
  /// At first the number in the environment's `TERN_NUM_THREADS`, else the processors that this process may use. A
  /// process whose `TERN_NUM_THREADS` is no number of ``allowed`` ends with a line that says so.
  public static var count: Int {
    get {
      _ = start
      return Int(tern_threads_count())
    }
    set {
      check(newValue >= 1, "Workers.count", "\(newValue) threads; at least 1 works")
      _ = start
      tern_threads_set_count(Int32(clamping: newValue))
    }
  }

  /// How many threads can work together: 1 to 256.
  public static let allowed = 1...256

  /// Processors that this process may use: its affinity, and the quota of its control group.
  public static var available: Int {
    let processors = Int(tern_threads_available())
    guard let text = try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8) else { return processors }
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0 else {
      return processors
    }
    return max(1, min(processors, Int((quota / period).rounded(.up))))
  }

  private static let start: Void = {
    tern_threads_set_count(Int32(clamping: ProcessSettings.threads ?? available))
  }()

  /// Calls body(0) … body(chunks − 1), each once, on the workers and the caller; returns when all are done.
  package static func run(chunks: Int, _ body: (Int) -> Void) {
    if chunks <= 1 {
      if chunks == 1 { body(0) }
      return
    }
    _ = start
    withoutActuallyEscaping(body) { body in
      var body = body
      withUnsafeMutablePointer(to: &body) { pointer in
        tern_threads_run(
          Int64(chunks),
          { context, chunk in context!.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(chunk)) }, pointer)
      }
    }
  }

  /// Splits 0 ..< count into ranges of at most about `grain`, by size alone, and calls body with each.
  ///
  /// The ranges are equally long and even in number, so that two threads finish together.
  package static func run(count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    if count <= 0 { return }
    if count <= grain { return body(0..<count) }
    let least = (count + grain - 1) / grain
    var length = (count + least + least % 2 - 1) / (least + least % 2)
    // Whole cache lines, where that leaves the ranges as good as equal.
    if length >= 1024 { length = (length + 63) / 64 * 64 }
    run(chunks: (count + length - 1) / length) { [length] chunk in
      body(chunk * length..<min((chunk + 1) * length, count))
    }
  }
}
