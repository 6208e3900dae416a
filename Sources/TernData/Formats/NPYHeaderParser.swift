/// Reads the header of an npy file: a Python dictionary of the three keys, in any order.
struct NPYHeaderParser {
  struct Header: Equatable {
    var type: ElementType
    /// Whether the most significant byte of a number comes first.
    var isBigEndian: Bool
    var isFortranOrder: Bool
    var shape: [Int]
  }

  /// The header's bytes; their indices are places in the file.
  let bytes: ArraySlice<UInt8>
  let file: String
  private var position: Int

  init(bytes: ArraySlice<UInt8>, file: String) {
    self.bytes = bytes
    self.file = file
    position = bytes.startIndex
  }

  mutating func header() throws(DataError) -> Header {
    var type: (type: ElementType, isBigEndian: Bool)?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !take("}") {
      let place = position
      let key = try text("a key")
      try expect(":")
      switch key {
      case "descr" where type == nil: type = try descriptor()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try truth()
      case "shape" where shape == nil: shape = try tuple()
      case "descr", "fortran_order", "shape": throw error("the key '\(key)' is there twice", at: place)
      default: throw error("unknown key '\(key)'", at: place, expected: "descr, fortran_order and shape")
      }
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == bytes.endIndex else { throw unexpected("the end of the header") }
    guard let type, let isFortranOrder, let shape else {
      throw error("a key is missing", at: bytes.startIndex, expected: "descr, fortran_order and shape")
    }
    return Header(
      type: type.type, isBigEndian: type.isBigEndian, isFortranOrder: isFortranOrder, shape: shape)
  }

  private func error(_ what: String, at place: Int? = nil, expected: String? = nil) -> DataError {
    DataError(.malformed, file: file, "header: \(what)", at: place ?? position, expected: expected)
  }

  private func unexpected(_ expected: String) -> DataError {
    guard position < bytes.endIndex else { return error("it ends", expected: expected) }
    let byte = bytes[position]
    let isPrintable = byte >= 0x20 && byte < 0x7F
    let found = isPrintable ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
    return error("found \(found)", expected: expected)
  }

  private mutating func skipSpace() {
    while position < bytes.endIndex, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
  }

  private mutating func take(_ word: String) -> Bool {
    skipSpace()
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func expect(_ word: String) throws(DataError) {
    guard take(word) else { throw unexpected("'\(word)'") }
  }

  private mutating func text(_ expected: String) throws(DataError) -> String {
    let quote: UInt8 = take("'") ? UInt8(ascii: "'") : UInt8(ascii: "\"")
    if quote == UInt8(ascii: "\""), !take("\"") { throw unexpected(expected) }
    let start = position
    while position < bytes.endIndex, bytes[position] != quote { position += 1 }
    guard position < bytes.endIndex else { throw unexpected("the quote that ends the text of byte \(start)") }
    defer { position += 1 }
    guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
      throw error("the text is not UTF-8", at: start)
    }
    return text
  }

  private mutating func descriptor() throws(DataError) -> (type: ElementType, isBigEndian: Bool) {
    skipSpace()
    let place = position
    if position < bytes.endIndex, bytes[position] == UInt8(ascii: "[") {
      throw DataError(.unsupported, file: file, "the array holds records", at: place, expected: "plain numbers")
    }
    let name = try text("a type")
    if let type = ElementType(npyDescriptor: name) { return (type, false) }
    if name.hasPrefix(">"), let type = ElementType(npyDescriptor: "<" + name.dropFirst()) { return (type, true) }
    throw DataError(
      .unsupported, file: file, "type '\(name)' is not read", at: place,
      expected: "b1, i1, i2, i4, i8, u1, u2, u4, u8, f2, f4 or f8")
  }

  private mutating func truth() throws(DataError) -> Bool {
    if take("True") { return true }
    if take("False") { return false }
    throw unexpected("True or False")
  }

  private mutating func tuple() throws(DataError) -> [Int] {
    try expect("(")
    var shape: [Int] = []
    while !take(")") {
      shape.append(try size())
      // Python 2 wrote long numbers with an L.
      _ = take("L")
      if take(",") { continue }
      guard shape.count > 1 else { throw unexpected("','") }
      try expect(")")
      break
    }
    return shape
  }

  private mutating func size() throws(DataError) -> Int {
    skipSpace()
    let start = position
    while position < bytes.endIndex, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] { position += 1 }
    guard position > start else { throw unexpected("a size") }
    guard let size = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else {
      throw error("a size exceeds what can be addressed", at: start)
    }
    return size
  }
}
