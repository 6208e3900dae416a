import Foundation
import TernTestSupport
import Testing

#if os(Linux)
  /// With any size a network of the collection can be made and called, or stops with one line of the library's own.
  @Suite(.serialized) struct HostileModelTests {
    @Test func arguments() async {
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        report(hostileFailures(hostileModelsTable, rounds: hostileRounds(8)))
      }
      #expect(text(result?.standardErrorContent) == "")
    }
  }
#endif
