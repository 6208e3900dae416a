import Foundation
import TernBackend
import TernTestSupport
import Testing

#if os(Linux)
  /// With any number loaders, splits, fitted transforms and tokenizers work, throw, or stop with one line of the library's own.
  @Suite(.serialized) struct HostileDataTests {
    private static var rounds: Int { ProcessInfo.processInfo.environment["TERN_FULL"] == nil ? 8 : 300 }

    @Test(.disabled(if: isAddressSanitizerActive)) func arguments() async {
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        report(hostileFailures(hostileDataTable, rounds: HostileDataTests.rounds))
      }
      #expect(text(result?.standardErrorContent) == "")
    }
  }
#endif
