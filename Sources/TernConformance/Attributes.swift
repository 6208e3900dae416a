import TernData

/// The attributes of a case, or of an object among them; what is absent or null is `nil`.
package struct Attributes: Sendable {
  private let members: [String: JSON]

  package init(_ json: JSON?) throws {
    guard let json else {
      members = [:]
      return
    }
    guard let list = json.members else { throw ConformanceError("attributes are \(json.kind), not an object") }
    members = Dictionary(uniqueKeysWithValues: list.map { ($0.key, $0.value) })
  }

  private init(members: [String: JSON]) { self.members = members }

  package var names: [String] { members.keys.sorted() }

  /// The same with another value of one attribute; without it for `nil`.
  package func with(_ name: String, _ value: JSON?) -> Attributes {
    var members = members
    members[name] = value
    return Attributes(members: members)
  }

  /// The same with an attribute under another name.
  package func renamed(_ old: String, to new: String) -> Attributes {
    has(old) ? with(new, members[old]).with(old, nil) : self
  }

  /// The attribute as it is written.
  package func json(_ name: String) -> JSON? { value(name) }

  package func has(_ name: String) -> Bool { value(name) != nil }

  /// Whether the attribute is a list (and not one number for all).
  package func isList(_ name: String) -> Bool { value(name)?.array != nil }

  package func int(_ name: String) throws -> Int? { try value(name).map { try Self.int($0, name) } }

  package func int(_ name: String, default missing: Int) throws -> Int { try int(name) ?? missing }

  /// A whole number or a list of them.
  package func ints(_ name: String) throws -> [Int]? {
    guard let value = value(name) else { return nil }
    guard let list = value.array else { return [try Self.int(value, name)] }
    return try list.map { try Self.int($0, name) }
  }

  /// A whole number or a list of them in which null stands for the default.
  package func optionalInts(_ name: String) throws -> [Int?]? {
    guard let value = value(name) else { return nil }
    guard let list = value.array else { return [try Self.int(value, name)] }
    return try list.map { $0 == .null ? nil : try Self.int($0, name) }
  }

  /// A list of lists of whole numbers in which null stands for the default.
  package func optionalIntLists(_ name: String) throws -> [[Int?]]? {
    guard let value = value(name) else { return nil }
    guard let lists = value.array else { throw Self.wrong(name, value, "a list of lists") }
    return try lists.map { list in
      guard let list = list.array else { throw Self.wrong(name, list, "a list") }
      return try list.map { $0 == .null ? nil : try Self.int($0, name) }
    }
  }

  /// A number; "inf", "-inf" and "nan" stand for those.
  package func number(_ name: String) throws -> Double? { try value(name).map { try Self.number($0, name) } }

  package func number(_ name: String, default missing: Double) throws -> Double { try number(name) ?? missing }

  /// A number or a list of them.
  package func numbers(_ name: String) throws -> [Double]? {
    guard let value = value(name) else { return nil }
    guard let list = value.array else { return [try Self.number(value, name)] }
    return try list.map { try Self.number($0, name) }
  }

  package func bool(_ name: String, default missing: Bool = false) throws -> Bool {
    guard let value = value(name) else { return missing }
    guard case .bool(let flag) = value else { throw Self.wrong(name, value, "true or false") }
    return flag
  }

  /// Text; `nil` also where the attribute is something else, such as a number.
  package func string(_ name: String) -> String? { value(name)?.string }

  package func strings(_ name: String) throws -> [String]? {
    guard let value = value(name) else { return nil }
    return try value.array?.map { element in
      guard let text = element.string else { throw Self.wrong(name, element, "a string") }
      return text
    }
  }

  package func object(_ name: String) throws -> Attributes? { try value(name).map { try Attributes($0) } }

  package func objects(_ name: String) throws -> [Attributes]? {
    try value(name)?.array?.map { try Attributes($0) }
  }

  private func value(_ name: String) -> JSON? {
    guard let value = members[name], value != .null else { return nil }
    return value
  }

  private static func int(_ value: JSON, _ name: String) throws -> Int {
    if let int = value.int { return int }
    if let number = value.double, let int = Int(exactly: number) { return int }
    throw wrong(name, value, "a whole number")
  }

  private static func number(_ value: JSON, _ name: String) throws -> Double {
    switch value.string {
    case "inf": return .infinity
    case "-inf": return -.infinity
    case "nan": return .nan
    default: break
    }
    guard let number = value.double else { throw wrong(name, value, "a number") }
    return number
  }

  private static func wrong(_ name: String, _ value: JSON, _ expected: String) -> ConformanceError {
    ConformanceError("attribute \(name) is \(value), not \(expected)")
  }
}
