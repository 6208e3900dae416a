import CZlib

/// The contents compressed by zlib: bare for −15 bits of window, as a gzip member for 16 more than 15.
///
/// The same bytes for the same contents.
func deflated(_ contents: [SharedBytes], level: Int32, windowBits: Int32) -> [UInt8] {
  var stream = z_stream()
  let status = deflateInit2_(
    &stream, level, Z_DEFLATED, windowBits, 9, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  precondition(status == Z_OK, "zlib cannot start: \(status)")
  defer { deflateEnd(&stream) }
  var archive: [UInt8] = []
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { window in
    /// Compresses what is in the stream; at the end, all that zlib held back.
    func run(_ flush: Int32) {
      repeat {
        stream.next_out = window.baseAddress
        stream.avail_out = UInt32(window.count)
        _ = deflate(&stream, flush)
        archive += window[..<(window.count - Int(stream.avail_out))]
      } while stream.avail_out == 0
    }
    for part in contents {
      part.withUnsafeBytes { bytes in
        for start in stride(from: 0, to: bytes.count, by: 1 << 30) {
          // zlib counts in 32 bits, and does not write to its input.
          let chunk = bytes.baseAddress!.advanced(by: start).assumingMemoryBound(to: UInt8.self)
          stream.next_in = UnsafeMutablePointer(mutating: chunk)
          stream.avail_in = UInt32(min(bytes.count - start, 1 << 30))
          run(Z_NO_FLUSH)
        }
      }
    }
    run(Z_FINISH)
  }
  return archive
}

/// The checksum CRC-32 of the bytes of parts, one after the other.
func checksum(_ parts: [SharedBytes]) -> UInt32 {
  UInt32(
    parts.reduce(0) { sum, part in
      part.withUnsafeBytes { bytes in
        // Without an address zlib begins anew.
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return sum }
        return crc32_z(sum, start.assumingMemoryBound(to: UInt8.self), bytes.count)
      }
    } as UInt)
}

/// The checksum CRC-32 of the bytes.
func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
  UInt32(crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
}

/// One pass over compressed bytes.
struct Inflater {
  let archive: UnsafeRawBufferPointer
  let file: String
  /// The most that is unpacked: a small archive may otherwise fill the memory.
  let limit: Int
  /// Whether the limit is where one wants to stop; an error else.
  let stopsAtLimit: Bool
  /// What is unpacked at a time, for messages.
  let unit: String
  var contents: [UInt8] = []
  /// Where in the archive the next chunk for zlib begins.
  private(set) var start = 0

  init(archive: UnsafeRawBufferPointer, file: String, limit: Int, stopsAtLimit: Bool, unit: String) {
    self.archive = archive
    self.file = file
    self.limit = limit
    self.stopsAtLimit = stopsAtLimit
    self.unit = unit
  }

  /// Makes room for as much as the archive may hold of what is expected (deflate shortens 1032 times at most).
  mutating func reserve(_ expected: Int) {
    let most = archive.count.multipliedReportingOverflow(by: 1032)
    contents.reserveCapacity(min(expected, most.overflow ? 0 : most.partialValue, limit))
  }

  /// The contents of bare compressed bytes, which have to end where the archive does.
  mutating func bare() -> Result<[UInt8], DataError> {
    var stream = z_stream()
    guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return .failure(DataError(.unreadable, file: file, "zlib cannot start"))
    }
    defer { inflateEnd(&stream) }
    if let error = inflate(&stream) { return .failure(error) }
    let trailing = archive.count - (start - Int(stream.avail_in))
    guard trailing == 0 else {
      return .failure(
        DataError(.trailingBytes, file: file, "\(trailing) bytes follow the \(unit)", expected: "the end of it"))
    }
    return .success(contents)
  }

  /// Inflates to the end of what `stream` reads, checksum and length included where there are, or to the limit.
  mutating func inflate(_ stream: inout z_stream) -> DataError? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1 << 16) { window in
      while true {
        if stream.avail_in == 0, start < archive.count {
          let count = min(archive.count - start, 1 << 30)
          let chunk = archive.baseAddress!.advanced(by: start).assumingMemoryBound(to: UInt8.self)
          stream.next_in = UnsafeMutablePointer(mutating: chunk)
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
            .tooLarge, file: file, "unpacks to more than \(limit) bytes", at: limit,
            expected: FileLimits.words(limit))
        }
        switch status {
        case Z_STREAM_END: return nil
        case Z_OK: continue
        case Z_BUF_ERROR:
          return DataError(
            .truncated, file: file, "the archive is cut short after \(archive.count) bytes", at: contents.count,
            expected: "the end of its \(unit)")
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
