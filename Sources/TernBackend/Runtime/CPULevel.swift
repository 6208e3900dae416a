internal import CTernKernels

/// The instruction set the kernels were picked for when the library was loaded.
///
/// It is the best the CPU has, unless the environment's `TERN_CPU` names a lower one (`baseline`, `avx2`, `avx512`). A
/// process with another word there ends when it starts, with a line that says so.
public enum CPULevel: String, Sendable, CaseIterable {
  /// What every CPU of the architecture has.
  case baseline
  /// AVX2 and FMA (x86-64-v3).
  case avx2
  /// AVX-512 (x86-64-v4).
  case avx512

  /// The level in use.
  public static var current: CPULevel { allCases[Int(tern_cpu_level())] }

  /// The best level this CPU has.
  public static var supported: CPULevel { allCases[Int(tern_cpu_supported_level())] }

  /// Uses another level from now on, at most the supported one: for tests, in a process of their own.
  package static func select(_ level: CPULevel) {
    tern_cpu_select_level(Int32(allCases.firstIndex(of: level)!))
  }
}

/// Whether the C side was built with the address sanitizer.
package var isAddressSanitizerActive: Bool { tern_sanitizer_active() }
