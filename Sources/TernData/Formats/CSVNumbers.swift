import TernBackend
import TernTensor

/// What a field of a table may spell.
protocol CSVScalar: TensorScalar {
  /// The longest value that the text from `start` to `limit` begins with, and where it ends; `nil` where it begins with
  /// none, or with one of which only the field's end tells.
  static func leading(_ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>) -> (
    value: Self, end: UnsafePointer<UInt8>
  )?

  /// The value that a word spells.
  static func word(_ text: UnsafeBufferPointer<UInt8>) -> Self?

  /// The value of a short number; `nil` where this type does not have it or spells it otherwise.
  static func short(_ number: ShortDecimal) -> Self?

  /// The same number; `nil` where this type does not have it.
  init?(same number: Double)
}

extension CSVScalar {
  /// The value that a text without spaces around it spells; `nil` where it spells none of this type.
  @inline(__always)
  init?(field: UnsafeBufferPointer<UInt8>) {
    guard let start = field.baseAddress, !field.isEmpty else { return nil }
    if let (value, end) = Self.leading(start, start + field.count), end == start + field.count {
      self = value
    } else if let value = Self.word(field) {
      self = value
    } else {
      return nil
    }
  }
}

/// The powers of ten by which a short number is divided.
private let shortPowers: InlineArray<8, Float> = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]

extension Float: CSVScalar {
  // Both are exact, so that the quotient is rounded once.
  @inline(__always)
  static func short(_ number: ShortDecimal) -> Float? {
    let value = Float(number.mantissa) / shortPowers[number.decimals]
    return number.isNegative ? -value : value
  }

  @inline(__always)
  static func leading(_ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>) -> (
    value: Float, end: UnsafePointer<UInt8>
  )? { DecimalText(start, limit).map { ($0.float, $0.end) } }

  static func word(_ text: UnsafeBufferPointer<UInt8>) -> Float? { Double.word(text).map { Float($0) } }
  init?(same number: Double) { self = Float(number) }
}

extension Double: CSVScalar {
  @inline(__always)
  static func short(_ number: ShortDecimal) -> Double? {
    let value = Double(number.mantissa) / Double(shortPowers[number.decimals])
    return number.isNegative ? -value : value
  }

  @inline(__always)
  static func leading(_ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>) -> (
    value: Double, end: UnsafePointer<UInt8>
  )? { DecimalText(start, limit).map { ($0.double, $0.end) } }

  /// Infinity and NaN, with a sign or without, in capitals or not.
  static func word(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let first = text.first else { return nil }
    let isSigned = first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
    let word = UnsafeBufferPointer(rebasing: text[(isSigned ? 1 : 0)...])
    let value: Double
    if word.spells("inf") || word.spells("infinity") {
      value = .infinity
    } else if word.spells("nan") {
      value = .nan
    } else {
      return nil
    }
    return first == UInt8(ascii: "-") ? -value : value
  }

  init?(same number: Double) { self = number }
}

extension FixedWidthInteger where Self: CSVScalar {
  @inline(__always)
  static func short(_ number: ShortDecimal) -> Self? {
    // A point is no part of a whole number, not even with nothing behind it.
    number.hasPoint ? nil : Self(exactly: number.isNegative ? -number.mantissa : number.mantissa)
  }

  @inline(__always)
  static func leading(_ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>) -> (
    value: Self, end: UnsafePointer<UInt8>
  )? {
    var place = start
    let isNegative = place < limit && place.pointee == UInt8(ascii: "-")
    if place < limit, isNegative || place.pointee == UInt8(ascii: "+") { place += 1 }
    let first = place
    var value: UInt64 = 0
    takeDigits(&place, limit, &value)
    if place - first > 19 {
      // Zeros in front do not count.
      var digits = UnsafeBufferPointer(start: first, count: place - first)[...]
      digits = digits.drop { $0 == UInt8(ascii: "0") }
      guard digits.count <= 19 else { return nil }
    }
    guard place > first else { return nil }
    if isNegative {
      guard value <= 1 << 63, let result = Self(exactly: Int(truncatingIfNeeded: 0 &- value)) else { return nil }
      return (result, place)
    }
    guard let result = Self(exactly: value) else { return nil }
    return (result, place)
  }

  static func word(_: UnsafeBufferPointer<UInt8>) -> Self? { nil }
  init?(same number: Double) { self.init(exactly: number) }
}

extension Int: CSVScalar {}
extension Int32: CSVScalar {}
extension UInt8: CSVScalar {}

extension Bool: CSVScalar {
  static func short(_: ShortDecimal) -> Bool? { nil }

  static func leading(_ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>) -> (
    value: Bool, end: UnsafePointer<UInt8>
  )? {
    guard start < limit, start.pointee & 0xFE == UInt8(ascii: "0") else { return nil }
    return (start.pointee == UInt8(ascii: "1"), start + 1)
  }

  /// `true` and `false`, in capitals or not.
  static func word(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
    text.spells("true") ? true : text.spells("false") ? false : nil
  }

  init?(same number: Double) {
    guard number == 0 || number == 1 else { return nil }
    self = number == 1
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether this is `word`, given in small letters, in capitals or not.
  func spells(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    return indices.allSatisfy {
      let byte = self[$0]
      return (byte &- 0x41 < 26 ? byte | 0x20 : byte) == word.utf8Start[$0]
    }
  }

  /// Whether this stands for a value that is missing.
  var isMissing: Bool {
    @inline(__always) get {
      if isEmpty { return true }
      // Most fields are numbers, and no mark begins as one.
      if self[0] &- 0x2B < 0x0F || count > CSVFile.longestMark { return false }
      return CSVFile.missingMarks.contains(String(decoding: self, as: UTF8.self))
    }
  }
}

extension CSVMarks {
  /// The value that a field without spaces around it spells; `nil` where it spells none of this type.
  @inline(__always)
  func value<Scalar: CSVScalar>(of field: UnsafeBufferPointer<UInt8>, as _: Scalar.Type) -> Scalar? {
    hasDecimalComma ? withDecimalComma(field) : Scalar(field: field)
  }

  /// The value of a number with a decimal comma, and points between groups of three digits or none.
  @inline(never)
  private func withDecimalComma<Scalar: CSVScalar>(_ field: UnsafeBufferPointer<UInt8>) -> Scalar? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: max(field.count, 1)) { plain in
      var (count, digits, hasGroups, isFraction) = (0, 0, false, false)
      for byte in field {
        switch byte {
        case UInt8(ascii: "."):
          // The first group has up to three digits, each other one three.
          guard !isFraction, hasGroups ? digits == 3 : 1...3 ~= digits else { return nil }
          (hasGroups, digits) = (true, 0)
          continue
        case UInt8(ascii: ","):
          guard !isFraction, !hasGroups || digits == 3 else { return nil }
          isFraction = true
          plain[count] = UInt8(ascii: ".")
        default:
          if byte.digit != nil {
            digits += 1
          } else if hasGroups && !isFraction {
            // Such as an exponent.
            return nil
          }
          plain[count] = byte
        }
        count += 1
      }
      if hasGroups && !isFraction && digits != 3 { return nil }
      return Scalar(field: UnsafeBufferPointer(rebasing: plain[..<count]))
    }
  }
}

extension CSVContent {
  /// Writes the numbers of columns row by row to `out`; the row that has another text where there is one.
  ///
  /// - Parameter replacement: what takes the place of fields that are missing; `nil` where they are refused.
  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  @_specialize(where Scalar == Int)
  @_specialize(where Scalar == Int32)
  @_specialize(where Scalar == UInt8)
  func read<Scalar: CSVScalar>(
    _ columns: [Int], _ replacement: Scalar?, to out: UnsafeMutablePointer<Scalar>
  ) -> Int? {
    let width = columns.count
    guard let last = columns.max() else { return nil }
    // The place of each column, and those that are asked for again.
    var places = [Int](repeating: -1, count: last + 1)
    var copies: [(from: Int, to: Int)] = []
    for (place, column) in columns.enumerated() {
      if places[column] < 0 { places[column] = place } else { copies.append((places[column], place)) }
    }
    let isDirect = !marks.isOfNumbers && !marks.hasDecimalComma
    let skipsSpace = isDirect && !marks.delimiter.isSpace
    return withCursor { cursor in
      let limit = cursor.base + cursor.end
      let isLast = columnCount == places.count
      for row in 0..<rowCount {
        cursor.skipBlankLines()
        let values = out + row * width
        for place in places {
          var start = cursor.base + cursor.position
          if skipsSpace { while start < limit, start.pointee.isSpace { start += 1 } }
          if place < 0 {
            _ = cursor.field()
          } else if isDirect, let number = ShortDecimal(start, limit, cursor.kinds), let value = Scalar.short(number) {
            cursor.position = number.end - cursor.base
            values[place] = value
            if number.end.pointee == cursor.delimiter {
              cursor.position += 1
              continue
            }
          } else if isDirect, let (value, end) = Scalar.leading(start, limit),
            end == limit || cursor.kinds[Int(end.pointee)] == 1
          {
            cursor.position = end - cursor.base
            values[place] = value
            if end < limit, end.pointee == cursor.delimiter {
              cursor.position += 1
              continue
            }
          } else {
            let field = cursor.trimmed(cursor.field())
            guard let value = field.isMissing ? replacement : marks.value(of: field, as: Scalar.self) else {
              return row
            }
            values[place] = value
          }
          cursor.takeMark()
        }
        if !isLast { cursor.skipFields(columnCount - places.count) }
        for copy in copies { values[copy.to] = values[copy.from] }
      }
      return nil
    }
  }

  /// The narrowest types of all fields of the columns that are not missing.
  func types() -> [CSVFile.ColumnType] {
    struct Found { var (isInteger, isNumber, isTruth, isSeen) = (true, true, true, false) }
    let columns = UnsafeMutableBufferPointer<Found>.allocate(capacity: columnCount)
    defer { columns.deallocate() }
    columns.initialize(repeating: Found())
    withCursor { cursor in
      for _ in 0..<rowCount {
        cursor.skipBlankLines()
        for index in 0..<columnCount {
          let field = cursor.field()
          let found = columns[index]
          if found.isNumber || found.isTruth {
            let text = cursor.trimmed(field)
            if !text.isMissing {
              columns[index].isSeen = true
              if found.isInteger { columns[index].isInteger = marks.value(of: text, as: Int.self) != nil }
              if found.isNumber && !columns[index].isInteger {
                columns[index].isNumber =
                  marks.hasDecimalComma ? marks.value(of: text, as: Double.self) != nil : Double.isSpelled(text)
              }
              if found.isTruth { columns[index].isTruth = Bool.word(text) != nil }
            }
          }
          cursor.takeMark()
        }
      }
    }
    return columns.map { found in
      guard found.isSeen else { return .text }
      return found.isInteger ? .integer : found.isNumber ? .number : found.isTruth ? .truth : .text
    }
  }
}

extension Double {
  /// Whether a text without spaces around it spells a number.
  fileprivate static func isSpelled(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = text.baseAddress else { return false }
    return DecimalText(start, start + text.count)?.end == start + text.count || word(text) != nil
  }
}

extension BFloat16: CSVScalar {
  static func short(_ number: ShortDecimal) -> BFloat16? { Float.short(number).map { BFloat16($0) } }
  static func leading(_ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>) -> (
    value: BFloat16, end: UnsafePointer<UInt8>
  )? { Float.leading(start, limit).map { (BFloat16($0.value), $0.end) } }
  static func word(_ text: UnsafeBufferPointer<UInt8>) -> BFloat16? { Float.word(text).map { BFloat16($0) } }
  init?(same number: Double) { self.init(number) }
}
