import Foundation
import TernBackend
import TernData
import Testing

@Suite("Memory of the machine and of the groups a process is in")
struct FileLimitsTests {
  /// The memory found where the files of `/proc` and `/sys` are these.
  private func memory(_ files: [String: String]) throws -> Int {
    try withTemporaryFolder { folder in
      for (path, text) in files {
        let file = URL(fileURLWithPath: folder + path)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      return MemoryPool.groupBytes(most: 1_000_000, root: folder)
    }
  }

  @Test("The second version: the least of the limits on the way to the root")
  func second() throws {
    let own = ["/proc/self/cgroup": "0::/a/b:c/d\n"]
    func limits(_ pairs: [String: String]) throws -> Int {
      let files = Dictionary(uniqueKeysWithValues: pairs.map { ("/sys/fs/cgroup\($0)/memory.max", $1 + "\n") })
      return try memory(own.merging(files) { $1 })
    }
    #expect(try limits([:]) == 1_000_000)
    #expect(try limits(["/a": "max", "/a/b:c/d": "5000"]) == 5000)
    #expect(try limits(["/a": "4000", "/a/b:c": "max", "/a/b:c/d": "5000"]) == 4000)
    #expect(try limits(["/a/b:c": "3000"]) == 3000)
    #expect(try limits(["": "2000", "/a": "4000"]) == 2000)
    // Limits of others, and limits beyond the machine, do not count.
    #expect(try limits(["/x": "10", "/a/b:c/d/e": "10", "/a": "99999999999"]) == 1_000_000)
  }

  @Test("The first version: the group of the memory controller")
  func first() throws {
    let own = "4:cpu,memory:/j/k\n3:cpuset:/z\n0::/\n"
    let mount = "/sys/fs/cgroup/memory"
    #expect(
      try memory([
        "/proc/self/cgroup": own, mount + "/memory.limit_in_bytes": "9223372036854771712\n",
        mount + "/j/memory.limit_in_bytes": "7000\n", mount + "/j/k/memory.limit_in_bytes": "8000\n",
        mount + "/z/memory.limit_in_bytes": "10\n",
      ]) == 7000)
    // Without a list of groups, and with one that makes no sense, the root counts.
    #expect(try memory([mount + "/memory.limit_in_bytes": "600\n"]) == 600)
    #expect(try memory(["/proc/self/cgroup": "x\n::\n0::\n", "/sys/fs/cgroup/memory.max": "500"]) == 500)
  }

  @Test("The limit of this process is half of its memory, unless set")
  func own() {
    #expect(MemoryPool.machineBytes > 0)
    #expect(
      FileLimits.maximumBytes <= Int(clamping: ProcessInfo.processInfo.physicalMemory) / 2
        || ProcessInfo.processInfo.environment["TERN_MAX_FILE_BYTES"] != nil)
  }
}
