import CZlib

/// Gzip archives (RFC 1952), one member or several one after the other.
package enum Gzip {
  /// Whether `bytes` begin as an archive does.
  package static func isArchive(_ bytes: some Collection<UInt8>) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

  /// The first `count` bytes of the contents, or all if they are fewer; what follows is not looked at.
  package static func prefix(_ count: Int, of archive: [UInt8], file: String) throws(DataError) -> [UInt8] {
    try inflate(archive, file: file, limit: count, stopsAtLimit: true)
  }

  /// The contents of `archive`.
  ///
  /// - Throws: `DataError` where the archive is cut short or damaged (checksum, length), where something follows it,
  ///   or where the contents exceed `limit` bytes: a small archive may otherwise fill the memory.
  package static func contents(of archive: [UInt8], file: String, limit: Int = .max) throws(DataError) -> [UInt8] {
    try inflate(archive, file: file, limit: limit, stopsAtLimit: false)
  }

  private static func inflate(
    _ archive: [UInt8], file: String, limit: Int, stopsAtLimit: Bool
  ) throws(DataError) -> [UInt8] {
    let result = archive.withUnsafeBytes { archive in
      var inflater = Inflater(archive: archive, file: file, limit: limit, stopsAtLimit: stopsAtLimit)
      return inflater.run()
    }
    return try result.get()
  }

  /// The contents as an archive of one member, the same bytes for the same contents.
  package static func archive(_ contents: [UInt8], level: Int32 = 9) -> [UInt8] {
    var stream = z_stream()
    let status = deflateInit2_(
      &stream, level, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "zlib cannot start: \(status)")
    defer { deflateEnd(&stream) }
    var archive: [UInt8] = []
    contents.withUnsafeBufferPointer { contents in
      var start = 0
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { window in
        var ended = false
        while !ended {
          if stream.avail_in == 0, start < contents.count {
            // zlib counts in 32 bits, and does not write to its input.
            let count = min(contents.count - start, 1 << 30)
            stream.next_in = UnsafeMutablePointer(mutating: contents.baseAddress! + start)
            stream.avail_in = UInt32(count)
            start += count
          }
          stream.next_out = window.baseAddress
          stream.avail_out = UInt32(window.count)
          ended = deflate(&stream, start == contents.count ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_END
          archive += window[..<(window.count - Int(stream.avail_out))]
        }
      }
    }
    return archive
  }
}

/// One pass over an archive.
private struct Inflater {
  let archive: UnsafeRawBufferPointer
  let file: String
  let limit: Int
  let stopsAtLimit: Bool
  var contents: [UInt8] = []
  /// Where in the archive the next piece for zlib begins.
  var start = 0

  init(archive: UnsafeRawBufferPointer, file: String, limit: Int, stopsAtLimit: Bool) {
    self.archive = archive
    self.file = file
    self.limit = limit
    self.stopsAtLimit = stopsAtLimit
  }

  mutating func run() -> Result<[UInt8], DataError> {
    guard archive.count >= 2, archive[0] == 0x1F, archive[1] == 0x8B else {
      return .failure(DataError(.malformed, file: file, "is not a gzip archive", at: 0, expected: "1F 8B"))
    }
    reserve()
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return .failure(DataError(.unreadable, file: file, "zlib cannot start"))
    }
    defer { inflateEnd(&stream) }
    while true {
      if let error = readMember(&stream) { return .failure(error) }
      let next = start - Int(stream.avail_in)
      if next == archive.count || stopsAtLimit && contents.count == limit { return .success(contents) }
      guard archive.count - next >= 2, archive[next] == 0x1F, archive[next + 1] == 0x8B else {
        let what = "\(archive.count - next) bytes follow the archive, which ends at its byte \(next)"
        return .failure(DataError(.trailingBytes, file: file, what, expected: "the end of the file"))
      }
      inflateReset(&stream)
    }
  }

  /// The last four bytes give the length of the last member modulo 2³²: a hint that is taken only as far as the
  /// archive could hold it (deflate shortens 1032 times at most).
  private mutating func reserve() {
    guard archive.count >= 18 else { return }
    let hint = archive.loadUnaligned(fromByteOffset: archive.count - 4, as: UInt32.self)
    let most = archive.count.multipliedReportingOverflow(by: 1032)
    contents.reserveCapacity(min(Int(UInt32(littleEndian: hint)), most.overflow ? 0 : most.partialValue, limit))
  }

  /// Inflates to the end of a member, checksum and length included, or to the limit.
  private mutating func readMember(_ stream: inout z_stream) -> DataError? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { window in
      while true {
        if stream.avail_in == 0, start < archive.count {
          let count = min(archive.count - start, 1 << 30)
          let piece = archive.baseAddress!.advanced(by: start).assumingMemoryBound(to: UInt8.self)
          stream.next_in = UnsafeMutablePointer(mutating: piece)
          stream.avail_in = UInt32(count)
          start += count
        }
        stream.next_out = window.baseAddress
        stream.avail_out = UInt32(window.count)
        let status = CZlib.inflate(&stream, Z_NO_FLUSH)
        let filled = window.count - Int(stream.avail_out)
        let room = limit - contents.count
        contents += window[..<min(filled, room)]
        if filled > room || stopsAtLimit && filled == room {
          if stopsAtLimit { return nil }
          return DataError(
            .tooLarge, file: file, "unpacks to more than \(limit) bytes", at: limit, expected: "at most \(limit)")
        }
        switch status {
        case Z_STREAM_END: return nil
        case Z_OK: continue
        case Z_BUF_ERROR:
          return DataError(
            .truncated, file: file, "the archive is cut short after \(archive.count) bytes", at: contents.count,
            expected: "the end of its gzip member")
        default:
          let message = stream.msg.map { String(cString: $0) } ?? "error \(status)"
          let place = start - Int(stream.avail_in)
          return DataError(
            .malformed, file: file, "the archive is damaged near its byte \(place): \(message)", at: contents.count)
        }
      }
    }
  }
}
