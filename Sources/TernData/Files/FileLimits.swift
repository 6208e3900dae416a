import Foundation
import Synchronization
import TernBackend

/// How much of a file is read into memory: more is an error, not the end of the program.
public enum FileLimits {
  private static let setting = Mutex<Int?>(nil)
  private static let standard: Int = {
    let environment = ProcessInfo.processInfo.environment["TERN_MAX_FILE_BYTES"].flatMap { Int($0) }
    if let environment, environment > 0 { return environment }
    return MemoryPool.machineBytes / 2
  }()

  /// The most bytes a file may have, or unpack to, that is read into memory: at first `TERN_MAX_FILE_BYTES`, else half of
  /// the memory of the machine or of its container. Mapped files are not read whole, and have no limit.
  public static var maximumBytes: Int {
    get { setting.withLock { $0 } ?? standard }
    set { setting.withLock { $0 = max(newValue, 0) } }
  }

  /// The most bytes that are read from a device, as `/dev/zero`, which may have no end.
  public static let maximumDeviceBytes = 1 << 26

  /// What messages say of a limit.
  static func words(_ limit: Int) -> String {
    limit == maximumBytes ? "at most \(limit), see FileLimits.maximumBytes and TERN_MAX_FILE_BYTES" : "at most \(limit)"
  }
}
