#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension FileIO {
  /// Writes the file at `path` whole or not at all: beside it under a hidden name, then renamed over it.
  ///
  /// `body` writes to the sink it is given. If it throws, or the disk fills, the file that was there stays as it was
  /// and nothing is left beside it. When this returns, the bytes are on the disk. A symbolic link stays, and what it
  /// leads to is written. What is neither a file nor a folder, as a device or a pipe, is written to as it is.
  package static func write(_ path: String, _ body: (inout Sink) throws(DataError) -> Void) throws(DataError) {
    guard !path.utf8.contains(0) else {
      throw DataError(.unwritable, file: path, "the path holds a zero byte", expected: "the name of a file")
    }
    let target: String
    switch try destination(of: path) {
    case .open(let device): return try writeDirectly(path, device, body)
    case .replace(let file): target = file
    }
    let slash = target.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { String(target[...$0]) } ?? "./"
    let name = slash.map { String(target[target.utf8.index(after: $0)...]) } ?? target
    guard !name.isEmpty, !isFolder(target) else {
      throw DataError(.unwritable, file: path, "is a folder", expected: "the name of a file")
    }
    removeStale(in: folder)
    let (temporary, descriptor) = try createTemporary(in: folder, for: path)
    var isOpen = true
    var isDone = false
    defer {
      if isOpen { close(descriptor) }
      if !isDone { unlink(temporary) }
    }
    var sink = Sink(descriptor: descriptor, file: path)
    try body(&sink)
    var status = stat()
    if stat(target, &status) == 0 {
      // The owner first: changing it takes bits of the permissions away.
      _ = fchown(descriptor, status.st_uid, status.st_gid)
      fchmod(descriptor, status.st_mode & 0o7777)
    }
    guard retrying({ fsync(descriptor) }) == 0 else {
      throw DataError(.unwritable, file: path, "cannot bring to the disk: \(lastError())")
    }
    guard rename(temporary, target) == 0 else {
      throw DataError(.unwritable, file: path, "cannot rename: \(lastError())")
    }
    isDone = true
    isOpen = false
    // The bytes are on the disk already: closing has nothing left to do, and must not be tried again.
    close(descriptor)
    // The rename itself outlives a power cut only once the folder is on the disk; where a folder cannot be
    // synchronized (some network disks) the file is complete all the same.
    let parent = retrying { openFile(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    if parent >= 0 {
      _ = retrying { fsync(parent) }
      close(parent)
    }
  }

  private enum Destination {
    /// A file that is there, or is not yet.
    case replace(String)
    /// What is no file, or is known by an open descriptor only.
    case open(String)
  }

  /// Whether `path` names what is written to as it is, not replaced: a device, a pipe, a descriptor of a process.
  package static func isWrittenDirectly(_ path: String) -> Bool {
    guard case .open = try? destination(of: path) else { return false }
    return true
  }

  /// Where the bytes for `path` go, symbolic links followed, those that lead to nothing yet too.
  private static func destination(of path: String) throws(DataError) -> Destination {
    var status = stat()
    if stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) { return .open(path) }
    var target = path
    for _ in 0..<40 {
      guard lstat(target, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return .replace(target) }
      // A descriptor of a process, as /dev/stdout leads to: another file of that name would not be the one it has.
      if target.hasPrefix("/proc/") || target.hasPrefix("/dev/fd/") { return .open(target) }
      var buffer = [UInt8](repeating: 0, count: 4096)
      let count = buffer.withUnsafeMutableBytes {
        readlink(target, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
      }
      guard count > 0 else { break }
      let next = String(decoding: buffer[..<count], as: UTF8.self)
      let slash = target.utf8.lastIndex(of: UInt8(ascii: "/"))
      target = next.hasPrefix("/") ? next : (slash.map { String(target[...$0]) } ?? "") + next
    }
    throw DataError(.unwritable, file: path, "is a symbolic link that leads nowhere", expected: "the name of a file")
  }

  private static func writeDirectly(
    _ path: String, _ target: String, _ body: (inout Sink) throws(DataError) -> Void
  ) throws(DataError) {
    let descriptor = retrying { openFile(target, O_WRONLY | O_CLOEXEC | O_NOCTTY) }
    guard descriptor >= 0 else {
      throw DataError(.unwritable, file: path, "cannot open for writing: \(lastError())")
    }
    defer { close(descriptor) }
    var sink = Sink(descriptor: descriptor, file: path)
    try body(&sink)
  }

  private static let (prefix, suffix) = (".tern.", ".tmp")

  /// A new file under a short hidden name, locked as long as it is open: what is not locked is of a process that ended.
  private static func createTemporary(
    in folder: String, for path: String
  ) throws(DataError) -> (name: String, descriptor: Int32) {
    while true {
      let number = String(UInt64.random(in: 0 ... .max), radix: 36)
      let name = "\(folder)\(prefix)\(getpid()).\(number)\(suffix)"
      let descriptor = retrying { openFile(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
      guard descriptor >= 0 else {
        if errno == EEXIST { continue }
        throw DataError(.unwritable, file: path, "cannot create a file in \(folder): \(lastError())")
      }
      _ = retrying { flock(descriptor, LOCK_EX) }
      // Another process may have taken it for a stale one before the lock was there.
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_nlink > 0 { return (name, descriptor) }
      close(descriptor)
    }
  }

  /// Removes what processes left in `folder` that were killed while they wrote.
  private static func removeStale(in folder: String) {
    guard let listing = opendir(folder) else { return }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(cString: $0.baseAddress!.assumingMemoryBound(to: CChar.self))
      }
      guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { continue }
      let descriptor = retrying { openFile(folder + name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) }
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(folder + name) }
      close(descriptor)
    }
  }
}
