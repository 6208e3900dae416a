import Foundation
import Tern
import TernBackend

/// Whether many calls of a workload hold more memory than a few.
package struct Soak {
  /// The workload's name.
  package let name: String
  /// Calls after which the first peak was read, and of all.
  package let calls: (first: Int, all: Int)
  /// The most memory held until then, in megabytes; 0 where the system does not tell.
  package let peaks: (first: Double, last: Double)

  /// Calls a workload `count` times, `nil` where it has nothing to call; the first peak is read after a hundredth of them, at least ten.
  package init?(_ workload: Workload, count: Int) throws {
    name = workload.name
    MemoryPool.trim()
    PeakMemory.reset()
    guard let call = try workload.make() else { return nil }
    let first = Swift.min(Swift.max(10, count / 100), count)
    for _ in 0..<first { call() }
    let early = PeakMemory.megabytes ?? 0
    for _ in first..<count { call() }
    calls = (first, count)
    peaks = (early, PeakMemory.megabytes ?? 0)
  }

  /// The growth of the peak as a fraction of the first.
  package var growth: Double { peaks.first > 0 ? peaks.last / peaks.first - 1 : 0 }

  /// The result as one line of JSON.
  package var line: String {
    String(
      format: "{\"name\": \"\(name)\", \"calls\": \(calls.all), \"peak_rss_mb_after_\(calls.first)\": %.1f, "
        + "\"peak_rss_mb\": %.1f, \"growth_percent\": %.2f}", peaks.first, peaks.last, growth * 100)
  }
}
