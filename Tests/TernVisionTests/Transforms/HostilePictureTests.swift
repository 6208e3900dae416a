import Foundation
import TernTestSupport
import Testing

#if os(Linux)
  /// With any number images and their transforms work, or stop with one line of the library's own.
  @Suite(.serialized) struct HostilePictureTests {
    @Test func arguments() async {
      let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
        report(hostileFailures(hostilePicturesTable, rounds: hostileRounds(8)))
      }
      #expect(text(result?.standardErrorContent) == "")
    }
  }
#endif
