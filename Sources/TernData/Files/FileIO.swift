#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Files as bytes: read whole, written whole or not at all.
package enum FileIO {
  /// Whether something that is not a folder is at `path`.
  package static func isFile(_ path: String) -> Bool {
    var status = stat()
    return !path.utf8.contains(0) && stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFDIR
  }

  /// Whether a folder is at `path`.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return !path.utf8.contains(0) && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The bytes of the file at `path`.
  ///
  /// - Throws: `DataError` where the file is missing, unreadable, a folder or longer than `limit` bytes; a device, which
  ///   may have no end, longer than ``FileLimits/maximumDeviceBytes``.
  package static func read(_ path: String, limit: Int = FileLimits.maximumBytes) throws(DataError) -> [UInt8] {
    let descriptor = try open(path)
    defer { close(descriptor) }
    let status = try status(of: descriptor, path)
    let isDevice = status.st_mode & S_IFMT == S_IFCHR
    let limit = isDevice ? min(limit, FileLimits.maximumDeviceBytes) : limit
    // The size is a hint: a pipe has none, and a file may grow or shrink while it is read.
    let hint = Int(status.st_size)
    guard hint <= limit else {
      throw DataError(.tooLarge, file: path, "has \(hint) bytes", expected: FileLimits.words(limit))
    }
    var bytes: [UInt8] = []
    var chunk = hint + 1
    while true {
      var failed = false
      let part = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, filled in
        while filled < chunk {
          let count = retrying { readBytes(descriptor, buffer.baseAddress! + filled, chunk - filled) }
          if count < 0 { failed = true }
          if count <= 0 { break }
          filled += count
        }
      }
      guard !failed else {
        throw DataError(.unreadable, file: path, "cannot read: \(lastError())", at: bytes.count)
      }
      if bytes.isEmpty { bytes = part } else { bytes += part }
      guard bytes.count <= limit else {
        throw DataError(.tooLarge, file: path, "has more than \(limit) bytes", expected: FileLimits.words(limit))
      }
      if part.count < chunk { return bytes }
      chunk = 1 << 20
    }
  }

  /// The file at `path`, opened for reading; whoever has it closes it.
  static func open(_ path: String) throws(DataError) -> Int32 {
    guard !path.utf8.contains(0) else {
      throw DataError(.unreadable, file: path, "the path holds a zero byte", expected: "the name of a file")
    }
    let descriptor = retrying { openFile(path, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else {
      throw DataError(errno == ENOENT ? .notFound : .unreadable, file: path, "cannot open: \(lastError())")
    }
    return descriptor
  }

  /// What the operating system says about an open file that is no folder.
  static func status(of descriptor: Int32, _ path: String) throws(DataError) -> stat {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw DataError(.unreadable, file: path, "cannot inspect: \(lastError())")
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw DataError(.unreadable, file: path, "is a folder", expected: "a file")
    }
    return status
  }

  /// Writes `bytes` as the file at `path`, whole or not at all.
  package static func write(_ bytes: [UInt8], to path: String) throws(DataError) {
    try write(path) { (sink) throws(DataError) in try sink.write(bytes) }
  }

  /// Writes `text` in UTF-8 as the file at `path`, whole or not at all.
  package static func write(_ text: String, to path: String) throws(DataError) {
    try write([UInt8](text.utf8), to: path)
  }

  /// Where the bytes of a file go.
  package struct Sink: ~Copyable {
    fileprivate let descriptor: Int32
    fileprivate let file: String
    /// How many bytes were written.
    package private(set) var count = 0

    init(descriptor: Int32, file: String) {
      self.descriptor = descriptor
      self.file = file
    }

    /// Appends `bytes`.
    package mutating func write(_ bytes: some Collection<UInt8>) throws(DataError) {
      let result = bytes.withContiguousStorageIfAvailable { writeAll(UnsafeRawBufferPointer($0)) }
      let error = result ?? Array(bytes).withUnsafeBytes { writeAll($0) }
      if let error { throw error }
    }

    /// Appends `bytes` from where they are.
    package mutating func write(_ bytes: SharedBytes) throws(DataError) {
      if let error = bytes.withUnsafeBytes({ writeAll($0) }) { throw error }
    }

    private mutating func writeAll(_ bytes: UnsafeRawBufferPointer) -> DataError? {
      var remaining = bytes
      while let start = remaining.baseAddress, !remaining.isEmpty {
        let written = retrying { writeBytes(descriptor, start, remaining.count) }
        guard written > 0 else {
          return DataError(.unwritable, file: file, "cannot write: \(lastError())", at: count)
        }
        count += written
        remaining = UnsafeRawBufferPointer(rebasing: remaining[written...])
      }
      return nil
    }
  }
}

/// Calls `body` again while a signal interrupts it.
func retrying<Count: SignedInteger>(_ body: () -> Count) -> Count {
  while true {
    let result = body()
    if result != -1 || errno != EINTR { return result }
  }
}

/// What the operating system says about its last error.
func lastError() -> String { String(cString: strerror(errno)) }

// Inside `FileIO` its own `open`, `read` and `write` hide those of the operating system.
func openFile(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 { open(path, flags, mode) }

private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
  read(descriptor, buffer, count)
}

private func writeBytes(_ descriptor: Int32, _ buffer: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, buffer, count)
}
