import Foundation
import Tern
import TernBackend

/// The times of one workload.
package struct Measurement {
  /// The workload's name.
  package let name: String
  /// Microseconds a call, in the order measured.
  package let samples: [Double]
  /// The most memory the process held meanwhile, in megabytes; `nil` where the system does not tell.
  package let peakMegabytes: Double?
  /// The most memory that tensors had meanwhile, in megabytes.
  package let tensorMegabytes: Double

  /// Times a workload; `nil` where it has nothing to time.
  ///
  /// After two calls that warm up, a third tells how many calls fill 20 ms: as many make a sample. Samples are taken for
  /// the given seconds, at least 5 and at most 200.
  package init?(_ workload: Workload, seconds: Double) throws {
    name = workload.name
    MemoryPool.trim()
    PeakMemory.reset()
    MemoryPool.resetPeakInUse()
    let before = MemoryPool.bytesInUse
    guard let call = try workload.make() else { return nil }
    call()
    call()
    let once = Measurement.time(call, repeats: 1)
    let repeats = Swift.max(1, Int(20_000 / Swift.max(once, 1e-3)))
    let deadline = ContinuousClock.now + .seconds(seconds)
    var samples: [Double] = []
    while samples.count < 5 || (samples.count < 200 && ContinuousClock.now < deadline) {
      samples.append(Measurement.time(call, repeats: repeats))
    }
    self.samples = samples
    peakMegabytes = PeakMemory.megabytes
    tensorMegabytes = Double(MemoryPool.peakBytesInUse - before) / 0x1p20
  }

  private static func time(_ call: () -> Void, repeats: Int) -> Double {
    let start = ContinuousClock.now
    for _ in 0..<repeats { call() }
    return (ContinuousClock.now - start) / .microseconds(1) / Double(repeats)
  }

  /// The middle of the samples.
  package var median: Double {
    let sorted = samples.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// The measurement as one line of JSON.
  package var line: String {
    let group = name.prefix { $0 != "/" }
    let memory = peakMegabytes.map { String(format: ", \"peak_rss_mb\": %.1f", $0) } ?? ""
    return String(
      format: "{\"name\": \"\(name)\", \"unit\": \"us\", \"min\": %.3f, \"median\": %.3f, ", samples.min()!, median)
      + "\"runs\": \(samples.count), \"group\": \"\(group)\", \"threads\": \(Workers.count)\(memory), "
      + String(format: "\"tensors_mb\": %.2f}", tensorMegabytes)
  }
}

/// The most memory that the process held, as Linux tells it.
package enum PeakMemory {
  /// Counts from what is held now.
  package static func reset() {
    if let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") {
      try? file.write(contentsOf: Data("5".utf8))
      try? file.close()
    }
  }

  /// Megabytes; `nil` where /proc is missing.
  package static var megabytes: Double? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
    for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
      return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }.map { $0 / 1024 }
    }
    return nil
  }
}
