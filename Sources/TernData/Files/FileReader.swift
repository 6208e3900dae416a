#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// An open file whose parts are read where they are wanted.
package struct FileReader: ~Copyable {
  /// Bytes of the file; `nil` for what has no size and is read from one end only, as a pipe.
  package let count: Int?
  let file: String
  private let descriptor: Int32

  /// - Throws: `DataError` where the file is missing, unreadable or a folder.
  package init(_ path: String) throws(DataError) {
    let opened = try FileIO.open(path)
    let status: stat
    do throws(DataError) {
      status = try FileIO.status(of: opened, path)
    } catch {
      close(opened)
      throw error
    }
    file = path
    descriptor = opened
    count = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
  }

  deinit { close(descriptor) }

  /// Fills `buffer` with the bytes from `place` on.
  func read(_ buffer: UnsafeMutableRawBufferPointer, from place: Int) throws(DataError) {
    var filled = 0
    while filled < buffer.count {
      let count = retrying { pread(descriptor, buffer.baseAddress! + filled, buffer.count - filled, place + filled) }
      guard count >= 0 else {
        throw DataError(.unreadable, file: file, "cannot read: \(lastError())", at: place + filled)
      }
      guard count > 0 else {
        throw DataError(
          .truncated, file: file, "the file ends while it is read", at: place + filled,
          expected: "\(buffer.count - filled) bytes more")
      }
      filled += count
    }
  }

  /// The bytes of a part.
  package func bytes(_ part: Range<Int>) throws(DataError) -> [UInt8] {
    // Filling an empty array writes its count into memory that all empty arrays share.
    if part.isEmpty { return [] }
    var failure: DataError?
    let bytes = [UInt8](unsafeUninitializedCapacity: part.count) { buffer, filled in
      do throws(DataError) {
        try read(UnsafeMutableRawBufferPointer(buffer), from: part.lowerBound)
        filled = part.count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}
