import Foundation

/// What the library runs on: what `tern info` shows.
public struct SystemInfo: Sendable {
  /// The processor as the system names it.
  public var processor: String
  /// The best level the processor has.
  public var supportedLevel: CPULevel
  /// The level that Tern's own kernels run at.
  public var level: CPULevel
  /// The kernels OpenBLAS chose when it was loaded.
  public var openBLASCore: String
  /// OpenBLAS's version and how it was built.
  public var openBLASConfiguration: String
  /// What the environment's `OPENBLAS_CORETYPE` asks for.
  public var requestedCore: String?
  /// Threads that work together.
  public var threads: Int
  /// Processors this process may use.
  public var processors: Int
  /// The state of the memory pool.
  public var pool: MemoryPool.Statistics
  /// The most bytes the pool keeps.
  public var poolLimit: Int

  /// The system as it is now.
  public static var current: SystemInfo {
    OpenBLAS.prepare()
    return SystemInfo(
      processor: processorName, supportedLevel: .supported, level: .current, openBLASCore: OpenBLAS.coreName,
      openBLASConfiguration: OpenBLAS.configuration,
      requestedCore: ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"], threads: Workers.count,
      processors: Workers.available, pool: MemoryPool.statistics, poolLimit: MemoryPool.limit)
  }

  /// One line where OpenBLAS runs narrower kernels than the processor has; `nil` where all is well.
  public var warning: String? {
    guard supportedLevel == .avx512, !OpenBLAS.isAVX512Core(openBLASCore) else { return nil }
    let found = "the processor has AVX-512, but OpenBLAS runs its \(openBLASCore) kernels"
    if let requestedCore {
      return "\(found), as OPENBLAS_CORETYPE=\(requestedCore) asks: matrix products take up to twice as long"
    }
    return "\(found): OPENBLAS_CORETYPE=SkylakeX may make matrix products up to twice as fast"
  }

  /// What bfloat16 brings on this processor.
  public var bfloat16: String {
    if BFloat16Products.isAvailable {
      return "the processor multiplies it: matrix products take about half of Float's time"
    }
    let reason =
      BFloat16Products.isSupported
      ? "the kernels in use do without the processor's avx512_bf16" : "the processor has no avx512_bf16"
    return "products widen it to Float: in half the memory, not faster, \(reason)"
  }

  private static var processorName: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("model name") {
      return line.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) } ?? ""
    }
    return "unknown"
  }
}
