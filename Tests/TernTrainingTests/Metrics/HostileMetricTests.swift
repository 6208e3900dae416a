import Foundation
import TernTestSupport
import Testing

#if os(Linux)
  /// With any number metrics and parts of training work, or stop with one line of the library's own.
  @Suite(.serialized) struct HostileMetricTests {
    @Test func arguments() async {
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        report(hostileFailures(hostileMetricsTable, rounds: hostileRounds(8)))
      }
      #expect(text(result?.standardErrorContent) == "")
    }
  }
#endif
