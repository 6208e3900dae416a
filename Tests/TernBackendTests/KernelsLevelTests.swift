import TernBackend
import Testing

@Suite("Levels of the CPU") struct KernelsLevelTests {
  @Test("the level in use is one the CPU has")
  func current() {
    let levels = CPULevel.allCases
    #expect(levels.firstIndex(of: .current)! <= levels.firstIndex(of: .supported)!)
  }

  // Processes of their own, so that no other test sees the level change.

  @Test("the baseline kernels are right")
  func baseline() async {
    await #expect(processExitsWith: .success) {
      CPULevel.select(.baseline)
      #expect(CPULevel.current == .baseline)
      checkUnaryKernels(Float.self)
      checkUnaryKernels(Double.self)
      checkBinaryKernels(Float.self)
      checkReductions()
    }
  }

  @Test("the AVX2 kernels are right", .enabled(if: CPULevel.supported != .baseline))
  func avx2() async {
    await #expect(processExitsWith: .success) {
      CPULevel.select(.avx2)
      #expect(CPULevel.current == .avx2)
      checkUnaryKernels(Float.self)
      checkUnaryKernels(Double.self)
      checkBinaryKernels(Float.self)
      checkReductions()
    }
  }
}
