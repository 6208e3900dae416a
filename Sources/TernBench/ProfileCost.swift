import Foundation
import Tern
import TernBackend

/// What a profile of a workload costs, and how much of the time its parts explain.
package struct ProfileCost {
  /// The workload's name.
  package let name: String
  /// Microseconds a call without a profile, and with one: medians of calls by turns.
  package let plain: Double, profiled: Double
  /// The sum of the parts over the time that passed around them: the median of all profiles.
  package let explained: Double
  /// The operations a second over those of a matrix product.
  package let shareOfPeak: Double

  /// Profiles a workload by turns with calls that are not; `nil` where it has nothing to call.
  ///
  /// - Parameters:
  ///   - seconds: how long, at least 5 turns.
  ///   - folder: where the last profile goes, in a folder of the workload's name.
  package init?(_ workload: Workload, seconds: Double, folder: String) throws {
    name = workload.name
    MemoryPool.trim()
    guard let call = try workload.make() else { return nil }
    for _ in 0..<3 { call() }
    func time(_ repeats: Int) -> Double {
      let start = ContinuousClock.now
      for _ in 0..<repeats { call() }
      return (ContinuousClock.now - start) / .microseconds(1)
    }
    let repeats = Swift.max(1, Int(20_000 / Swift.max(time(1), 1e-3)))
    let deadline = ContinuousClock.now + .seconds(seconds)
    var (plain, profiled, explained): ([Double], [Double], [Double]) = ([], [], [])
    var last: Profile?
    while plain.count < 5 || (plain.count < 200 && ContinuousClock.now < deadline) {
      plain.append(time(repeats) / Double(repeats))
      var passed = 0.0
      let profile = Profiler.record { passed = time(repeats) }
      profiled.append(passed / Double(repeats))
      explained.append(profile.rows.reduce(0) { $0 + $1.seconds } * 1e6 / passed)
      last = profile
    }
    func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    (self.plain, self.profiled, self.explained) = (median(plain), median(profiled), median(explained))
    shareOfPeak = last?.shareOfPeak ?? 0
    try last?.write(to: "\(folder)/\(name.replacing("/", with: "-"))")
  }

  /// The result as one line of JSON.
  package var line: String {
    String(
      format: "{\"name\": \"\(name)\", \"unit\": \"us\", \"median\": %.3f, \"profiled\": %.3f, \"cost_percent\": %.2f, "
        + "\"explained_percent\": %.2f, \"percent_of_peak\": %.1f, \"threads\": \(Workers.count)}",
      plain, profiled, (profiled / plain - 1) * 100, explained * 100, shareOfPeak * 100)
  }
}
