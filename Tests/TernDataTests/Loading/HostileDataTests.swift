import Foundation
import TernTestSupport
import Testing

#if os(Linux)
  /// With any number loaders, splits, fitted transforms and tokenizers work, throw, or stop with one line of the library's own.
  @Suite(.serialized) struct HostileDataTests {
    @Test func arguments() async {
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        report(hostileFailures(hostileDataTable, rounds: hostileRounds(8)))
      }
      #expect(text(result?.standardErrorContent) == "")
    }
  }
#endif
