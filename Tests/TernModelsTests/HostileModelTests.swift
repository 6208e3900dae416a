import Foundation
import TernBackend
import TernTestSupport
import Testing

#if os(Linux)
  /// With any size a network of the collection can be made and called, or stops with one line of the library's own.
  @Suite(.serialized) struct HostileModelTests {
    private static var rounds: Int { ProcessInfo.processInfo.environment["TERN_FULL"] == nil ? 8 : 300 }

    @Test(.disabled(if: isAddressSanitizerActive)) func arguments() async {
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        report(hostileFailures(hostileModelsTable, rounds: HostileModelTests.rounds))
      }
      #expect(text(result?.standardErrorContent) == "")
    }
  }
#endif
