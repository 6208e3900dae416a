import Foundation
import Synchronization

/// How much of a file is read into memory: more is an error, not the end of the program.
public enum FileLimits {
  private static let setting = Mutex<Int?>(nil)
  private static let standard: Int = {
    let environment = ProcessInfo.processInfo.environment["TERN_MAX_FILE_BYTES"].flatMap { Int($0) }
    if let environment, environment > 0 { return environment }
    return memory(physical: Int(clamping: ProcessInfo.processInfo.physicalMemory)) / 2
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

  /// Bytes of memory: the machine's, or those of the groups that the process is in where they are fewer.
  ///
  /// - Parameter root: where `/proc` and `/sys` are.
  static func memory(physical: Int, root: String = "") -> Int {
    var bytes = physical
    func take(_ path: String) {
      guard let text = try? String(contentsOfFile: root + path, encoding: .utf8) else { return }
      // "max" where there is no limit; the first version writes a number that no machine has.
      if let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), limit > 0 { bytes = min(bytes, limit) }
    }
    // A container may see its own group as the root, whatever its path says.
    var groups = [(mount: "/sys/fs/cgroup", path: "/", file: "memory.max")]
    groups.append(("/sys/fs/cgroup/memory", "/", "memory.limit_in_bytes"))
    let own = (try? String(contentsOfFile: root + "/proc/self/cgroup", encoding: .utf8)) ?? ""
    for line in own.split(separator: "\n") {
      // number:controllers:path, with the number 0 and no controllers in the second version
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3 else { continue }
      if parts[0] == "0", parts[1].isEmpty {
        groups.append(("/sys/fs/cgroup", parts[2], "memory.max"))
        groups.append(("/sys/fs/cgroup/unified", parts[2], "memory.max"))
      } else if parts[1].split(separator: ",").contains("memory") {
        groups.append(("/sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes"))
      }
    }
    for group in groups {
      // The limit of every group holds for those in it.
      var names = group.path.split(separator: "/")
      while true {
        take(([group.mount] + names.map(String.init) + [group.file]).joined(separator: "/"))
        if names.popLast() == nil { break }
      }
    }
    return bytes
  }
}
