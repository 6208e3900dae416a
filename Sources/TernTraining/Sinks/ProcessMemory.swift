#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The memory of this process.
enum ProcessMemory {
  /// How many bytes of it are in the machine's memory now; 0 where the system does not tell.
  static var resident: Int { size.resident }

  /// How many bytes of addresses it has, and how many are in the machine's memory; 0 where the system does not tell.
  static var size: (addresses: Int, resident: Int) {
    let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return (0, 0) }
    defer { close(descriptor) }
    let bytes = [UInt8](unsafeUninitializedCapacity: 128) { buffer, count in
      count = max(read(descriptor, buffer.baseAddress, buffer.count), 0)
    }
    let pages = bytes.split(separator: UInt8(ascii: " ")).prefix(2).map {
      Int(String(decoding: $0, as: UTF8.self)) ?? 0
    }
    return pages.count == 2 ? (pages[0] * Int(getpagesize()), pages[1] * Int(getpagesize())) : (0, 0)
  }
}
