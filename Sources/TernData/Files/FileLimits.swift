import Foundation
import Synchronization

/// How much of a file is read into memory: more is an error, not the end of the program.
public enum FileLimits {
  private static let setting = Mutex<Int?>(nil)
  private static let standard: Int = {
    let environment = ProcessInfo.processInfo.environment["TERN_MAX_FILE_BYTES"].flatMap { Int($0) }
    if let environment, environment > 0 { return environment }
    return memory() / 2
  }()

  /// The most bytes a file may have, or unpack to, that is read into memory: at first `TERN_MAX_FILE_BYTES`, else half of
  /// the memory of the machine or of its container. Mapped files are not read whole, and have no limit.
  public static var maximumBytes: Int {
    get { setting.withLock { $0 } ?? standard }
    set { setting.withLock { $0 = max(newValue, 0) } }
  }

  /// What messages say of a limit.
  static func words(_ limit: Int) -> String {
    limit == maximumBytes ? "at most \(limit), see FileLimits.maximumBytes and TERN_MAX_FILE_BYTES" : "at most \(limit)"
  }

  /// Bytes of memory: the machine's, or the container's where those are fewer.
  private static func memory() -> Int {
    var bytes = Int(clamping: ProcessInfo.processInfo.physicalMemory)
    for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
      guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { continue }
      if let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), limit > 0 { bytes = min(bytes, limit) }
    }
    return bytes
  }
}
