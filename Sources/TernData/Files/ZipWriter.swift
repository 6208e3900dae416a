import TernBackend

/// Makes the records of a zip archive, chunk by chunk; the same contents give the same bytes.
struct ZipWriter {
  /// Numbers from here on are written as zip64; fewer in tests, so that small archives have such records.
  private let limit: Int
  private let isCompressed: Bool
  private var directory: [UInt8] = []
  private var count = 0
  /// Bytes so far.
  private var place = 0

  init(isCompressed: Bool, limit: Int = 0xFFFF_FFFF) {
    self.isCompressed = isCompressed
    self.limit = limit
  }

  /// The bytes of a member, and what the directory has to say of it; the contents begin at a multiple of `alignment`.
  mutating func member(
    _ name: String, _ contents: [SharedBytes], alignment: Int = 1
  ) -> (header: [UInt8], data: [SharedBytes]) {
    let name = Array(name.utf8)
    check(name.count <= 0xFFFF, "zip", "a name of \(name.count) bytes (more than 65535)")
    let data = isCompressed ? [SharedBytes(deflated(contents, level: 6, windowBits: -15))] : contents
    let crc = checksum(contents)
    let size = contents.reduce(0) { $0 + $1.count }
    let dataSize = data.reduce(0) { $0 + $1.count }
    let isLarge = max(dataSize, size) >= limit
    // Both sizes stand in the member's own header, or none.
    var local = zip64(isLarge ? [size, dataSize] : [])
    if alignment > 1 {
      // An extra field of its own, as PyTorch has it: "FB", a size, zeros.
      let start = place + 30 + name.count + local.count + 4
      let padding = (alignment - start % alignment) % alignment
      local += number(0x4246, 2) + number(padding, 2) + [UInt8](repeating: 0, count: padding)
    }
    let header =
      number(0x0403_4B50, 4) + common(name, crc, isLarge || place >= limit)
      + (isLarge ? number(0xFFFF_FFFF, 4) + number(0xFFFF_FFFF, 4) : number(dataSize, 4) + number(size, 4))
      + number(name.count, 2) + number(local.count, 2) + name + local
    let central = zip64([size, dataSize, place].filter { $0 >= limit })
    directory +=
      number(0x0201_4B50, 4) + number(45, 2) + common(name, crc, isLarge || place >= limit) + field(dataSize)
      + field(size) + number(name.count, 2) + number(central.count, 2) + number(0, 2) + number(0, 2)
      + number(0, 2) + number(0, 4) + field(place) + name + central
    place += header.count + dataSize
    count += 1
    return (header, data)
  }

  /// The directory, which ends the archive.
  func end() -> [UInt8] {
    var end = directory
    if directory.count >= limit || place >= limit || count >= min(limit, 0xFFFF) {
      end += number(0x0606_4B50, 4) + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 4) + number(0, 4)
      end += number(count, 8) + number(count, 8) + number(directory.count, 8) + number(place, 8)
      end += number(0x0706_4B50, 4) + number(0, 4) + number(place + directory.count, 8) + number(1, 4)
    }
    let members = count >= min(limit, 0xFFFF) ? 0xFFFF : count
    end += number(0x0605_4B50, 4) + number(0, 4) + number(members, 2) + number(members, 2)
    return end + field(directory.count) + field(place) + number(0, 2)
  }

  /// What both records of a member have: version, flags, method, the first day of 1980, checksum.
  private func common(_ name: [UInt8], _ crc: UInt32, _ isLarge: Bool) -> [UInt8] {
    number(isLarge ? 45 : 20, 2) + number(name.allSatisfy { $0 < 0x80 } ? 0 : 0x800, 2)
      + number(isCompressed ? 8 : 0, 2) + number(0, 2) + number(0x21, 2) + number(Int(crc), 4)
  }

  /// The extra field of numbers that are too large for their places.
  private func zip64(_ numbers: [Int]) -> [UInt8] {
    numbers.isEmpty ? [] : number(1, 2) + number(8 * numbers.count, 2) + numbers.flatMap { number($0, 8) }
  }

  private func field(_ value: Int) -> [UInt8] { number(value >= limit ? 0xFFFF_FFFF : value, 4) }

  private func number(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }
}
