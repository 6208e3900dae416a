import TernBackend

/// A JSON value (RFC 8259), strictly read: headers, histories, checkpoints.
package enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  /// A number without fraction or exponent that fits.
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  /// Members in their order in the file; no key twice.
  case object([Member])

  /// A key with its value.
  package struct Member: Sendable, Equatable {
    package var key: String
    package var value: JSON

    package init(_ key: String, _ value: JSON) {
      self.key = key
      self.value = value
    }
  }

  /// A number that may not be finite: JSON has no word for those, so they are strings.
  package init(_ value: Double) {
    if value.isNaN {
      self = .string("NaN")
    } else if value.isInfinite {
      self = .string(value < 0 ? "-Infinity" : "Infinity")
    } else {
      self = .number(value)
    }
  }

  /// The member of an object under `key`.
  package subscript(key: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The value as a number, from a number or one of the words for what is not finite.
  package var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .string("NaN"): .nan
    case .string("Infinity"): .infinity
    case .string("-Infinity"): -.infinity
    default: nil
    }
  }

  /// The value as a whole number.
  package var int: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The value as text.
  package var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The values of an array.
  package var array: [JSON]? {
    if case .array(let values) = self { values } else { nil }
  }

  /// The members of an object.
  package var members: [Member]? {
    if case .object(let members) = self { members } else { nil }
  }

  /// What it is, for messages.
  package var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension JSON: CustomStringConvertible {
  /// The value on one line; numbers as short as they can be read back to the same bits.
  package var description: String {
    var text = ""
    write(to: &text)
    return text
  }

  /// Appends the value. Where `lines` is positive, arrays and objects that deep from the top have a line a value.
  package func write(to text: inout String, lines: Int = 0, indentation: String = "") {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value):
      check(value.isFinite, "JSON", "\(value) is not a JSON number")
      text += "\(value)"
    case .string(let value): JSON.write(value, to: &text)
    case .array(let values):
      JSON.write(values, between: "[", "]", to: &text, lines, indentation) { value, text, indentation in
        value.write(to: &text, lines: lines - 1, indentation: indentation)
      }
    case .object(let members):
      JSON.write(members, between: "{", "}", to: &text, lines, indentation) { member, text, indentation in
        JSON.write(member.key, to: &text)
        text += lines > 0 ? ": " : ":"
        member.value.write(to: &text, lines: lines - 1, indentation: indentation)
      }
    }
  }

  private static func write<Value>(
    _ values: [Value], between open: String, _ close: String, to text: inout String, _ lines: Int,
    _ indentation: String, _ write: (Value, inout String, String) -> Void
  ) {
    let breaks = lines > 0 && !values.isEmpty
    let inner = indentation + "  "
    text += open
    for (index, value) in values.enumerated() {
      if index > 0 { text += "," }
      if breaks { text += "\n" + inner }
      write(value, &text, inner)
    }
    if breaks { text += "\n" + indentation }
    text += close
  }

  private static func write(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
