import TernBackend
import Testing

@Suite("Levels of the CPU") struct KernelsLevelTests {
  @Test("the level in use is one the CPU has")
  func current() {
    let levels = CPULevel.allCases
    #expect(levels.firstIndex(of: .current)! <= levels.firstIndex(of: .supported)!)
  }

  // Of the bits themselves: a change to the generator changes every seeded result, and must be meant.
  @Test("random numbers are the same bits on every level")
  func randomBits() async {
    await #expect(processExitsWith: .success) {
      for level in CPULevel.allCases {
        CPULevel.select(level)
        let bits = randomFingerprint()
        #expect(bits == 0x5c4a_bf64_a17b_c50f, "\(level): \(String(bits, radix: 16))")
      }
    }
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
      checkSoftmax(Float.self, tolerance: 2e-7)
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
      checkSoftmax(Float.self, tolerance: 2e-7)
    }
  }
}
