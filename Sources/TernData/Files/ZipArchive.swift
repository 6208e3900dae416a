/// Zip archives of one file (APPNOTE 6.3), zip64 included: members stored or deflated, not encrypted.
///
/// Everything but the contents is checked on reading: the directory lies at the end, the members in front of it, and no
/// two share a byte.
package struct ZipArchive: Sendable {
  /// A member as the directory describes it.
  package struct Member: Sendable {
    package let name: String
    /// Bytes of the contents.
    package let size: Int
    let isDeflated: Bool
    let checksum: UInt32
    /// From its own header to the end of its bytes.
    let range: Range<Int>
    /// Where its bytes begin.
    let start: Int
  }

  /// The members, in the order of the directory.
  package let members: [Member]
  private let bytes: SharedBytes
  private let file: String

  /// Checks the directory of an archive; `file` names it in errors.
  ///
  /// - Throws: `DataError` where it is wrong in any way, or of a form that is not read.
  package init(_ bytes: SharedBytes, file: String) throws(DataError) {
    self.bytes = bytes
    self.file = file
    var reader = ZipReader(bytes: bytes, file: file)
    members = try reader.members()
  }

  /// The contents of a member; those of a stored one share the archive's memory.
  ///
  /// - Parameter checksumMayBeZero: whether a checksum of 0 means that none was computed.
  /// - Throws: `DataError` where they are damaged: length, compressed form or checksum.
  package func contents(
    of member: Member, checksumMayBeZero: Bool = false
  ) throws(DataError) -> SharedBytes {
    let place = "\(file): \"\(member.name)\""
    var contents = bytes[member.start..<member.range.upperBound]
    if member.isDeflated {
      guard member.size <= FileLimits.maximumBytes else {
        throw DataError(
          .tooLarge, file: place, "unpacks to \(member.size) bytes", expected: FileLimits.words(FileLimits.maximumBytes)
        )
      }
      let result = contents.withUnsafeBytes { packed in
        var inflater = Inflater(archive: packed, file: place, limit: member.size, stopsAtLimit: false, unit: "member")
        inflater.reserve(member.size)
        return inflater.bare()
      }
      contents = SharedBytes(try result.get())
    }
    guard contents.count == member.size else {
      throw DataError(
        .truncated, file: place, "unpacks to \(contents.count) bytes", at: contents.count, expected: "\(member.size)")
    }
    if checksumMayBeZero, member.checksum == 0 { return contents }
    let found = contents.withUnsafeBytes { checksum($0) }
    guard found == member.checksum else {
      throw DataError(
        .malformed, file: place, "the contents are damaged: checksum \(hexadecimal(found))",
        expected: hexadecimal(member.checksum))
    }
    return contents
  }
}

private func hexadecimal(_ number: UInt32) -> String { "0x" + String(number, radix: 16, uppercase: true) }

/// One pass over the directory of an archive.
private struct ZipReader {
  let bytes: SharedBytes
  let file: String

  /// Where the directory is.
  private struct Directory {
    var count: Int
    var size: Int
    var start: Int
    /// Where it has to end.
    var end: Int
  }

  mutating func members() throws(DataError) -> [ZipArchive.Member] {
    let directory = try directory()
    var members: [ZipArchive.Member] = []
    var names: Set<String> = []
    var place = directory.start
    for _ in 0..<directory.count {
      let member = try member(&place, before: directory)
      guard names.insert(member.name).inserted else {
        throw error("the name \"\(member.name)\" is there twice", at: place)
      }
      members.append(member)
    }
    guard place == directory.end else {
      throw error("the directory's \(directory.count) members end here", at: place, expected: "byte \(directory.end)")
    }
    var end = 0
    for member in members.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      guard member.range.lowerBound >= end else {
        throw error("\"\(member.name)\" overlaps another member", at: member.range.lowerBound, expected: "byte \(end)")
      }
      end = member.range.upperBound
    }
    return members
  }

  private func error(
    _ what: String, at place: Int, expected: String? = nil, _ kind: DataError.Kind = .malformed
  ) -> DataError {
    DataError(kind, file: file, what, at: place, expected: expected)
  }

  /// A number of the archive, as a size or place in it.
  private func number<Value: FixedWidthInteger & BitwiseCopyable>(
    _ place: Int, _ type: Value.Type
  ) throws(DataError) -> Int {
    guard let value = bytes.integer(at: place, as: type) else {
      throw error("the archive ends", at: bytes.count, expected: "more of it", .truncated)
    }
    guard let number = Int(exactly: value) else { throw error("\(value) is no size", at: place) }
    return number
  }

  private func isSignature(_ last: UInt16, at place: Int) -> Bool {
    bytes.integer(at: place, as: UInt32.self) == 0x4B50 | UInt32(last) << 16
  }

  private func directory() throws(DataError) -> Directory {
    let end = try endOfDirectory()
    guard try number(end + 4, UInt32.self) == 0 else {
      throw error("the archive is a part of several", at: end + 4, .unsupported)
    }
    var directory = Directory(
      count: try number(end + 10, UInt16.self), size: try number(end + 12, UInt32.self),
      start: try number(end + 16, UInt32.self), end: end)
    if isSignature(0x0706, at: end - 20) {
      let large = try number(end - 12, UInt64.self)
      guard large <= end - 20 - 56, isSignature(0x0606, at: large) else {
        throw error("there is no zip64 record", at: end - 12, expected: "the place of one")
      }
      directory = Directory(
        count: try number(large + 32, UInt64.self), size: try number(large + 40, UInt64.self),
        start: try number(large + 48, UInt64.self), end: large)
    }
    guard directory.size <= directory.end, directory.start == directory.end - directory.size else {
      throw error(
        "a directory of \(directory.size) bytes from byte \(directory.start)", at: end + 12,
        expected: "one that ends at byte \(directory.end)")
    }
    guard directory.count <= directory.size / 46 else {
      throw error("\(directory.count) members in a directory of \(directory.size) bytes", at: end + 10)
    }
    return directory
  }

  /// Where the record is that ends an archive: the last that is as long as the file.
  private func endOfDirectory() throws(DataError) -> Int {
    guard bytes.count >= 22 else {
      throw error("the file has \(bytes.count) bytes", at: bytes.count, expected: "a zip archive", .truncated)
    }
    for comment in 0...min(bytes.count - 22, 0xFFFF) {
      let place = bytes.count - 22 - comment
      if isSignature(0x0605, at: place), try number(place + 20, UInt16.self) == comment { return place }
    }
    let isZip = isSignature(0x0403, at: 0)
    throw error(
      isZip ? "the archive has no end" : "is not a zip archive", at: isZip ? bytes.count : 0,
      expected: "the record PK 05 06", isZip ? .truncated : .malformed)
  }

  private func member(_ place: inout Int, before directory: Directory) throws(DataError) -> ZipArchive.Member {
    let start = place
    guard start <= directory.end - 46, isSignature(0x0201, at: start) else {
      throw error("there is no member", at: start, expected: "the record PK 01 02")
    }
    let flags = try number(start + 8, UInt16.self)
    let method = try number(start + 10, UInt16.self)
    let nameSize = try number(start + 28, UInt16.self)
    let extraSize = try number(start + 30, UInt16.self)
    place = start + 46 + nameSize + extraSize + (try number(start + 32, UInt16.self))
    guard place <= directory.end else {
      throw error("a member's record ends at byte \(place)", at: start, expected: "at most byte \(directory.end)")
    }
    let nameBytes = bytes[start + 46..<start + 46 + nameSize].array
    guard let name = String(validating: nameBytes, as: UTF8.self) else {
      throw error("a name is not UTF-8", at: start + 46, .unsupported)
    }
    guard flags & 1 == 0 else { throw error("\"\(name)\" is encrypted", at: start + 8, .unsupported) }
    guard method == 0 || method == 8 else {
      throw error(
        "\"\(name)\" is compressed by method \(method)", at: start + 10, expected: "0, stored, or 8, deflated",
        .unsupported)
    }
    let extra = start + 46 + nameSize..<start + 46 + nameSize + extraSize
    let (packed, size, header) = try sizes(start, extra)
    guard method == 8 || packed == size else {
      throw error("\"\(name)\" has \(size) bytes stored as \(packed)", at: start + 20)
    }
    let data = try dataStart(name, nameBytes, header)
    guard data <= directory.start, packed <= directory.start - data else {
      throw error(
        "\"\(name)\" has \(packed) bytes from byte \(data)", at: start + 20,
        expected: "at most to byte \(directory.start)", .truncated)
    }
    return ZipArchive.Member(
      name: name, size: size, isDeflated: method == 8, checksum: UInt32(try number(start + 16, UInt32.self)),
      range: header..<data + packed, start: data)
  }

  /// Bytes in the archive, bytes of the contents, and the place of the member's header: where a field is full, the
  /// number is in the zip64 extra field, in this order.
  private func sizes(
    _ start: Int, _ extra: Range<Int>
  ) throws(DataError) -> (packed: Int, size: Int, header: Int) {
    var fields = [
      try number(start + 24, UInt32.self), try number(start + 20, UInt32.self), try number(start + 42, UInt32.self),
    ]
    var place = extra.lowerBound
    while place + 4 <= extra.upperBound, fields.contains(0xFFFF_FFFF) {
      let (kind, size) = (try number(place, UInt16.self), try number(place + 2, UInt16.self))
      guard size <= extra.upperBound - place - 4 else {
        throw error("an extra field of \(size) bytes", at: place, expected: "at most \(extra.upperBound - place - 4)")
      }
      if kind == 1 {
        var next = place + 4
        for index in fields.indices where fields[index] == 0xFFFF_FFFF {
          guard next + 8 <= place + 4 + size else {
            throw error("a zip64 field of \(size) bytes", at: place, expected: "8 for each size that is full")
          }
          fields[index] = try number(next, UInt64.self)
          next += 8
        }
        break
      }
      place += 4 + size
    }
    return (fields[1], fields[0], fields[2])
  }

  /// Where a member's bytes begin, behind its own header.
  private func dataStart(_ name: String, _ nameBytes: ArraySlice<UInt8>, _ header: Int) throws(DataError) -> Int {
    guard header <= bytes.count - 30, isSignature(0x0403, at: header) else {
      throw error("\"\(name)\" is not there", at: header, expected: "the record PK 03 04")
    }
    let nameSize = try number(header + 26, UInt16.self)
    guard nameSize <= bytes.count - header - 30,
      bytes[header + 30..<header + 30 + nameSize].array.elementsEqual(nameBytes)
    else {
      throw error("\"\(name)\" is called otherwise here", at: header + 30)
    }
    return header + 30 + nameSize + (try number(header + 28, UInt16.self))
  }
}
