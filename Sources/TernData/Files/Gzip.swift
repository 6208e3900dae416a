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
  /// - Throws: `DataError` where the archive is cut short or damaged (checksum, length), where something but zeros
  ///   follows it, or where the contents exceed `limit` bytes: a small archive may otherwise fill the memory.
  package static func contents(of archive: [UInt8], file: String, limit: Int = FileLimits.maximumBytes)
    throws(DataError) -> [UInt8]
  {
    try inflate(archive, file: file, limit: limit, stopsAtLimit: false)
  }

  private static func inflate(
    _ archive: [UInt8], file: String, limit: Int, stopsAtLimit: Bool
  ) throws(DataError) -> [UInt8] {
    let result = archive.withUnsafeBytes { archive in
      var inflater = Inflater(
        archive: archive, file: file, limit: limit, stopsAtLimit: stopsAtLimit, unit: "gzip member")
      return inflater.members()
    }
    return try result.get()
  }

  /// The contents as an archive of one member, the same bytes for the same contents.
  package static func archive(_ contents: [UInt8], level: Int32 = 9) -> [UInt8] {
    deflated([SharedBytes(contents)], level: level, windowBits: 15 + 16)
  }
}

extension Inflater {
  /// The contents of all members of a gzip archive.
  fileprivate mutating func members() -> Result<[UInt8], DataError> {
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
      if let error = inflate(&stream) { return .failure(error) }
      let next = start - Int(stream.avail_in)
      if next == archive.count || stopsAtLimit && contents.count == limit { return .success(contents) }
      // Tapes and disks fill their blocks with zeros.
      if archive[next...].allSatisfy({ $0 == 0 }) { return .success(contents) }
      guard archive.count - next >= 2, archive[next] == 0x1F, archive[next + 1] == 0x8B else {
        let what = "\(archive.count - next) bytes follow the archive, which ends at its byte \(next)"
        return .failure(DataError(.trailingBytes, file: file, what, expected: "the end of the file"))
      }
      inflateReset(&stream)
    }
  }

  /// The last four bytes give the length of the last member modulo 2³²: a hint that is taken only as far as the
  /// archive could hold it.
  private mutating func reserve() {
    guard archive.count >= 18 else { return }
    let hint = archive.loadUnaligned(fromByteOffset: archive.count - 4, as: UInt32.self)
    reserve(Int(UInt32(littleEndian: hint)))
  }
}
