import TernData

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that grows: every call appends a whole record in one go, so that what a killed process leaves ends with one.
package final class AppendedFile {
  package let path: String
  private let descriptor: Int32
  /// Whether the file can be made shorter: a device and a pipe cannot.
  package let isRegular: Bool
  /// What kept it from growing on.
  package private(set) var failure: DataError?

  /// The file at `path`, made where there is none.
  ///
  /// - Throws: `DataError` where it cannot be opened for writing.
  package init(_ path: String) throws(DataError) {
    guard !path.utf8.contains(0) else {
      throw DataError(.unwritable, file: path, "the path holds a zero byte", expected: "the name of a file")
    }
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0o666)
    guard descriptor >= 0 else {
      throw DataError(.unwritable, file: path, "cannot open for writing: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  deinit { close(descriptor) }

  /// Cuts the file behind so many bytes.
  package func cut(after count: Int) throws(DataError) {
    guard ftruncate(descriptor, off_t(count)) == 0 else {
      throw DataError(.unwritable, file: path, "cannot be made shorter: \(String(cString: strerror(errno)))")
    }
  }

  /// Appends bytes. Where that fails it says so once on standard error, and nothing is appended from then on: a log that
  /// can no longer be written does not end a training.
  package func append(_ bytes: some Collection<UInt8>) {
    if failure != nil { return }
    let bytes = Array(bytes)
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + done, $0.count - done) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let error = DataError(
          .unwritable, file: path, "cannot be written, and goes no further: \(String(cString: strerror(errno)))")
        failure = error
        AppendedFile.note("\(error)")
        return
      }
      done += count
    }
  }

  /// Brings what was appended to the disk.
  package func synchronize() { if isRegular { _ = fsync(descriptor) } }

  /// Says something on standard error.
  static func note(_ text: String) {
    let bytes = Array("Note: \(text)\n".utf8)
    _ = write(2, bytes, bytes.count)
  }
}
