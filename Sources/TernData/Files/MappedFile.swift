#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file whose bytes are read from the disk where they are looked at.
///
/// The file may be renamed or removed meanwhile, but must not be shortened or written: what is looked at behind its new
/// end ends the program. Files written by this library are new ones renamed over the old.
package final class MappedFile: Sendable {
  /// The contents.
  package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  /// Maps the file at `path`.
  ///
  /// - Throws: `DataError` where the file is missing, unreadable, or no ordinary file.
  package init(_ path: String) throws(DataError) {
    let descriptor = try FileIO.open(path)
    defer { close(descriptor) }
    let status = try FileIO.status(of: descriptor, path)
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw DataError(.unreadable, file: path, "cannot be mapped", expected: "an ordinary file")
    }
    let count = Int(status.st_size)
    guard count > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      throw DataError(.unreadable, file: path, "cannot map \(count) bytes: \(lastError())")
    }
    bytes = UnsafeRawBufferPointer(start: base, count: count)
  }

  deinit {
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }
}
