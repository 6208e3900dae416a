import Foundation
import TernBackend
import Testing

@Suite struct SystemInfoTests {
  @Test func tellsWhatTheProcessRunsOn() {
    let info = SystemInfo.current
    #expect(!info.openBLASCore.isEmpty)
    #expect(info.openBLASConfiguration.contains("OpenBLAS"))
    #expect(info.threads >= 1 && info.processors >= 1)
    #expect(info.requestedCore == ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"])
    #expect(info.poolLimit > 1 << 20)
  }

  @Test func warnsOfNarrowKernelsInOneLine() throws {
    var info = SystemInfo.current
    info.supportedLevel = .avx512
    for core in ["SkylakeX", "Cooperlake", "SAPPHIRERAPIDS"] {
      info.openBLASCore = core
      #expect(info.warning == nil)
    }
    info.openBLASCore = "Haswell"
    info.requestedCore = "Haswell"
    let asked = try #require(info.warning)
    #expect(asked.contains("OPENBLAS_CORETYPE=Haswell"))
    #expect(!asked.contains("\n"))
    info.requestedCore = nil
    let unasked = try #require(info.warning)
    #expect(unasked.contains("Haswell kernels") && !unasked.contains("CORETYPE=Haswell"))
    info.supportedLevel = .avx2
    #expect(info.warning == nil)
  }
}
